"""The JSON header of a SafeTensors file, as places: where its metadata and a store in it stand.

    {"__metadata__": {"key": "text", …}, "tensor": {"dtype": "F32", "shape": […], …}, …}

Its shape is fixed, so that a few patterns read it, at any length, without building its values.
Source: SafeTensors format, "Format".
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.spans import Span

__all__ = ["Entry", "Header", "Member", "Metadata"]

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_KEY = re.compile(rb"[ \t\r\n]*+(" + _STRING + rb")[ \t\r\n]*+:[ \t\r\n]*+", re.DOTALL)
_TEXT = re.compile(_STRING, re.DOTALL)
_TENSOR = re.compile(rb'\{(?:[^"{}\[\]]++|' + _STRING + rb'|\[[^"{}\[\]]*+\])*+\}', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_CLOSE = re.compile(rb"[ \t\r\n]*+\}")
_METADATA = b"__metadata__"
_STORE = b"c2pa:manifest"
_IN_FILE = 8  # where the text starts
_MOST = 1 << 18  # entries; the largest models have some ten thousand
_STORES = 16


class Member(NamedTuple):
    """A member of an object: there may be very many."""

    key: bytes
    start: int
    value: int
    end: int
    close: int  # where the comma or brace behind it stands


@dataclass(frozen=True, slots=True)
class Metadata:
    """A value of `__metadata__`."""

    inside: int  # where a first entry goes: behind its opening brace, and white space if empty
    end: int
    entries: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A store in the metadata; offsets are those of the header's text."""

    value: Span  # of the text between the quotes
    padding: Span  # white space that came with it
    whole: Span  # what to take out with it


@dataclass(frozen=True, slots=True)
class Header:
    """A header's text and what matters in it."""

    text: bytes
    inside: int  # where a first member goes: behind its opening brace, and white space if empty
    members: tuple[Member, ...]
    metadata: tuple[Metadata, ...]

    stores: tuple[Entry, ...]

    @classmethod
    def read(cls, text: bytes, limits: Limits) -> Self:
        """Read a header.

        Raises:
            MalformedError: it is not the JSON that a header is.
            LimitError: too many entries.
        """
        if not text.startswith(b"{"):
            raise MalformedError("SafeTensors header", "does not start with a brace", offset=8)
        found: list[Metadata] = []
        budget = [min(limits.container_items, _MOST)]

        def skip(key: bytes, at: int) -> int:
            if key != _METADATA:
                return _past(_TENSOR, text, at, "the description of a tensor")
            if text[at : at + 1] != b"{":
                raise _malformed("__metadata__ is no object", at)
            entries = list(_members(text, at + 1, budget, _skip_text(text)))
            end = _past(_CLOSE, text, entries[-1].close if entries else at + 1, "a brace")
            found.append(Metadata(at + 1 if entries else end - 1, end, tuple(entries)))
            return end

        members = tuple(_members(text, 1, budget, skip))
        end = _past(_CLOSE, text, members[-1].close if members else 1, "a brace")
        if text[end:].strip(b" \t\r\n"):
            raise _malformed("goes on behind its object", end)
        return cls(
            text,
            1 if members else end - 1,
            members,
            tuple(found),
            tuple(_stores(text, members, found)),
        )


def _stores(
    text: bytes, members: Sequence[Member], metadata: Sequence[Metadata]
) -> Iterator[Entry]:
    """The manifest stores of all metadata."""
    places = {member.end: index for index, member in enumerate(members)}
    count = sum(entry.key == _STORE for one in metadata for entry in one.entries)
    if count > _STORES:
        raise LimitError("SafeTensors header", f"{count} manifest stores, we look at {_STORES}")
    for one in metadata:
        around = places[one.end]
        for index, entry in enumerate(one.entries):
            if entry.key == _STORE:
                alone = len(one.entries) == 1 and entry.end == one.end - 1
                yield _entry(text, members, around, one.entries, index, alone=alone)


def _entry(
    text: bytes,
    members: Sequence[Member],
    around: int,
    entries: Sequence[Member],
    index: int,
    *,
    alone: bool,
) -> Entry:
    outer, entry = members[around], entries[index]
    value = Span.between(entry.value + 1, entry.end - 1)
    if alone and outer.close > outer.end:  # the metadata came with it
        return Entry(value, Span.between(outer.end, outer.close), _taken(text, members, around))
    return Entry(value, Span.between(entry.end, entry.close), _taken(text, entries, index))


def _taken(text: bytes, members: Sequence[Member], index: int) -> Span:
    """What goes with a member: the comma behind it, or else the one before it."""
    member = members[index]
    if text[member.close : member.close + 1] == b",":
        return Span.between(member.start, member.close + 1)
    start = members[index - 1].close if index else member.start
    return Span.between(start, member.close)


def _members(
    text: bytes, at: int, budget: list[int], skip: Callable[[bytes, int], int]
) -> Iterator[Member]:
    """The members of the object whose inside starts at an offset."""
    while True:
        key = _KEY.match(text, at)
        if key is None:
            break
        budget[0] -= 1
        if budget[0] < 0:
            raise LimitError("SafeTensors header", "has too many entries", offset=_IN_FILE + at)
        end = skip(_plain(key[1]), key.end())
        close = _SPACE.match(text, end)
        at = end if close is None else close.end()
        yield Member(_plain(key[1]), key.start(1), key.end(), end, at)
        if text[at : at + 1] != b",":
            return
        at += 1
    if text[at - 1 : at] == b",":
        raise _malformed("a comma with nothing behind it", at)


def _skip_text(text: bytes) -> Callable[[bytes, int], int]:
    return lambda _, at: _past(_TEXT, text, at, "a text")


def _past(pattern: re.Pattern[bytes], text: bytes, at: int, what: str) -> int:
    found = pattern.match(text, at)
    if found is None:
        raise _malformed(f"{what} is missing", at)
    return found.end()


def _plain(quoted: bytes) -> bytes:
    """What a string says; one with an escape that is none says itself."""
    if b"\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(json.loads(quoted)).encode("utf-8", "surrogatepass")
    except ValueError:
        return quoted


def _malformed(problem: str, at: int) -> MalformedError:
    return MalformedError("SafeTensors header", problem, offset=_IN_FILE + at)
