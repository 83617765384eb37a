"""HTML: the manifest store as Base64 in a script of the head, or a link to where it lies.

    <head> … <script type="application/c2pa">AAAA…</script></head>
    <head> … <link rel="c2pa-manifest" href="https://example.com/page.c2pa"> … </head>

The page is read as bytes, tag by tag, as far as its head goes; scripts, styles, titles and
comments on the way are stepped over. A page may also be made of signed text: its unseen wrapper
is read when the head names no store. Source: C2PA 2.4 §A.7; HTML, §13.2.5 and §13.2.6.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from provenance.errors import LimitError
from provenance.formats._base64 import decoded, encoded, encoded_length
from provenance.formats._splice import spliced
from provenance.formats._text_carriers import locate_text
from provenance.formats.base import Handler, Located, Note, Plan, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLER", "is_html"]

_BEFORE, _AFTER = b'<script type="application/c2pa">', b"</script>"
_START = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?>(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?!html)[^>]*>)\s*)*+
    <(?:!DOCTYPE\s+html|html|head|body)[\s/>]""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PIECE = re.compile(
    rb"""(?P<skip> <!--(?:>|->|.*?--!?>) | <!(?!--)[^>]*> | <\?[^>]*> | </(?![A-Za-z])[^>]*> )
    | <(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*)
      (?P<rest>(?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=)*+)>
    | (?P<text>[^<]+|<)""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""([^\s>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
_RAW = frozenset((b"title", b"style", b"script", b"noscript", b"template"))
_IN_HEAD = frozenset((b"html", b"head", b"base", b"link", b"meta", *_RAW))
_CLOSES = {one: re.compile(rb"</" + one + rb"(?=[\s/>])[^>]*>", re.IGNORECASE) for one in _RAW}
_SPACE = b" \t\r\n\f"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Element:
    """A script with a store, or a link to one; spans in bytes of the file."""

    span: Span  # tags included
    text: Span | None = None  # of a script
    url: bytes = b""  # of a link


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag, or a whole element whose content is no markup; text and declarations have no name."""

    name: bytes  # lower case
    span: Span
    rest: bytes = b""  # attributes
    closing: bool = False
    inner: Span | None = None  # of a whole element
    blank: bool = False  # a declaration, a comment, white space


@dataclass(slots=True)
class _Head:
    """What matters here of a page."""

    elements: list[_Element] = field(default_factory=list)
    place: int = 0  # where a script may go


class _Html(Handler):
    family: str = "Text"
    name: str = "HTML"
    media_types: tuple[str, ...] = ("text/html", "application/xhtml+xml")
    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml", ".xht")
    can_embed: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return is_html(head)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`."""
        found = _read_head(source, limits).elements
        if not found:
            return locate_text(source, limits)
        spans = tuple(one.span for one in found)
        if len(found) > 1:
            note = Note(
                "several elements", f"{len(found)} elements with a manifest store", spans[1]
            )
            return Located(carriers=spans, count=len(found), notes=(note,))
        text = found[0].text
        if text is None:
            url = unescape(found[0].url.decode("utf-8", "replace")).strip()
            return Located(remote_url=url or None)
        store = decoded(source.read(text.start, text.length))
        if store is None:
            note = Note("unreadable text", "the script holds no Base64", text)
            return Located(carriers=spans, count=1, notes=(note,))
        if len(store) > limits.store_bytes:
            told = f"{len(store)} bytes, of which we read {limits.store_bytes}"
            raise LimitError("manifest store", told)
        return Located(store=store, carriers=spans, core=(text,), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A link gives way to a store, but not to nothing."""
        head = _read_head(source, limits)
        if not store_length:
            gone = [one.span for one in head.elements if one.text is not None]
            return spliced(source.size, gone, 0, ())
        gone = [one.span for one in head.elements]
        at = gone[0].start if gone else head.place
        length = len(_BEFORE) + encoded_length(store_length) + len(_AFTER)
        return spliced(source.size, gone, at, (Slot(length, _wrap),))


HANDLER: Handler = _Html()


def is_html(head: bytes) -> bool:
    """Is this a page, as far as the first bytes tell?"""
    return _START.match(head) is not None


def _wrap(store: bytes) -> bytes:
    return _BEFORE + encoded(store) + _AFTER


def _read_head(source: ByteSource, limits: Limits) -> _Head:
    """Read a page as far as its head goes.

    Raises:
        LimitError: more tags, or a longer head, than we read.
    """
    most = limits.text_bytes + encoded_length(min(limits.store_bytes, limits.text_bytes))
    data = source.read(0, min(source.size, most))
    head, begun, end = _Head(place=len(_BOM) if data.startswith(_BOM) else 0), False, 0
    for count, tag in enumerate(_tags(data)):
        if count >= limits.container_items:
            raise LimitError("HTML", f"more than {limits.container_items} tags", offset=end)
        end = tag.span.end
        if tag.blank:
            head.place = head.place if begun else end
        elif tag.closing:
            if tag.name == b"head":
                head.place = tag.span.start
                return head
        elif tag.name not in _IN_HEAD:
            return head
        else:
            begun = True
            if tag.name in (b"html", b"head"):
                head.place = end
            element = _element(tag)
            if element is not None:
                head.elements.append(element)
    if len(data) < source.size:
        raise LimitError("HTML", f"its head has more than {most} bytes", offset=end)
    return head


def _tags(data: bytes) -> Iterator[_Tag]:
    """The tags of a page, in order; the content of scripts and the like is not looked at."""
    at = len(_BOM) if data.startswith(_BOM) else 0
    strict = data.startswith(b"<?xml", at)  # where an empty tag is one
    while found := _PIECE.match(data, at):
        span, at = Span.between(found.start(), found.end()), found.end()
        if found["name"] is None:
            yield _Tag(b"", span, blank=found["text"] is None or not found["text"].strip(_SPACE))
            continue
        name, closing = found["name"].lower(), bool(found["end"])
        empty = strict and found["rest"].endswith(b"/")
        if closing or empty or name not in _RAW:
            yield _Tag(name, span, found["rest"], closing)
            continue
        close = _CLOSES[name].search(data, at)
        if close is None:
            return  # it swallows all the rest
        inner = Span.between(at, close.start())
        yield _Tag(name, Span.between(span.start, close.end()), found["rest"], inner=inner)
        at = close.end()


def _element(tag: _Tag) -> _Element | None:
    """A tag's store or link, if it has one."""
    if tag.name == b"script" and tag.inner is not None:
        kind = _attributes(tag).get(b"type", b"")
        essence = kind.partition(b";")[0].strip(_SPACE).lower()
        return _Element(tag.span, tag.inner) if essence == b"application/c2pa" else None
    if tag.name == b"link":
        attributes = _attributes(tag)
        if b"c2pa-manifest" in attributes.get(b"rel", b"").lower().split():
            return _Element(tag.span, url=attributes.get(b"href", b""))
    return None


def _attributes(tag: _Tag) -> dict[bytes, bytes]:
    """By lower-case name; of two with one name the first counts."""
    rows: dict[bytes, bytes] = {}
    for name, *values in _ATTRIBUTE.findall(tag.rest):
        rows.setdefault(name.lower(), b"".join(values))
    return rows
