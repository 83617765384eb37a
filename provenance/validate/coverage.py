"""Which bytes of an asset its hard binding speaks for, whether or not they fit it.

Source: C2PA 2.2 §9.2.
"""

from collections.abc import Callable, Iterator, Sequence

from provenance.bindings.boxes import lay
from provenance.bindings.data import sort_exclusions
from provenance.errors import LimitError, MalformedError
from provenance.model.assertions import box_hash, collection_hash, data_hash
from provenance.model.assertions.box_hash import C2PA_BOX, BoxHash
from provenance.model.assertions.collection_hash import CollectionHash
from provenance.model.assertions.data_hash import DataHash
from provenance.spans import Span, ascending, complement, merge
from provenance.validate.assertions import hard_bindings
from provenance.validate.content import bound_manifest
from provenance.validate.context import Context
from provenance.validate.reading import Listed, Reading
from provenance.validate.results import Coverage

__all__ = ["describe_coverage"]

_BMFF = "c2pa.hash.bmff"


def describe_coverage(active: Reading, context: Context) -> Coverage | None:
    """What is covered; None where the binding, or the asset, makes no sense."""
    bound = bound_manifest(active, context)
    found = hard_bindings(bound) if bound else ()
    if not found or found[0].problem is not None:
        return None
    left_out_by = _LEFT_OUT.get(found[0].label.name)
    try:
        left_out = left_out_by(found[0], context, bound is not active) if left_out_by else None
    except (MalformedError, LimitError):
        return None
    return None if left_out is None else _coverage(merge(left_out), context)


def _by_data_hash(listed: Listed, context: Context, updated: bool) -> Sequence[Span] | None:
    excluded: Sequence[Span] = DataHash.read(listed.value).exclusions
    if not ascending(excluded) or (excluded and excluded[-1].end > context.asset.size):
        return None
    if not updated:
        return excluded
    return sort_exclusions(
        excluded, context.carriers, context.asset, updated=True, core=context.core
    ).spans


def _by_box_hash(listed: Listed, context: Context, _updated: bool) -> Sequence[Span] | None:
    rows = BoxHash.read(listed.value).rows
    boxes = context.handler.boxes(context.asset, context.limits)
    if boxes is None:
        return None
    held: list[Span] = []
    gone: list[Span] = []
    for laid in lay([row.names for row in rows], boxes):
        if not laid.boxes:
            return None
        row = rows[laid.row]
        if row.excluded or row.names == (C2PA_BOX,):
            continue
        held += (box.span for box in laid.boxes)
        gone += (box.zeroed for box in laid.boxes if box.zeroed)
        start = laid.boxes[0].span.start
        gone += (Span(start + one.start, one.length) for one in row.exclusions)
    between = complement(merge(held), context.asset.size)
    return (*between, *(span for span in gone if span.start >= 0))


def _by_collection_hash(listed: Listed, context: Context, _updated: bool) -> Sequence[Span] | None:
    """Of the archive itself; the files of a folder are not bytes of the asset."""
    listed_uris = {row.uri for row in CollectionHash.read(listed.value).rows}
    members = context.handler.members(context.asset, context.limits)
    if members is None or not members.directory:
        return None
    held = [
        one.span
        for one in members.files
        if one.span is not None and not listed_uris.isdisjoint((one.uri, *one.names))
    ]
    return tuple(complement(merge((*held, *members.directory[0])), context.asset.size))


def _by_bmff_hash(listed: Listed, context: Context, _updated: bool) -> Sequence[Span] | None:
    # A picture does not pay for video.
    from provenance.validate.bmff_cover import boxes_left_out

    return boxes_left_out(listed, context)


_LEFT_OUT: dict[str, Callable[[Listed, Context, bool], Sequence[Span] | None]] = {
    data_hash.LABEL: _by_data_hash,
    box_hash.LABEL: _by_box_hash,
    collection_hash.LABEL: _by_collection_hash,
    _BMFF: _by_bmff_hash,
}


def _coverage(left_out: Sequence[Span], context: Context) -> Coverage:
    carried = merge(context.carriers)
    size = context.asset.size
    return Coverage(
        size,
        tuple(_shared(left_out, carried)),
        tuple(_shared(left_out, tuple(complement(carried, size)))),
    )


def _shared(one: Sequence[Span], other: Sequence[Span]) -> Iterator[Span]:
    """The bytes in both of two ascending rows of spans, in one sweep over them."""
    at = beside = 0
    while at < len(one) and beside < len(other):
        a, b = one[at], other[beside]
        start, end = max(a.start, b.start), min(a.end, b.end)
        if start < end:
            yield Span.between(start, end)
        if a.end <= b.end:
            at += 1
        else:
            beside += 1
