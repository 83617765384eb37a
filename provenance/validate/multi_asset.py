"""Does each part of an asset still hash to what was signed of it? (C2PA 2.2 §15.12.4)

Asked only when the hard binding over the whole does not hold: if the parts do, it is forgotten.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Handler, Keep, Plan
from provenance.formats.opaque import OPAQUE
from provenance.formats.planned import PlannedSource
from provenance.jumbf import JumbfUri
from provenance.model.assertions.multi_asset_hash import LABEL, PART, MultiAssetHash, Part
from provenance.model.labels import AssertionLabel
from provenance.source import ByteSource
from provenance.spans import Span, merge
from provenance.validate.assertions import same_hash
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status

__all__ = ["in_parts"]

Check = Callable[[Listed, Context], Iterator[Finding]]

_WHOLE = (
    Status.DATA_HASH_MISMATCH,
    Status.BOXES_HASH_MISMATCH,
    Status.BOXES_HASH_UNKNOWN_BOX,  # a part after the end is gone, or came
    Status.BMFF_HASH_MISMATCH,
)
_HELD = (Status.ASSERTION_HASHED_URI_MATCH, Status.ASSERTION_HASHED_URI_MISMATCH)


def in_parts(
    found: Sequence[Finding], bound: Reading, context: Context, check: Check
) -> Iterator[Finding]:
    """The findings of the hard binding, or in their place those about the parts.

    Args:
        found: what was found about the hard binding.
        bound: the manifest it belongs to.
        context: of the whole asset.
        check: checks one hash assertion against an asset.
    """
    listed = tuple(bound.named(LABEL))
    if not listed or not any(one.status in _WHOLE for one in found):
        yield from found
        return
    url = listed[0].url
    if len(listed) > 1:
        yield from found
        yield Finding(Status.MULTI_ASSET_HASH_MALFORMED, url, f"{len(listed)} of them")
        return
    try:
        told = tuple(_check(listed[0], bound, context, check))
    except (MalformedError, LimitError) as error:
        told = (Finding(Status.MULTI_ASSET_HASH_MALFORMED, url, error.problem),)
    if any(one.failed for one in told):
        yield from found
    yield from told


def _check(listed: Listed, bound: Reading, context: Context, check: Check) -> Iterator[Finding]:
    if listed.problem is not None:
        raise listed.problem
    parts = MultiAssetHash.read(listed.value).parts
    placed = [(part, _place(part, context)) for part in parts]
    missing = [part for part, span in placed if span is None and not part.optional]
    if missing:
        told = f"the part that {missing[0].url[-60:]} is about is not there"
        yield Finding(Status.MULTI_ASSET_HASH_MISSING_PART, listed.url, told)
        return
    there = [(part, span) for part, span in placed if span is not None]
    spans = [span for _, span in there]
    if not _cover(spans, context.asset.size):
        raise MalformedError(LABEL, "its parts overlap, or do not cover every byte of the asset")
    for part, span in there:
        problem = _check_part(part, span, bound, context, check)
        if problem is not None:
            told = f"bytes {span.start} to {span.end}: {problem}"
            yield Finding(Status.MULTI_ASSET_HASH_MISMATCH, listed.url, told)
            return
    yield Finding(Status.MULTI_ASSET_HASH_MATCH, listed.url, f"{len(there)} of {len(parts)} parts")


def _place(part: Part, context: Context) -> Span | None:
    """Where a part lies; None: not there.

    Raises:
        MalformedError: it ends past the asset, or its box is not there though it must be.
    """
    size = context.asset.size
    if part.span is not None:
        if part.span.end <= size:
            return part.span
        if part.span.start >= size:
            return None
        past = part.span.end - size
        raise MalformedError(LABEL, f"a part ends {past} bytes past the asset")
    from provenance.formats.bmff.tree import find

    boxes = find(context.asset, part.bmff_box or "", context.limits)
    if len(boxes) == 1:
        return Span.between(boxes[0].body, boxes[0].end)
    if part.optional and not boxes:
        return None
    raise MalformedError(LABEL, f"{len(boxes)} boxes at {part.bmff_box!r:.80}")


def _cover(spans: list[Span], size: int) -> bool:
    return sum(span.length for span in spans) == size and merge(spans) == merge([Span(0, size)])


def _check_part(
    part: Part, span: Span, bound: Reading, context: Context, check: Check
) -> str | None:
    """What is wrong with a part, if anything is.

    Raises:
        MalformedError: its assertion is not there, or is none of a part.
    """
    uri = JumbfUri.parse(part.url).within(bound.manifest.label)
    listed = next((one for one in bound.assertions if one.uri == uri), None)
    if listed is None or listed.box is None or listed.problem is not None:
        raise MalformedError(LABEL, f"{part.url[:120]} is not in the claim, or cannot be read")
    name = listed.label.name
    if not name.endswith(PART):
        raise MalformedError(LABEL, f"{part.url[:120]} is not the hash of a part")
    if part.reference is not None:
        alg = bound.claim.alg if bound.claim else None
        held = same_hash(part.reference, listed.box.hashed, alg, listed.url, _HELD)
        if held.failed:
            raise MalformedError(LABEL, f"{part.url[:120]} is not the assertion that it names")
    window = PlannedSource(Plan((Keep(span),)), context.asset)
    inside = replace(
        context,
        asset=window,
        handler=_handler(window),
        carriers=tuple(_within(context.carriers, span)),
        core=None if context.core is None else tuple(_within(context.core, span)),
    )
    as_whole = replace(listed, label=AssertionLabel.parse(name.removesuffix(PART)))
    found = check(as_whole, inside)
    return next((f"{one.status.code} {one.explanation}" for one in found if one.failed), None)


def _handler(window: ByteSource) -> Handler:
    try:
        return registry.find(window)
    except UnsupportedFormatError:
        return OPAQUE


def _within(spans: Sequence[Span], window: Span) -> Iterator[Span]:
    for span in spans:
        if window.start <= span.start and span.end <= window.end:
            yield Span(span.start - window.start, span.length)
