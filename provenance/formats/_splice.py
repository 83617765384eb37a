"""New pieces put into a file at one place, and some of its spans taken out."""

from collections.abc import Sequence

from provenance.formats.base import Keep, Piece, Plan
from provenance.spans import Span, complement

__all__ = ["spliced"]


def spliced(size: int, left_out: Sequence[Span], at: int, pieces: Sequence[Piece]) -> Plan:
    """A plan that keeps all of the input but some spans, with new pieces at one place.

    Args:
        size: bytes of the input.
        left_out: spans in bytes, ascending, not overlapping.
        at: where in the input the pieces go; not inside a span left out.
        pieces: what goes there, in order; may be empty.
    """
    before, after = [], []
    for span in complement(left_out, size):
        if span.start < at:
            before.append(Keep(Span.between(span.start, min(span.end, at))))
        if span.end > at:
            after.append(Keep(Span.between(max(span.start, at), span.end)))
    return Plan((*before, *pieces, *after))
