"""Is an ISO base media file still the one that was signed? (C2PA 2.2 §15.12.2; 2.4 §15.12.2)

    plain        one hash over the boxes; large mdat boxes by the rows of Merkle trees
    fragmented   Merkle trees alone: a hash of what comes first, and a leaf for each fragment,
                 which lies in the same file, or in a segment of its own

This file reads the assertion and asks the questions that all of them share; see `bmff_plain` and
`bmff_fragments` for the rest.
"""

from collections.abc import Iterator

from provenance.bindings.bmff import cover
from provenance.digests import HashAlg, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.model.assertions.bmff_hash import BmffHash, Exclusion
from provenance.spans import ascending
from provenance.validate.bmff_fragments import check_flat, check_segments
from provenance.validate.bmff_plain import check_plain
from provenance.validate.bmff_problem import Problem
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed
from provenance.validate.status import Status

__all__ = ["check_bmff_hash"]


def check_bmff_hash(listed: Listed, claim_alg: str | None, context: Context) -> Iterator[Finding]:
    """The assertion's form, then the file against it."""
    url = listed.url
    if listed.label.version < 2:
        told = f"{listed.label.name} of version 1 is ignored (2.2 §18.6.1)"
        manifest = listed.uri.labels[0] if listed.uri else ""
        claim = context.readings[manifest].claim_url if manifest in context.readings else url
        yield Finding(Status.CLAIM_HARD_BINDINGS_MISSING, claim, told)
        return
    try:
        hard = BmffHash.read(listed.value)
    except MalformedError as error:
        yield Finding(Status.BMFF_HASH_MALFORMED, url, f"{error.what}: {error.problem}")
        return
    wrong = next((one for one in hard.exclusions if not ascending(one.subset or ())), None)
    if wrong is not None:
        told = f"the subset of {wrong.xpath[:60]} overlaps or is out of order"
        yield Finding(Status.BMFF_HASH_MALFORMED, url, told)
        return
    alg = hard.alg or claim_alg
    if not is_allowed(alg) or not all(is_allowed(row.alg or alg) for row in hard.merkle):
        names = sorted({str(name) for name in (alg, *(row.alg or alg for row in hard.merkle))})
        yield Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {', '.join(names)[:80]}")
        return
    if hard.additional:
        told = f"not covered: {', '.join(map(_named, hard.additional[:8]))}"
        yield Finding(Status.BMFF_HASH_ADDITIONAL_EXCLUSIONS_PRESENT, url, told)
    sound = True
    for problem in _problems(hard, alg, context):
        sound = False
        yield Finding(problem.status, url, problem.told)
    if sound:
        yield Finding(Status.BMFF_HASH_MATCH, url)


def _problems(hard: BmffHash, alg: HashAlg, context: Context) -> Iterator[Problem]:
    """What does not fit; nothing, if the file is the one that was signed."""
    try:
        covered = cover(context.asset, hard.exclusions, context.limits)
    except (MalformedError, LimitError) as error:
        yield Problem(Status.BMFF_HASH_MISMATCH, str(error))
        return
    in_fragments = bool(covered.of_type(b"moof"))
    if context.fragments or (hard.fragmented and not in_fragments):
        yield from check_segments(hard, covered, alg, context.fragments, context.limits)
    elif hard.merkle and in_fragments:
        yield from check_flat(hard, covered, alg, context.limits)
    else:
        yield from check_plain(hard, covered, alg, context.limits)


def _named(one: Exclusion) -> str:
    return one.xpath[:60] + (" (parts of it)" if one.subset else "")
