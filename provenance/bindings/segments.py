"""The segment hash: a text that only grows, part by part, each sealed by a checkpoint's line.

    segment 1 | line of checkpoint 1 | segment 2 | line of checkpoint 2

Source: C2PA 2.5 §14.12.6, §A.3.17.
"""

from provenance.digests import HashAlg, digest_outside
from provenance.model.assertions.segment_hash import SegmentHash
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["digest_span", "gap_before"]


def digest_span(source: ByteSource, span: Span, alg: HashAlg) -> bytes | None:
    """The raw digest of some bytes; None: the text ends before they do."""
    if span.end > source.size:
        return None
    around = (Span(0, span.start), Span.between(span.end, source.size))
    return digest_outside(source, around, alg)


def gap_before(hard: SegmentHash) -> str:
    """What no checkpoint covers between this segment and the one before; empty: nothing."""
    start = hard.segment.start
    if hard.predecessor is None:
        return f"the first segment begins at {start}, not at 0" if start else ""
    end = hard.predecessor.span.end
    return f"the segment begins at {start}, the last checkpoint ended at {end}" * (start != end)
