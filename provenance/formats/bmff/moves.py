"""Where each byte of a file goes when some are taken out and others put in between: a pure map.

    old   |aaaaaaaa|xxx|bbbbbbbbbbbbb|        xxx taken out, +++++ put in
    new   |aaaaaaaa|+++++|bbbbbbbbbbbbb|

Absolute offsets in a file's tables follow the bytes they point at.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from provenance.spans import Span, complement

__all__ = ["Move"]


@dataclass(frozen=True, slots=True)
class Move:
    """What a file keeps, and how far each kept run shifts; offsets in bytes."""

    kept: tuple[Span, ...]  # of the old file, ascending; at least one, if only of no length
    starts: tuple[int, ...]  # of the kept runs, in the new file
    places: tuple[int, ...]  # of what is put in, in the new file
    old_size: int
    size: int  # of the new file

    @classmethod
    def of(cls, size: int, removed: Sequence[Span], inserted: Sequence[tuple[int, int]]) -> "Move":
        """The move of a file.

        Args:
            size: of the old file.
            removed: spans to take out, ascending, not overlapping.
            inserted: places in the old file, ascending, and how many bytes go there; none inside
                a span that is taken out, but one may be at its start.
        """
        points = sorted({at for at, _ in inserted if 0 < at < size})
        kept = [part for span in complement(removed, size) for part in _cut(span, points)]
        kept = kept or [Span(size, 0)]
        # Put in before the first run that begins at or after their place.
        begins = [span.start for span in kept]
        befores = [0] * (len(kept) + 1)
        for at, length in inserted:
            befores[_first_from(begins, at)] += length
        lengths = [span.length for span in kept]
        ends = list(accumulate(before + own for before, own in zip(befores, lengths, strict=False)))
        starts = tuple(end - own for end, own in zip(ends, lengths, strict=True))
        places, filled = [], [0] * (len(kept) + 1)
        for at, length in inserted:
            run = _first_from(begins, at)
            base = ends[run - 1] if run else 0
            places.append(base + filled[run])
            filled[run] += length
        return cls(tuple(kept), starts, tuple(places), size, ends[-1] + befores[-1])

    def __call__(self, offset: int) -> int:
        """Where the byte at an offset goes; one that is taken out, to where the next goes.

        What lies past the end, lies as far past the new one.
        """
        if offset >= self.old_size:
            return self.size + offset - self.old_size
        run = self._run(offset)
        span, start = self.kept[run], self.starts[run]
        if offset < span.end:
            return start + max(0, offset - span.start)
        return self.starts[run + 1] if run + 1 < len(self.kept) else self.size

    def after(self, offset: int) -> int:
        """Where a boundary goes: right behind the last kept byte before it."""
        if offset > self.old_size:
            return self.size + offset - self.old_size
        run = self._run(offset - 1)
        span = self.kept[run]
        if offset <= span.start:
            return 0
        return self.starts[run] + min(offset - span.start, span.length)

    def shift(self, first: int, last: int) -> int | None:
        """How far all offsets from `first` to `last` move, if one run of kept bytes holds them."""
        run = self._run(first)
        span = self.kept[run]
        if span.start <= first and last < span.end:
            return self.starts[run] - span.start
        return None

    @property
    def still(self) -> bool:
        """Does nothing move at all?"""
        return all(span.start == at for span, at in zip(self.kept, self.starts, strict=True))

    def _run(self, offset: int) -> int:
        found = bisect_right(self.kept, offset, key=lambda span: span.start)
        return max(0, found - 1)


def _first_from(begins: Sequence[int], at: int) -> int:
    """The number of the first run that begins at `at` or later."""
    return bisect_right(begins, at - 1)


def _cut(span: Span, points: Sequence[int]) -> list[Span]:
    """A span in parts, cut at each point inside it."""
    inside = points[bisect_right(points, span.start) : bisect_right(points, span.end - 1)]
    edges = [span.start, *inside, span.end]
    return [Span.between(a, b) for a, b in pairwise(edges)]
