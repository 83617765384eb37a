"""Which hash an RSA key is bound to, so that "the key tells" the algorithm.

RFC 4055 has a form for this: a key (in PKCS#8) or a public key (in a certificate) may be marked
id-RSASSA-PSS with the hash as a parameter, instead of plain rsaEncryption. `cryptography` reads
such keys and forgets the mark, so we look at the bytes. They are the user's own key files, checked
by the parser already; a wrong answer here would only choose another hash.
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.digests import HashAlg

__all__ = ["hash_of_certificate", "hash_of_private_key"]

_RSASSA_PSS = bytes.fromhex("06092a864886f70d01010a")
_SHA2 = bytes.fromhex("06096086480165030402")  # then one byte: which of them
_WHICH: dict[int, HashAlg] = {1: "sha256", 2: "sha384", 3: "sha512"}
_FAR = 80  # an algorithm identifier with all parameters has 67 bytes


def hash_of_private_key(pkcs8: bytes) -> HashAlg | None:
    """The hash of an unencrypted DER PKCS#8 key; None when it is not bound to one."""
    return _hash_after(pkcs8[:_FAR])  # it follows two short headers and the version


def hash_of_certificate(certificate: x509.Certificate) -> HashAlg | None:
    """The hash of a certificate's public key; None when it is not bound to one."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    tbs = certificate.tbs_certificate_bytes
    at = tbs.find(key.public_bytes(Encoding.DER, PublicFormat.PKCS1))
    return _hash_after(tbs[max(0, at - _FAR) : at]) if at > 0 else None


def _hash_after(identifier: bytes) -> HashAlg | None:
    _, marked, parameters = identifier.partition(_RSASSA_PSS)
    _, named, rest = parameters.partition(_SHA2)
    return _WHICH.get(rest[0]) if marked and named and rest else None
