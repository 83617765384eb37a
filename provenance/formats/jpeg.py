"""JPEG: the manifest store is spread over APP11 segments.

    FF D8 | APP0 … | APP11 … | … | FF DA: what follows is the scan, and no store
    APP11:  FF EB | Le u16 | 'JP' | En u16 | Z u32 | LBox u32 | TBox 4 | [XLBox u64] | data

Le counts from itself on. En names the box, the same in all of its segments; Z counts them.
The box header, LBox to XLBox, speaks of the whole box and is repeated in each segment, though it
is part of the box only once. APP11 carries others' boxes too: those are left alone.
Source: C2PA 2.2 §A.3.1; ISO 19566-5:2023, D.2; ISO 10918-1, B.1.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import (
    BindingKind,
    Handler,
    Located,
    NamedBox,
    New,
    Plan,
    Slot,
    rearrange,
)
from provenance.formats.c2pa_store import describes_store
from provenance.formats.xmp import remote_manifest
from provenance.formats.xmp_reference import with_reference
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["HANDLER"]

_EOI, _SOS, _APP0, _APP1, _APP11 = 0xD9, 0xDA, 0xE0, 0xE1, 0xEB
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length: TEM, RSTn, SOI
_APP11_HEAD = struct.Struct(">HH2sHI")
_BOX_AT = _APP11_HEAD.size  # where LBox stands in a segment
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF = b"Exif\0"
_HEAD = 64  # of a segment: enough for the label of a box it starts
_MOST = 1 << 16  # segments before the scan; full ones hold 4 GiB
_DATA = 64_000  # of the store in one segment, as the field writes it; 65535 is the format's bound
_EN = 0x0211
_LONGEST = 65533  # bytes of a segment behind its length


@dataclass(frozen=True, slots=True)
class _Segment:
    """A marker with its parameters; `head` is its first bytes, from the FF on."""

    marker: int
    start: int
    end: int
    head: bytes

    @property
    def span(self) -> Span:
        return Span.between(self.start, self.end)

    @property
    def is_jumbf(self) -> bool:
        return self.marker == _APP11 and len(self.head) >= 20 and self.head[4:6] == b"JP"

    @property
    def en_z(self) -> tuple[int, int]:
        """Box instance and place in the sequence, of a JUMBF segment."""
        _, _, _, en, z = _APP11_HEAD.unpack_from(self.head)
        return en, z

    @property
    def box_header(self) -> bytes:
        """LBox, TBox and XLBox if there is one, of a JUMBF segment."""
        long = self.head[_BOX_AT : _BOX_AT + 4] == b"\0\0\0\1"
        return self.head[_BOX_AT : _BOX_AT + (16 if long else 8)]

    @property
    def starts_store(self) -> bool:
        return self.is_jumbf and describes_store(self.head, _BOX_AT + len(self.box_header))


class _Jpeg(Handler):
    name: str = "JPEG"
    media_types: tuple[str, ...] = ("image/jpeg", "image/jpg", "image/pjpeg")
    suffixes: tuple[str, ...] = (".jpg", ".jpeg", ".jpe", ".jfif")
    bindings: tuple[BindingKind, ...] = ("data", "boxes")
    can_embed: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(b"\xff\xd8\xff")

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        segments, damage = _readable(source, limits)
        stores = tuple(_stores(segments))
        if not stores:
            if damage is not None:
                raise damage
            return Located(remote_url=_remote_url(source, segments, limits))
        carriers = _carriers(stores)
        if len(stores) > 1:
            return Located(carriers=carriers, count=len(stores))
        return Located(store=_joined(source, stores[0], limits), carriers=carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store keeps its place, as update manifests need it to."""
        segments = tuple(_segments(source, limits))
        stores = tuple(_stores(segments))
        if len(stores) == 1:
            at = stores[0][0].start
        else:
            at = _after_jfif(segments, {segment.start for store in stores for segment in store})
        slot = _slot(store_length) if store_length else None
        return rearrange(source.size, _carriers(stores), at, slot)

    def plan_reference(self, source: ByteSource, url: str, limits: Limits) -> Plan | None:
        """See `Handler`. XMP stands in an APP1 segment of its own."""
        segments = tuple(_segments(source, limits))
        stores = tuple(_stores(segments))
        carriers = _carriers(stores)
        old = [one for one in segments if one.marker == _APP1 and one.head.startswith(_XMP, 4)][:1]
        packet = _packet(source, old[0]) if old else None
        data = _XMP + with_reference(packet, url, limits)
        if len(data) > _LONGEST:
            raise LimitError("XMP packet", f"{len(data)} bytes, a segment holds {_LONGEST}")
        segment = struct.pack(">HH", 0xFF00 | _APP1, len(data) + 2) + data
        left_out = tuple(sorted((*carriers, *(one.span for one in old))))
        inside = {one.start for store in stores for one in store}
        at = old[0].start if old else _after_jfif(segments, inside, exif=True)
        return rearrange(source.size, left_out, at, New(segment))

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`."""
        from provenance.formats.jpeg_boxes import read_boxes

        return read_boxes(source, self.locate(source, limits).carriers, limits)


HANDLER: Handler = _Jpeg()


# Reading


def _readable(
    source: ByteSource, limits: Limits
) -> tuple[tuple[_Segment, ...], MalformedError | None]:
    """The segments as far as they can be read, and what ended that early."""
    found: list[_Segment] = []
    try:
        for segment in _segments(source, limits):
            found.append(segment)  # noqa: PERF402  # kept when a later one cannot be read
    except MalformedError as error:
        return tuple(found), error
    return tuple(found), None


def _segments(source: ByteSource, limits: Limits) -> Iterator[_Segment]:
    """The segments from SOI up to the scan."""
    at, size, read = 2, source.size, source.read
    most = min(limits.container_items, _MOST)
    for _ in range(most):
        head = read(at, min(_HEAD, size - at))
        if len(head) < 2:
            raise MalformedError("JPEG", "ends before its scan", offset=at)
        marker = head[1]
        if head[0] != 0xFF or marker == 0:
            raise MalformedError("JPEG marker", f"0x{head[:2].hex()} in its place", offset=at)
        if marker == 0xFF:  # a fill byte before the marker
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        if marker in (_SOS, _EOI):
            return
        length = int.from_bytes(head[2:4]) if len(head) >= 4 else 0
        if length < 2:
            raise MalformedError(
                f"{_name(marker)} segment", "a length of 2 or more is missing", offset=at
            )
        end = at + 2 + length
        if end > size:
            raise MalformedError(
                f"{_name(marker)} segment",
                f"{length} bytes long, {size - at - 2} left in the file",
                offset=at,
            )
        yield _Segment(marker, at, end, head[: end - at])
        at = end
    raise LimitError("JPEG", f"more than {most} segments and fill bytes", offset=at)


def _name(marker: int) -> str:
    return f"APP{marker - _APP0}" if _APP0 <= marker <= _APP0 + 15 else f"FF{marker:02X}"


def _stores(segments: tuple[_Segment, ...]) -> Iterator[tuple[_Segment, ...]]:
    """The manifest stores, each as the segments that carry it."""
    at = 0
    while at < len(segments):
        if segments[at].starts_store:
            store = _store_from(segments, at)
            yield store
            at += len(store)
        else:
            at += 1


def _store_from(segments: tuple[_Segment, ...], at: int) -> tuple[_Segment, ...]:
    """The segments of the store that one of them starts: as many as its box is long."""
    first = segments[at]
    header = first.box_header
    wanted = int.from_bytes(header[8:] or header[:4])  # 0: as far as the segments go on
    have = first.end - first.start - _BOX_AT
    parts = [first]
    for follower in range(at + 1, len(segments)):
        segment = segments[follower]
        if (wanted and have >= wanted) or not segment.is_jumbf or segment.en_z[0] != first.en_z[0]:
            break
        if not wanted and segment.starts_store:
            break
        _check_continuation(segment, first, first.en_z[1] + len(parts))
        parts.append(segment)
        have += segment.end - segment.start - _BOX_AT - len(header)
    if have < wanted:
        raise MalformedError(
            "manifest store", f"{wanted} bytes long, {have} in its segments", offset=first.start
        )
    return tuple(parts)


def _check_continuation(segment: _Segment, first: _Segment, number: int) -> None:
    z = segment.en_z[1]
    if z != number:
        raise MalformedError(
            "APP11 segment", f"numbered {z} where {number} follows", offset=segment.start
        )
    if segment.box_header != first.box_header:
        raise MalformedError(
            "APP11 segment", "repeats another box header than the first has", offset=segment.start
        )


def _carriers(stores: tuple[tuple[_Segment, ...], ...]) -> tuple[Span, ...]:
    return merge(segment.span for store in stores for segment in store)


def _joined(source: ByteSource, parts: tuple[_Segment, ...], limits: Limits) -> bytes:
    """The box that segments carry, its header once."""
    first, header = parts[0], len(parts[0].box_header)
    spans = [
        Span.between(part.start + _BOX_AT + (0 if part is first else header), part.end)
        for part in parts
    ]
    length = sum(span.length for span in spans)
    if length > limits.store_bytes:
        raise LimitError(
            "manifest store",
            f"{length} bytes, of which we read {limits.store_bytes}",
            offset=first.start,
        )
    return b"".join(source.read(span.start, span.length) for span in spans)


def _remote_url(source: ByteSource, segments: tuple[_Segment, ...], limits: Limits) -> str | None:
    for segment in segments:
        if segment.marker == _APP1 and segment.head.startswith(_XMP, 4):
            return remote_manifest(_packet(source, segment), limits)
    return None


def _packet(source: ByteSource, segment: _Segment) -> bytes:
    start = segment.start + 4 + len(_XMP)
    return source.read(start, segment.end - start)


# Writing


def _after_jfif(segments: tuple[_Segment, ...], carriers: set[int], *, exif: bool = False) -> int:
    """Where a first store goes: after SOI and the APP0 segments, which want to be first.

    XMP goes after `exif` too, which comes next.
    """
    at = 2
    for segment in segments:
        if segment.marker == _APP0 or (exif and segment.head.startswith(_EXIF, 4)):
            at = segment.end
        elif segment.start not in carriers:
            break
    return at


def _slot(store_length: int) -> Slot:
    if store_length >= 1 << 32:
        raise LimitError(
            "manifest store", f"{store_length} bytes, we write less than 4 GiB in JPEG"
        )
    count = -(-store_length // _DATA)
    return Slot(store_length + count * _BOX_AT + (count - 1) * 8, _wrap)


def _wrap(store: bytes) -> bytes:
    """The store in APP11 segments, its box header repeated in each."""
    header = store[:8]
    if header[:4] == b"\0\0\0\1" and len(store) > _DATA:
        raise MalformedError(
            "manifest store", "has a 64-bit box length, which takes more room than was planned"
        )
    pieces: list[bytes | memoryview] = []
    view = memoryview(store)
    for z, at in enumerate(range(0, len(store), _DATA), start=1):
        data, repeated = view[at : at + _DATA], header if at else b""
        length = _BOX_AT - 2 + len(repeated) + len(data)
        pieces += (_APP11_HEAD.pack(0xFF00 | _APP11, length, b"JP", _EN, z), repeated, data)
    return b"".join(pieces)
