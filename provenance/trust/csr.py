"""A request for a certificate to sign claims with: PKCS#10, with what C2PA asks of the leaf.

    subject              a common name and an organisation, for validators show these
    key usage            digital signature, critical
    extended key usage   C2PA claim signing, unless others are asked for
    basic constraints    no CA

The authority that is asked copies of this what its own policy lets it.
Source: C2PA 2.2 §14.5.1; RFC 2986; RFC 2985 §5.4.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

from provenance.errors import CredentialError
from provenance.trust.profile import C2PA_CLAIM_SIGNING, DOCUMENT_SIGNING, EMAIL_PROTECTION

__all__ = ["ALGS", "USAGES", "Key", "Subject", "key_pem", "new_key", "request"]

USAGES = {
    "claims": C2PA_CLAIM_SIGNING,
    "documents": DOCUMENT_SIGNING,  # for identity assertions too
    "email": EMAIL_PROTECTION,
}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

_RSA_BITS = 3072
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "es256": (ec.SECP256R1(), hashes.SHA256()),
    "es384": (ec.SECP384R1(), hashes.SHA384()),
    "es512": (ec.SECP521R1(), hashes.SHA512()),
}
ALGS = (*_CURVES, "ps256", "ed25519")
_HASHES = {curve.name: hash_ for curve, hash_ in _CURVES.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the certificate is to name."""

    country: str | None = None  # two letters (ISO 3166)
    state: str | None = None
    locality: str | None = None
    organization: str
    unit: str | None = None
    common_name: str

    def name(self) -> x509.Name:
        """As X.509 has it, the country first.

        Raises:
            CredentialError: a part is empty or too long, or the country has not two letters.
        """
        parts = ((field.name, getattr(self, field.name)) for field in fields(self))
        return x509.Name([_attribute(name, value) for name, value in parts if value is not None])


_OIDS = {
    "country": NameOID.COUNTRY_NAME,
    "state": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "common_name": NameOID.COMMON_NAME,
}


def _attribute(name: str, value: str) -> x509.NameAttribute[str]:
    told = name.replace("_", " ")
    if not value.strip() or not value.isprintable():
        raise CredentialError(told, "is empty, or holds what cannot be printed")
    try:
        return x509.NameAttribute(_OIDS[name], value.upper() if name == "country" else value)
    except ValueError as error:
        raise CredentialError(told, str(error)[:120]) from error


def new_key(alg: str) -> Key:
    """A new private key.

    Args:
        alg: one of `ALGS`; an RSA key signs ps384 and ps512 too.
    """
    if alg in _CURVES:
        return ec.generate_private_key(_CURVES[alg][0])
    if alg == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def key_pem(key: Key, passphrase: bytes | None) -> bytes:
    """A key as PKCS#8, encrypted when there is a passphrase."""
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def request(key: Key, subject: Subject, usages: Sequence[str] = ("claims",)) -> bytes:
    """The request as PEM, signed with the key that it is for.

    Args:
        key: of a kind that claims are signed with.
        subject: whom to name.
        usages: of `USAGES`, by name; at least one.

    Raises:
        CredentialError: the subject is none, or the key's curve is not one of C2PA's.
    """
    oids = [ObjectIdentifier(USAGES[name]) for name in dict.fromkeys(usages)]
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject.name())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNING_ONLY, critical=True)
        .add_extension(x509.ExtendedKeyUsage(oids), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, _hash_for(key))
        .public_bytes(Encoding.PEM)
    )


_SIGNING_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _hash_for(key: Key) -> "hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None":
    match key:
        case ec.EllipticCurvePrivateKey():
            found = _HASHES.get(key.curve.name)
            if found is None:
                raise CredentialError("private key", f"of the curve {key.curve.name}")
            return found  # type: ignore[return-value]  # one of the three
        case rsa.RSAPrivateKey():
            return hashes.SHA256()
        case _:
            return None
