"""OCSP responses: an issuer's word on whether a certificate has been revoked.

A response counts when it is about the certificate, and signed by its issuer or by somebody to whom
that issuer gave the right. What it then means at a moment is for `provenance.validate.revocation`.
Source: RFC 6960 §3.2, §4.2; C2PA 2.2 §15.9.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hmac import compare_digest
from itertools import islice

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from provenance.errors import MalformedError
from provenance.trust import der
from provenance.trust.certificate import Certificate
from provenance.trust.profile import OCSP_SIGNING

__all__ = ["Answer", "Response", "Word", "issuers_of", "read_response", "request"]

_WHAT = "OCSP response"
_MAX_BYTES = 1 << 17  # real ones have 500 to 4000
_MAX_ANSWERS = 64  # looked at in one response; real ones have one
_MAX_CERTIFICATES = 8
_UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    UserWarning,
)
_DAY = timedelta(hours=24)
_PSS = "1.2.840.113549.1.1.10"
_SHA2 = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_HASHES = frozenset(one.name for one in _SHA2)


class Word(Enum):
    """What an issuer says of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An issuer's word on one certificate. All moments are UTC."""

    word: Word  # a certificate taken off hold again (removeFromCRL) is good
    this_update: datetime
    next_update: datetime | None
    produced_at: datetime
    revoked_at: datetime | None = None
    on_hold: bool = False  # revoked for the time being: that can be undone

    @property
    def until(self) -> datetime:
        """Until when it is good; without a next update, a day from when it was made."""
        return self.next_update or self.produced_at + _DAY

    def covers(self, at: datetime) -> bool:
        """Does it speak of this moment?"""
        return self.this_update <= at <= self.until


@dataclass(frozen=True, slots=True)
class Response:
    """A successful response, read, its signature not verified yet."""

    parsed: ocsp.OCSPResponse
    serials: frozenset[int]  # of the certificates it is about

    def answer(self, certificate: Certificate, issuers: Iterable[Certificate]) -> Answer | None:
        """What it says of a certificate; None: nothing, or nothing that may be relied on."""
        try:
            if certificate.serial_number not in self.serials:
                return None
            for issuer in issuers:
                for single in self._about(certificate, issuer):
                    if _is_authorised(self.parsed, issuer):
                        return _answer(single, self.parsed.produced_at_utc)
        except (*_UNREADABLE, MalformedError):
            return None
        return None

    def _about(
        self, certificate: Certificate, issuer: Certificate
    ) -> Iterator[ocsp.OCSPSingleResponse]:
        for single in islice(self.parsed.responses, _MAX_ANSWERS):
            if single.serial_number == certificate.serial_number and _names(single, issuer):
                yield single


def read_response(data: bytes) -> Response:
    """Read a response.

    Raises:
        MalformedError: it cannot be read, or says only that there is no answer.
    """
    if len(data) > _MAX_BYTES:
        raise MalformedError(_WHAT, f"{len(data)} bytes, {_MAX_BYTES} are the most")
    try:
        parsed = ocsp.load_der_ocsp_response(data)
        if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise MalformedError(_WHAT, f"says {parsed.response_status.name}")
        serials = {one.serial_number for one in islice(parsed.responses, _MAX_ANSWERS)}
    except _UNREADABLE as error:
        raise MalformedError(_WHAT, f"cannot be read ({str(error)[:120]})") from error
    return Response(parsed, frozenset(serials))


def issuers_of(certificate: Certificate, known: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Those of the certificates at hand that issued this one."""
    named = dict.fromkeys(one for one in known if _same_name(certificate, one))
    return tuple(one for one in islice(named, _MAX_CERTIFICATES) if certificate.signed_by(one))


def _same_name(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        return certificate.issuer == issuer.subject
    except MalformedError:
        return False


def request(certificate: Certificate, issuer: Certificate) -> bytes:
    """The question about a certificate, as DER. Without a nonce: few responders know it.

    Raises:
        MalformedError: one of the certificates cannot be read.
    """
    # SHA-1 only names the issuer here, and is what every responder understands (RFC 5019 §2.1.1).
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        certificate.parsed,
        issuer.parsed,
        hashes.SHA1(),  # noqa: S303  # no trust rests on it
    )
    try:
        return builder.build().public_bytes(Encoding.DER)
    except _UNREADABLE as error:
        raise MalformedError("OCSP request", f"cannot be written ({str(error)[:120]})") from error


def _names(single: ocsp.OCSPSingleResponse, issuer: Certificate) -> bool:
    """Is it about a certificate of this issuer: the hash of its name and of its key?"""
    bits = der.split(der.element(issuer.parts.public_key).content)[1]
    alg = single.hash_algorithm
    name, key = _hash(issuer.subject, alg), _hash(bits.content[1:], alg)
    return compare_digest(name, single.issuer_name_hash) and compare_digest(
        key, single.issuer_key_hash
    )


def _hash(data: bytes, alg: hashes.HashAlgorithm) -> bytes:
    hasher = hashes.Hash(alg)
    hasher.update(data)
    return hasher.finalize()


def _answer(single: ocsp.OCSPSingleResponse, produced_at: datetime) -> Answer:
    word, reason = Word.UNKNOWN, None
    match single.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            word = Word.GOOD
        case ocsp.OCSPCertStatus.REVOKED:
            reason = single.revocation_reason
            lifted = reason is x509.ReasonFlags.remove_from_crl
            word = Word.GOOD if lifted else Word.REVOKED
        case _:
            pass
    return Answer(
        word=word,
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        produced_at=produced_at,
        revoked_at=single.revocation_time_utc if word is Word.REVOKED else None,
        on_hold=reason is x509.ReasonFlags.certificate_hold,
    )


def _is_authorised(response: ocsp.OCSPResponse, issuer: Certificate) -> bool:
    """Did the issuer sign, or somebody with a certificate for that from this very issuer?"""
    if _is_named(response, issuer) and _verifies(response, issuer):
        return True
    for one in _delegates(response.certificates):
        if (
            _is_named(response, one)
            and _may_answer(one, response.produced_at_utc)
            and one.signed_by(issuer)
            and _verifies(response, one)
        ):
            return True
    return False


def _delegates(held: Sequence[x509.Certificate]) -> Iterator[Certificate]:
    for one in islice(held, _MAX_CERTIFICATES):
        yield Certificate(one.public_bytes(Encoding.DER))


def _may_answer(one: Certificate, at: datetime) -> bool:
    """A certificate for OCSP alone (C2PA 2.2 §14.5.1.1), valid when it signed."""
    usage = one.extension(x509.KeyUsage)
    signs = usage is None or usage.digital_signature
    return one.ekus == (OCSP_SIGNING,) and signs and not one.is_ca and one.valid_at(at)


def _is_named(response: ocsp.OCSPResponse, one: Certificate) -> bool:
    """Is this the responder that the response names, by its name or by the SHA-1 of its key?"""
    if response.responder_name is not None:
        return response.responder_name == one.parsed.subject
    bits = der.split(der.element(one.parts.public_key).content)[1]
    key = _hash(bits.content[1:], hashes.SHA1())  # noqa: S303  # a name, no more
    return compare_digest(key, response.responder_key_hash or b"")


def _verifies(response: ocsp.OCSPResponse, signer: Certificate) -> bool:
    oid = response.signature_algorithm_oid.dotted_string
    signed, signature, key = response.tbs_response_bytes, response.signature, signer.public_key
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
            return True
        if isinstance(key, rsa.RSAPublicKey) and oid == _PSS:
            return any(_verifies_pss(key, signature, signed, alg) for alg in _SHA2)
        alg = response.signature_hash_algorithm
        if alg is None or alg.name not in _HASHES:
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), alg)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(alg))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _verifies_pss(
    key: rsa.RSAPublicKey, signature: bytes, signed: bytes, alg: hashes.HashAlgorithm
) -> bool:
    try:
        key.verify(signature, signed, padding.PSS(padding.MGF1(alg), padding.PSS.AUTO), alg)
    except InvalidSignature:
        return False
    return True
