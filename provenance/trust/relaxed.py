"""Certificates in use whose names have a character that their string type does not allow.

An underscore or a star is none of a PrintableString's, and authorities write them all the same:
DigiCert's time stamps for Adobe are signed by `ECC256_SHA256_Timestamp_Responder_…`. Only the
names are read more kindly; what was signed stays what it is.
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from provenance.errors import MalformedError
from provenance.trust import der

__all__ = ["is_signed_by", "with_readable_names"]

_PRINTABLE, _UTF8, _SET = 0x13, 0x0C, 0x31
_ALLOWED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")


def with_readable_names(data: bytes, issuer: bytes, subject: bytes) -> bytes | None:
    """The certificate with such strings called UTF-8, which has the same bytes; else None.

    Args:
        data: its DER.
        issuer: the issuer's name as it stands in it, DER.
        subject: the subject's.

    Raises:
        MalformedError: a name that is none.
    """
    changed = data
    for name in (issuer, subject):
        changed = changed.replace(name, _retagged(name))
    return changed if changed != data else None


def _retagged(name: bytes) -> bytes:
    """A Name: SEQUENCE OF SET OF { type, value }."""
    parts = []
    for group in der.split(der.element(name).content):
        pairs = []
        for pair in der.split(group.content):
            held = der.split(pair.content)
            if len(held) != 2:
                raise MalformedError("certificate", "a name holds something that is no attribute")
            kind, value = held
            odd = value.tag == _PRINTABLE and not _ALLOWED.issuperset(value.content)
            whole = bytes((_UTF8,)) + value.whole[1:] if odd else value.whole
            pairs.append(der.wrap(der.SEQUENCE, kind.whole, whole))
        parts.append(der.wrap(_SET, *pairs))
    return der.wrap(der.SEQUENCE, *parts)


def is_signed_by(data: bytes, readable: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Does a certificate's signature verify, over the bytes that its issuer signed?

    Args:
        data: the certificate as it is.
        readable: the same with readable names, for its algorithm and its signature.
        issuer: whose key it must be.
    """
    tbs = der.split(der.element(data).content)[0].whole
    key, how = issuer.public_key(), readable.signature_algorithm_parameters
    hashed = readable.signature_hash_algorithm
    try:
        match key:
            case rsa.RSAPublicKey() if isinstance(how, (padding.PKCS1v15, padding.PSS)) and hashed:
                key.verify(readable.signature, tbs, how, hashed)
            case ec.EllipticCurvePublicKey() if isinstance(how, ec.ECDSA):
                key.verify(readable.signature, tbs, how)
            case ed25519.Ed25519PublicKey():
                key.verify(readable.signature, tbs)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
