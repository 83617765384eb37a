"""Is a text that only grows the one that was sealed, all of it? (C2PA 2.5 §14.12.6)

The active checkpoint is judged like any hard binding. The ones before are reached through the
line that each of them left in the file; what one of them says of its segment is held against the
file, while its signature and the rest are the business of the chain of manifests.
"""

from collections.abc import Iterator
from hmac import compare_digest

from provenance.bindings.segments import digest_span, gap_before
from provenance.digests import HashAlg, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.formats.checkpoints import Sentinel, last_sentinel, read_sentinel
from provenance.model.assertions.segment_hash import LABEL, SegmentHash
from provenance.model.store import ManifestStore
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, read_manifest
from provenance.validate.status import Status

__all__ = ["check_segment_hash"]


def check_segment_hash(
    listed: Listed, claim_alg: str | None, context: Context
) -> Iterator[Finding]:
    """The active checkpoint, then each before it, back to the first."""
    url = listed.url
    try:
        hard = SegmentHash.read(listed.value)
        sentinel = last_sentinel(context.asset, context.limits)
    except MalformedError as error:
        yield Finding(Status.SEGMENT_HASH_MALFORMED, url, error.problem)
        return
    if sentinel is None:
        told = "no line of the text is a checkpoint's"
        yield Finding(Status.SEGMENT_HASH_MISMATCH, url, told)
        return
    found = list(_check_segment(hard, claim_alg, sentinel, url, context))
    length = hard.sentinel_length
    end = hard.segment.end + (sentinel.span.length if length is None else length)
    if end != context.asset.size and not any(one.failed for one in found):
        told = f"{context.asset.size - end} bytes follow the last checkpoint"
        found.append(Finding(Status.SEGMENT_HASH_PARTIAL_COVERAGE, url, told))
    yield from found
    alg = hard.alg or claim_alg
    if is_allowed(alg) and not any(one.failed for one in found):
        yield from _check_past(hard, alg, url, context)


def _check_segment(
    hard: SegmentHash, claim_alg: str | None, sentinel: Sentinel, url: str, context: Context
) -> Iterator[Finding]:
    """One checkpoint: its form, its place, its segment."""
    inline = sentinel.reference.store is not None
    if inline is (hard.sentinel_length is not None):
        told = "has a length of its line, which holds the store" if inline else "has no length"
        yield Finding(Status.SEGMENT_HASH_MALFORMED, url, f"the checkpoint {told}")
        return
    alg = hard.alg or claim_alg
    if not is_allowed(alg):
        yield Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {alg!r}")
        return
    if hard.segment.end != sentinel.span.start:
        told = f"the segment ends at {hard.segment.end}, its line is at {sentinel.span.start}"
        yield Finding(Status.SEGMENT_HASH_MISMATCH, url, told)
        return
    if not compare_digest(digest_span(context.asset, hard.segment, alg) or b"", hard.hash):
        yield Finding(Status.SEGMENT_HASH_MISMATCH, url, f"{alg} of the segment differs")
        return
    gap = gap_before(hard)
    if gap:
        yield Finding(Status.SEGMENT_HASH_PARTIAL_COVERAGE, url, gap)
        return
    yield Finding(Status.SEGMENT_HASH_MATCH, url)


def _check_past(hard: SegmentHash, alg: HashAlg, url: str, context: Context) -> Iterator[Finding]:
    """The checkpoints before, newest first; stops at the first that cannot be told good."""
    for _ in range(context.limits.manifests):
        before = hard.predecessor
        if before is None:
            return
        digest = digest_span(context.asset, before.span, alg)
        if digest is None or not compare_digest(digest, before.hash):
            told = f"the line at {before.span.start} is not the one that was sealed"
            yield Finding(Status.SEGMENT_HASH_PREDECESSOR_MISMATCH, url, told)
            return
        sentinel = read_sentinel(context.asset, before.span, context.limits)
        if sentinel is None:
            told = f"the line at {before.span.start} is no checkpoint's"
            yield Finding(Status.SEGMENT_HASH_PREDECESSOR_MISMATCH, url, told)
            return
        if sentinel.reference.store is None:
            told = (
                f"the text up to byte {before.span.start} is sealed by a store that lies elsewhere"
            )
            yield Finding(Status.EXTERNAL_NOT_FETCHED, url, told)
            return
        earlier = _sealed(sentinel.reference.store, context)
        if earlier is None:
            told = f"the checkpoint at {before.span.start} holds no segment hash"
            yield Finding(Status.SEGMENT_HASH_MALFORMED, url, told)
            return
        hard, claim_alg = earlier
        failed = [
            one for one in _check_segment(hard, claim_alg, sentinel, url, context) if one.failed
        ]
        yield from failed
        found_alg = hard.alg or claim_alg
        if failed or not is_allowed(found_alg):
            return
        alg = found_alg
    raise LimitError("C2PA checkpoints", f"more than {context.limits.manifests}")


def _sealed(store: bytes, context: Context) -> tuple[SegmentHash, str | None] | None:
    """What an earlier checkpoint's store says of its segment, and the algorithm of its claim."""
    try:
        active = ManifestStore.parse(store, context.limits).active
        reading = None if active is None else read_manifest(active, context.limits)
        if reading is None or reading.claim is None:
            return None
        for listed in reading.named(LABEL):
            if listed.box is not None and listed.problem is None:
                return SegmentHash.read(listed.value), reading.claim.alg
    except MalformedError:
        return None
    return None
