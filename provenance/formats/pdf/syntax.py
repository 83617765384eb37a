"""The syntax of PDF objects, each with the place it was read from.

    /Name  (text)  <hex>  12  -.5  7 0 R  [ … ]  << /Key value … >>  true  false  null

A value is read together with its span in the buffer, so that a dictionary can be changed by
splicing: what is not touched stays as its writer spelled it. Source: ISO 32000-1 §7.2, §7.3.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError

__all__ = [
    "Array",
    "Budget",
    "CutShortError",
    "Dictionary",
    "Item",
    "Name",
    "Parser",
    "Ref",
    "Text",
    "Value",
    "skip_space",
    "spelled",
]

_TOKEN_COST = 4
_DEPTH = 64  # of arrays and dictionaries
_WS = rb"\0\t\n\f\r "
_REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_SPACE = re.compile(rb"(?:[" + _WS + rb"]++|%[^\r\n]*+)*+")
_TOKEN = re.compile(
    rb"(?P<ref>(\d{1,10})[" + _WS + rb"]{1,32}+(\d{1,5})[" + _WS + rb"]{1,32}+R(?!" + _REGULAR
    + rb"))|(?P<name>/" + _REGULAR + rb"*+)|(?P<open><<|\[)|(?P<close>>>|\])"
    rb"|(?P<string>\()|(?P<hex><[0-9A-Fa-f" + _WS + rb"]*+>)"
    rb"|(?P<number>[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?!" + _REGULAR + rb"))|(?P<word>"
    + _REGULAR + rb"++)"
)  # fmt: skip
_HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_IN_STRING = re.compile(rb"[()\\]")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|\r\n?", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_WORDS: dict[bytes, "Value"] = {b"true": True, b"false": False, b"null": None}


class CutShortError(MalformedError):
    """The buffer ends within a value: there may be more of it in the file."""


class Budget:
    """How much work may still be done on one file. It is counted in tokens, or what costs alike."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def spend(self, steps: int = 1) -> None:
        """Take some of it.

        Raises:
            LimitError: nothing is left.
        """
        self._left -= steps
        if self._left < 0:
            raise LimitError("PDF", f"more than {self._most} parts to look at")


class Name(bytes):
    """A name without its slash, `#xx` resolved."""

    __slots__ = ()


class Text(bytes):
    """A string, escapes resolved."""

    __slots__ = ()


class Ref(NamedTuple):
    """A reference to an indirect object."""

    number: int
    generation: int


class Item(NamedTuple):
    """A value and its span in the buffer."""

    value: "Value"
    start: int
    end: int


class Array(tuple[Item, ...]):
    """The items of an array."""

    __slots__ = ()


class Dictionary(dict[bytes, Item]):
    """Keys without their slash; of equal keys the last counts. `keys_at` is where each starts."""

    __slots__ = ("keys_at",)

    def __init__(self) -> None:
        super().__init__()
        self.keys_at: dict[bytes, int] = {}

    def value(self, key: bytes) -> "Value":
        """What stands under a key; None when nothing does, which to PDF is the same as null."""
        item = self.get(key)
        return None if item is None else item.value


Value = Name | Text | Ref | Array | Dictionary | int | float | bool | None


def skip_space(data: bytes, at: int) -> int:
    """The first offset from `at` on that is neither white space nor in a comment."""
    found = _SPACE.match(data, at)
    return found.end() if found else at


@dataclass(slots=True)
class Parser:
    """Reads values from a buffer, one after the other."""

    data: bytes
    at: int
    budget: Budget
    base: int = 0  # offset of the buffer in what messages speak of

    def item(self, depth: int = 0) -> Item:
        """The next value.

        Raises:
            CutShortError: the buffer ends first.
            MalformedError: no value, or nested too deep.
            LimitError: the budget is spent.
        """
        self.budget.spend(_TOKEN_COST)
        start = skip_space(self.data, self.at)
        token = _TOKEN.match(self.data, start)
        if token is None:
            raise self._error("value", start)
        self.at = token.end()
        kind = token.lastgroup
        if self.at >= len(self.data):
            # A token that touches the end may go on behind it.
            raise CutShortError("PDF value", "the data ends", offset=self.base + start)
        return Item(self._value(kind, token, depth), start, self.at)

    def _value(self, kind: str | None, token: re.Match[bytes], depth: int) -> Value:
        text = token.group()
        match kind:
            case "ref":
                return Ref(int(token[2]), int(token[3]))
            case "name":
                return _name(text)
            case "number":
                return _number(text)
            case "string":
                return self._string(token.end())
            case "hex":
                digits = text[1:-1].translate(None, b"\0\t\n\f\r ")
                return Text(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
            case "open":
                if depth >= _DEPTH:
                    raise MalformedError(
                        "PDF value",
                        f"nested deeper than {_DEPTH}",
                        offset=self.base + token.start(),
                    )
                return self._array(depth) if text == b"[" else self._dictionary(depth)
        if text in _WORDS:
            return _WORDS[text]
        raise self._error("value", token.start())

    def _array(self, depth: int) -> Array:
        items = []
        while not self._closes(b"]"):
            items.append(self.item(depth + 1))
        return Array(items)

    def _dictionary(self, depth: int) -> Dictionary:
        found = Dictionary()
        while not self._closes(b">>"):
            key = self.item(_DEPTH)  # a name, so nothing deeper
            if not isinstance(key.value, Name):
                raise self._error("key of a dictionary", key.start)
            found[bytes(key.value)] = self.item(depth + 1)
            found.keys_at[bytes(key.value)] = key.start
        return found

    def _closes(self, mark: bytes) -> bool:
        at = skip_space(self.data, self.at)
        if not self.data.startswith(mark, at):
            return False
        self.at = at + len(mark)
        return True

    def _string(self, start: int) -> Text:
        depth, at = 1, start
        while depth:
            found = _IN_STRING.search(self.data, at)
            if found is None:
                raise CutShortError("PDF string", "has no end", offset=self.base + start)
            self.budget.spend()
            mark, at = found.group(), found.end()
            if mark == b"\\":
                at += 1
            else:
                depth += 1 if mark == b"(" else -1
        self.at = at
        return Text(_ESCAPE.sub(_unescaped, self.data[start : at - 1]))

    def _error(self, what: str, at: int) -> MalformedError:
        unended = self.data.startswith(b"<", at) and self.data.find(b">", at) < 0
        if at >= len(self.data) - 1 or unended:
            return CutShortError(f"PDF {what}", "the data ends", offset=self.base + at)
        seen = self.data[at : at + 16]
        return MalformedError(f"PDF {what}", f"{seen!r} is none", offset=self.base + at)


def _name(text: bytes) -> Name:
    body = text[1:]
    if b"#" in body:
        body = _HEX_IN_NAME.sub(lambda found: bytes.fromhex(found[1].decode()), body)
    return Name(body)


def _number(text: bytes) -> int | float:
    if b"." in text:
        return float(text) if len(text) < 64 else 0.0
    return int(text) if len(text) <= 20 else 0  # beyond any offset or count


def _unescaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what is None:
        return b"\n"  # an end of line, however it is spelled
    if what[:1].isdigit() and what[0] < 0x38:
        return bytes([int(what, 8) & 0xFF])
    if what in (b"\n", b"\r", b"\r\n"):
        return b""
    return _ESCAPED.get(what, what)


def spelled(text: bytes) -> bytes:
    """Some bytes as a string object."""
    if text.isascii() and text.decode().isprintable():
        return b"(" + re.sub(rb"([()\\])", rb"\\\1", text) + b")"
    return b"<" + text.hex().encode() + b">"
