"""A signer whose key lies elsewhere: what is asked there, and what comes back as COSE wants it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.cose import algorithms
from provenance.cose.algorithms import Algorithm
from provenance.errors import SigningError
from provenance.keys.base import KeyRequest
from provenance.keys.chains import Credential, credential

__all__ = ["Ask", "RemoteSigner", "remote"]

Ask = Callable[[Algorithm, bytes], bytes]


@dataclass(frozen=True, slots=True)
class RemoteSigner:
    """A `Signer` that asks a token, a program or a service for each signature."""

    alg: str
    where: str  # the reference, fit for a message
    certificate_chain: tuple[bytes, ...] = field(repr=False)
    ask: Ask = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """See `provenance.cose.signer.Signer`.

        Raises:
            SigningError: no signature came; says from where.
        """
        given = self.ask(algorithms.by_name(self.alg), data)
        if not given:
            raise SigningError(self.where, "gave an empty signature")
        return _in_cose_form(given, self.certificate_chain[0])


def remote(request: KeyRequest, ask: Ask, found: Credential | None = None) -> RemoteSigner:
    """A signer for a request.

    Args:
        request: names the chain, unless it was found elsewhere.
        ask: gives a signature over the data (not over its hash); ECDSA may come as DER.
        found: algorithm and chain, if they are known.

    Raises:
        CredentialError: the chain cannot be used.
    """
    row, chain = found or credential(request)
    return RemoteSigner(row.name, request.shown, chain, ask)


def _in_cose_form(signature: bytes, certificate: bytes) -> bytes:
    """An ECDSA signature as r and s side by side; others, and what is so already, as they are."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return signature
    width = (key.curve.key_size + 7) // 8
    if len(signature) == 2 * width or signature[:1] != b"\x30":
        return signature
    try:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(width) + s.to_bytes(width)
    except (ValueError, OverflowError):
        return signature  # `sign_claim` looks at every signature, and says what is wrong
