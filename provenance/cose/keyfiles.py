"""Key files and certificate files as people have them: PEM, DER, PKCS#8, PKCS#12.

Whatever is wrong becomes one sentence that names the file and never shows what is in it.
Source: RFC 7468, RFC 5958, RFC 7292.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)

from provenance.cose.algorithms import PrivateKey
from provenance.cose.pss import hash_of_private_key
from provenance.digests import HashAlg, digest
from provenance.errors import CredentialError
from provenance.source import read_small

__all__ = ["KeyFile", "chain_for", "chain_of", "fingerprint", "read_certificates", "read_file"]
__all__ += ["read_key"]

_MAX_BYTES = 4 << 20  # a key, or a bundle of every public root there is, is far below
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----[\s\S]*?-----END \1-----")
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key and what lay beside it. Its representation does not show the key."""

    name: str  # of the file, for messages
    key: PrivateKey
    rsa_hash: HashAlg | None = None
    certificates: tuple[x509.Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"KeyFile({self.name!r})"


def read_file(path: str | Path) -> bytes:
    """The bytes of a key or certificate file.

    Raises:
        CredentialError: it cannot be read, or it is far too large to be one.
    """
    return read_small(path, _MAX_BYTES, CredentialError)


def read_key(data: bytes, passphrase: bytes | None = None, *, name: str = "private key") -> KeyFile:
    """Read a private key: PEM or DER, PKCS#8 (also encrypted), SEC 1, PKCS#1, or PKCS#12.

    Args:
        data: the file's bytes.
        passphrase: ignored where the file is not encrypted.
        name: what to call the file in messages.

    Raises:
        CredentialError: no key, a passphrase that is missing or wrong, or a key of another kind.
    """
    blocks = list(_PEM.finditer(data))
    found = [block for block in blocks if block[1].endswith(b"PRIVATE KEY")]
    if blocks and not found:
        held = blocks[0][1].decode("ascii").lower()
        raise CredentialError(name, f"holds no private key, but a PEM block {held!r}")
    if not blocks and _is_pkcs12(data):
        return _read_pkcs12(data, passphrase, name)
    pem = found[0][0] if found else None
    key = _load(pem, data, None, name) or _load(pem, data, passphrase, name)
    if key is None:
        raise CredentialError(name, "is encrypted, and no passphrase was given")
    certificates: tuple[x509.Certificate, ...] = ()
    if any(block[1] == b"CERTIFICATE" for block in blocks):
        certificates = read_certificates(data, name=name)
    der = _pem_body(pem) if pem else data
    return KeyFile(name, _known(key, name), hash_of_private_key(der), certificates)


def read_certificates(data: bytes, *, name: str = "certificates") -> tuple[x509.Certificate, ...]:
    """Read certificates in the order of the file: PEM, with anything between them, or one DER.

    Raises:
        CredentialError: no certificate, or one that cannot be read.
    """
    blocks = [block for block in _PEM.finditer(data) if block[1] == b"CERTIFICATE"]
    if not blocks and b"-----BEGIN" in data:
        raise CredentialError(name, "holds no certificate, but other PEM blocks")
    certificates = []
    for number, block in enumerate(blocks, 1):
        try:
            certificates.append(x509.load_pem_x509_certificate(block[0]))
        except ValueError as error:
            raise CredentialError(name, f"certificate {number} cannot be read") from error
    if blocks:
        return tuple(certificates)
    try:
        return (x509.load_der_x509_certificate(data),)
    except ValueError as error:
        raise CredentialError(name, "holds no certificate, neither PEM nor DER") from error


def chain_for(
    key: PrivateKey, certificates: Sequence[x509.Certificate], *, key_name: str, name: str
) -> tuple[x509.Certificate, ...]:
    """Sort certificates into the chain for a private key; see `chain_of`."""
    return chain_of(key.public_key(), certificates, key_name=key_name, name=name)


def chain_of(
    public_key: object, certificates: Sequence[x509.Certificate], *, key_name: str, name: str
) -> tuple[x509.Certificate, ...]:
    """Sort certificates into the chain for a key: leaf first, each followed by its issuer.

    A root is left out, as C2PA wants it, and so is what does not belong to the chain.

    Args:
        public_key: as `cryptography` has it.
        certificates: in any order, others among them.
        key_name: what to call the place of the key.
        name: what to call the place of the certificates.

    Raises:
        CredentialError: no certificate belongs to the key.
    """
    own = _spki(public_key)
    leaves = [one for one in certificates if _spki_of(one) == own]
    if not leaves:
        if not certificates:
            raise CredentialError(name, "holds no certificate")
        first = _spki_of(certificates[0])
        raise CredentialError(
            name,
            f"no certificate for the key in {key_name}: the key's public half has the SHA-256 "
            f"fingerprint {fingerprint(own)}…, the first certificate's {fingerprint(first)}…",
        )
    chain = [leaves[0]]
    left = [one for one in certificates if one not in leaves]
    while chain[-1].issuer != chain[-1].subject:
        above = next((one for one in left if _issued(one, chain[-1])), None)
        if above is None or above.issuer == above.subject:
            break
        chain.append(above)
        left.remove(above)
    return tuple(chain)


def fingerprint(spki: bytes) -> str:
    """A short name for a public key in messages: 16 hex digits of SHA-256 over its DER."""
    return digest(spki, "sha256").hex()[:16]


def _is_pkcs12(data: bytes) -> bool:
    """Does this begin as PFX does: a SEQUENCE with the INTEGER 3 (RFC 7292 §4)?"""
    if data[:1] != b"\x30" or len(data) < 2:
        return False
    head = 2 if data[1] < 0x81 else 2 + (data[1] & 0x7F)
    return data[head : head + 3] == b"\x02\x01\x03"


def _read_pkcs12(data: bytes, passphrase: bytes | None, name: str) -> KeyFile:
    try:
        held = pkcs12.load_pkcs12(data, passphrase)
    except _UNREADABLE as error:
        if passphrase is None:
            raise CredentialError(name, "is encrypted, and no passphrase was given") from error
        raise CredentialError(name, "the passphrase is wrong, or the file damaged") from error
    if held.key is None:
        raise CredentialError(name, "holds certificates, but no private key")
    first = [held.cert.certificate] if held.cert else []
    others = [one.certificate for one in held.additional_certs]
    return KeyFile(name, _known(held.key, name), None, (*first, *others))


def _load(pem: bytes | None, der: bytes, passphrase: bytes | None, name: str) -> object | None:
    """The key; None when a passphrase is needed that we were not given."""
    try:
        if pem is not None:
            return load_pem_private_key(pem, passphrase)
        return load_der_private_key(der, passphrase)
    except TypeError as error:
        # Said of an encrypted key without a passphrase, and the other way round.
        if passphrase is None:
            return None
        raise CredentialError(name, "cannot be read as a private key") from error
    except UnsupportedAlgorithm as error:
        raise CredentialError(name, "holds a kind of key that we cannot read") from error
    except ValueError as error:
        if passphrase is not None:
            raise CredentialError(name, "the passphrase is wrong, or the file damaged") from error
        raise CredentialError(name, "cannot be read as a private key") from error


def _known(key: object, name: str) -> PrivateKey:
    if isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey)):
        return key
    raise CredentialError(name, "not an RSA, ECDSA or Ed25519 key")


def _pem_body(pem: bytes) -> bytes:
    lines = [line.strip() for line in pem.splitlines()[1:-1]]
    return b64decode(b"".join(line for line in lines if b":" not in line))


def _spki(public_key: object) -> bytes:
    encoded: bytes = public_key.public_bytes(  # type: ignore[attr-defined]  # all kinds have it
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _spki_of(certificate: x509.Certificate) -> bytes:
    try:
        return _spki(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return b""


def _issued(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    try:
        subject.verify_directly_issued_by(issuer)
    except (*_UNREADABLE, InvalidSignature):
        return False
    return True
