"""The data hash: all bytes of the asset but a few spans.

Source: C2PA 2.2 §9.2.1, §15.12.1; 2.4 §15.12.1.1 for what an update manifest moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.source import ByteSource
from provenance.spans import Span, complement, merge

__all__ = ["Exclusions", "sort_exclusions"]


@dataclass(frozen=True, slots=True)
class Exclusions:
    """A data hash's exclusions, held against where the store lies.

    `spans` is what to leave out; `additional` those of them that have nothing to do with the
    store; `foreign` is a span that was left out together with the store and is neither its
    carrier nor zero padding, or a part of the carrier that was not left out.
    """

    spans: tuple[Span, ...]
    additional: tuple[Span, ...]
    foreign: Span | None


def sort_exclusions(
    excluded: Sequence[Span], carriers: Sequence[Span], asset: ByteSource, *, updated: bool
) -> Exclusions:
    """Tell the store's own exclusion from others.

    Args:
        excluded: as signed, ascending.
        carriers: where the store lies in the file now.
        asset: to see whether bytes beside the store are padding.
        updated: update manifests came after the signing, so that the store has grown and what
            follows it has moved.
    """
    carried = merge(carriers)
    if updated and carried:
        excluded = _moved(excluded, carried[0])
    own: list[Span] = []
    additional: list[Span] = []
    for span in excluded:
        beside = not any(_overlap(span, one) for one in carried)
        (additional if beside else own).append(span)
    return Exclusions(tuple(excluded), tuple(additional), _foreign(own, carried, asset))


def _moved(excluded: Sequence[Span], store: Span) -> tuple[Span, ...]:
    growth = 0
    moved: list[Span] = []
    for span in excluded:
        if span.start == store.start:
            growth = store.length - span.length
            moved.append(store)
        else:
            moved.append(Span(span.start + growth, span.length))
    return tuple(moved)


def _foreign(own: list[Span], carried: tuple[Span, ...], asset: ByteSource) -> Span | None:
    joined = merge(own)
    for carrier in carried:
        if not any(span.start <= carrier.start and carrier.end <= span.end for span in joined):
            return carrier
    for span in own:
        for beside in complement(carried, asset.size):
            part = _common(beside, span)
            if part is not None and not _is_zero(part, asset):
                return part
    return None


def _is_zero(span: Span, asset: ByteSource) -> bool:
    return not any(bytes(block).strip(b"\0") for block in asset.blocks(span))


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _common(a: Span, b: Span) -> Span | None:
    start, end = max(a.start, b.start), min(a.end, b.end)
    return Span.between(start, end) if start < end else None
