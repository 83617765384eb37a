"""Where the items of a HEIF or AVIF picture lie: the `iloc` box.

    version, flags u32 | sizes u16, four of 4 bits: offset, length, base, index | count u16 (v2 u32)
    item: id u16 (v2 u32) | [method u16, v1 and v2] | data reference u16 | base | extents u16
    extent: [index, v1 and v2] | offset | length

Method 0 counts from the start of a file, 1 from the `idat` box, 2 from another item. Each field
has as many bytes as the sizes say; one of none is 0.
Source: ISO 14496-12 §8.11.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.tree import BmffBox
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Extent", "Item", "ItemTable"]

_MOST = 2 << 20  # bytes: 65535 items, the most there can be in most files, take 1.3 million


class Extent(NamedTuple):
    """A part of an item; `at` is where its offset stands in the box's data."""

    at: int
    offset: int  # from the item's base
    length: int


class Item(NamedTuple):
    """An item; `base_at` and `extents_at` count in the box's data."""

    id: int
    method: int
    reference: int  # to whose data; 0: this file
    base: int
    base_at: int
    extents: int
    extents_at: int


@dataclass(frozen=True, slots=True)
class ItemTable:
    """An `iloc` box, read whole; widths of its fields in bytes."""

    box: BmffBox
    data: bytes  # the payload of the box
    version: int
    offset_width: int
    length_width: int
    base_width: int
    index_width: int

    @classmethod
    def read(cls, source: ByteSource, box: BmffBox) -> Self:
        """Read a box of type `iloc`.

        Raises:
            MalformedError: the box ends in its first fields, or its version is not 0, 1 or 2.
            LimitError: longer than 2 MiB.
        """
        if box.end - box.body > _MOST:
            raise LimitError("iloc box", f"over {_MOST} bytes long", offset=box.start)
        data = source.read(box.body, box.end - box.body)
        if len(data) < 8 or data[0] > 2:
            raise MalformedError("iloc box", "is none that we know", offset=box.start)
        version, sizes = data[0], data[4:6]
        index = sizes[1] & 0xF if version else 0
        return cls(box, data, version, sizes[0] >> 4, sizes[0] & 0xF, sizes[1] >> 4, index)

    def items(self) -> Iterator[Item]:
        """The items, in order.

        Raises:
            MalformedError: the box ends before its last one.
        """
        wide = 4 if self.version == 2 else 2
        count, at = self._number(6, wide), 6 + wide
        for _ in range(count):
            number, at = self._number(at, wide), at + wide
            method = 0
            if self.version:
                method, at = self._number(at, 2) & 0xF, at + 2
            reference, base_at = self._number(at, 2), at + 2
            base, at = self._number(base_at, self.base_width), base_at + self.base_width
            extents, at = self._number(at, 2), at + 2
            yield Item(number, method, reference, base, base_at, extents, at)
            at += extents * self._extent_width

    def extents(self, item: Item) -> Iterator[Extent]:
        """The parts of an item, in order; those without any bytes of their own count once."""
        count = item.extents if self._extent_width else min(item.extents, 1)
        at = item.extents_at + self.index_width
        for _ in range(count):
            offset = self._number(at, self.offset_width)
            yield Extent(at, offset, self._number(at + self.offset_width, self.length_width))
            at += self._extent_width

    def spans(self, item: Item) -> list[Span]:
        """Where an item lies, as its method counts."""
        return [Span(item.base + one.offset, one.length) for one in self.extents(item)]

    @property
    def _extent_width(self) -> int:
        return self.index_width + self.offset_width + self.length_width

    def _number(self, at: int, width: int) -> int:
        if at + width > len(self.data):
            raise MalformedError("iloc box", "ends before its last item", offset=self.box.start)
        return int.from_bytes(self.data[at : at + width])
