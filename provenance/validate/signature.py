"""Who signed the claim, is the signature theirs, and do we trust them?

Four answers kept apart: profile, trust, signature, validity. Source: C2PA 2.2 §15.7.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from provenance.cose import algorithms
from provenance.cose.sign1 import Sign1, parse, sig_structure
from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri, SuperBox
from provenance.model import labels
from provenance.trust.judge import Judgement, judge
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.results import SignatureInfo
from provenance.validate.revocation import NOT_ASKED, Revocation, check_revocation
from provenance.validate.status import Status
from provenance.validate.time import NOT_ATTESTED, Attested, attest, check_claimed_time

__all__ = ["Signed", "check_signature", "read_signature"]

_CLAIMED = (Status.TIME_OF_SIGNING_INSIDE_VALIDITY, Status.TIME_OF_SIGNING_OUTSIDE_VALIDITY)


@dataclass(frozen=True, slots=True)
class Signed:
    """A claim signature as found: what could be read of it, and why not the rest."""

    url: str
    present: bool
    sign1: Sign1 | None = None
    judgement: Judgement | None = None
    attested: Attested = NOT_ATTESTED
    revocation: Revocation = NOT_ASKED
    problem: str = ""

    @property
    def info(self) -> SignatureInfo | None:
        """For the report."""
        if self.sign1 is None:
            return None
        alg = algorithms.by_cose_id(self.sign1.algorithm_id)
        name = alg.name if alg else None
        try:
            return self._signed_by(name)
        except MalformedError:  # what could not be read of it is said by a finding
            return SignatureInfo(alg=name, issuer=None, common_name=None, serial_number=None)

    def _signed_by(self, alg: str | None) -> SignatureInfo:
        if self.judgement is None:
            return SignatureInfo(alg=alg, issuer=None, common_name=None, serial_number=None)
        leaf = self.judgement.leaf
        return SignatureInfo(
            alg=alg,
            issuer=leaf.organization,
            common_name=leaf.common_name,
            serial_number=str(leaf.serial_number),
            not_before=leaf.not_before,
            not_after=leaf.not_after,
            time=self.attested.time,
            certificates=tuple(one.der for one in self.judgement.chain),
            time_certificate=self.attested.certificate,
        )


def read_signature(reading: Reading, context: Context) -> Signed:
    """Find and read the signature that a claim names, and judge its certificates."""
    url = reading.manifest.uri(labels.SIGNATURE)
    if reading.claim is None:
        return Signed(url, present=False, problem="there is no claim")
    box = _box(reading)
    content = box.first(b"cbor") if box is not None else None
    if content is None:
        return Signed(url, present=False, problem=f"{reading.claim.signature[:120]} is not there")
    try:
        sign1 = parse(content.payload, context.limits)
    except (MalformedError, LimitError) as error:
        return Signed(url, present=True, problem=str(error))
    try:
        chain = sign1.certificate_chain
        attested = attest(sign1, reading, url, context)
        known = context.memory.judge if context.memory else judge
        judgement = known(chain, context.trust, attested.time or context.at, context.limits)
        revocation = check_revocation(sign1, judgement, attested.time, url, context)
    except (MalformedError, LimitError) as error:
        return Signed(url, present=True, sign1=sign1, problem=str(error))
    if revocation.issuer and judgement.anchor is not None:
        judgement = replace(judgement, trusted=False, why=revocation.issuer)
    return Signed(
        url,
        present=True,
        sign1=sign1,
        judgement=judgement,
        attested=attested,
        revocation=revocation,
    )


def _box(reading: Reading) -> SuperBox | None:
    # It must be in this very manifest, however its URI is spelled (§15.7.1).
    if reading.claim is None:
        return None
    try:
        path = reading.manifest.own(JumbfUri.parse(reading.claim.signature))
    except MalformedError:
        return None
    if path != (labels.SIGNATURE,):
        return None  # what an ingredient's claimSignature hashes must be what is verified
    return reading.manifest.find((labels.SIGNATURE,))


def check_signature(signed: Signed, reading: Reading, context: Context) -> Iterator[Finding]:
    """All that is to be said of a claim signature. Every answer is given, also after a failure."""
    url = signed.url
    if not signed.present:
        yield Finding(Status.CLAIM_SIGNATURE_MISSING, url, signed.problem)
        return
    if signed.sign1 is None:
        yield Finding(Status.CLAIM_SIGNATURE_MISMATCH, url, signed.problem)
        return
    yield from signed.attested.findings
    if signed.judgement is None:
        yield Finding(Status.SIGNING_CREDENTIAL_INVALID, url, signed.problem)
        return
    yield from _check_credential(signed.judgement, url, signed.attested.time or context.at)
    yield from check_claimed_time(
        signed.sign1, signed.judgement.chain, signed.attested.time, url, _CLAIMED
    )
    yield from signed.revocation.findings
    yield from _check_value(signed.sign1, signed.judgement, reading, url)


def _check_credential(judgement: Judgement, url: str, at: datetime) -> Iterator[Finding]:
    for breach in judgement.breaches:
        yield Finding(Status.SIGNING_CREDENTIAL_INVALID, url, breach.sentence)
    if judgement.trusted:
        yield Finding(Status.SIGNING_CREDENTIAL_TRUSTED, url, judgement.why)
    else:
        yield Finding(Status.SIGNING_CREDENTIAL_UNTRUSTED, url, judgement.why)
    when = _told(at.replace(second=0, microsecond=0))
    if judgement.chain_inside_validity:
        yield Finding(Status.CLAIM_SIGNATURE_INSIDE_VALIDITY, url, f"judged as of {when}")
    else:
        yield Finding(
            Status.CLAIM_SIGNATURE_OUTSIDE_VALIDITY,
            url,
            f"as of {when}, a certificate of the signer is expired or not valid yet",
        )


@lru_cache(maxsize=64)  # of many files judged as of one minute
def _told(minute: datetime) -> str:
    return minute.strftime("%Y-%m-%d %H:%M UTC")


def _check_value(
    sign1: Sign1, judgement: Judgement, reading: Reading, url: str
) -> Iterator[Finding]:
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    if alg is None:
        yield Finding(
            Status.ALGORITHM_UNSUPPORTED, url, f"signature algorithm {sign1.algorithm_id!r}"
        )
        return
    if sign1.payload is not None:
        yield Finding(Status.CLAIM_SIGNATURE_MISMATCH, url, "its payload is not detached")
        return
    try:
        key = judgement.leaf.public_key
    except MalformedError as error:
        yield Finding(Status.CLAIM_SIGNATURE_MISMATCH, url, error.problem)
        return
    signed = sig_structure(sign1.protected_raw, reading.claim_bytes)
    if algorithms.verify(alg, key, sign1.signature, signed):
        yield Finding(Status.CLAIM_SIGNATURE_VALIDATED, url, alg.name)
    else:
        yield Finding(
            Status.CLAIM_SIGNATURE_MISMATCH, url, f"{alg.name} does not verify over the claim"
        )
