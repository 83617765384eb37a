"""What to do about a verdict: one line for each thing that a person can do."""

from collections.abc import Iterator

from provenance.report.escape import clean
from provenance.report.verdict import anchored, failures
from provenance.validate.results import Location, VerificationReport
from provenance.validate.status import Status

__all__ = ["advice"]

_CHANGED = frozenset(
    (
        Status.DATA_HASH_MISMATCH,
        Status.BOXES_HASH_MISMATCH,
        Status.BOXES_HASH_UNKNOWN_BOX,
        Status.BMFF_HASH_MISMATCH,
        Status.COLLECTION_HASH_MISMATCH,
        Status.MULTI_ASSET_HASH_MISMATCH,
    )
)
_NO_SEGMENTS = "media segments, of which none is here"  # as the check of a BMFF hash says it
# How a report names the published list, and one that should be newer.
_PUBLISHED, _OVERDUE = "C2PA trust list", "out of date"
_LINES = {
    Status.CLAIM_SIGNATURE_MISMATCH: "Trust nothing that the manifest says: it was not written by "
    "the owner of the certificate.",
    Status.CLAIM_SIGNATURE_OUTSIDE_VALIDITY: "Without a time stamp, a claim is judged by the "
    "certificate's validity now. To judge by another moment: --at 2025-01-31.",
    Status.HARD_BINDING_NOT_CHECKED: "Use a verifier that knows this binding, or a newer version "
    "of this one.",
    Status.MANIFEST_INACCESSIBLE: "Get the manifest store, and name it: --manifest FILE.",
    Status.SIGNING_CREDENTIAL_INVALID: "If the certificate is yours, `provenance keys doctor` "
    "tells what is wrong with it.",
}


def advice(report: VerificationReport) -> Iterator[str]:
    """Sentences, the most pressing first; none when all is well."""
    wrong = {one.status for one in failures(report)}
    if wrong & _CHANGED:
        yield from _changed(report)
    for status, line in _LINES.items():
        if status in wrong:
            yield line
    if report.manifests and not anchored(report):
        yield (
            "To check who signed, install the C2PA trust list, which says who vouches for signers "
            "and time stamps: provenance trust update. Or name whom you trust: --trust-anchors "
            "ROOTS.pem."
        )
    elif Status.SIGNING_CREDENTIAL_UNTRUSTED in wrong:
        more = _list_could_tell(report)
        yield (
            f"{more}If you trust this signer, add the root certificate that vouches for it: "
            "--trust-anchors ROOT.pem."
        )
    if _OVERDUE in report.trust:
        yield "The installed trust list is out of date: provenance trust update."
    if wrong - {Status.SIGNING_CREDENTIAL_UNTRUSTED}:
        yield "More about a code: provenance explain CODE."
    yield from _no_manifest(report)


def _changed(report: VerificationReport) -> Iterator[str]:
    if report.asset.format == "application/c2pa":
        yield (
            "This is a manifest store by itself. Check the file that it is about: provenance "
            "verify FILE --manifest STORE."
        )
        return
    if any(one.explanation.endswith(_NO_SEGMENTS) for one in failures(report)):
        yield "Name the media segments whose beginning this file is: --fragment SEGMENT."
        return
    yield (
        "Treat the file as changed: by an editor, a website that re-encodes what it is given, or "
        "on purpose. Get the original from where it came from."
    )
    if report.location is Location.SIDECAR and report.asset.size:  # a folder has no bytes
        yield "If the manifest store was taken out of it by `detach`, put it back: attach."


def _list_could_tell(report: VerificationReport) -> str:
    """What a list that was not there would have settled."""
    if _PUBLISHED in report.trust:
        return ""
    return (
        "The C2PA trust list, which could vouch for this signer, is not installed: provenance "
        "trust update. "
    )


def _no_manifest(report: VerificationReport) -> Iterator[str]:
    if report.state is None and report.location is Location.REMOTE and report.remote_url:
        yield (
            f"Fetch {clean(report.remote_url)} if you trust that address, then: --manifest FILE. "
            "Or let it be fetched: --online."
        )
    elif report.location is Location.NONE and not report.errors:
        yield (
            "Nothing in the file says how it was made; websites often strip it. If the manifest "
            "store lies in a file of its own: --manifest FILE."
        )
