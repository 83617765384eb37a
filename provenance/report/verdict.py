"""The verdict of a report in a few words, and the three questions behind it.

Integrity, trust and time are told apart: a file can be whole and its signer unknown.
"""

from provenance.report.escape import clean
from provenance.report.headline import Answer
from provenance.report.style import Tone
from provenance.validate.finding import Finding
from provenance.validate.identity_results import IdentityReport, IdentityState
from provenance.validate.results import (
    REJECTS_NOTHING,
    Location,
    ManifestReport,
    ValidationState,
    VerificationReport,
)
from provenance.validate.status import Kind, Status

__all__ = [
    "NO_ANCHORS",
    "Answer",
    "anchored",
    "actor",
    "failures",
    "identity",
    "integrity",
    "of_manifest",
    "of_report",
    "signer",
    "time",
    "trust",
]


NO_ANCHORS = "no trust anchors"  # what a report says of its trust when there are none

_HARD_BINDINGS = frozenset(
    (
        Status.DATA_HASH_MATCH,
        Status.BOXES_HASH_MATCH,
        Status.BMFF_HASH_MATCH,
        Status.COLLECTION_HASH_MATCH,
        Status.MULTI_ASSET_HASH_MATCH,
        Status.SEGMENT_HASH_MATCH,
    )
)

_UNFIT = (
    Status.SIGNING_CREDENTIAL_INVALID,
    Status.SIGNING_CREDENTIAL_OCSP_REVOKED,
    Status.CLAIM_SIGNATURE_OUTSIDE_VALIDITY,
)
_ABOUT_SIGNER = frozenset((*_UNFIT, Status.SIGNING_CREDENTIAL_UNTRUSTED))
_UNREAD = frozenset(
    (
        Status.MANIFEST_INACCESSIBLE,
        Status.MANIFEST_INACCESSIBLE_ENCRYPTED,
        Status.MANIFEST_INACCESSIBLE_MALFORMED,
        Status.GENERAL_ERROR,
    )
)
_NOT_INTEGRITY = _ABOUT_SIGNER | REJECTS_NOTHING | _UNREAD


def failures(report: VerificationReport) -> tuple[Finding, ...]:
    """All failures: about the active manifest, then what is new about ingredients.

    What is wrong with an identity is no failure of the asset; see `identity`.
    """
    nested = (finding for delta in report.deltas for finding in delta.findings)
    return tuple(
        one for one in (*report.findings, *nested) if one.failed and not one.status.about_identity
    )


def of_report(report: VerificationReport) -> Answer:
    """The verdict over an asset."""
    answer = _of_report(report)
    if report.policy is None or report.policy.passed:
        return answer
    return Answer(f"{answer.words}, refused by policy", Tone.BAD)


def _of_report(report: VerificationReport) -> Answer:
    if report.state is None:
        if report.errors:
            return Answer("could not be read", Tone.BAD)
        if report.location is Location.REMOTE:
            return Answer("Content Credentials lie elsewhere, not fetched", Tone.WARN)
        return Answer("no Content Credentials", Tone.WARN)
    if any(one.status is Status.MANIFEST_INACCESSIBLE for one in report.findings):
        return Answer("Content Credentials lie elsewhere and could not be fetched", Tone.BAD)
    if report.state is ValidationState.VALID and not anchored(report):
        return Answer("valid, signer not checked against any trust list", Tone.WARN)
    return _of_state(report.state)


def anchored(report: VerificationReport) -> bool:
    """Was there anybody to trust?"""
    return report.trust not in ("", NO_ANCHORS)


def of_manifest(manifest: ManifestReport) -> Answer:
    """The verdict over one manifest of the chain, without those it was made from."""
    return _of_state(manifest.state)


def _of_state(state: ValidationState) -> Answer:
    match state:
        case ValidationState.TRUSTED:
            return Answer("valid, signer trusted", Tone.GOOD)
        case ValidationState.VALID:
            return Answer("valid, signer not trusted", Tone.WARN)
        case ValidationState.INVALID:
            return Answer("INVALID", Tone.BAD)


def integrity(report: VerificationReport) -> Answer:
    """Is the file what was signed? Who signed it, and whether they might, is another question."""
    wrong = [one for one in failures(report) if one.status not in _NOT_INTEGRITY]
    if wrong:
        count = f"{len(wrong)} checks failed" if len(wrong) > 1 else "a check failed"
        return Answer(f"broken: {count}, see below", Tone.BAD)
    if report.errors:
        return Answer("not known: the manifests could not all be read", Tone.BAD)
    present = {one.status for one in report.findings}
    if Status.CLAIM_SIGNATURE_VALIDATED not in present:
        return Answer("not known: not every check could be made", Tone.BAD)
    if Status.COLLECTION_HASH_NOT_COVERED in present:
        return Answer("whole as far as it was signed: something in it was not", Tone.WARN)
    if present & _HARD_BINDINGS:
        return Answer("whole: the file is as it was signed", Tone.GOOD)
    return Answer("nothing wrong was found", Tone.GOOD)


def trust(report: VerificationReport) -> Answer:
    """Is the signer someone we trust, with a certificate that may sign?"""
    present = {one.status for one in report.findings}
    for status in _UNFIT:
        if status in present:
            return Answer(f"none: {_lower(status.sentence)}", Tone.BAD)
    anchors = f" ({clean(report.trust, 120)})" if report.trust else ""
    if Status.SIGNING_CREDENTIAL_TRUSTED in present:
        return Answer(f"the signer's certificate leads to a trust anchor{anchors}", Tone.GOOD)
    if not anchored(report):
        return Answer("not checked: no trust anchors were given", Tone.WARN)
    if Status.SIGNING_CREDENTIAL_UNTRUSTED in present:
        return Answer(
            f"none: the certificate leads to no trust anchor in force{anchors}", Tone.WARN
        )
    return Answer("not known: the signature could not be judged", Tone.BAD)


def time(report: VerificationReport) -> Answer:
    """Is it known when the claim was signed?"""
    signature = report.manifests[0].signature if report.manifests else None
    if signature is not None and signature.time is not None:
        return Answer(f"attested: signed by {signature.time:%Y-%m-%d %H:%M:%S %Z}", Tone.GOOD)
    for one in report.findings:
        if "imeStamp." in one.status.code and one.status.kind is not Kind.SUCCESS:
            return Answer(f"not attested: {_lower(one.status.sentence)}", Tone.WARN)
    return Answer("not attested: there is no time stamp", Tone.WARN)


_IDENTITY = {
    IdentityState.TRUSTED: ("{who} vouches for it, as someone you trust confirms", Tone.GOOD),
    IdentityState.UNTRUSTED: ("{who} is said to vouch for it; nobody you trust says so", Tone.WARN),
    IdentityState.UNCHECKED: ("not checked: {who} is said to vouch for it", Tone.WARN),
    IdentityState.INVALID: ("does not hold: {who} is said to vouch for it", Tone.BAD),
}
_WORST = tuple(IdentityState)  # from good to bad


def identity(report: VerificationReport) -> Answer | None:
    """Who vouches for the active manifest? None when nobody is said to."""
    manifest = report.manifests[0] if report.manifests else None
    if manifest is None or not manifest.identities:
        return None
    states = [manifest.identity_state(one) for one in manifest.identities]
    worst = max(states, key=_WORST.index)
    named = dict.fromkeys(map(actor, manifest.identities))
    words, tone = _IDENTITY[worst]
    return Answer(words.format(who=" and ".join(list(named)[:3])), tone)


def actor(one: IdentityReport) -> str:
    """Who an identity assertion says somebody is, and as what, escaped."""
    held = one.actor
    names = (held.name, held.organization) if held else ()
    who = ", ".join(dict.fromkeys(clean(name, 60) for name in names if name)) or "someone unnamed"
    roles = ", ".join(clean(role.removeprefix("cawg."), 30) for role in one.roles[:4])
    return f"{who} ({roles})" if roles else who


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def signer(manifest: ManifestReport) -> str:
    """Who signed, as the certificate says, escaped."""
    info = manifest.signature
    if info is None:
        return "nobody"
    names = dict.fromkeys(clean(name, 80) for name in (info.common_name, info.issuer) if name)
    return ", ".join(names) or "someone without a name"
