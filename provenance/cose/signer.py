"""Who signs: a small protocol, a signer with a key at hand, and one around a function.

A private key is never shown: not by `repr`, not in an error. Source: C2PA 2.2 §13.2, §14.5.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from cryptography.hazmat.primitives.serialization import Encoding

from provenance.cose import algorithms
from provenance.cose.algorithms import PrivateKey
from provenance.cose.keyfiles import KeyFile, chain_for, read_certificates, read_file, read_key
from provenance.cose.pss import hash_of_certificate
from provenance.errors import CredentialError

__all__ = ["CallbackSigner", "LocalSigner", "Signer"]


@runtime_checkable
class Signer(Protocol):
    """What signing needs. A key may live anywhere: a file, a token, a service."""

    @property
    def alg(self) -> str:
        """One of es256 es384 es512 ps256 ps384 ps512 ed25519."""
        ...

    @property
    def certificate_chain(self) -> Sequence[bytes]:
        """Certificates as DER, leaf first, each followed by its issuer, the root left out."""
        ...

    def sign(self, data: bytes) -> bytes:
        """A signature over `data` (not over its hash) in COSE form: ECDSA as r and s side by side.

        What it raises becomes the cause of a `SigningError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """A signer with its private key in memory."""

    alg: str
    certificate_chain: tuple[bytes, ...] = field(repr=False)
    _key: PrivateKey = field(repr=False)
    ocsp_responses: tuple[bytes, ...] = field(default=(), repr=False)  # DER, to be stapled

    @classmethod
    def from_files(
        cls,
        key: str | Path,
        chain: str | Path | None = None,
        *,
        passphrase: bytes | None = None,
        alg: str | None = None,
    ) -> Self:
        """Read a key file and a certificate file.

        The key tells the algorithm. For RSA that is the hash it is bound to, if the key or its
        certificate is marked id-RSASSA-PSS (RFC 4055), else ps256.

        Args:
            key: PEM or DER, PKCS#8 (also encrypted), SEC 1, PKCS#1, or PKCS#12.
            chain: PEM in any order, or one certificate as DER; None when the key file holds it.
            passphrase: of the key file.
            alg: for an RSA key that should sign with another hash than it tells.

        Raises:
            CredentialError: a file cannot be read, is something else, needs another passphrase,
                or no certificate belongs to the key.
        """
        return cls.from_pem(
            read_file(key),
            None if chain is None else read_file(chain),
            passphrase=passphrase,
            alg=alg,
            name=str(key),
            chain_name=str(chain),
        )

    @classmethod
    def from_pkcs12(
        cls, path: str | Path, passphrase: bytes | None, *, alg: str | None = None
    ) -> Self:
        """Read key and certificates from one PKCS#12 file. Raises as `from_files` does."""
        return cls.from_files(path, passphrase=passphrase, alg=alg)

    @classmethod
    def from_pem(
        cls,
        key: bytes,
        chain: bytes | None = None,
        *,
        passphrase: bytes | None = None,
        alg: str | None = None,
        name: str = "private key",
        chain_name: str = "certificates",
    ) -> Self:
        """As `from_files`, from bytes; the names are what messages call them."""
        held = read_key(key, passphrase, name=name)
        if chain is None:
            return cls._from(held, held, alg)
        certificates = read_certificates(chain, name=chain_name)
        return cls._from(held, KeyFile(chain_name, held.key, None, certificates), alg)

    @classmethod
    def _from(cls, held: KeyFile, chain: KeyFile, alg: str | None) -> Self:
        sorted_chain = chain_for(held.key, chain.certificates, key_name=held.name, name=chain.name)
        rsa_hash = hash_of_certificate(sorted_chain[0]) or held.rsa_hash
        try:
            row = algorithms.for_key(held.key, rsa_hash=rsa_hash, alg=alg)
        except CredentialError as error:
            raise CredentialError(held.name, error.problem) from error
        return cls(
            row.name, tuple(one.public_bytes(Encoding.DER) for one in sorted_chain), held.key
        )

    def stapling(self, *responses: bytes) -> Self:
        """The same signer, with OCSP responses about its certificates to go with each signature.

        Any signer may have such an `ocsp_responses`. What they say is for validators to judge.
        """
        return replace(self, ocsp_responses=responses)

    def sign(self, data: bytes) -> bytes:
        """See `Signer`."""
        return algorithms.sign(algorithms.by_name(self.alg), self._key, data)


@dataclass(frozen=True, slots=True)
class CallbackSigner:
    """A signer whose key lies elsewhere: `callback` gets the bytes and returns a signature."""

    alg: str
    certificate_chain: Sequence[bytes] = field(repr=False)
    callback: Callable[[bytes], bytes] = field(repr=False)
    ocsp_responses: tuple[bytes, ...] = field(default=(), repr=False)  # DER, to be stapled

    def __post_init__(self) -> None:
        """Check the name of the algorithm.

        Raises:
            CredentialError: there is no such algorithm, or no certificate.
        """
        algorithms.by_name(self.alg)
        if not self.certificate_chain:
            raise CredentialError("certificate chain", "empty")

    def sign(self, data: bytes) -> bytes:
        """See `Signer`."""
        return self.callback(data)
