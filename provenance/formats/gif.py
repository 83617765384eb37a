"""GIF: the manifest store is the data of one application extension, before the first image.

    'GIF89a' | screen 7 | colours | block … | 3B
    21 FF 0B 'C2PA_GIF' 01 00 00 | sub-block … | 00         a sub-block: size u8 | 1 to 255 bytes
    2C | 8 | flags u8 | colours | code size u8 | sub-block … | 00                        an image

GIF87a has no application extension by name, so signing makes the version 89a, which has all else
that 87a has.
Source: C2PA 2.2 §A.3.7, §18.7.3.4; GIF89a specification, §15, §17 to §27; XMP part 3, §1.1.2.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats._patches import Patch, kept
from provenance.formats.base import BindingKind, Handler, Located, NamedBox, Piece, Plan, Slot
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLER"]

_VERSIONS = (b"GIF87a", b"GIF89a")
_FIRST_BLOCK = 13  # without a colour table
_STORE = b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"
_XMP = b"\x21\xff\x0bXMP DataXMP"
_XMP_TRAILER = 257  # bytes that lead a reader of sub-blocks out of the packet
_INTRODUCER, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_WINDOW = 1 << 16
_PER_BLOCK = 8  # sub-blocks that we count as one part of the container


class _Block(NamedTuple):
    """A block, named as a box hash does; `data` is where its sub-blocks start."""

    name: str
    start: int
    data: int
    end: int


class _Gif(Handler):
    name: str = "GIF"
    media_types: tuple[str, ...] = ("image/gif",)
    suffixes: tuple[str, ...] = (".gif",)
    can_embed: bool = True
    bindings: tuple[BindingKind, ...] = ("data", "boxes")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(_VERSIONS)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        stores: list[_Block] = []
        packet: _Block | None = None
        walk = _Walk(source, limits)
        try:
            for block in walk.blocks():
                if block.name == "2C" and stores:
                    break  # a store comes before the first image
                if block.name != "21FF":
                    continue
                head = source.read(block.start, min(len(_STORE), block.end - block.start))
                if head == _STORE and not walk.images:
                    stores.append(block)
                elif head == _XMP and packet is None:
                    packet = block
        except MalformedError:
            if not stores and not walk.images:
                raise
        if not stores:
            return Located(remote_url=_remote_url(walk, packet, limits))
        carriers = tuple(Span.between(one.start, one.end) for one in stores)
        if len(stores) > 1:
            return Located(carriers=carriers, count=len(stores))
        store = walk.joined(stores[0], limits.store_bytes)
        return Located(store=store, carriers=carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store keeps its place; a first one comes first of the blocks."""
        stores = [Span.between(one.start, one.end) for one in _stores(source, limits)]
        first = _Walk(source, limits).first_block
        at = stores[0].start if len(stores) == 1 else first
        patches = [Patch(0, _VERSIONS[1])] if store_length else []
        pieces: list[Piece] = [*kept(Span(0, first), patches)]
        start = first
        for span in (*stores, Span(source.size, 0)):
            if store_length and start <= at <= span.start:
                pieces += kept(Span.between(start, at))
                pieces.append(_slot(store_length))
                start, store_length = at, 0
            pieces += kept(Span.between(start, span.start))
            start = span.end
        return Plan(tuple(pieces))

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`. A colour table belongs to the block before it (§18.7.3.4)."""
        stores = {block.start for block in _stores(source, limits)}
        walk = _Walk(source, limits)
        found = [
            NamedBox("GIF89a", Span(0, 6)),
            NamedBox("LSD", Span.between(6, walk.first_block)),
        ]
        for block in walk.blocks():
            name = "C2PA" if block.start in stores else block.name
            found.append(NamedBox(name, Span.between(block.start, block.end)))
        if found[-1].span.end < source.size:
            found.append(NamedBox("c2pa.after", Span.between(found[-1].span.end, source.size)))
        return tuple(found)


HANDLER: Handler = _Gif()


# Reading


def _stores(source: ByteSource, limits: Limits) -> Iterator[_Block]:
    """The blocks that hold a store; nothing behind the first image is looked at."""
    for block in _Walk(source, limits).blocks():
        if block.name == "2C":
            return
        length = min(len(_STORE), block.end - block.start)
        if block.name == "21FF" and source.read(block.start, length) == _STORE:
            yield block


class _Walk:
    """A walk through a GIF's blocks: all but the colours is small, so it reads in windows."""

    def __init__(self, source: ByteSource, limits: Limits) -> None:
        self._source = source
        self._most = limits.container_items
        self._start = 0
        self._window = source.read(0, min(_WINDOW, source.size))
        if not self._window.startswith(_VERSIONS) or source.size < _FIRST_BLOCK:
            raise MalformedError("GIF", "ends before its screen descriptor, or is none")
        self.first_block = _FIRST_BLOCK + _colours(self._byte(10))
        self.images = 0
        self._sub_blocks = 0

    def blocks(self) -> Iterator[_Block]:
        """The blocks after the screen's, up to the trailer; what follows is not GIF's."""
        at = self.first_block
        for _ in range(self._most):
            kind = self._byte(at)
            if kind == _TRAILER:
                yield _Block("3B", at, at + 1, at + 1)
                return
            if kind == _INTRODUCER:
                data = at + 2
                block = _Block(f"21{self._byte(at + 1):02X}", at, data, self._end(data))
            elif kind == _IMAGE:
                self.images += 1
                end = at + 10 + _colours(self._byte(at + 9))
                yield _Block("2C", at, end, end)
                block = _Block("TBID", end, end + 1, self._end(end + 1))
            else:
                raise MalformedError("GIF block", f"0x{kind:02x} in its place", offset=at)
            yield block
            at = block.end
        raise LimitError("GIF", f"more than {self._most} blocks", offset=at)

    def joined(self, block: _Block, most: int) -> bytes:
        """The data of an application extension, its name left out.

        Raises:
            LimitError: more than `most` bytes.
        """
        length = block.end - block.data
        if length <= 2 * (most + len(_STORE)):  # sub-blocks may be as small as a byte
            data = self._source.read(block.data, length)
            length = sum(end - at - 1 for at, end in pairwise(_ends(data)))
            if length <= most:
                return b"".join(data[at + 1 : end] for at, end in pairwise(_ends(data)))
        raise LimitError(
            "manifest store", f"{length} bytes, of which we read {most}", offset=block.start
        )

    def packet(self, block: _Block) -> bytes:
        """The XMP of an application extension, with what is left of its trailer.

        The standard has it stand as it is, its characters taken for sizes by who reads
        sub-blocks; some writers cut it into real ones.
        """
        start = block.start + len(_XMP)
        data = self._source.read(start, block.end - start)
        if data[:1] != b"\xff":
            return data[: -_XMP_TRAILER - 1]
        return self.joined(block, len(data))[:-_XMP_TRAILER]

    def _end(self, at: int) -> int:
        """Where a chain of sub-blocks ends, its closing zero included."""
        while True:
            self._byte(at)
            window, place = self._window, at - self._start
            while place < len(window):
                size = window[place]
                place += 1 + size
                if not size:
                    return self._start + place
                self._sub_blocks += 1
            at = self._start + place
            if self._sub_blocks > self._most * _PER_BLOCK:
                raise LimitError("GIF", f"more than {self._sub_blocks} sub-blocks", offset=at)

    def _byte(self, at: int) -> int:
        place = at - self._start
        if not 0 <= place < len(self._window):
            size = self._source.size
            if at >= size:
                raise MalformedError("GIF", "ends before its trailer", offset=size)
            self._start, place = at, 0
            self._window = self._source.read(at, min(_WINDOW, size - at))
        return self._window[place]


def _ends(data: bytes) -> Iterator[int]:
    """Where each sub-block ends."""
    at = 0
    while at < len(data) and data[at]:
        at += 1 + data[at]
        yield at


def _colours(flags: int) -> int:
    """Bytes of a colour table, as the flags before it say."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _remote_url(walk: _Walk, packet: _Block | None, limits: Limits) -> str | None:
    if packet is None or packet.end - packet.data > limits.text_bytes:
        return None
    return remote_manifest(walk.packet(packet), limits)


# Writing


def _slot(store_length: int) -> Slot:
    return Slot(len(_STORE) + store_length + -(-store_length // 255) + 1, _wrap)


def _wrap(store: bytes) -> bytes:
    view = memoryview(store)
    pieces: list[bytes | memoryview] = [_STORE]
    for at in range(0, len(store), 255):
        part = view[at : at + 255]
        pieces += (bytes((len(part),)), part)
    return b"".join((*pieces, b"\0"))
