"""The verdict of a report in a few words, and the three questions behind it.

Integrity, trust and time are told apart: a file can be whole and its signer unknown.
"""

from dataclasses import dataclass

from provenance.report.escape import clean
from provenance.report.style import Tone
from provenance.validate.finding import Finding
from provenance.validate.results import (
    Location,
    ManifestReport,
    ValidationState,
    VerificationReport,
)
from provenance.validate.status import Kind, Status

__all__ = ["Answer", "failures", "integrity", "of_manifest", "of_report", "signer", "time", "trust"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A few words, and how good they are."""

    words: str
    tone: Tone


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


def failures(report: VerificationReport) -> tuple[Finding, ...]:
    """All failures: about the active manifest, then what is new about ingredients."""
    nested = (finding for delta in report.deltas for finding in delta.findings)
    return tuple(one for one in (*report.findings, *nested) if one.failed)


def of_report(report: VerificationReport) -> Answer:
    """The verdict over an asset."""
    if report.state is None:
        if report.errors:
            return Answer("could not be read", Tone.BAD)
        if report.location is Location.REMOTE:
            return Answer("Content Credentials lie elsewhere, not fetched", Tone.WARN)
        return Answer("no Content Credentials", Tone.WARN)
    return _of_state(report.state, report.findings)


def of_manifest(manifest: ManifestReport) -> Answer:
    """The verdict over one manifest of the chain, without those it was made from."""
    return _of_state(manifest.state, manifest.findings)


def _of_state(state: ValidationState, findings: tuple[Finding, ...]) -> Answer:
    match state:
        case ValidationState.TRUSTED:
            return Answer("valid, signer trusted", Tone.GOOD)
        case ValidationState.INVALID:
            return Answer("INVALID", Tone.BAD)
        case ValidationState.VALID:
            asked = all(one.status is not Status.TRUST_NOT_CONFIGURED for one in findings)
            word = "not trusted" if asked else "not checked against any trust list"
            return Answer(f"valid, signer {word}", Tone.WARN)


def integrity(report: VerificationReport) -> Answer:
    """Is the file what was signed?"""
    wrong = [one for one in failures(report) if not _is_trust(one.status)]
    if wrong:
        count = f"{len(wrong)} checks failed" if len(wrong) > 1 else "a check failed"
        return Answer(f"broken: {count}, see below", Tone.BAD)
    if report.errors:
        return Answer("not known: the manifests could not all be read", Tone.BAD)
    if report.state is ValidationState.INVALID:
        return Answer("not known: not every check could be made", Tone.BAD)
    if any(one.status in _HARD_BINDINGS for one in report.findings):
        return Answer("whole: the file is as it was signed", Tone.GOOD)
    return Answer("nothing wrong was found", Tone.GOOD)


def _is_trust(status: Status) -> bool:
    return status is Status.SIGNING_CREDENTIAL_UNTRUSTED


def trust(report: VerificationReport) -> Answer:
    """Is the signer someone we trust?"""
    present = {one.status for one in report.findings}
    anchors = f" ({clean(report.trust, 120)})" if report.trust else ""
    if Status.TRUST_NOT_CONFIGURED in present:
        return Answer("not checked: no trust anchors were given", Tone.WARN)
    if Status.SIGNING_CREDENTIAL_TRUSTED in present:
        return Answer(f"the signer's certificate leads to a trust anchor{anchors}", Tone.GOOD)
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


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def signer(manifest: ManifestReport) -> str:
    """Who signed, as the certificate says, escaped."""
    info = manifest.signature
    if info is None:
        return "nobody"
    names = dict.fromkeys(clean(name, 80) for name in (info.common_name, info.issuer) if name)
    return ", ".join(names) or "someone without a name"
