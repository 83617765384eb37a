"""The table directory of a font, and a font put together anew with another C2PA table.

All other tables keep their bytes and their order in the file; only their offsets change.
Source: ISO 14496-22 §4.3 (directory, checksums), §5.2.2 (head).
"""

import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Keep, New, Piece, Plan, Slot
from provenance.formats.planned import PlannedSource
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, complement, merge

__all__ = ["C2PA", "START", "Font", "Table", "adjustment", "read_directory", "rewritten"]

C2PA = struct.Struct(">HHIHHII")
START = 12  # of the first record
_HEAD = struct.Struct(">4sHHHH")
_RECORD = struct.Struct(">4sIII")
_SIZE = _RECORD.size
_VERSION = (0, 1)  # of the table, as fonts in the field have it
_WHOLE = 0xB1B0AFBA  # what the words of a font add up to
_WORDS = 0xFFFFFFFF
_ADJUSTMENT = 8  # where it stands in the head table
_STORES = 16
_MOST = 1 << 32  # bytes of a font: offsets have 32 bits


@dataclass(frozen=True, slots=True)
class Table:
    """A record of the directory."""

    tag: bytes
    checksum: int
    span: Span

    def check(self, source: ByteSource) -> None:
        """Raise `MalformedError` if it reaches past the end."""
        if self.span.end > source.size:
            raise MalformedError(
                f"{self.tag.decode('latin-1')!r} table",
                f"{self.span.length} bytes long, {max(0, source.size - self.span.start)} left",
                offset=self.span.start,
            )


@dataclass(frozen=True, slots=True)
class Font:
    """A table directory."""

    version: bytes
    tables: tuple[Table, ...]

    @property
    def end(self) -> int:
        """Where the directory ends."""
        return START + _SIZE * len(self.tables)

    def find(self, tag: bytes) -> Table | None:
        """The first table of a tag."""
        return next((table for table in self.tables if table.tag == tag), None)

    def checksum_of(self, tag: bytes) -> Span:
        """Where the checksum of the first table of a tag stands."""
        index = next(index for index, table in enumerate(self.tables) if table.tag == tag)
        return Span(START + _SIZE * index + 4, 4)

    def check(self, source: ByteSource) -> None:
        """Raise `MalformedError` if a table reaches past the end or into the directory."""
        for table in self.tables:
            table.check(source)
            if table.span.start < self.end and table.span.length:
                raise MalformedError(
                    f"{table.tag.decode('latin-1')!r} table",
                    "lies in the table directory",
                    offset=table.span.start,
                )


def adjustment(head: Table) -> Span:
    """Where `checkSumAdjustment` stands.

    Raises:
        MalformedError: the table is too short for it.
    """
    if head.span.length < _ADJUSTMENT + 4:
        raise MalformedError("head table", f"{head.span.length} bytes", offset=head.span.start)
    return Span(head.span.start + _ADJUSTMENT, 4)


def read_directory(source: ByteSource, limits: Limits) -> Font:
    """Read the table directory; whether the tables are there is not looked at.

    Raises:
        MalformedError: it ends early, or is empty.
        LimitError: too many tables.
    """
    version, count, _, _, _ = _HEAD.unpack(source.read(0, START))
    if count > limits.container_items:
        raise LimitError("font", f"{count} tables, of which we read {limits.container_items}")
    if not count:
        raise MalformedError("font", "has no tables", offset=4)
    records = source.read(START, _SIZE * count)
    return Font(
        version,
        tuple(
            Table(tag, checksum, Span(start, length))
            for tag, checksum, start, length in _RECORD.iter_unpack(records)
        ),
    )


def rewritten(source: ByteSource, font: Font, store_length: int) -> Plan:
    """The font with its C2PA tables taken out and one for a store put in, if it has a length.

    Raises:
        MalformedError: a table is not where the directory says, or lies in a C2PA table.
        LimitError: the font would be longer than its offsets can tell.
    """
    font.check(source)
    old = [table for table in font.tables if table.tag == b"C2PA"]
    others = [table for table in font.tables if table.tag != b"C2PA"]
    if len(old) > _STORES:
        raise LimitError("font", f"{len(old)} C2PA tables, of which we take out {_STORES}")
    gone = _with_padding(old, others, source.size)
    place = font.end
    if len(old) == 1 and old[0].span.start % 4 == 0:
        place = old[0].span.start
    length = C2PA.size + store_length if store_length else 0
    room = -(-length // 4) * 4
    if source.size + room + _SIZE >= _MOST:
        raise LimitError("font", f"{source.size + room} bytes, offsets have 32 bits")
    shift = _SIZE * (bool(room) - len(old))

    def moved(at: int) -> int:
        before = sum(min(span.length, at - span.start) for span in gone if span.start < at)
        return at + shift - before + (room if place <= at else 0)

    records = [
        _RECORD.pack(one.tag, one.checksum, moved(one.span.start), one.span.length)
        for one in others
    ]
    head = next((one for one in others if one.tag == b"head"), None)
    pieces = _directory(font, records, moved(place) - room, length)
    pieces += _body(source.size, font.end, gone, place, _table(length, room), head)
    plan = Plan(tuple(pieces))
    return plan if head is None else _summed(plan, source, moved(adjustment(head).start), length)


def _with_padding(old: list[Table], others: list[Table], size: int) -> tuple[Span, ...]:
    """The spans of the old tables, each with the zeros up to the next multiple of four."""
    found = []
    starts = sorted(one.span.start for one in others)
    for table in old:
        if any(_overlap(table.span, one.span) for one in others):
            raise MalformedError("C2PA table", "overlaps another", offset=table.span.start)
        end = -(-table.span.end // 4) * 4
        following = next((start for start in starts if start >= table.span.end), size)
        found.append(Span.between(table.span.start, min(end, following, size)))
    return merge(found)


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _directory(font: Font, records: list[bytes], place: int, length: int) -> list[Piece]:
    """The header and the records; that of the C2PA table has a slot for its checksum."""
    count = len(records) + bool(length)
    power = max(count, 1).bit_length() - 1
    search = 16 << power
    # With 4096 tables and more these numbers are nonsense anyway, and nobody reads them.
    hints = (search & 0xFFFF, power, count * 16 - search & 0xFFFF)
    start = _HEAD.pack(font.version, count, *hints)
    if not length:
        return [New(start + b"".join(records))]
    tags = [table.tag for table in font.tables]
    if b"C2PA" in tags:
        index = tags.index(b"C2PA")
    else:
        index = next((i for i, tag in enumerate(tags) if tag > b"C2PA"), len(tags))
    return [
        New(start + b"".join(records[:index]) + b"C2PA"),
        Slot(4, lambda store: _sum((_wrapped(store),)).to_bytes(4)),
        New(struct.pack(">II", place, length) + b"".join(records[index:])),
    ]


def _table(length: int, room: int) -> list[Piece]:
    if not length:
        return []
    padding = room - length
    return [Slot(length, _wrapped), *([New(bytes(padding))] if padding else [])]


def _wrapped(store: bytes) -> bytes:
    """The C2PA table of a store."""
    return C2PA.pack(*_VERSION, 0, 0, 0, C2PA.size, len(store)) + store


def _body(
    size: int, start: int, gone: tuple[Span, ...], place: int, new: list[Piece], head: Table | None
) -> list[Piece]:
    """All behind the directory, with an empty slot for the adjustment."""
    hole = () if head is None else (adjustment(head),)
    cuts = merge((Span(0, start), *gone, *hole))
    pieces: list[Piece] = []
    edges = sorted({*(span.start for span in hole), place})
    for kept in complement(cuts, size):
        for edge in edges:
            if kept.start < edge < kept.end:
                pieces += (Keep(Span.between(kept.start, edge)),)
                kept = Span.between(edge, kept.end)
        pieces.append(Keep(kept))
    return _inserted(pieces, place, new, hole)


def _inserted(
    kept: list[Piece], place: int, new: list[Piece], hole: tuple[Span, ...]
) -> list[Piece]:
    placed: list[tuple[int, int, list[Piece]]] = [(place, 0, new)]
    placed += [(span.start, 1, [Slot(4, lambda store: bytes(4))]) for span in hole]
    placed += [(piece.span.start, 2, [piece]) for piece in kept if isinstance(piece, Keep)]
    return [piece for _, _, pieces in sorted(placed, key=lambda one: one[:2]) for piece in pieces]


def _summed(plan: Plan, source: ByteSource, at: int, length: int) -> Plan:
    """A plan with its adjustment filled in: a slot if there is a store, else four bytes."""
    blank = PlannedSource(plan, source)
    rest = _sum(bytes(block) for block in blank.blocks(Span(0, blank.size)))

    def wrap(store: bytes) -> bytes:
        # A table's words count twice: as themselves, and as the checksum in the directory.
        table = _sum((_wrapped(store),)) if length else 0
        return (_WHOLE - rest - 2 * table & _WORDS).to_bytes(4)

    filled: Piece = Slot(4, wrap) if length else New(wrap(b""))
    return Plan(tuple(filled if where == at else piece for where, piece in plan.placed()))


def _sum(blocks: Iterable[bytes]) -> int:
    """The words of 32 bits, big-endian, added up; zeros make the last one whole."""
    total, rest = 0, b""
    for block in blocks:
        data = rest + block if rest else block
        whole = len(data) & ~3
        rest = data[whole:]
        total += _words(data[:whole])
    return (total + _words(rest.ljust(4, b"\0"))) & _WORDS


def _words(data: bytes) -> int:
    words = array("I", data)
    if sys.byteorder == "little":
        words.byteswap()
    return sum(words)
