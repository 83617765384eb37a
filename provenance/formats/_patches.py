"""A few bytes of the input changed where they stand: pieces of a plan for that.

For containers that say at one place what lies at another: a size, an offset, a count.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provenance.formats.base import Keep, New, Piece, Plan, piece_length
from provenance.spans import Span

__all__ = ["Patch", "kept", "through"]


@dataclass(frozen=True, slots=True, order=True)
class Patch:
    """Bytes that take the place of as many of the input's."""

    at: int  # offset in the input
    data: bytes
    unbound: bool = False  # left out of a data hash, see `New`

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.at + len(self.data)


def kept(span: Span, patches: Iterable[Patch] = ()) -> Iterator[Piece]:
    """The input's bytes in a span, as they are but for the patches that start in it.

    Args:
        span: of the input.
        patches: not overlapping, none across an end of the span.
    """
    at = span.start
    for patch in sorted(patches):
        if span.start <= patch.at < span.end:
            if at < patch.at:
                yield Keep(Span.between(at, patch.at))
            yield New(patch.data, patch.unbound)
            at = patch.end
    if at < span.end:
        yield Keep(Span.between(at, span.end))


def through(first: Plan, then: Plan) -> Plan:
    """One plan that does what two do after each other.

    Args:
        first: has no slot; of the input.
        then: of what the first one makes.
    """
    pieces: list[Piece] = []
    for piece in then.pieces:
        if isinstance(piece, Keep):
            pieces += _part(tuple(first.placed()), piece.span)
        else:
            pieces.append(piece)
    return Plan(tuple(pieces))


def _part(placed: Sequence[tuple[int, Piece]], span: Span) -> Iterator[Piece]:
    """What lies in a span of an output, as pieces of the input."""
    for at, piece in placed:
        start, end = max(span.start, at), min(span.end, at + piece_length(piece))
        if start >= end:
            continue
        match piece:
            case Keep(kept_span):
                yield Keep(Span(kept_span.start + start - at, end - start))
            case New(data, unbound):
                yield New(data[start - at : end - at], unbound)
