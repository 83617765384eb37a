"""Do the container's boxes still hash to what was signed? (C2PA 2.2 §15.12.3)"""

from collections.abc import Iterator, Sequence
from hmac import compare_digest

from provenance import spans
from provenance.bindings.boxes import Laid, digest_boxes, lay
from provenance.digests import is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.formats.base import NamedBox
from provenance.model.assertions.box_hash import C2PA_BOX, BoxHash, BoxRow
from provenance.source import ByteSource
from provenance.spans import Span
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed
from provenance.validate.status import Status

__all__ = ["check_box_hash"]


def check_box_hash(listed: Listed, claim_alg: str | None, context: Context) -> Iterator[Finding]:
    """Each row against the boxes that lie under it, then nothing left over."""
    url = listed.url
    try:
        hard = BoxHash.read(listed.value)
    except MalformedError as error:
        yield Finding(Status.BOXES_HASH_MALFORMED, url, error.problem)
        return
    try:
        boxes = context.handler.boxes(context.asset, context.limits)
    except (MalformedError, LimitError) as error:
        yield Finding(Status.BOXES_HASH_MISMATCH, url, str(error))
        return
    if boxes is None:
        name = context.handler.name
        yield Finding(Status.BOXES_HASH_MALFORMED, url, f"{name} is not made of named boxes")
        return
    failed = False
    for laid in lay([row.names for row in hard.rows], boxes):
        found = _check_row(laid, hard, claim_alg, url, context.asset)
        failed |= found is not None and found.failed
        if found is not None:
            yield found
    if not failed:
        yield Finding(Status.BOXES_HASH_MATCH, url)


def _check_row(
    laid: Laid, hard: BoxHash, claim_alg: str | None, url: str, asset: ByteSource
) -> Finding | None:
    if not laid.boxes:
        if laid.row >= len(hard.rows):
            return Finding(Status.BOXES_HASH_UNKNOWN_BOX, url, f"{laid.wrong} is not in the list")
        told = f"{laid.wrong or 'the end'} where {laid.wanted} was signed"
        return Finding(Status.BOXES_HASH_MISMATCH, url, told)
    row = hard.rows[laid.row]
    if row.names == (C2PA_BOX,):
        return None  # the store itself
    if C2PA_BOX in row.names:
        return Finding(Status.BOXES_HASH_MALFORMED, url, "the store stands among other boxes")
    if row.excluded:
        told = f"{', '.join(row.names)[:80]} is not covered"
        return Finding(Status.BOXES_HASH_ADDITIONAL_EXCLUSIONS_PRESENT, url, told)
    return _check_digest(row, laid.boxes, hard.alg or claim_alg, url, asset)


def _check_digest(
    row: BoxRow, boxes: Sequence[NamedBox], usual: str | None, url: str, asset: ByteSource
) -> Finding | None:
    alg = row.alg or usual
    if not is_allowed(alg):
        return Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {alg!r}")
    start, end = boxes[0].span.start, boxes[-1].span.end
    inside = [Span(start + one.start, one.length) for one in row.exclusions]
    if not spans.ascending(row.exclusions) or any(one.end > end for one in inside):
        return Finding(Status.BOXES_HASH_MALFORMED, url, "exclusions overlap or leave their box")
    if not compare_digest(digest_boxes(asset, boxes, alg, inside), row.hash or b""):
        return Finding(Status.BOXES_HASH_MISMATCH, url, f"{', '.join(row.names)[:80]} differs")
    if inside:
        told = f"{sum(one.length for one in inside)} bytes of {row.names[0]} are not covered"
        return Finding(Status.BOXES_HASH_ADDITIONAL_EXCLUSIONS_PRESENT, url, told)
    return None
