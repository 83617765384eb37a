"""An identity by X.509: is the actor's signature theirs, and does someone vouch for them?

Anchors for identities are their own list; the one for claim signers says nothing of actors.
Source: CAWG identity 1.3 §8.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509

from provenance.cose import algorithms
from provenance.cose.sign1 import Sign1, parse, sig_structure
from provenance.errors import LimitError, MalformedError
from provenance.trust.certificate import Certificate, parse_chain
from provenance.trust.chain import NoPath, build_path, within_validity
from provenance.trust.judge import Judgement
from provenance.trust.profile import (
    DEFAULT_EKUS,
    DOCUMENT_SIGNING,
    EMAIL_PROTECTION,
    check_profile,
)
from provenance.trust.timestamp import Flaw
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.identity_results import Actor
from provenance.validate.identity_time import Stamp, own_stamp
from provenance.validate.revocation import check_revocation
from provenance.validate.status import Status
from provenance.validate.time import check_claimed_time

__all__ = ["Signer", "check_x509", "read_signer"]

# The interim model: certificates for e-mail whose subject was validated, by CA/Browser Forum
# policies: organisation, sponsored person, individual; each multipurpose and strict.
_VALIDATED = frozenset(f"2.23.140.1.5.{kind}.{form}" for kind in (2, 3, 4) for form in (2, 3))
_INTERIM_ENDS = datetime(2027, 4, 1, tzinfo=UTC)
_USAGE = "accepted-extended-key-usage"

_FLAWS = {
    Flaw.MALFORMED: Status.CAWG_X509_TIME_STAMP_MALFORMED,
    Flaw.MISMATCH: Status.CAWG_X509_TIME_STAMP_MISMATCH,
    Flaw.UNTRUSTED: Status.CAWG_X509_TIME_STAMP_UNTRUSTED,
    Flaw.CREDENTIAL_INVALID: Status.CAWG_X509_TIME_STAMP_CREDENTIAL_INVALID,
    Flaw.OUTSIDE_VALIDITY: Status.CAWG_X509_TIME_STAMP_OUTSIDE_VALIDITY,
}
_CLAIMED = (
    Status.CAWG_X509_TIME_OF_SIGNING_INSIDE_VALIDITY,
    Status.CAWG_X509_TIME_OF_SIGNING_OUTSIDE_VALIDITY,
)
_REVOCATION = {
    Status.SIGNING_CREDENTIAL_OCSP_NOT_REVOKED: Status.CAWG_X509_OCSP_NOT_REVOKED,
    Status.SIGNING_CREDENTIAL_OCSP_REVOKED: Status.CAWG_IDENTITY_CREDENTIAL_REVOKED,
    Status.SIGNING_CREDENTIAL_OCSP_UNKNOWN: Status.CAWG_X509_OCSP_UNKNOWN,
    Status.SIGNING_CREDENTIAL_OCSP_SKIPPED: Status.CAWG_X509_OCSP_SKIPPED,
    Status.SIGNING_CREDENTIAL_OCSP_INACCESSIBLE: Status.CAWG_X509_OCSP_INACCESSIBLE,
}


@dataclass(frozen=True, slots=True)
class Signer:
    """An actor's signature as found, or why it cannot be judged."""

    sign1: Sign1 | None = None
    chain: tuple[Certificate, ...] = ()  # leaf first; empty: cannot be read
    stamp: Stamp | None = None
    problem: str = ""

    @property
    def actor(self) -> Actor | None:
        """Whom the certificate names."""
        if not self.chain:
            return None
        leaf = self.chain[0]
        try:
            above = leaf.parsed.issuer.rfc4514_string()
            return Actor(name=leaf.common_name, organization=leaf.organization, issuer=above)
        except (MalformedError, ValueError):
            return None


def read_signer(signature: bytes, context: Context) -> Signer:
    """Read an actor's signature and certificates."""
    try:
        sign1 = parse(signature, context.limits)
    except (MalformedError, LimitError) as error:
        return Signer(problem=str(error))
    stamp = own_stamp(sign1, context)
    try:
        chain = tuple(parse_chain(sign1.certificate_chain, context.limits))
        chain[0].public_key  # noqa: B018  # read now, while a problem can be told
    except (MalformedError, LimitError) as error:
        return Signer(sign1, (), stamp, str(error))
    return Signer(sign1, chain, stamp)


def check_x509(
    signer: Signer,
    forms: Iterator[bytes],
    claim_time: datetime | None,
    context: Context,
    url: str,
) -> Iterator[Finding]:
    """All that is to be said of an actor's signature.

    Args:
        signer: as read.
        forms: the bytes they may have signed; see `signed_forms`.
        claim_time: when the claim was signed, if that is attested: it serves where the identity
            has no time stamp of its own.
        context: whom to trust, and what stands for now.
        url: of the identity assertion.
    """
    attested = claim_time
    if signer.sign1 is None:
        yield Finding(Status.CAWG_X509_SIGNATURE_MISMATCH, url, signer.problem)
        return
    if signer.stamp is not None:
        yield from _stamp(signer.stamp, url)
        attested = signer.stamp.time or claim_time
    if not signer.chain:
        yield Finding(Status.CAWG_X509_CREDENTIAL_INVALID, url, signer.problem)
        return
    at = attested or context.at
    judged = _judge(signer.chain, at, context)
    yield from _credential(judged, at, url)
    yield from check_claimed_time(signer.sign1, signer.chain, attested, url, _CLAIMED)
    yield from _revocation(signer.sign1, judged, attested, context, url)
    yield _value(signer.sign1, signer.chain[0], forms, url)


def _stamp(stamp: Stamp, url: str) -> Iterator[Finding]:
    verdict = stamp.verdict
    if verdict.flaw is not None:
        yield Finding(_FLAWS[verdict.flaw], url, verdict.why)
        return
    yield Finding(Status.CAWG_X509_TIME_STAMP_VALIDATED, url, verdict.authority or "")
    yield Finding(Status.CAWG_X509_TIME_STAMP_TRUSTED, url, verdict.authority or "")


def _judge(chain: tuple[Certificate, ...], at: datetime, context: Context) -> Judgement:
    """As `trust.judge.judge`, by the anchors and the rules for identities."""
    listed = chain[0].sha256 in context.trust.identity_allowed
    breaches = check_profile(chain[:1], ekus=DEFAULT_EKUS, private_store=listed)
    why = "" if listed else _distrust(chain, at, context)
    return Judgement(
        chain=chain,
        # Which usages count is a question of trust here.
        breaches=tuple(one for one in breaches if one.rule != _USAGE),
        trusted=not why,
        why=why,
        inside_validity=within_validity(chain[:1], at),
        chain_inside_validity=within_validity(chain, at),
    )


def _credential(judged: Judgement, at: datetime, url: str) -> Iterator[Finding]:
    for breach in judged.breaches:
        yield Finding(Status.CAWG_X509_CREDENTIAL_INVALID, url, breach.sentence)
    if judged.trusted:
        yield Finding(Status.CAWG_X509_CREDENTIAL_TRUSTED, url)
    else:
        yield Finding(Status.CAWG_X509_CREDENTIAL_UNTRUSTED, url, judged.why)
    when = at.strftime("%Y-%m-%d %H:%M UTC")
    if judged.chain_inside_validity:
        yield Finding(Status.CAWG_X509_SIGNATURE_INSIDE_VALIDITY, url, f"judged as of {when}")
    else:
        yield Finding(
            Status.CAWG_X509_SIGNATURE_OUTSIDE_VALIDITY,
            url,
            f"as of {when}, a certificate of the actor is expired or not valid yet",
        )


def _revocation(
    sign1: Sign1, judged: Judgement, attested: datetime | None, context: Context, url: str
) -> Iterator[Finding]:
    """As for the signer of a claim, in the codes of identities."""
    above = _anchors_above(judged.chain[-1], context)
    judged = replace(judged, chain=(*judged.chain, *above))  # they may answer for what they issued
    found = check_revocation(sign1, judged, attested, url, context)
    for one in found.findings:
        yield Finding(_REVOCATION.get(one.status, one.status), url, one.explanation)
    if found.issuer:
        yield Finding(Status.CAWG_IDENTITY_CREDENTIAL_REVOKED, url, found.issuer)


def _anchors_above(top: Certificate, context: Context) -> tuple[Certificate, ...]:
    try:
        return tuple(context.trust.identity_by_subject.get(top.issuer, ()))
    except MalformedError:
        return ()


def _distrust(chain: tuple[Certificate, ...], at: datetime, context: Context) -> str:
    """Why the certificate is not trusted; empty when it is."""
    if not context.trust.identity_anchors:
        return "no identity anchors were given"
    found = build_path(chain[0], chain[1:], context.trust.identity_by_subject, at)
    if isinstance(found, NoPath):
        return found.reason
    return _unfit(chain[0], at)


def _unfit(leaf: Certificate, at: datetime) -> str:
    """Why a certificate under an anchor says nothing of who somebody is; empty when it does."""
    usages = leaf.ekus or ()
    if DOCUMENT_SIGNING in usages:
        return ""
    if EMAIL_PROTECTION not in usages:
        return "its certificate is for neither documents nor e-mail"
    if at >= _INTERIM_ENDS:
        return "certificates for e-mail count for what was signed up to March 2027"
    held = leaf.extension(x509.CertificatePolicies) or ()
    if not any(one.policy_identifier.dotted_string in _VALIDATED for one in held):
        return "its certificate is for an e-mail address: nobody validated who is behind it"
    return ""


def _value(sign1: Sign1, leaf: Certificate, forms: Iterator[bytes], url: str) -> Finding:
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    if alg is None:
        told = f"signature algorithm {sign1.algorithm_id!r:.40}"
        return Finding(Status.CAWG_X509_ALGORITHM_UNSUPPORTED, url, told)
    if sign1.payload is not None:
        return Finding(Status.CAWG_X509_SIGNATURE_MISMATCH, url, "its payload is not detached")
    for form in forms:
        signed = sig_structure(sign1.protected_raw, form)
        if algorithms.verify(alg, leaf.public_key, sign1.signature, signed):
            return Finding(Status.CAWG_X509_SIGNATURE_VALIDATED, url, alg.name)
    told = f"{alg.name} does not verify over the signer payload"
    return Finding(Status.CAWG_X509_SIGNATURE_MISMATCH, url, told)
