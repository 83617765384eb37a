"""Are the assertions those that were signed, and all of them? (C2PA 2.2 §15.10)"""

from collections.abc import Iterator
from hmac import compare_digest
from itertools import islice

from provenance.digests import digest, is_allowed
from provenance.jumbf import SuperBox, uuids
from provenance.model import labels
from provenance.model.assertions import actions, metadata
from provenance.model.assertions.content import is_redacted
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import AssertionLabel
from provenance.model.store import ManifestKind
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status
from provenance.validate.version import SpecVersion
from provenance.validate.walk import target_label

__all__ = ["check_assertions", "check_hard_binding_count", "hard_bindings", "is_intact"]
__all__ += ["same_hash"]

_HARD_BINDINGS = frozenset(
    (
        *("c2pa.hash.data", "c2pa.hash.boxes", "c2pa.hash.bmff", "c2pa.hash.collection.data"),
        "c2pa.hash.segment",
    )
)

_LISTED_FIELDS, _DATA_HASH_CODE = (2, 3), (2, 2)  # the last versions that had them


def check_assertions(
    reading: Reading, version: SpecVersion | None, context: Context
) -> Iterator[Finding]:
    """Each assertion that the claim lists, then those it does not list (§15.10.3).

    Args:
        reading: the manifest.
        version: of the standard that it follows, as far as that is known.
        context: the chain.
    """
    claim = reading.claim
    if claim is None:
        return
    for listed in reading.assertions:
        if listed.url in context.redacted:
            yield from _check_redacted(listed, version)
        else:
            yield from _check_listed(listed, reading, claim.alg)
            if version is not None and (2, 0) <= version <= _LISTED_FIELDS:
                yield from _check_fields(listed)
    known = {one.uri.labels for one in reading.assertions if one.uri}
    for box in reading.manifest.assertion_boxes:
        if (reading.manifest.label, labels.ASSERTIONS, box.label) not in known:
            url = reading.manifest.uri(labels.ASSERTIONS, box.label or "")
            yield Finding(Status.ASSERTION_UNDECLARED, url, "no claim lists it")
    for redacted in sorted(reading.redacts):
        if target_label(redacted) == reading.manifest.label:
            yield Finding(Status.ASSERTION_SELF_REDACTED, reading.claim_url, redacted)


def _check_listed(listed: Listed, reading: Reading, claim_alg: str | None) -> Iterator[Finding]:
    if listed.uri is None or listed.uri.labels[:1] != (reading.manifest.label,):
        yield Finding(
            Status.ASSERTION_OUTSIDE_MANIFEST, reading.claim_url, f"{listed.ref.url} is elsewhere"
        )
        return
    if listed.box is None:
        yield Finding(Status.ASSERTION_MISSING, listed.url, "the claim lists it")
        return
    yield same_hash(
        listed.ref,
        listed.box.hashed,
        claim_alg,
        listed.url,
        (Status.ASSERTION_HASHED_URI_MATCH, Status.ASSERTION_HASHED_URI_MISMATCH),
    )
    if listed.problem is not None and _is_standard(listed.label):
        json = listed.box.uuid == uuids.JSON
        code = Status.ASSERTION_JSON_INVALID if json else Status.ASSERTION_CBOR_INVALID
        yield Finding(code, listed.url, listed.problem.problem)


def _check_fields(listed: Listed) -> Iterator[Finding]:
    """Up to 2.3, a `c2pa.metadata` has no fields but those of a list (2.2 §15.10.3.2.3)."""
    if listed.label.name == metadata.NAME and listed.box is not None and listed.problem is None:
        names = list(islice(metadata.unlisted(listed.value), 4))
        if names:
            told = ", ".join(name[:60] for name in names[:3])
            more = " and others" if len(names) > 3 else ""
            yield Finding(Status.METADATA_DISALLOWED, listed.url, f"{told}{more}")


def _check_redacted(listed: Listed, version: SpecVersion | None) -> Iterator[Finding]:
    if listed.label.name == actions.NAME:
        yield Finding(Status.ACTION_REDACTED, listed.url, "actions must not be redacted")
    elif listed.label.name in _HARD_BINDINGS:
        old = version is not None and version <= _DATA_HASH_CODE
        code = Status.DATA_HASH_REDACTED if old else Status.HARD_BINDING_REDACTED
        yield Finding(code, listed.url, "a hard binding was redacted")
    elif listed.box is not None and not is_redacted(listed.box):
        yield Finding(Status.ASSERTION_NOT_REDACTED, listed.url, "its content is still there")


def _is_standard(label: AssertionLabel) -> bool:
    return label.name.startswith(("c2pa.", "cawg.", "stds."))


def same_hash(
    ref: HashedUri,
    covered: SuperBox | memoryview,
    claim_alg: str | None,
    url: str,
    codes: tuple[Status, Status],
) -> Finding:
    """Does a box still hash to what a hashed URI says? There is no default algorithm (§15.4).

    Args:
        ref: the reference; its own algorithm comes before the claim's.
        covered: the box that it names, or the bytes.
        claim_alg: the algorithm of the claim that encloses the reference.
        url: for the finding.
        codes: for a match and for a mismatch.
    """
    alg = ref.alg or claim_alg
    if not is_allowed(alg):
        return Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {alg!r}")
    found = covered.digest(alg) if isinstance(covered, SuperBox) else digest(covered, alg)
    same = compare_digest(found, ref.hash)
    return Finding(codes[0] if same else codes[1], url, "" if same else f"{alg} differs")


def is_intact(listed: Listed, reading: Reading) -> bool:
    """Does an assertion hash to what its claim says? For what is used before all is checked."""
    alg = listed.ref.alg or (reading.claim.alg if reading.claim else None)
    if listed.box is None or not is_allowed(alg):
        return False
    return compare_digest(digest(listed.box.hashed, alg), listed.ref.hash)


def hard_bindings(reading: Reading) -> tuple[Listed, ...]:
    """The assertions that bind the manifest to its asset. Parts of a multi-asset do not count."""
    found = tuple(one for one in reading.assertions if one.label.name in _HARD_BINDINGS)
    # A BMFF hash of version 1 is as if it were not there (§18.6.1), unless nothing else is.
    return tuple(one for one in found if not _is_ignored(one.label)) or found


def check_hard_binding_count(reading: Reading) -> Iterator[Finding]:
    """A standard manifest has one hard binding, an update manifest none (§15.10.1)."""
    if reading.claim is None:
        return
    bound = hard_bindings(reading)
    if reading.manifest.kind is ManifestKind.UPDATE:
        if bound:
            yield Finding(
                Status.MANIFEST_UPDATE_INVALID, reading.claim_url, f"it has {bound[0].label.name}"
            )
    elif not bound:
        yield Finding(Status.CLAIM_HARD_BINDINGS_MISSING, reading.claim_url)
    elif (count := _listed_bindings(reading.claim)) > 1:
        url = reading.manifest.uri(labels.ASSERTIONS)
        yield Finding(Status.ASSERTION_MULTIPLE_HARD_BINDINGS, url, f"{count} of them")


def _listed_bindings(claim: Claim) -> int:
    # One that is listed twice counts twice: which of the two would be meant?
    found = [AssertionLabel.parse(ref.url.rpartition("/")[2]) for ref in claim.assertions]
    return sum(one.name in _HARD_BINDINGS and not _is_ignored(one) for one in found)


def _is_ignored(label: AssertionLabel) -> bool:
    return label.name == "c2pa.hash.bmff" and label.version < 2
