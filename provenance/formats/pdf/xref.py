"""Where the objects of a PDF lie: the sections of its cross-reference, newest first.

    xref ⏎ 0 6 ⏎ 0000000000 65535 f ⏎ 0000000015 00000 n ⏎ … trailer << /Size 6 /Root 1 0 R >>

A file may hold millions of entries, and a store is reached by a handful of them: tables stay in
the file and are looked into, streams are kept as the bytes they unpack to. Source: ISO 32000-1
§7.5.4, §7.5.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from provenance.formats.pdf.syntax import Budget, Dictionary
from provenance.source import ByteSource

__all__ = ["Entry", "Free", "InFile", "InStream", "Rows", "Scanned", "Section", "Table"]


class InFile(NamedTuple):
    """An object on its own."""

    offset: int
    generation: int


class InStream(NamedTuple):
    """An object within an object stream."""

    stream: int  # its object number
    place: int  # in it, counted from 0


class Free(NamedTuple):
    """An object that is no more."""

    generation: int


Entry = InFile | InStream | Free


class Entries(Protocol):
    """A lookup by object number."""

    def find(self, number: int) -> Entry | None:
        """What is known of an object; None when nothing is said of it."""
        ...

    @property
    def end(self) -> int:
        """The least object number that is above all of these."""
        ...


class Run(NamedTuple):
    """Entries of objects with consecutive numbers."""

    first: int
    length: int
    at: int  # of the first entry: in the file for a table, else a row


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of a cross-reference table, in the file."""

    source: ByteSource
    budget: Budget
    runs: tuple[Run, ...]
    stride: int  # bytes from one entry to the next: 20, or 19 by writers who count wrong

    def find(self, number: int) -> Entry | None:
        """See `Entries`."""
        self.budget.spend(1 + len(self.runs) // 16)
        for first, count, at in self.runs:
            if first <= number < first + count:
                entry = self.source.read(at + (number - first) * self.stride, 18)
                offset, generation, kind = entry[:10], entry[11:16], entry[17:]
                if not (offset.isdigit() and generation.isdigit()):
                    return None
                if kind == b"n" and int(offset):
                    return InFile(int(offset), int(generation))
                return Free(int(generation))
        return None

    @property
    def end(self) -> int:
        """See `Entries`."""
        return max((run.first + run.length for run in self.runs), default=0)


@dataclass(frozen=True, slots=True)
class Rows:
    """The entries of a cross-reference stream."""

    budget: Budget
    runs: tuple[Run, ...]
    data: bytes
    widths: tuple[int, int, int]

    def find(self, number: int) -> Entry | None:
        """See `Entries`."""
        self.budget.spend(1 + len(self.runs) // 16)
        for first, count, row in self.runs:
            if first <= number < first + count:
                return self._entry(row + number - first)
        return None

    def _entry(self, row: int) -> Entry | None:
        kind_width, one, two = self.widths
        at = row * (kind_width + one + two)
        if at + kind_width + one + two > len(self.data):
            return None
        kind = int.from_bytes(self.data[at : at + kind_width]) if kind_width else 1
        at += kind_width
        first = int.from_bytes(self.data[at : at + one])
        second = int.from_bytes(self.data[at + one : at + one + two])
        match kind:
            case 0:
                return Free(second)
            case 1:
                return InFile(first, second)
            case 2:
                return InStream(first, second)
        return None  # of a kind to come: counts as null

    @property
    def end(self) -> int:
        """See `Entries`."""
        return max((run.first + run.length for run in self.runs), default=0)


@dataclass(frozen=True, slots=True)
class Scanned:
    """Entries that were found by looking through the file, since its own cannot be used."""

    entries: Mapping[int, Entry]

    def find(self, number: int) -> Entry | None:
        """See `Entries`."""
        return self.entries.get(number)

    @property
    def end(self) -> int:
        """See `Entries`."""
        return max(self.entries, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Section:
    """One section: what it says of objects, and its trailer.

    `parts` are asked in turn, and a free object in one may be in use in the next: a hybrid file
    hides objects from old readers so (§7.5.8.4).
    """

    at: int
    parts: Sequence[Entries]
    trailer: Dictionary
    text: bytes = field(repr=False)  # the buffer that the trailer was read from
    stream: bool = False
    old: bool = False  # it came with the section before it: the second of a linearized file

    def find(self, number: int) -> Entry | None:
        """What this section says of an object; None when it says nothing."""
        said: Entry | None = None
        for part in self.parts:
            found = part.find(number)
            if found is not None and not isinstance(found, Free):
                return found
            said = said or found
        return said

    @property
    def end(self) -> int:
        """The least object number that no object of this section has."""
        size = self.trailer.value(b"Size")
        known = max((part.end for part in self.parts), default=0)
        return max(known, size if isinstance(size, int) and size < 1 << 31 else 0)
