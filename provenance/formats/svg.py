"""SVG: the manifest store as Base64 in an element of the root's metadata.

    <svg><metadata><c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">AAAA…</c2pa:manifest>
    </metadata> … </svg>

It is spliced in, and nothing else of the file changes. What is left out of the data hash is the
Base64 alone, as the reference implementation has it; from others we take the whole element too.
A file with metadata gets the element in the last of it, where the reference looks.
Source: C2PA 2.2 §A.3.3.
"""

import re
from dataclasses import dataclass, field
from itertools import zip_longest

from provenance.errors import LimitError, MalformedError
from provenance.formats._base64 import decoded, encoded, encoded_length
from provenance.formats._splice import spliced
from provenance.formats._xml_scan import Element, encoding_of, end_tag, scan, start_tag
from provenance.formats.base import Handler, Located, New, Note, Plan, Slot
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLER", "is_svg"]

_SVG = "http://www.w3.org/2000/svg"
_C2PA = "http://c2pa.org/manifest"
_DECLARED = f' xmlns:c2pa="{_C2PA}"'
_START, _END = f"<c2pa:manifest{_DECLARED}>", "</c2pa:manifest>"
_ROOT = re.compile(
    r"""(?:\ufeff|ï»¿)?\s*
    (?> (?> <\?.*?\?> | <!--.*?-->
      | <!DOCTYPE (?> [^\["'>]++ | "[^"]*+" | '[^']*+' )*+ (?: \[ .*? \]\s*+ )? > ) \s*+ )*+
    < (?: [\w.-]+: )? svg [\s/>]""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """The element that holds a store; spans in bytes of the file."""

    element: Span  # from "<" of its start tag through ">" of its end tag
    text: Span  # between the tags
    ours: Span | None = None  # the metadata around it, when there is nothing else in that


@dataclass(slots=True)
class _Layout:
    """What matters here of an SVG."""

    manifests: list[_Manifest] = field(default_factory=list)
    metadata: Element | None = None  # the last in the root
    packet: Element | None = None  # XMP: the first in the root's metadata
    root: Element | None = None


class _Svg(Handler):
    name: str = "SVG"
    media_types: tuple[str, ...] = ("image/svg+xml",)
    suffixes: tuple[str, ...] = (".svg",)
    can_embed: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. The root may be prefixed and stand behind comments and a type."""
        return is_svg(head)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        layout = _read_layout(source, limits, past_damage=True)
        spans = tuple(one.element for one in layout.manifests)
        if not spans:
            return Located(remote_url=_remote_url(source, layout.packet, limits))
        if len(spans) > 1:
            return Located(carriers=spans, count=len(spans))
        found = layout.manifests[0]
        if found.text.length > encoded_length(limits.store_bytes) * 3:
            raise LimitError(
                "c2pa:manifest",
                f"{found.text.length} bytes long, of which we read {limits.store_bytes}",
                offset=found.text.start,
            )
        store = decoded(_narrow(source, found.text))
        if store is None:
            note = Note("unreadable text", "c2pa:manifest holds no Base64", found.text)
            return Located(carriers=spans, count=1, notes=(note,))
        if len(store) > limits.store_bytes:
            told = f"{len(store)} bytes, of which we read {limits.store_bytes}"
            raise LimitError("manifest store", told)
        return Located(store=store, carriers=spans, core=(found.text,), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store keeps its element, as update manifests need."""
        layout = _read_layout(source, limits)
        encoding = encoding_of(source.read(0, min(4, source.size)))
        if store_length and len(layout.manifests) == 1:
            text = layout.manifests[0].text
            return spliced(source.size, (text,), text.start, (_slot(store_length, encoding),))
        gone = tuple(one.ours or one.element for one in layout.manifests)
        if not store_length:
            return spliced(source.size, gone, 0, ())
        if gone and any(one.ours for one in layout.manifests):
            layout.metadata = None
        at, before, after = _place(source, layout, encoding)
        pieces = (
            New(before.encode(encoding)),
            _slot(store_length, encoding),
            New(after.encode(encoding)),
        )
        return spliced(source.size, gone, at, pieces)


HANDLER: Handler = _Svg()


def is_svg(head: bytes) -> bool:
    """Is the root of this XML an `svg`, as far as the first bytes tell?"""
    return _ROOT.match(head.decode(encoding_of(head), "replace")) is not None


def _slot(store_length: int, encoding: str) -> Slot:
    width = len("A".encode(encoding))

    def wrap(store: bytes) -> bytes:
        return encoded(store).decode("ascii").encode(encoding)

    return Slot(encoded_length(store_length) * width, wrap)


def _place(source: ByteSource, layout: _Layout, encoding: str) -> tuple[int, str, str]:
    """Where a new element goes, and what stands before and behind the Base64."""
    if layout.metadata is not None:
        text, tag = start_tag(source, layout.metadata.span.start, encoding)
        if not text.endswith("/>"):
            return tag.end, _START, _END
    if layout.root is None:
        raise MalformedError("SVG", "has no root element")
    text, tag = start_tag(source, layout.root.span.start, encoding)
    if text.endswith("/>"):
        raise MalformedError("SVG", "its root is an empty tag, with no place for a store")
    name = re.split(r"[\s/>]", text[1:], maxsplit=1)[0]
    around = name.removesuffix("svg") + "metadata"
    return tag.end, f"<{around}{_DECLARED}><c2pa:manifest>", f"{_END}</{around}>"


def _follow(depth: int, local: str) -> bool:
    return local == "metadata" if depth == 2 else depth <= 3


def _read_layout(source: ByteSource, limits: Limits, *, past_damage: bool = False) -> _Layout:
    """Find the elements that matter.

    Raises:
        MalformedError: not well-formed, or the root is no `svg`.
    """
    stores: list[Element] = []
    around: list[Element] = []  # the metadata of each
    layout = _Layout()

    def on_end(one: Element) -> None:
        below = [local for _, local in one.path]
        if one.path[-1] == (_C2PA, "manifest") and below[1:-1] == ["metadata"]:
            stores.append(one)
        elif below[1:] in (["metadata", "xmpmeta"], ["metadata", "RDF"]):
            layout.packet = layout.packet or one
        elif below[1:] == ["metadata"]:
            layout.metadata = one
            around.extend([one] * (len(stores) - len(around)))
        elif len(below) == 1:
            layout.root = one

    try:
        scan(source, limits, _follow, on_end)
    except MalformedError:
        if not (past_damage and stores):
            raise
    if layout.root is not None and layout.root.path[0][1] != "svg":
        raise MalformedError("SVG", f"its root is {layout.root.path[0][1][:40]!r}")
    encoding = encoding_of(source.read(0, min(4, source.size)))
    layout.manifests = [
        _manifest(source, one, outside, encoding) for one, outside in zip_longest(stores, around)
    ]
    return layout


def _manifest(
    source: ByteSource, one: Element, metadata: Element | None, encoding: str
) -> _Manifest:
    """Where a store lies in its element; `metadata` has no end yet where the file is damaged."""
    _, tag = start_tag(source, one.span.start, encoding)
    end = end_tag(source, one.span.end, encoding).end
    element = Span.between(one.span.start, end)
    text = Span.between(tag.end, max(tag.end, one.span.end))
    if metadata is None or metadata.span.end != end:
        return _Manifest(element, text)
    outside, start = start_tag(source, metadata.span.start, encoding)
    if start.end != element.start or not outside.endswith(f"metadata{_DECLARED}>"):
        return _Manifest(element, text)
    end = end_tag(source, metadata.span.end, encoding).end
    return _Manifest(element, text, Span.between(start.start, end))


def _narrow(source: ByteSource, span: Span) -> bytes:
    """The text of a span as ASCII has it; what has no place there becomes a question mark."""
    encoding = encoding_of(source.read(0, min(4, source.size)))
    data = source.read(span.start, span.length)
    if encoding == "latin-1":
        return data
    return data.decode(encoding, "replace").encode("ascii", "replace")


def _remote_url(source: ByteSource, packet: Element | None, limits: Limits) -> str | None:
    if packet is None or packet.span.length > limits.text_bytes:
        return None
    from xml.sax.saxutils import quoteattr

    encoding = encoding_of(source.read(0, min(4, source.size)))
    end = end_tag(source, packet.span.end, encoding).end
    data = source.read(packet.span.start, end - packet.span.start)
    if encoding != "latin-1":
        data = data.decode(encoding, "replace").encode()
    # Prefixes may have been declared further up.
    declared = "".join(
        f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}"
        for prefix, uri in packet.namespaces.items()
    )
    return remote_manifest(b"".join((f"<x{declared}>".encode(), data, b"</x>")), limits)
