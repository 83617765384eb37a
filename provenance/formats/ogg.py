"""Ogg (Vorbis, Opus, FLAC …): the manifest store is a logical bitstream of its own.

    first page of each stream | pages of the streams, mixed | …   and maybe another chain of such
    page:  'OggS' | 0 | flags u8 | position i64 | serial u32 | number u32 | CRC u32 | count u8
           | count × lacing u8 | data                                     all little-endian
    first packet of the stream:  00 'c2pa' | store

A packet is cut into pieces of 255 bytes, each with a lacing value; one below 255 ends the packet.
The first pages of all streams stand together, so ours is the last of them, and its other pages
follow at once: they are one span of the file. Only the first chain is looked at. A page's CRC is
not checked on reading: the store's own hashes say more.
Source: C2PA 2.3 §A.3.5; RFC 3533 §4, §6.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Handler, Located, Plan, Slot, rearrange
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["HANDLER", "checksum"]

_PAGE = struct.Struct("<4sBBqIIIB")
_MARK = b"OggS"
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_PIECE = 255  # bytes
_PIECES = 255  # of a page, at the most
_MAGIC = b"\0c2pa"
_SERIAL = int.from_bytes(b"c2pa", "little")
_CRC_AT = 22
_UNFINISHED = -1  # the position of a page on which no packet ends
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Page(NamedTuple):
    start: int
    flags: int
    serial: int
    lacing: bytes
    data: int
    end: int

    @property
    def span(self) -> Span:
        return Span.between(self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The first pages of a file's streams, and the pages that carry manifest stores."""

    first: tuple[_Page, ...]
    stores: tuple[tuple[_Page, ...], ...]  # as far as they could be read

    @property
    def carriers(self) -> tuple[Span, ...]:
        return merge(page.span for store in self.stores for page in store)


class _Ogg(Handler):
    name: str = "Ogg"
    media_types: tuple[str, ...] = (
        "audio/ogg",
        "application/ogg",
        "video/ogg",
        "audio/opus",
        "audio/vorbis",
    )
    suffixes: tuple[str, ...] = (".ogg", ".oga", ".opus", ".ogv", ".ogx", ".spx")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(_MARK + b"\0") and len(head) > 5 and bool(head[5] & _FIRST)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`."""
        layout = _read_layout(source, limits)
        if len(layout.stores) != 1:
            return Located(carriers=layout.carriers, count=len(layout.stores))
        store = _store(source, layout.stores[0], limits)
        return Located(store=store, carriers=layout.carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. It goes behind the first pages of all streams."""
        layout = _read_layout(source, limits)
        carriers, at = layout.carriers, layout.first[-1].end
        at = next((span.start for span in carriers if span.start < at < span.end), at)
        slot = _slot(store_length, _serial(layout)) if store_length else None
        return rearrange(source.size, carriers, at, slot)


HANDLER: Handler = _Ogg()


# Reading


def _page(source: ByteSource, at: int) -> _Page:
    """The page at an offset.

    Raises:
        MalformedError: there is none, or it reaches past the end.
    """
    left = source.size - at
    if left < _PAGE.size:
        raise MalformedError("Ogg page", f"{_PAGE.size} bytes wanted, {left} left", offset=at)
    mark, version, flags, _, serial, _, _, count = _PAGE.unpack(source.read(at, _PAGE.size))
    if mark != _MARK or version:
        raise MalformedError("Ogg page", "'OggS' and a zero are not where it starts", offset=at)
    data = at + _PAGE.size + count
    if data > source.size:
        raise MalformedError("Ogg page", f"{data - source.size} bytes too short", offset=at)
    lacing = source.read(at + _PAGE.size, count)
    end = data + sum(lacing)
    if end > source.size:
        raise MalformedError("Ogg page", f"{end - source.size} bytes too short", offset=at)
    return _Page(at, flags, serial, lacing, data, end)


def _read_layout(source: ByteSource, limits: Limits) -> _Layout:
    """Read the first pages, and on while a manifest store goes on.

    What is broken behind a store does not hide it, so the end of a stream may be missing.

    Raises:
        MalformedError: a page is broken on the way to the end of all stores.
        LimitError: too many pages.
    """
    first: list[_Page] = []
    stores: list[list[_Page]] = []
    going: dict[int, list[_Page]] = {}  # by serial: stores whose last page has not come
    at, in_front, count = 0, True, 0
    while at < source.size and (in_front or going):
        count += 1
        if count > limits.container_items:
            raise LimitError("Ogg", f"more than {limits.container_items} pages", offset=at)
        try:
            page = _page(source, at)
        except MalformedError:
            if in_front or not all(_length(pages) is not None for pages in going.values()):
                raise
            break
        in_front = in_front and bool(page.flags & _FIRST)
        if in_front:
            first.append(page)
            if _starts_store(source, page):
                going[page.serial] = []
                stores.append(going[page.serial])
        elif page.flags & _FIRST:
            break  # the next chain
        if page.serial in going:
            going[page.serial].append(page)
            if page.flags & _LAST:
                del going[page.serial]
        at = page.end
    if not first:
        raise MalformedError("Ogg", "does not start with the first page of a stream", offset=0)
    return _Layout(tuple(first), tuple(map(tuple, stores)))


def _starts_store(source: ByteSource, page: _Page) -> bool:
    length = len(_MAGIC)
    return page.end - page.data >= length and source.read(page.data, length) == _MAGIC


def _length(pages: Sequence[_Page]) -> int | None:
    """Bytes of the first packet of a stream; None if it does not end on these pages."""
    length = 0
    for page in pages:
        for piece in page.lacing:
            length += piece
            if piece < _PIECE:
                return length
    return None


def _store(source: ByteSource, pages: Sequence[_Page], limits: Limits) -> bytes:
    """What the first packet of a stream carries.

    Raises:
        MalformedError: it does not end.
        LimitError: it is too long.
    """
    length = _length(pages)
    if length is None:
        raise MalformedError("manifest store", "its packet does not end", offset=pages[0].start)
    if length - len(_MAGIC) > limits.store_bytes:
        raise LimitError(
            "manifest store",
            f"{length - len(_MAGIC)} bytes, of which we read {limits.store_bytes}",
            offset=pages[0].start,
        )
    data = b"".join(source.read(page.data, page.end - page.data) for page in pages)
    return data[len(_MAGIC) : length]


# Writing


def _serial(layout: _Layout) -> int:
    """A number for the stream: that it has, or one that no other has."""
    if len(layout.stores) == 1:
        return layout.stores[0][0].serial
    taken = {page.serial for page in layout.first}
    serial = _SERIAL
    while serial in taken:
        serial += 1
    return serial


def _slot(store_length: int, serial: int) -> Slot:
    if store_length >= 1 << 32:
        raise LimitError("manifest store", f"{store_length} bytes, we write less than 4 GiB in Ogg")
    length = len(_MAGIC) + store_length
    pieces = length // _PIECE + 1
    pages = -(-pieces // _PIECES)
    return Slot(length + pieces + pages * _PAGE.size, lambda store: _wrapped(store, serial))


def _wrapped(store: bytes, serial: int) -> bytes:
    """The store as the pages of a stream."""
    packet = memoryview(_MAGIC + store)
    lacing = bytes((_PIECE,)) * (len(packet) // _PIECE) + bytes((len(packet) % _PIECE,))
    out: list[bytes] = []
    for number, at in enumerate(range(0, len(lacing), _PIECES)):
        part = lacing[at : at + _PIECES]
        last = at + _PIECES >= len(lacing)
        flags = (_CONTINUED if number else _FIRST) | (_LAST if last else 0)
        position = 0 if last else _UNFINISHED
        head = _PAGE.pack(_MARK, 0, flags, position, serial, number, 0, len(part))
        page = b"".join((head, part, packet[at * _PIECE : at * _PIECE + sum(part)]))
        crc = struct.pack("<I", checksum(page))
        out += (page[:_CRC_AT], crc, page[_CRC_AT + 4 :])
    return b"".join(out)


def checksum(page: bytes) -> int:
    """A page's CRC, its own field zero: polynomial 04C11DB7, nothing inverted, highest bit first.

    `zlib` has the same polynomial with all bits mirrored and with inversion: both are undone.
    """
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
