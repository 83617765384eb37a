"""Does the asset, but for some spans, still hash to what was signed? (C2PA 2.2 §15.12.1)"""

from collections.abc import Iterator
from hmac import compare_digest

from provenance import spans
from provenance.bindings.data import digest_data, sort_exclusions
from provenance.digests import is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.model.assertions.data_hash import DataHash
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed
from provenance.validate.status import Status
from provenance.validate.texts import stored_exclusions

__all__ = ["check_data_hash"]


def check_data_hash(
    listed: Listed, claim_alg: str | None, context: Context, *, updated: bool = False
) -> Iterator[Finding]:
    """A `c2pa.hash.data` assertion against an asset.

    Args:
        listed: the assertion.
        claim_alg: the algorithm of the claim that lists it.
        context: of the asset.
        updated: update manifests came after the signing, and the store has grown.
    """
    url = listed.url
    try:
        hard = DataHash.read(listed.value)
    except MalformedError as error:
        yield Finding(Status.DATA_HASH_MALFORMED, url, error.problem)
        return
    if not spans.ascending(hard.exclusions):
        yield Finding(Status.DATA_HASH_MALFORMED, url, "exclusions overlap or are out of order")
        return
    alg = hard.alg or claim_alg
    if not is_allowed(alg):
        yield Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {alg!r}")
        return
    asset = context.asset
    exclusions = stored_exclusions(hard.exclusions, context, updated=updated)
    if exclusions is None:
        told = "no exclusion is the wrapper that holds the store"
        yield Finding(Status.DATA_HASH_MALFORMED, url, told)
        return
    sorted_out = sort_exclusions(
        exclusions, context.carriers, asset, updated=updated, core=context.core
    )
    left_out = sorted_out.spans
    if left_out and left_out[-1].end > asset.size:
        past = left_out[-1].end - asset.size
        yield Finding(
            Status.DATA_HASH_MISMATCH, url, f"an exclusion ends {past} bytes past the asset"
        )
        return
    if sorted_out.foreign is not None:
        span = sorted_out.foreign
        yield Finding(
            Status.DATA_HASH_MISMATCH,
            url,
            f"the exclusion is not where the store is: {span.length} bytes at {span.start} differ",
        )
        return
    if sorted_out.additional:
        extra = sum(span.length for span in sorted_out.additional)
        yield Finding(
            Status.DATA_HASH_ADDITIONAL_EXCLUSIONS_PRESENT, url, f"{extra} bytes are not covered"
        )
    try:
        found = digest_data(asset, left_out, alg, context.handler, context.limits)
    except LimitError as error:
        yield Finding(Status.DATA_HASH_MISMATCH, url, str(error))
        return
    same = compare_digest(found, hard.hash or b"")
    yield Finding(
        Status.DATA_HASH_MATCH if same else Status.DATA_HASH_MISMATCH,
        url,
        "" if same else f"{asset.size} bytes read, {alg} differs",
    )
