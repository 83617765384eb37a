"""When was the claim signed, as far as anybody else attests it?

The time stamp in the signature goes first; where it is absent or no use, those that time-stamp
assertions anywhere in the store hold for this manifest. A stamp that is no use counts as absent.
Source: C2PA 2.2 §15.8.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.cbor import Tag, encode
from provenance.cose.sign1 import Sign1, sig_structure
from provenance.errors import MalformedError
from provenance.trust.certificate import Certificate
from provenance.trust.chain import within_validity
from provenance.trust.cms import read_token
from provenance.trust.timestamp import Flaw, Verdict, check_token
from provenance.validate.assertions import is_intact
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.status import Status

__all__ = ["NOT_ATTESTED", "Attested", "attest", "check_claimed_time", "tokens_by_manifest"]

_LABEL = "c2pa.time-stamp"
_CWT_CLAIMS, _CWT_IAT = 15, 6  # RFC 9597, RFC 8392
_MOST_TOKENS = 16  # for one manifest: each costs a signature to verify
_CODES = {
    Flaw.MALFORMED: Status.TIME_STAMP_MALFORMED,
    Flaw.MISMATCH: Status.TIME_STAMP_MISMATCH,
    Flaw.UNTRUSTED: Status.TIME_STAMP_UNTRUSTED,
    Flaw.CREDENTIAL_INVALID: Status.TIME_STAMP_CREDENTIAL_INVALID,
    Flaw.OUTSIDE_VALIDITY: Status.TIME_STAMP_OUTSIDE_VALIDITY,
}


@dataclass(frozen=True, slots=True)
class Attested:
    """The moment of a trusted time stamp, if there is one, and what was found on the way."""

    time: datetime | None = None
    findings: tuple[Finding, ...] = ()
    certificate: bytes | None = None  # of the authority, as DER


NOT_ATTESTED = Attested()


def tokens_by_manifest(readings: Mapping[str, Reading]) -> dict[str, tuple[bytes, ...]]:
    """The tokens that time-stamp assertions hold, by the label of the manifest they are for.

    Only assertions that hash to what their claim says count.
    """
    found: dict[str, list[bytes]] = {}
    for reading in readings.values():
        for listed in reading.named(_LABEL):
            if isinstance(listed.value, dict) and is_intact(listed, reading):
                for label, token in listed.value.items():
                    tokens = found.setdefault(label, [])
                    if isinstance(token, bytes) and len(tokens) < _MOST_TOKENS:
                        tokens.append(token)
    return {label: tuple(tokens) for label, tokens in found.items()}


def attest(sign1: Sign1, reading: Reading, url: str, context: Context) -> Attested:
    """Look for a time stamp that can be relied on."""
    findings: list[Finding] = []
    for verdict in _verdicts(sign1, reading, context):
        if verdict.usable:
            authority = verdict.authority or ""
            findings.append(Finding(Status.TIME_STAMP_VALIDATED, url, authority))
            findings.append(Finding(Status.TIME_STAMP_TRUSTED, url, authority))
            return Attested(verdict.time, tuple(findings), verdict.certificate)
        if verdict.flaw is not None:
            findings.append(Finding(_CODES[verdict.flaw], url, verdict.why))
    return Attested(None, tuple(dict.fromkeys(findings)))


def _verdicts(sign1: Sign1, reading: Reading, context: Context) -> Iterator[Verdict]:
    try:
        held = sign1.time_stamps
    except MalformedError as error:
        yield Verdict(None, Flaw.MALFORMED, error.problem)
        held = ()
    for label, token in held:
        old = label == "sigTst"
        payload = bytes(reading.claim_bytes) if old else encode(sign1.signature)
        message = sig_structure(sign1.protected_raw, payload, "CounterSignature")
        yield _judged(token, (message,), reading, context, response=old)
    for token in context.tokens.get(reading.manifest.label, ()):
        # The standard and the reference implementation differ in what is stamped here; either
        # binds the token to this very signature.
        messages = (
            sig_structure(sign1.protected_raw, encode(sign1.signature), "CounterSignature"),
            sign1.signature,
            sig_structure(sign1.protected_raw, sign1.signature, "CounterSignature"),
        )
        yield _judged(token, messages, reading, context, response=False)


def _judged(
    token: bytes,
    messages: tuple[bytes, ...],
    reading: Reading,
    context: Context,
    *,
    response: bool,
) -> Verdict:
    try:
        read = read_token(token, response=response)
    except MalformedError as error:
        return Verdict(None, Flaw.MALFORMED, error.problem)
    anchors: Mapping[bytes, Sequence[Certificate]] | None = context.trust.tsa_by_subject
    own = context.trust.tsa_anchors and not context.trust.tsa_published
    if reading.claim is not None and reading.claim.version == 1 and not own:
        # Version 1 claims are older than any list of authorities: without a list of the user's
        # own, any authority's word counts for them, as it did when they were made.
        anchors = None
    return check_token(read, messages, anchors, context.limits)


def check_claimed_time(
    sign1: Sign1,
    chain: Sequence[Certificate],
    attested: datetime | None,
    url: str,
    codes: tuple[Status, Status],
) -> Iterator[Finding]:
    """The signer's own word for when it signed: `iat`, which proves nothing (§15.8.3).

    Args:
        sign1: the signature.
        chain: the certificates that came along, leaf first.
        attested: the moment of a trusted time stamp, which a true word is not after.
        url: of what was signed.
        codes: for a moment within their validity, and for any other.
    """
    seconds = sign1.protected.get("iat")
    if seconds is None:
        claims = sign1.protected.get(_CWT_CLAIMS)
        seconds = claims.get(_CWT_IAT) if isinstance(claims, dict) else None
    if isinstance(seconds, Tag) and seconds.number == 1:
        seconds = seconds.value
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return
    try:
        claimed = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        yield Finding(codes[1], url, "no moment in time")
        return
    late = attested is not None and claimed > attested
    inside = within_validity(chain, claimed) and not late
    told = f"the signer says {claimed:%Y-%m-%d %H:%M UTC}"
    yield Finding(codes[0] if inside else codes[1], url, told)
