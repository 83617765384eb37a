"""Offsets in the tables of an ISO base media file, set right after a move of what they point at.

    stco co64   chunks of a track             offsets in the file
    saio        auxiliary information         in the file; in a traf from its base
    tfhd trun   data of a fragment            in the file; from its base
    tfra        moofs by time                 in the file
    iloc        items                         in the file, for construction method 0
    sidx        segments: how far, how long   from the end of the sidx

A table keeps its length, and so does every box; where a number no longer fits its field, we say
so. Nothing else of the file is looked at.
Source: ISO 14496-12 §8.7.5, §8.7.9, §8.8.7, §8.8.8, §8.8.10, §8.11.3, §8.16.3.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from provenance.errors import LimitError
from provenance.formats._patches import Patch
from provenance.formats.bmff.iloc import ItemTable
from provenance.formats.bmff.moves import Move
from provenance.formats.bmff.references import in_this_file
from provenance.formats.bmff.tree import BmffBox
from provenance.formats.bmff.walk import Field, Node, walk
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["moved_offsets"]

_BLOCK = 1 << 16  # entries
_MOST = 32 << 20  # bytes of changed tables: 8 million chunks
_MOST_TABLES = 200_000  # fragments of two tracks for a day
_HAS_BASE, _FROM_MOOF, _HAS_DATA_OFFSET = 0x1, 0x20000, 0x1


def moved_offsets(
    source: ByteSource, roots: Iterable[BmffBox], move: Move, limits: Limits
) -> Iterator[Patch]:
    """What must change in a file's tables so that all still point where they pointed.

    Args:
        roots: the file's root boxes, without those that are taken out.
        move: of the file's bytes.

    Raises:
        MalformedError: a table that reaches past its box.
        LimitError: an offset that outgrows its field, too many boxes or too long tables.
    """
    if move.still:
        return
    moving, changed, tables = _Moving(source, move, limits), 0, 0
    for node in walk(source, roots, frozenset(_TABLES), limits):
        for patch in _told(node, _TABLES[node.box.type](moving, node)):
            changed += len(patch.data)
            tables += 1
            if changed > _MOST or tables > _MOST_TABLES:
                raise LimitError(
                    "tables of offsets",
                    f"{tables} with {changed} bytes would change, at most {_MOST_TABLES} with "
                    f"{_MOST} may",
                )
            yield patch


def _told(node: Node, patches: Iterator[Patch]) -> Iterator[Patch]:
    """Patches; a number too big for its field is told by its box."""
    try:
        yield from patches
    except struct.error as error:
        raise LimitError(
            f"{node.box.type.decode('latin-1')} box",
            "an offset would no longer fit its field",
            offset=node.box.start,
        ) from error


@dataclass(frozen=True)
class _Moving:
    """A file and its move; what several tables want to know of a box around them is kept."""

    source: ByteSource
    move: Move
    limits: Limits
    _here: dict[int, tuple[bool, ...]] = dataclass_field(default_factory=dict)
    _bases: dict[int, int | None] = dataclass_field(default_factory=dict)
    _firsts: dict[int, int] = dataclass_field(default_factory=dict)

    def here(self, node: Node, kind: bytes) -> tuple[bool, ...]:
        """For each data reference of the `minf` or `meta` around a table: is it this file?"""
        holder = node.inside(kind)
        if holder is None:
            return ()
        at = holder.box.start
        if at not in self._here:
            self._here[at] = in_this_file(self.source, holder.box, self.limits)
        return self._here[at]

    def base(self, node: Node) -> int | None:
        """Where the offsets in a track fragment count from.

        None: nothing comes between the fragment and its data; or they count from the end of the
        fragment before, which stays where it was from here.
        """
        traf = node.inside(b"traf")
        if traf is None:
            return None
        at = traf.box.start
        if at not in self._bases:
            self._bases[at] = self._base(node, traf)
        return self._bases[at]

    def _base(self, node: Node, traf: Node) -> int | None:
        header, moof = node.neighbour(b"tfhd"), node.inside(b"moof")
        if header is None or moof is None:
            return None
        start = moof.box.start
        if self.move.shift(start, self.source.size - 1) is not None:
            return None
        field = Field(self.source, header)
        _, flags = field.version_and_flags()
        if flags & _HAS_BASE:
            return field.numbers(header.body + 8, "Q")[0]
        if start not in self._firsts:
            first = traf.neighbour(b"traf")
            self._firsts[start] = traf.box.start if first is None else first.start
        return start if flags & _FROM_MOOF or self._firsts[start] == traf.box.start else None

    def table(self, field: Field, at: int, count: int, form: str) -> Iterator[Patch]:
        """A table of offsets in the file, in blocks; what does not change is left alone."""
        width = struct.calcsize(form)
        field.table(at, count, width)
        for first in range(0, count, _BLOCK):
            many = min(_BLOCK, count - first)
            values = field.numbers(at + first * width, f"{many}{form}")
            moved = self.move.each(values)
            if moved != values:
                yield Patch(at + first * width, struct.pack(f">{many}{form}", *moved))

    def relative(self, base: int, offset: int) -> int:
        """An offset that counts from a place which moves itself."""
        return self.move(base + offset) - self.move(base)


def _chunks(moving: _Moving, node: Node) -> Iterator[Patch]:
    if not _elsewhere(moving, node):
        field = Field(moving.source, node.box)
        (count,) = field.numbers(node.box.body + 4, "I")
        form = "I" if node.box.type == b"stco" else "Q"
        yield from moving.table(field, node.box.body + 8, count, form)


def _elsewhere(moving: _Moving, node: Node) -> bool:
    """Does a track have its data in other files?"""
    here = moving.here(node, b"minf")
    if any(here) and not all(here):
        raise LimitError(
            f"{node.box.type.decode('latin-1')} box",
            "points into this file and into others, and we cannot tell which offset is which",
            offset=node.box.start,
        )
    return bool(here) and not here[0]


def _auxiliary(moving: _Moving, node: Node) -> Iterator[Patch]:
    field = Field(moving.source, node.box)
    version, flags = field.version_and_flags()
    at = node.box.body + (12 if flags & 1 else 4)
    (count,) = field.numbers(at, "I")
    form = "I" if version == 0 else "Q"
    if node.inside(b"traf") is None:
        if not _elsewhere(moving, node):
            yield from moving.table(field, at + 4, count, form)
        return
    base = moving.base(node)
    if base is not None:
        field.table(at + 4, count, struct.calcsize(form))
        for place in range(at + 4, at + 4 + count * struct.calcsize(form), struct.calcsize(form)):
            yield from _relative(moving, field, place, form, base)


def _relative(moving: _Moving, field: Field, place: int, form: str, base: int) -> Iterator[Patch]:
    (offset,) = field.numbers(place, form)
    moved = moving.relative(base, offset)
    if moved != offset:
        yield Patch(place, struct.pack(f">{form}", moved))


def _fragment(moving: _Moving, node: Node) -> Iterator[Patch]:
    field = Field(moving.source, node.box)
    if field.version_and_flags()[1] & _HAS_BASE:
        yield from moving.table(field, node.box.body + 8, 1, "Q")


def _run(moving: _Moving, node: Node) -> Iterator[Patch]:
    base = moving.base(node)
    if base is None:
        return
    field = Field(moving.source, node.box)
    if field.version_and_flags()[1] & _HAS_DATA_OFFSET:
        yield from _relative(moving, field, node.box.body + 8, "i", base)


def _by_time(moving: _Moving, node: Node) -> Iterator[Patch]:
    field, move = Field(moving.source, node.box), moving.move
    version, _flags = field.version_and_flags()
    lengths, count = field.numbers(node.box.body + 8, "II")
    form = ">I" if version == 0 else ">Q"
    width = struct.calcsize(form)
    stride = 2 * width + (lengths >> 4 & 3) + (lengths >> 2 & 3) + (lengths & 3) + 3
    at = node.box.body + 16
    field.table(at, count, stride)
    for first in range(0, count, _BLOCK):
        start, many = at + first * stride, min(_BLOCK, count - first)
        before = field.bytes_at(start, many * stride)
        data = bytearray(before)
        for place in range(width, len(data), stride):
            (offset,) = struct.unpack_from(form, data, place)
            struct.pack_into(form, data, place, move(offset))
        if data != before:
            yield Patch(start, bytes(data))


def _segments(moving: _Moving, node: Node) -> Iterator[Patch]:
    """A box put in before a segment's first becomes part of that segment."""
    field, move = Field(moving.source, node.box), moving.move
    version, _flags = field.version_and_flags()
    form = "I" if version == 0 else "Q"
    first_at = node.box.body + 12 + struct.calcsize(form)
    first, _reserved, count = field.numbers(first_at, f"{form}HH")
    table = first_at + struct.calcsize(f">{form}HH")
    field.table(table, count, 12)
    edge = node.box.end + first
    moved_end, moved_edge = move.after(node.box.end), move.after(edge)
    if moved_edge - moved_end != first:
        yield Patch(first_at, struct.pack(f">{form}", moved_edge - moved_end))
    rows = field.bytes_at(table, count * 12)
    data = bytearray(rows)
    for place in range(0, len(data), 12):
        (word,) = struct.unpack_from(">I", data, place)
        edge += word & 0x7FFFFFFF
        before, moved_edge = moved_edge, move.after(edge)
        if moved_edge - before > 0x7FFFFFFF:
            raise LimitError(
                field.name, "a segment outgrows the 31 bits of its size", offset=node.box.start
            )
        struct.pack_into(">I", data, place, word & 0x80000000 | moved_edge - before)
    if data != rows:
        yield Patch(table, bytes(data))


def _items(moving: _Moving, node: Node) -> Iterator[Patch]:
    """The base of an item moves as its parts do; only where they part does each its own way."""
    table, move = ItemTable.read(moving.source, node.box), moving.move
    here = moving.here(node, b"meta")
    data = bytearray(table.data)
    for item in table.items():
        own = item.reference == 0 or here[item.reference - 1 : item.reference] == (True,)
        if item.method != 0 or not own:
            continue
        extents = tuple(table.extents(item))
        targets = [move(item.base + one.offset) for one in extents]
        shifts = [
            target - item.base - one.offset for target, one in zip(targets, extents, strict=True)
        ]
        if not any(shifts):
            continue
        base = item.base + (min(shifts) if table.base_width else 0)
        _put(data, item.base_at, table.base_width, base)
        for one, target in zip(extents, targets, strict=True):
            _put(data, one.at, table.offset_width, target - base)
    if data != table.data:
        yield Patch(node.box.body, bytes(data))


def _put(data: bytearray, at: int, width: int, value: int) -> None:
    try:
        data[at : at + width] = value.to_bytes(width)
    except OverflowError as error:
        raise struct.error(str(error)) from error


def _compressed(_: _Moving, node: Node) -> Iterator[Patch]:
    yield from ()
    raise LimitError(
        "cmov box", "the movie's tables are compressed, so nothing can move", offset=node.box.start
    )


_TABLES: dict[bytes, Callable[[_Moving, Node], Iterator[Patch]]] = {
    b"stco": _chunks,
    b"co64": _chunks,
    b"saio": _auxiliary,
    b"tfhd": _fragment,
    b"trun": _run,
    b"tfra": _by_time,
    b"sidx": _segments,
    b"iloc": _items,
    b"cmov": _compressed,
}
