"""OCSP responses made at test time: sound ones, and ones with a single thing wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from provenance.trust.certificate import Certificate
from tests.trust.forge import CA, CA_KEY, NOW, Form, Key

CA_DER = CA.der()
ISSUER = Certificate(CA_DER)
GOOD, REVOKED, UNKNOWN = (
    ocsp.OCSPCertStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN,
)


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a responder will say about a certificate. As it stands: good, for a week from NOW."""

    issuer: bytes = CA_DER
    key: Key = CA_KEY  # that signs
    status: ocsp.OCSPCertStatus = GOOD
    revoked_at: datetime | None = None
    reason: x509.ReasonFlags | None = None
    this_update: datetime = NOW
    next_update: datetime | None = NOW + timedelta(days=7)
    responder: bytes | None = None  # whose name it bears; the issuer's unless said
    by_name: bool = False
    certificates: Sequence[bytes] = ()
    hash: hashes.HashAlgorithm = field(default_factory=hashes.SHA1)  # in the certificate's id
    signed_over: hashes.HashAlgorithm | None = field(default_factory=hashes.SHA256)

    def but(self, **changes: object) -> "Word":
        return replace(self, **changes)  # type: ignore[arg-type]  # checked by the constructor

    def about(self, certificate: bytes) -> bytes:
        """The response as DER."""
        issuer = x509.load_der_x509_certificate(self.issuer)
        named = x509.load_der_x509_certificate(self.responder or self.issuer)
        encoding = (
            ocsp.OCSPResponderEncoding.NAME if self.by_name else ocsp.OCSPResponderEncoding.HASH
        )
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                x509.load_der_x509_certificate(certificate),
                issuer,
                self.hash,
                self.status,
                self.this_update,
                self.next_update,
                self.revoked_at,
                self.reason,
            )
            .responder_id(encoding, named)
        )
        if self.certificates:
            builder = builder.certificates(
                [x509.load_der_x509_certificate(one) for one in self.certificates]
            )
        made = builder.sign(self.key, self.signed_over)
        return made.public_bytes(Encoding.DER)


def revoked(at: datetime, reason: x509.ReasonFlags | None = None) -> Word:
    """Revoked at a moment."""
    return Word(status=REVOKED, revoked_at=at, reason=reason)


def responder_address(url: str) -> x509.AuthorityInformationAccess:
    """The extension that names a responder."""
    place = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, place)]
    )


def leaf_with(url: str) -> Form:
    """A leaf whose issuer answers at an address."""
    return Form(more=((responder_address(url), False),))
