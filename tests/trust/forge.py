"""Certificates made at test time: sound ones, and ones with a single thing wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from provenance.trust import der
from provenance.trust.certificate import Certificate
from provenance.trust.profile import C2PA_CLAIM_SIGNING, EMAIL_PROTECTION

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Extension = tuple[x509.ExtensionType, bool]

ROOT_KEY, CA_KEY, LEAF_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
USAGES = (C2PA_CLAIM_SIGNING, EMAIL_PROTECTION)


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def key_usage(*bits: str) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{one: one in bits for one in names})


def eku(*oids: str) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids])


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a certificate will say. `None` for an extension leaves it out."""

    subject: str = "leaf"
    issuer: str = "ca"
    key: Key = LEAF_KEY
    issuer_key: Key = CA_KEY
    basic: x509.BasicConstraints | None = field(
        default_factory=lambda: x509.BasicConstraints(ca=False, path_length=None)
    )
    usage: x509.KeyUsage | None = field(default_factory=lambda: key_usage("digital_signature"))
    ekus: x509.ExtendedKeyUsage | None = field(default_factory=lambda: eku(*USAGES))
    subject_id: bool = True
    authority_id: bool = True
    more: Sequence[Extension] = ()
    not_before: datetime = NOW - timedelta(days=30)
    not_after: datetime = NOW + timedelta(days=300)
    hash: hashes.HashAlgorithm | None = field(default_factory=hashes.SHA256)
    full_name: x509.Name | None = None

    def but(self, **changes: object) -> "Form":
        return replace(self, **changes)  # type: ignore[arg-type]  # checked by the constructor

    def der(self) -> bytes:
        builder = (
            x509.CertificateBuilder(
                name(self.issuer), self.full_name or name(self.subject), self.key.public_key()
            )
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for extension, critical in self._extensions():
            builder = builder.add_extension(extension, critical)
        ed = isinstance(self.issuer_key, ed25519.Ed25519PrivateKey)
        made = builder.sign(self.issuer_key, None if ed else self.hash)  # type: ignore[arg-type]  # or None
        return made.public_bytes(Encoding.DER)

    def certificate(self) -> Certificate:
        return Certificate(self.der())

    def _extensions(self) -> list[Extension]:
        held: list[tuple[x509.ExtensionType | None, bool]] = [
            (self.basic, True),
            (self.usage, True),
            (self.ekus, False),
        ]
        if self.subject_id:
            held.append((x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False))
        if self.authority_id:
            authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(
                self.issuer_key.public_key()
            )
            held.append((authority, False))
        return [(one, critical) for one, critical in (*held, *self.more) if one is not None]


LEAF = Form()
CA = Form(
    subject="ca",
    issuer="root",
    key=CA_KEY,
    issuer_key=ROOT_KEY,
    basic=x509.BasicConstraints(ca=True, path_length=None),
    usage=key_usage("key_cert_sign", "crl_sign"),
    ekus=None,
)
ROOT = CA.but(subject="root", key=ROOT_KEY)


def spliced(certificate: bytes, **changes: bytes) -> bytes:
    """A certificate with parts of its inside replaced, and a signature that no longer fits.

    Args:
        certificate: DER.
        changes: `version`, `algorithm` (both of them), `key`: new DER; `after_key`: inserted;
            `extensions`: new DER, empty to leave them out.
    """
    tbs, outer, signature = der.split(der.element(certificate).content)
    version, serial, inner, issuer, dates, subject, key, extensions = (
        one.whole for one in der.split(tbs.content)
    )
    algorithm = changes.get("algorithm", outer.whole)
    fields = (
        changes.get("version", version),
        serial,
        changes.get("algorithm", inner),
        issuer,
        dates,
        subject,
        changes.get("key", key),
        changes.get("after_key", b""),
        changes.get("extensions", extensions),
    )
    new = der.wrap(der.SEQUENCE, *fields)
    return der.wrap(der.SEQUENCE, new, changes.get("outer_algorithm", algorithm), signature.whole)


def oid(dotted: str) -> bytes:
    """An object identifier as DER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray((40 * first + second,))
    for arc in rest:
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | arc & 0x7F)
        content += bytes(reversed(digits))
    return der.wrap(der.OID, bytes(content))


def pss_identifier(*parameters: bytes) -> bytes:
    """An algorithm identifier id-RSASSA-PSS with these parameters; without any, none at all."""
    held = (der.wrap(der.SEQUENCE, *parameters),) if parameters else ()
    return der.wrap(der.SEQUENCE, oid("1.2.840.113549.1.1.10"), *held)


def pss_hash(dotted: str) -> bytes:
    """The parameter `hashAlgorithm`."""
    return der.wrap(0xA0, der.wrap(der.SEQUENCE, oid(dotted)))


def pss_mask(dotted: str, function: str = "1.2.840.113549.1.1.8") -> bytes:
    """The parameter `maskGenAlgorithm`."""
    hashed = der.wrap(der.SEQUENCE, oid(dotted))
    return der.wrap(0xA1, der.wrap(der.SEQUENCE, oid(function), hashed))
