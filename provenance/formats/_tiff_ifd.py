"""A TIFF's chain of image file directories (IFDs).

    'II' or 'MM' | 42 | first IFD u32                      classic; all numbers in that byte order
    'II' or 'MM' | 43 | 8 | 0 | first IFD u64              BigTIFF
    IFD:   count u16 (u64) | entry … | next IFD u32 (u64), 0 after the last
    entry: tag u16 | type u16 | count u32 (u64) | value, or where it stands, u32 (u64)

Source: TIFF 6.0, section 2; BigTIFF design, awaresystems.be.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Directory", "Entry", "Shape", "directories", "read_directory", "read_shape"]

_MOST = 1 << 16  # directories; each is a page, and is read
_TYPES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ORDERS = {b"II": "<", b"MM": ">"}
_CLASSIC, _BIG = 42, 43


@dataclass(frozen=True)
class Shape:
    """Byte order and width of a TIFF's numbers."""

    order: str  # as `struct` has it
    big: bool

    @property
    def width(self) -> int:
        """Bytes of an offset, and of a value that stands in its entry."""
        return 8 if self.big else 4

    @property
    def pointer_at(self) -> int:
        """Where the header says where the first IFD is."""
        return 8 if self.big else 4

    @cached_property
    def count(self) -> struct.Struct:
        """How many entries an IFD has."""
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @cached_property
    def offset(self) -> struct.Struct:
        """A place in the file, or the number of values of an entry."""
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @cached_property
    def entry(self) -> struct.Struct:
        """Tag, type, number of values, value field."""
        return struct.Struct(self.order + ("HHQ8s" if self.big else "HHI4s"))


class Entry(NamedTuple):
    """An entry of an IFD."""

    tag: int
    type: int
    values: int  # how many
    field: bytes  # the value itself, or its offset
    at: int  # where the entry stands

    def count_field(self, shape: Shape) -> Span:
        """Where its number of values stands."""
        return Span(self.at + 4, shape.width)

    def value(self, shape: Shape) -> Span:
        """Where its value stands; a type that TIFF does not know counts as bytes."""
        length = self.values * _TYPES.get(self.type, 1)
        if length <= shape.width:
            return Span(self.at + 4 + shape.width, length)
        return Span(shape.offset.unpack(self.field)[0], length)


@dataclass(frozen=True)
class Directory:
    """An IFD, its entries as they stand in the file."""

    shape: Shape
    at: int
    raw: bytes
    next: int  # where the next one is; 0: this is the last

    @property
    def next_at(self) -> int:
        """Where it says where the next one is."""
        return self.at + self.shape.count.size + len(self.raw)

    @property
    def span(self) -> Span:
        """All of it."""
        return Span.between(self.at, self.next_at + self.shape.width)

    def entries(self) -> Iterator[Entry]:
        """Its entries, in file order."""
        at = self.at + self.shape.count.size
        for tag, kind, values, field in self.shape.entry.iter_unpack(self.raw):
            yield Entry(tag, kind, values, field, at)
            at += self.shape.entry.size

    def find(self, *tags: int) -> list[Entry]:
        """The entries that have one of some tags."""
        return [entry for entry in self.entries() if entry.tag in tags]


def read_shape(source: ByteSource) -> Shape:
    """Read the header.

    Raises:
        MalformedError: it is none of a TIFF.
    """
    head = source.read(0, min(8, source.size))
    order = _ORDERS.get(head[:2])
    if order is None or len(head) < 8:
        raise MalformedError("TIFF", f"starts with 0x{head.hex()}")
    magic, width, reserved = struct.unpack(order + "HHH", head[2:])
    if magic == _BIG and (width, reserved) == (8, 0):
        return Shape(order, big=True)
    if magic != _CLASSIC:
        raise MalformedError("TIFF", f"has the number {magic} in place of 42 or 43", offset=2)
    return Shape(order, big=False)


def directories(source: ByteSource, shape: Shape, limits: Limits) -> Iterator[Directory]:
    """The main chain of IFDs; those that an entry points to are not in it.

    Raises:
        MalformedError: none at all, one past the end of the file, or one met before.
        LimitError: too many, or too many entries.
    """
    (at,) = shape.offset.unpack(source.read(shape.pointer_at, shape.width))
    if not at:
        raise MalformedError("TIFF", "has no IFD", offset=shape.pointer_at)
    seen: set[int] = set()
    entries = 0
    while at:
        if at in seen:
            raise MalformedError("IFD", "is met for the second time in its chain", offset=at)
        if len(seen) >= _MOST:
            raise LimitError("TIFF", f"more than {_MOST} IFDs", offset=at)
        seen.add(at)
        one = read_directory(source, shape, at, limits.container_items - entries)
        entries += len(one.raw) // shape.entry.size
        yield one
        at = one.next


def read_directory(source: ByteSource, shape: Shape, at: int, most: int) -> Directory:
    """Read one IFD of at most so many entries.

    Raises:
        MalformedError: it reaches past the end.
        LimitError: more entries.
    """
    left = source.size - at
    if left < shape.count.size:
        raise MalformedError("IFD", f"{max(0, left)} bytes left in the file", offset=at)
    (count,) = shape.count.unpack(source.read(at, shape.count.size))
    length = count * shape.entry.size
    if length + shape.count.size + shape.width > left:
        raise MalformedError("IFD", f"{count} entries, {left} bytes left in the file", offset=at)
    if count > most:
        raise LimitError("TIFF", f"more than {most} entries", offset=at)
    data = source.read(at + shape.count.size, length + shape.width)
    return Directory(shape, at, data[:length], shape.offset.unpack(data[length:])[0])
