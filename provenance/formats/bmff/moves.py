"""Where each byte of a file goes when some are taken out and others put in between: a pure map.

    old   |aaaaaaaa|xxx|bbbbbbbbbbbbb|        xxx taken out, +++++ put in
    new   |aaaaaaaa|+++++|bbbbbbbbbbbbb|

Absolute offsets in a file's tables follow the bytes they point at.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from provenance.spans import Span, complement

__all__ = ["Move"]


@dataclass(frozen=True, slots=True)
class Move:
    """What a file keeps, and how far each part of it shifts; offsets in bytes.

    `edges` are the old offsets at which the shift changes, the first is 0. Where `shifts` has
    None the bytes are taken out, and what points there goes where the next kept byte goes.
    """

    kept: tuple[Span, ...]  # of the old file, ascending
    starts: tuple[int, ...]  # of the kept runs, in the new file
    places: tuple[int, ...]  # of what is put in, in the new file
    size: int  # of the new file
    edges: tuple[int, ...]
    shifts: tuple[int | None, ...]

    @classmethod
    def of(cls, size: int, removed: Sequence[Span], inserted: Sequence[tuple[int, int]]) -> Self:
        """The move of a file.

        Args:
            size: of the old file.
            removed: spans to take out, ascending, not overlapping.
            inserted: places in the old file, ascending, and how many bytes go there; none inside
                a span that is taken out, but one may be at its start.
        """
        points = sorted({at for at, _ in inserted if 0 < at < size})
        kept = [part for span in complement(removed, size) for part in _cut(span, points)]
        begins = [span.start for span in kept]
        # Whatever is put in comes before the first run that begins at its place or later.
        starts: list[int] = []
        places: list[int] = []
        at = 0
        waiting = [(bisect_right(begins, place - 1), length) for place, length in inserted]
        for run in range(len(kept) + 1):
            while len(places) < len(waiting) and waiting[len(places)][0] == run:
                at += waiting[len(places)][1]
                places.append(at - waiting[len(places)][1])
            if run < len(kept):
                starts.append(at)
                at += kept[run].length
        edges: list[int] = []
        shifts: list[int | None] = []
        end = 0
        for span, start in zip((*kept, Span(size, 0)), (*starts, at), strict=True):
            if span.start > end:
                edges.append(end)
                shifts.append(None)
            edges.append(span.start)
            shifts.append(start - span.start)
            end = span.end
        return cls(tuple(kept), tuple(starts), tuple(places), at, tuple(edges), tuple(shifts))

    def __call__(self, offset: int) -> int:
        """Where the byte at an offset goes; one that is taken out, to where the next goes.

        What lies past the end, lies as far past the new one.
        """
        part = bisect_right(self.edges, offset) - 1
        shift = self.shifts[part]
        if shift is None:  # a kept part follows, if only the end
            return self.edges[part + 1] + (self.shifts[part + 1] or 0)
        return offset + shift

    def each(self, offsets: tuple[int, ...]) -> tuple[int, ...]:
        """Where many bytes go."""
        shift = self.shift(min(offsets), max(offsets)) if offsets else 0
        if shift is not None:
            return offsets if shift == 0 else tuple([offset + shift for offset in offsets])
        edges, shifts = self.edges, self.shifts
        return tuple(
            [
                self(offset)
                if (by := shifts[bisect_right(edges, offset) - 1]) is None
                else offset + by
                for offset in offsets
            ]
        )

    def after(self, boundary: int) -> int:
        """Where a boundary between bytes goes: right behind the last kept byte before it."""
        part = bisect_right(self.edges, boundary - 1) - 1
        if part < 0:
            return 0
        if self.shifts[part] is None:
            if not part:
                return 0
            boundary, part = self.edges[part], part - 1
        return boundary + (self.shifts[part] or 0)

    def shift(self, first: int, last: int) -> int | None:
        """How far all offsets from `first` to `last` move, if one part of the file holds them."""
        part = bisect_right(self.edges, first) - 1
        return self.shifts[part] if part == bisect_right(self.edges, last) - 1 else None

    @property
    def still(self) -> bool:
        """Does nothing move at all?"""
        return not any(self.shifts[:-1]) and None not in self.shifts[:-1]


def _cut(span: Span, points: Sequence[int]) -> list[Span]:
    """A span in parts, cut at each point inside it."""
    inside = points[bisect_right(points, span.start) : bisect_right(points, span.end - 1)]
    edges = [span.start, *inside, span.end]
    return [Span.between(a, b) for a, b in pairwise(edges)]
