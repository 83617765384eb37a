"""A ZIP archive with some entries changed: its pieces, and a directory that knows where all is.

What lies behind a change moves, and its headers with it; where nothing moves the directory stays
as it is, but for the headers that are new.
Source: PKWARE APPNOTE 6.3.10, §4.3.12, §4.3.14 to §4.3.16.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.formats._zip import END, WIDE_END, Archive, Entry
from provenance.formats.base import Keep, New, Piece, Plan, Slot, piece_length
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Edit", "HeaderEdit", "rewritten"]

_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_LOCATOR = 20
_OFFSET = 42  # where it stands in a central header


@dataclass(frozen=True, slots=True)
class Edit:
    """What takes the place of a span of the entries; None: nothing."""

    span: Span
    piece: New | Slot | None = None

    @property
    def growth(self) -> int:
        """Bytes that come in, less those that go."""
        return (piece_length(self.piece) if self.piece else 0) - self.span.length


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """What takes the place of an entry's central header; without an entry, a new one at the end.

    `make` is told the entry's offset in the archive; None takes the header out.
    """

    entry: Entry | None
    make: Callable[[int], tuple[New | Slot, ...]] | None = None
    start: int = 0  # where the entry's local header stood in the file, or would have


def rewritten(
    source: ByteSource, archive: Archive, edits: Sequence[Edit], headers: Sequence[HeaderEdit]
) -> Plan:
    """A plan with some spans of the entries replaced, and their headers.

    Raises:
        MalformedError: changes that overlap, for entries do.
        LimitError: the archive would need 64-bit numbers, and has none.
    """
    edits = sorted(edits, key=lambda edit: edit.span)
    pieces: list[Piece] = []
    at = 0
    for edit in edits:
        if edit.span.start < at:
            raise MalformedError("ZIP", "two entries share bytes", offset=edit.span.start)
        pieces.append(Keep(Span.between(at, edit.span.start)))
        if edit.piece is not None:
            pieces.append(edit.piece)
        at = edit.span.end
    pieces.append(Keep(Span.between(at, archive.directory.start)))
    directory = _directory(source, archive, edits, headers)
    growth = _Growth(
        sum(edit.growth for edit in edits),
        sum(map(piece_length, directory)) - archive.directory.length,
        sum((one.make is not None) - (one.entry is not None) for one in headers),
    )
    pieces += [*directory, *_ending(source, archive, growth)]
    return Plan(tuple(one for one in pieces if piece_length(one)))


def _directory(
    source: ByteSource, archive: Archive, edits: Sequence[Edit], headers: Sequence[HeaderEdit]
) -> list[Piece]:
    def moved(start: int) -> int:
        return sum(edit.growth for edit in edits if edit.span.end <= start and edit.span.length)

    changed: dict[int, tuple[New | Slot, ...]] = {}
    added: list[Piece] = []
    for one in headers:
        made = one.make(one.start - archive.base + moved(one.start)) if one.make else ()
        if one.entry is None:
            added += made
        else:
            changed[one.entry.at] = made
    behind = any(edit.growth and edit.span.end < archive.directory.start for edit in edits)
    pieces: list[Piece] = []
    if behind:
        kept = bytearray()
        for entry in archive.entries(source):
            if entry.at not in changed:
                kept += _moved(source, archive, entry, moved(entry.start))
                continue
            pieces += [New(bytes(kept)), *changed[entry.at]]
            kept.clear()
        return [*pieces, New(bytes(kept)), *added]
    at = archive.directory.start
    lengths = {one.entry.at: one.entry.length for one in headers if one.entry}
    for start in sorted(changed):
        pieces += [Keep(Span.between(at, start)), *changed[start]]
        at = start + lengths[start]
    return [*pieces, Keep(Span.between(at, archive.directory.end)), *added]


def _moved(source: ByteSource, archive: Archive, entry: Entry, growth: int) -> bytes:
    raw = source.read(entry.at, entry.length)
    if not growth:
        return raw
    header, offset = bytearray(raw), entry.start - archive.base + growth
    if entry.wide is not None:
        struct.pack_into("<Q", header, entry.wide - entry.at, offset)
    else:
        struct.pack_into("<I", header, _OFFSET, _narrow(offset, _FULL32))
    return bytes(header)


@dataclass(frozen=True, slots=True)
class _Growth:
    entries: int  # bytes
    directory: int  # bytes
    count: int  # of entries


def _ending(source: ByteSource, archive: Archive, growth: _Growth) -> list[Piece]:
    """From behind the directory to the end of the file."""
    at, end = archive.directory.end, archive.end
    pieces: list[Piece] = []
    if archive.wide_end is not None:
        wide = archive.wide_end
        row = list(WIDE_END.unpack(source.read(wide, WIDE_END.size)))
        for which, more in zip((6, 7, 8, 9), _numbers(growth), strict=True):
            row[which] += more
        locator = bytearray(source.read(end - _LOCATOR, _LOCATOR))
        offset = int.from_bytes(locator[8:16], "little") + growth.entries + growth.directory
        struct.pack_into("<Q", locator, 8, offset)
        pieces += [
            Keep(Span.between(at, wide)),
            New(WIDE_END.pack(*row)),
            Keep(Span.between(wide + WIDE_END.size, end - _LOCATOR)),
            New(bytes(locator)),
        ]
        at = end
    row = list(END.unpack(source.read(end, END.size)))
    for which, more in zip((3, 4, 5, 6), _numbers(growth), strict=True):
        full = _FULL16 if which < 5 else _FULL32
        if archive.wide_end is None:
            row[which] = _narrow(row[which] + more, full)
        elif row[which] != full:
            row[which] = min(row[which] + more, full)
    pieces += [Keep(Span.between(at, end)), New(END.pack(*row))]
    return [*pieces, Keep(Span.between(end + END.size, source.size))]


def _numbers(growth: _Growth) -> tuple[int, int, int, int]:
    """As the end records have them: entries twice, the directory's size, its offset."""
    return growth.count, growth.count, growth.directory, growth.entries


def _narrow(value: int, full: int) -> int:
    if not 0 <= value < full:
        raise LimitError("ZIP", "with the manifest store it would need 64-bit numbers (ZIP64)")
    return value
