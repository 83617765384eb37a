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
    changed = 0
    for node in walk(source, roots, frozenset(_TABLES), limits):
        field = Field(source, node.box)
        table = _TABLES[node.box.type]
        for patch in _told(field, table(field, node, move, limits)):
            changed += len(patch.data)
            if changed > _MOST:
                raise LimitError(
                    "tables of offsets", f"more than {_MOST} bytes of them would change"
                )
            yield patch


def _told(field: Field, patches: Iterator[Patch]) -> Iterator[Patch]:
    """The patches that change something; a number too big for its field is told by its box."""
    try:
        for patch in patches:
            if field.source.read(patch.at, len(patch.data)) != patch.data:
                yield patch
    except struct.error as error:
        raise LimitError(
            field.name, "an offset would no longer fit its field", offset=field.box.start
        ) from error


def _chunks(field: Field, node: Node, move: Move, limits: Limits) -> Iterator[Patch]:
    if _elsewhere(field, node, limits):
        return
    form = "I" if node.box.type == b"stco" else "Q"
    (count,) = field.numbers(node.box.body + 4, "I")
    yield from _moved(field, node.box.body + 8, count, form, move)


def _elsewhere(field: Field, node: Node, limits: Limits) -> bool:
    """Does a track have its data in other files?"""
    media = node.inside(b"minf")
    here = () if media is None else in_this_file(field.source, media.box, limits)
    if any(here) and not all(here):
        raise LimitError(
            field.name,
            "points into this file and into others, and we cannot tell which offset is which",
            offset=node.box.start,
        )
    return bool(here) and not here[0]


def _auxiliary(field: Field, node: Node, move: Move, limits: Limits) -> Iterator[Patch]:
    version, flags = field.version_and_flags()
    at = node.box.body + (12 if flags & 1 else 4)
    (count,) = field.numbers(at, "I")
    form = "I" if version == 0 else "Q"
    if node.inside(b"traf") is None:
        if not _elsewhere(field, node, limits):
            yield from _moved(field, at + 4, count, form, move)
        return
    base = _base(field.source, node, move)
    if base is not None:
        yield from _moved(field, at + 4, count, form, _relative(move, base))


def _moved(
    field: Field, at: int, count: int, form: str, move: "Move | Callable[[int], int]"
) -> Iterator[Patch]:
    """A table of plain offsets, in blocks."""
    width = struct.calcsize(form)
    field.table(at, count, width)
    for first in range(0, count, _BLOCK):
        many = min(_BLOCK, count - first)
        values = field.numbers(at + first * width, f"{many}{form}")
        shift = move.shift(min(values), max(values)) if isinstance(move, Move) else None
        moved = map(move, values) if shift is None else (value + shift for value in values)
        yield Patch(at + first * width, struct.pack(f">{many}{form}", *moved))


def _relative(move: Move, base: int) -> Callable[[int], int]:
    """A move of offsets that count from a place which moves itself."""
    return lambda offset: move(base + offset) - move(base)


def _base(source: ByteSource, node: Node, move: Move) -> int | None:
    """Where the offsets in a track fragment count from.

    None: nothing comes between the fragment and its data; or they count from the end of the
    fragment before, which stays where it was from here.
    """
    header, moof = node.neighbour(b"tfhd"), node.inside(b"moof")
    if header is None or moof is None or move.shift(moof.box.start, source.size - 1) is not None:
        return None
    field = Field(source, header)
    _, flags = field.version_and_flags()
    if flags & _HAS_BASE:
        return field.numbers(header.body + 8, "Q")[0]
    traf = node.inside(b"traf")
    first = traf is not None and traf.neighbour(b"traf") == traf.box
    return moof.box.start if flags & _FROM_MOOF or first else None


def _fragment(field: Field, node: Node, move: Move, _: Limits) -> Iterator[Patch]:
    if field.version_and_flags()[1] & _HAS_BASE:
        at = node.box.body + 8
        yield Patch(at, struct.pack(">Q", move(*field.numbers(at, "Q"))))


def _run(field: Field, node: Node, move: Move, _: Limits) -> Iterator[Patch]:
    if not field.version_and_flags()[1] & _HAS_DATA_OFFSET:
        return
    base, at = _base(field.source, node, move), node.box.body + 8
    if base is not None:
        (offset,) = field.numbers(at, "i")
        yield Patch(at, struct.pack(">i", _relative(move, base)(offset)))


def _by_time(field: Field, node: Node, move: Move, _: Limits) -> Iterator[Patch]:
    version, _flags = field.version_and_flags()
    lengths, count = field.numbers(node.box.body + 8, "II")
    form = ">I" if version == 0 else ">Q"
    width = struct.calcsize(form)
    stride = 2 * width + (lengths >> 4 & 3) + (lengths >> 2 & 3) + (lengths & 3) + 3
    at = node.box.body + 16
    field.table(at, count, stride)
    for first in range(0, count, _BLOCK):
        start, many = at + first * stride, min(_BLOCK, count - first)
        data = bytearray(field.bytes_at(start, many * stride))
        for place in range(width, len(data), stride):
            (offset,) = struct.unpack_from(form, data, place)
            struct.pack_into(form, data, place, move(offset))
        yield Patch(start, bytes(data))


def _segments(field: Field, node: Node, move: Move, _: Limits) -> Iterator[Patch]:
    """A box put in before a segment's first becomes part of that segment."""
    version, _flags = field.version_and_flags()
    form = "I" if version == 0 else "Q"
    first_at = node.box.body + 12 + struct.calcsize(form)
    first, _reserved, count = field.numbers(first_at, f"{form}HH")
    table = first_at + struct.calcsize(f">{form}HH")
    field.table(table, count, 12)
    edge = node.box.end + first
    moved_end, moved_edge = move.after(node.box.end), move.after(edge)
    yield Patch(first_at, struct.pack(f">{form}", moved_edge - moved_end))
    data = bytearray(field.bytes_at(table, count * 12))
    for place in range(0, len(data), 12):
        (word,) = struct.unpack_from(">I", data, place)
        edge += word & 0x7FFFFFFF
        before, moved_edge = moved_edge, move.after(edge)
        if moved_edge - before > 0x7FFFFFFF:
            raise LimitError(
                field.name, "a segment outgrows the 31 bits of its size", offset=node.box.start
            )
        struct.pack_into(">I", data, place, word & 0x80000000 | moved_edge - before)
    yield Patch(table, bytes(data))


def _items(field: Field, node: Node, move: Move, limits: Limits) -> Iterator[Patch]:
    """The base of an item moves as its parts do; only where they part does each its own way."""
    table = ItemTable.read(field.source, node.box)
    meta = node.inside(b"meta")
    here = () if meta is None else in_this_file(field.source, meta.box, limits)
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
    yield Patch(node.box.body, bytes(data))


def _put(data: bytearray, at: int, width: int, value: int) -> None:
    try:
        data[at : at + width] = value.to_bytes(width)
    except OverflowError as error:
        raise struct.error(str(error)) from error


def _compressed(field: Field, node: Node, _: Move, __: Limits) -> Iterator[Patch]:
    yield from ()
    raise LimitError(
        field.name, "the movie's tables are compressed, so nothing can move", offset=node.box.start
    )


_Table = Callable[[Field, Node, Move, Limits], Iterator[Patch]]
_TABLES: dict[bytes, _Table] = {
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
