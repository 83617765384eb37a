"""Sign a claim: protected header, Sig_structure, signature, and a look whether it is right."""

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from provenance.cbor import CborValue, encode
from provenance.cose import algorithms
from provenance.cose.sign1 import ALG, X5CHAIN, sig_structure
from provenance.cose.signer import Signer
from provenance.errors import CredentialError, SigningError
from provenance.foreign import ForeignCode

__all__ = ["protected_header", "sign_claim", "signature_length"]

_WHAT = "claim signature"


def protected_header(signer: Signer) -> bytes:
    """The encoded protected header: the algorithm, and the certificates, leaf first.

    Raises:
        CredentialError: an unknown algorithm, or no certificate.

    Source: C2PA 2.2 §13.2; RFC 9360 §2.
    """
    chain = list(signer.certificate_chain)
    if not all(chain) or not chain:
        raise CredentialError("certificate chain", "empty")
    held: CborValue = chain[0] if len(chain) == 1 else chain
    return encode({ALG: algorithms.by_name(signer.alg).cose_id, X5CHAIN: held})


def sign_claim(signer: Signer, claim: bytes) -> tuple[bytes, bytes]:
    """Sign a claim's bytes.

    The signature is verified before it is returned: a wrong certificate, or a token that signs
    something else, must not be found out by the first reader.

    Args:
        signer: whose signature it is.
        claim: the content of the claim's `cbor` box.

    Returns:
        The protected header as signed, and the signature.

    Raises:
        CredentialError: the signer's algorithm or certificates cannot be used.
        SigningError: the signer failed (its exception is the cause), or its signature does not
            match its certificate.

    Source: C2PA 2.2 §13.2.3.
    """
    alg = algorithms.by_name(signer.alg)
    protected = protected_header(signer)
    key = _public_key(signer.certificate_chain[0])
    data = sig_structure(protected, claim)
    with ForeignCode(_WHAT, "the signer"):
        signature = signer.sign(data)
    if not isinstance(signature, bytes):
        raise SigningError(_WHAT, f"the signer returned {type(signature).__name__}, not bytes")
    if not algorithms.verify(alg, key, signature, data):
        raise SigningError(_WHAT, _mismatch(alg.family, signature))
    return protected, signature


def _mismatch(family: str, signature: bytes) -> str:
    told = "the signature does not match the certificate"
    if family == "ecdsa" and signature[:1] == b"\x30" and len(signature) not in (64, 96, 132):
        return f"{told}; it looks like DER, and COSE wants r and s side by side"
    return told


def signature_length(signer: Signer) -> int:
    """Bytes of the signature that this signer will make; known from the certificate alone.

    Raises:
        CredentialError: no certificate, or a key that no algorithm of ours goes with.
    """
    if not signer.certificate_chain:
        raise CredentialError("certificate chain", "empty")
    key = _public_key(signer.certificate_chain[0])
    match key:
        case ec.EllipticCurvePublicKey():
            return 2 * ((key.curve.key_size + 7) // 8)
        case rsa.RSAPublicKey():
            return (key.key_size + 7) // 8
        case ed25519.Ed25519PublicKey():
            return 64
    raise CredentialError("certificate", f"holds a {type(key).__name__}, which signs no claims")


@lru_cache(maxsize=16)  # a pipeline signs picture after picture with one certificate
def _public_key(der: bytes) -> CertificatePublicKeyTypes:
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CredentialError("certificate chain", "the first certificate is no DER") from error
