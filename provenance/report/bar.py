"""Which bytes of an asset are covered, as a bar and in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from provenance.spans import Span
from provenance.validate.results import Coverage

__all__ = ["WIDTH", "Bar", "Piece", "Row", "bar"]

WIDTH = 1000  # of the drawing
_THIN = 6  # what is smaller would not be seen
_PIECES = 400
_ROWS = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the drawing; what no piece covers is covered by the hash."""

    x: float
    width: float
    kind: str  # "store" or "other"


@dataclass(frozen=True, slots=True)
class Row:
    """A span of bytes in words; `last` is the last byte in it."""

    first: int
    last: int
    length: int
    kind: str  # "covered", "store" or "other"


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawing, its rows, and how many rows were left out."""

    size: int
    covered: int  # bytes
    store: int
    other: int
    pieces: tuple[Piece, ...]
    rows: tuple[Row, ...]
    more: int


def bar(coverage: Coverage) -> Bar:
    """Draw it: lengths to scale, but nothing thinner than can be seen."""
    left_out = sorted(
        [(span, "store") for span in coverage.store] + [(span, "other") for span in coverage.other]
    )
    covered = [(span, "covered") for span in coverage.covered]
    spans = sorted([*left_out, *covered])
    store, other = _total(coverage.store), _total(coverage.other)
    return Bar(
        size=coverage.size,
        covered=coverage.size - store - other,
        store=store,
        other=other,
        pieces=tuple(islice(_pieces(left_out, coverage.size), _PIECES)),
        rows=tuple(
            Row(span.start, span.end - 1, span.length, kind) for span, kind in spans[:_ROWS]
        ),
        more=max(0, len(spans) - _ROWS),
    )


def _total(spans: tuple[Span, ...]) -> int:
    return sum(span.length for span in spans)


def _pieces(left_out: list[tuple[Span, str]], size: int) -> Iterator[Piece]:
    for span, kind in left_out:
        width = max(_THIN, span.length * WIDTH / size)
        at = min(span.start * WIDTH / size, WIDTH - width)
        yield Piece(round(at, 2), round(width, 2), kind)
