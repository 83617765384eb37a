"""Spans of bytes: a start and a length, and what one does with a few of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Span", "ascending", "complement", "merge"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Bytes `start` to `end` (exclusive). Negative numbers are kept: judging is validation's."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after the span."""
        return self.start + self.length

    @classmethod
    def between(cls, start: int, end: int) -> "Span":
        """The span from `start` up to `end`."""
        return cls(start, end - start)


def ascending(spans: Sequence[Span]) -> bool:
    """Are these in order, without overlap and without a negative number?"""
    if any(span.start < 0 or span.length < 0 for span in spans):
        return False
    return all(a.end <= b.start for a, b in pairwise(spans))


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort spans, and join those that touch or overlap; empty ones vanish."""
    joined: list[Span] = []
    for span in sorted(spans):
        if span.length <= 0:
            continue
        if joined and span.start <= joined[-1].end:
            last = joined[-1]
            joined[-1] = Span.between(last.start, max(last.end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def complement(spans: Sequence[Span], size: int) -> Iterator[Span]:
    """What ascending spans leave of `size` bytes, in order; a span past the end is cut."""
    at = 0
    for span in spans:
        if span.start > at:
            yield Span.between(at, min(span.start, size))
        at = max(at, span.end)
        if at >= size:
            return
    if at < size:
        yield Span.between(at, size)
