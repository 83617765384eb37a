"""PNG: the manifest store is the data of one `caBX` chunk.

    89 'PNG' 0D 0A 1A 0A | IHDR | caBX | … | IDAT … | IEND
    chunk: length u32 | type 4 | data | CRC-32 of type and data

The chunk's CRC is not checked on reading: the store's own hashes say more.
Source: C2PA 2.2 §A.3.2; 2.5 §A.3.2 (before the first IDAT); ISO 15948 §5.3.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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
from provenance.formats.xmp import remote_manifest
from provenance.formats.xmp_reference import with_reference
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLER"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">I4s")
_AROUND = 12  # length and type before the data, CRC after it
_XMP = b"XML:com.adobe.xmp\0"


class _Chunk(NamedTuple):  # there may be a million: cheaper than a dataclass
    type: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """What matters here of a PNG's chunks; offsets in bytes."""

    stores: tuple[Span, ...]
    texts: tuple[Span, ...]  # iTXt: one may be XMP
    header_end: int
    first_pixels: int  # of the first IDAT, or of IEND


class _Png(Handler):
    name: str = "PNG"
    media_types: tuple[str, ...] = ("image/png",)
    suffixes: tuple[str, ...] = (".png",)
    bindings: tuple[BindingKind, ...] = ("data", "boxes")
    can_embed: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(_SIGNATURE)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        layout = _read_layout(source, limits, past_damage=True)
        count = len(layout.stores)
        if count == 0:
            return Located(remote_url=_remote_url(source, layout.texts, limits))
        if count > 1:
            return Located(carriers=layout.stores, count=count)
        chunk = layout.stores[0]
        length = chunk.length - _AROUND
        if length > limits.store_bytes:
            raise LimitError(
                "caBX chunk",
                f"{length} bytes long, of which we read {limits.store_bytes}",
                offset=chunk.start,
            )
        store = source.read(chunk.start + 8, length)
        return Located(store=store, carriers=layout.stores, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store before the pixels keeps its place, as update manifests need."""
        layout = _read_layout(source, limits)
        at = layout.header_end
        if len(layout.stores) == 1 and layout.stores[0].start < layout.first_pixels:
            at = layout.stores[0].start
        slot = _slot(store_length) if store_length else None
        return rearrange(source.size, layout.stores, at, slot)

    def plan_reference(self, source: ByteSource, url: str, limits: Limits) -> Plan | None:
        """See `Handler`. XMP stands in an iTXt chunk of its own."""
        layout = _read_layout(source, limits)
        old = [span for span in layout.texts if _is_xmp(source, span)]
        packet = _packet(source, old[0], limits) if old else None
        chunk = _chunk(b"iTXt", _XMP + b"\0\0\0\0" + with_reference(packet, url, limits))
        left_out = tuple(sorted((*layout.stores, *old[:1])))
        at = old[0].start if old else layout.header_end
        return rearrange(source.size, left_out, at, New(chunk))

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`. Boxes are chunks, after the signature (C2PA 2.2 §18.7.3.2)."""
        found = [NamedBox("PNGh", Span(0, len(_SIGNATURE)), optional=True)]
        for kind, start, end in _chunks(source, limits):
            name = "C2PA" if kind == b"caBX" else kind.decode("latin-1")
            found.append(NamedBox(name, Span.between(start, end)))
        if found[-1].span.end < source.size:
            found.append(NamedBox("c2pa.after", Span.between(found[-1].span.end, source.size)))
        return tuple(found)


HANDLER: Handler = _Png()


def _slot(store_length: int) -> Slot:
    if store_length >= 1 << 31:
        raise LimitError("caBX chunk", f"{store_length} bytes, a PNG chunk holds 2147483647")
    return Slot(store_length + _AROUND, _wrap)


def _wrap(store: bytes) -> bytes:
    return _chunk(b"caBX", store)


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(data, zlib.crc32(kind))
    return b"".join((_HEADER.pack(len(data), kind), data, struct.pack(">I", crc)))


def _chunks(source: ByteSource, limits: Limits) -> Iterator[_Chunk]:
    """The chunks up to IEND; what follows that is not PNG's."""
    at, size, read = len(_SIGNATURE), source.size, source.read
    for _ in range(limits.container_items):
        left = size - at
        if left < _AROUND:
            raise MalformedError("PNG", f"{left} bytes left, and no IEND chunk yet", offset=at)
        length, kind = _HEADER.unpack(read(at, 8))
        if length > left - _AROUND:
            raise MalformedError(
                f"{_name(kind)} chunk",
                f"{length} bytes long, {left - _AROUND} left in the file",
                offset=at,
            )
        end = at + _AROUND + length
        yield _Chunk(kind, at, end)
        if kind == b"IEND":
            return
        at = end
    raise LimitError("PNG", f"more than {limits.container_items} chunks", offset=at)


def _name(kind: bytes) -> str:
    return kind.decode("ascii") if kind.isalpha() else f"0x{kind.hex()}"


def _read_layout(source: ByteSource, limits: Limits, *, past_damage: bool = False) -> _Layout:
    stores: list[Span] = []
    texts: list[Span] = []
    header_end = first_pixels = 0
    try:
        for kind, start, end in _chunks(source, limits):
            if kind in (b"IDAT", b"IEND"):
                first_pixels = first_pixels or start
            elif kind == b"caBX":
                stores.append(Span.between(start, end))
            elif kind == b"iTXt":
                texts.append(Span.between(start, end))
            elif kind == b"IHDR":
                header_end = header_end or end
    except MalformedError:
        if not (past_damage and stores):
            raise
    if not header_end:
        raise MalformedError("PNG", "has no IHDR chunk")
    return _Layout(tuple(stores), tuple(texts), header_end, first_pixels)


def _remote_url(source: ByteSource, texts: tuple[Span, ...], limits: Limits) -> str | None:
    for span in texts:
        if _is_xmp(source, span):
            return remote_manifest(_packet(source, span, limits), limits)
    return None


def _is_xmp(source: ByteSource, text: Span) -> bool:
    length = text.length - _AROUND
    return length >= len(_XMP) and source.read(text.start + 8, len(_XMP)) == _XMP


def _packet(source: ByteSource, text: Span, limits: Limits) -> bytes:
    length = text.length - _AROUND
    if length > limits.text_bytes:
        return b""
    return _international_text(source.read(text.start + 8, length), limits)


def _international_text(data: bytes, limits: Limits) -> bytes:
    """The text of an iTXt chunk; nothing of a broken one.

    keyword 00 | compressed? u8 | method u8 | language 00 | translated keyword 00 | text
    """
    flags = data[len(_XMP) : len(_XMP) + 2]
    parts = data[len(_XMP) + 2 :].split(b"\0", 2)
    if len(parts) != 3:
        return b""
    if flags[0] == 0:
        return parts[2]
    try:
        # One byte past the limit, so that who reads it sees that it is too long.
        return zlib.decompressobj().decompress(parts[2], limits.text_bytes + 1)
    except zlib.error:
        return b""
