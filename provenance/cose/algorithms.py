"""The signature algorithms a claim may be signed with, and how each one verifies.

An `Algorithm` is a row of the standard's table. A key of the wrong kind, a signature of the wrong
width, a DER signature where COSE wants r and s side by side: all of these are signatures that do
not verify, and no errors. Source: C2PA 2.2 §13.2; RFC 9053 §2; RFC 8230 §2.
"""

from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from provenance.digests import HashAlg
from provenance.errors import CredentialError

__all__ = [
    "ALGORITHMS",
    "MAX_RSA_BITS",
    "MIN_RSA_BITS",
    "Algorithm",
    "PrivateKey",
    "by_cose_id",
    "by_name",
    "for_key",
    "for_public_key",
    "sign",
    "verify",
]

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 16384  # above this the standard lets us refuse: verifying is slow, forging is not

# Curve name to the bytes of r, and of s.
_WIDTHS = {"secp256r1": 32, "secp384r1": 48, "secp521r1": 66}


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One row: its name here and in c2patool, its COSE number, its hash."""

    name: str
    cose_id: int
    family: Literal["ecdsa", "rsa-pss", "eddsa"]
    hash: HashAlg  # Ed25519 hashes for itself; the word then says what to use beside it
    curve: str | None = None  # the curve a generator pairs it with; a validator takes any of three


ALGORITHMS = (
    Algorithm("es256", -7, "ecdsa", "sha256", "secp256r1"),
    Algorithm("es384", -35, "ecdsa", "sha384", "secp384r1"),
    Algorithm("es512", -36, "ecdsa", "sha512", "secp521r1"),
    Algorithm("ps256", -37, "rsa-pss", "sha256"),
    Algorithm("ps384", -38, "rsa-pss", "sha384"),
    Algorithm("ps512", -39, "rsa-pss", "sha512"),
    Algorithm("ed25519", -8, "eddsa", "sha512"),
)

_BY_NAME = {row.name: row for row in ALGORITHMS}
_BY_COSE_ID = {row.cose_id: row for row in ALGORITHMS}
_BY_CURVE = {row.curve: row for row in ALGORITHMS if row.curve}
_HASHES: dict[HashAlg, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA = {name: ec.ECDSA(hash_) for name, hash_ in _HASHES.items()}
_PSS = {
    name: padding.PSS(padding.MGF1(hash_), hash_.digest_size) for name, hash_ in _HASHES.items()
}


def by_name(name: str) -> Algorithm:
    """The algorithm of that name.

    Raises:
        CredentialError: there is none.
    """
    row = _BY_NAME.get(name.lower())
    if row is None:
        raise CredentialError("signature algorithm", f"{name!r} is none of {', '.join(_BY_NAME)}")
    return row


def by_cose_id(number: object) -> Algorithm | None:
    """The algorithm of a COSE `alg` header; None when a claim may not be signed with it."""
    return _BY_COSE_ID.get(number) if type(number) is int else None


def for_key(
    key: PrivateKey, *, rsa_hash: HashAlg | None = None, alg: str | None = None
) -> Algorithm:
    """The algorithm a private key signs with; see `for_public_key`."""
    return for_public_key(key.public_key(), rsa_hash=rsa_hash, alg=alg)


def for_public_key(
    key: object, *, rsa_hash: HashAlg | None = None, alg: str | None = None
) -> Algorithm:
    """The algorithm that the private half of a key signs with, wherever that half lies.

    An elliptic curve and Ed25519 leave no choice. An RSA key does: its own hash decides if it has
    one (see `provenance.cose.pss`), SHA-256 if not.

    Args:
        key: any public key, as `cryptography` has it.
        rsa_hash: the hash an RSA key is restricted to.
        alg: a name that must fit the key.

    Raises:
        CredentialError: no algorithm for this key, or `alg` does not fit it.
    """
    match key:
        case ec.EllipticCurvePublicKey():
            found = _BY_CURVE.get(key.curve.name)
            if found is None:
                raise CredentialError(
                    "private key", f"curve {key.curve.name}; C2PA allows P-256, P-384 and P-521"
                )
        case rsa.RSAPublicKey():
            if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
                raise CredentialError(
                    "private key", f"RSA of {key.key_size} bits; C2PA asks for {MIN_RSA_BITS}"
                )
            found = _BY_NAME["ps" + (rsa_hash or "sha256").removeprefix("sha")]
        case ed25519.Ed25519PublicKey():
            found = _BY_NAME["ed25519"]
        case _:
            raise CredentialError("private key", "not an RSA, ECDSA or Ed25519 key")
    if alg is None:
        return found
    wanted = by_name(alg)
    if wanted.family != found.family or wanted.curve != found.curve:
        raise CredentialError("private key", f"it signs {found.name}, not {wanted.name}")
    if rsa_hash is not None and wanted.hash != rsa_hash:
        raise CredentialError("private key", f"it is restricted to {found.name}, not {wanted.name}")
    return wanted


def verify(alg: Algorithm, public_key: object, signature: bytes, data: bytes) -> bool:
    """Did the owner of this key sign these bytes?

    Args:
        alg: what the COSE header says. Any of the three curves goes with any ECDSA algorithm
            (C2PA 2.2 §13.2.1).
        public_key: as `cryptography` gives it for a certificate.
        signature: COSE form: r and s side by side, each as wide as the curve.
        data: the bytes of the Sig_structure.
    """
    try:
        match public_key:
            case ec.EllipticCurvePublicKey() if alg.family == "ecdsa":
                width = _WIDTHS.get(public_key.curve.name, 0)
                if not width or len(signature) != 2 * width:
                    return False
                r = int.from_bytes(signature[:width])
                s = int.from_bytes(signature[width:])
                public_key.verify(encode_dss_signature(r, s), data, _ECDSA[alg.hash])
            case rsa.RSAPublicKey() if alg.family == "rsa-pss":
                if not MIN_RSA_BITS <= public_key.key_size <= MAX_RSA_BITS:
                    return False
                public_key.verify(signature, data, _PSS[alg.hash], _HASHES[alg.hash])
            case ed25519.Ed25519PublicKey() if alg.family == "eddsa":
                public_key.verify(signature, data)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def sign(alg: Algorithm, key: PrivateKey, data: bytes) -> bytes:
    """A signature over `data` in COSE form."""
    match key:
        case ec.EllipticCurvePrivateKey():
            width = _WIDTHS[key.curve.name]
            r, s = decode_dss_signature(key.sign(data, _ECDSA[alg.hash]))
            return r.to_bytes(width) + s.to_bytes(width)
        case rsa.RSAPrivateKey():
            return key.sign(data, _PSS[alg.hash], _HASHES[alg.hash])
        case _:
            return key.sign(data)
