"""Where elements lie in an XML file, in bytes: what a splice needs, and no tree.

The parser expands no entity in text, fetches nothing and gets the file piece by piece. A document
type may declare short entities, as drawing programs do for their namespaces; any that could grow
is refused. Source: XML 1.0, §2.3 to §2.8, §4.4; Namespaces in XML 1.0, §6.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Element", "encoding_of", "end_tag", "scan", "start_tag"]

_DEPTH = 4096
_TAG_BYTES = 1 << 20
_TOKEN_BYTES = 32 << 20  # a tag, a comment
_TOKEN_BYTES_WITH_ENTITIES = 1 << 20  # which may grow some fortyfold
_ENTITY_LENGTH = 128
_ENTITIES = 256
_PIECES = (64 << 10, 1 << 20)  # the first megabyte, where entities are declared; all that follows
_TAG = re.compile(r"""<(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")


@dataclass(frozen=True, slots=True)
class Element:
    """An element near the root. Names are resolved: (namespace, local name)."""

    path: tuple[tuple[str, str], ...]  # from the root down to this one
    span: Span  # from the first byte of its start tag up to its end tag, without that
    attributes: Mapping[str, str]
    namespaces: Mapping[str, str]  # by prefix, "" for the default one: those in force inside


def encoding_of(head: bytes) -> str:
    """How the markup of an XML file is written down; for ASCII's relatives, "latin-1".

    Args:
        head: the first 4 bytes or more.
    """
    if head.startswith((b"\xfe\xff", b"\0<")):
        return "utf-16-be"
    if head.startswith((b"\xff\xfe", b"<\0")):
        return "utf-16-le"
    return "latin-1"


def start_tag(source: ByteSource, at: int, encoding: str) -> tuple[str, Span]:
    """The start tag that begins at `at`: its text, and its span.

    Raises:
        LimitError: it is longer than a megabyte.
    """
    for most in (1 << 10, _TAG_BYTES):
        head = source.read(at, min(most, source.size - at))
        found = _TAG.match(head.decode(encoding, "replace"))
        if found:
            text = found.group()
            return text, Span(at, len(text.encode(encoding, "replace")))
    raise LimitError("XML tag", f"more than {_TAG_BYTES} bytes long", offset=at)


def end_tag(source: ByteSource, at: int, encoding: str) -> Span:
    """The end tag that begins at `at`; none, of no length, when the element was an empty tag.

    Raises:
        LimitError: it is longer than a megabyte.
    """
    head = source.read(at, min(_TAG_BYTES, source.size - at)).decode(encoding, "replace")
    if not head.startswith("</"):
        return Span(at, 0)
    end = head.find(">")
    if end < 0:
        raise LimitError("XML tag", f"more than {_TAG_BYTES} bytes long", offset=at)
    return Span(at, len(head[: end + 1].encode(encoding, "replace")))


def scan(
    source: ByteSource,
    limits: Limits,
    follow: Callable[[int, str], bool],
    on_end: Callable[[Element], object],
) -> None:
    """Call `on_end` for each element that is followed, as it ends.

    Args:
        source: the file.
        limits: how many elements to read.
        follow: by its depth, which is 1 for the root, and its local name, is an element to be told
            of, and are those in it to be asked about?
        on_end: called with each.

    Raises:
        MalformedError: not well-formed, or entities that could grow. Elements before are told.
        LimitError: more elements than we read, or nested deeper.
    """
    from xml.parsers import expat  # what a document type can do is bounded, see _Listener

    listener = _Listener(limits, follow, on_end)
    parser = expat.ParserCreate()
    listener.where = lambda: parser.CurrentByteIndex
    parser.StartElementHandler = listener.start
    parser.EndElementHandler = listener.end
    parser.EntityDeclHandler = listener.entity
    parser.DefaultHandler = lambda _: None  # which leaves entities in text unexpanded
    fed = 0
    try:
        while fed < source.size:
            length = min(listener.piece(fed), source.size - fed)
            parser.Parse(source.read(fed, length), False)
            fed += length
            listener.fed(fed, parser.CurrentByteIndex)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        problem = expat.errors.messages.get(error.code, "unreadable")
        raise MalformedError("XML", problem, offset=max(0, parser.ErrorByteIndex)) from error
    except (LookupError, ValueError) as error:  # an encoding that Python has not, or of many bytes
        raise MalformedError("XML", f"its encoding cannot be read ({error})") from error


class _Open:
    """An element that has begun."""

    __slots__ = ("at", "attributes", "name", "namespaces")

    def __init__(
        self, name: tuple[str, str], at: int, attributes: dict[str, str], inside: dict[str, str]
    ) -> None:
        self.name, self.at, self.attributes, self.namespaces = name, at, attributes, inside


class _Listener:
    """Hears elements begin and end, and keeps those that are followed."""

    def __init__(
        self,
        limits: Limits,
        follow: Callable[[int, str], bool],
        on_end: Callable[[Element], object],
    ) -> None:
        self.where: Callable[[], int] = lambda: 0
        self._most, self._follow, self._on_end = limits.container_items, follow, on_end
        self._open: list[_Open] = []
        self._depth = self._count = self._entities = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth = depth = self._depth + 1
        self._count = count = self._count + 1
        if count > self._most:
            raise LimitError("XML", f"more than {self._most} elements")
        if depth != len(self._open) + 1:  # in one that is not followed, as nearly all of a drawing
            if depth > _DEPTH:
                raise LimitError("XML", f"nested deeper than {_DEPTH}", offset=self.where())
            return
        local = name.rpartition(":")[2] if ":" in name else name
        if not self._follow(depth, local):
            return
        prefix = name.removesuffix(local).removesuffix(":")
        inside = dict(self._open[-1].namespaces) if self._open else {}
        for key, value in attributes.items():
            if key == "xmlns" or key.startswith("xmlns:"):
                inside[key[6:]] = value
        self._open.append(_Open((inside.get(prefix, ""), local), self.where(), attributes, inside))

    def end(self, _: str) -> None:
        if self._depth == len(self._open):
            path = tuple(one.name for one in self._open)
            last = self._open.pop()
            span = Span.between(last.at, self.where())
            self._on_end(Element(path, span, last.attributes, last.namespaces))
        self._depth -= 1

    def entity(self, name: str, parameter: int, value: str | None, *_: object) -> None:
        self._entities += 1
        if value is None:
            return  # it lies elsewhere, and stays there
        grows = parameter or len(value) > _ENTITY_LENGTH or "&" in value or "%" in value
        if grows or self._entities > _ENTITIES:
            told = f"entity {name[:40]!r} could grow without end"
            raise MalformedError("XML document type", told)

    def piece(self, fed: int) -> int:
        return _PIECES[fed >= _PIECES[1] and not self._entities]

    def fed(self, total: int, at: int) -> None:
        # The parser begins anew with each piece, at the last thing that it has not seen the end of.
        most = _TOKEN_BYTES_WITH_ENTITIES if self._entities else _TOKEN_BYTES
        if total - at > most:
            raise LimitError(
                "XML", f"a tag or comment of more than {most} bytes", offset=max(0, at)
            )
