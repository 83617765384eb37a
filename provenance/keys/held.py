"""A signer from the bytes of a key, wherever they came from."""

from provenance.cose.signer import LocalSigner
from provenance.errors import CredentialError
from provenance.keys.base import Secret

__all__ = ["from_bytes"]


def from_bytes(
    key: bytes,
    chain: bytes | None,
    key_name: str,
    chain_name: str,
    alg: str | None,
    secret: Secret,
) -> LocalSigner:
    """Key and certificates to a signer.

    Args:
        key: whatever form a key file has.
        chain: certificates; None when they are among the key's bytes.
        key_name: what messages call the place of the key.
        chain_name: the same of the chain.
        alg: for an RSA key.
        secret: asked for only if the key turns out to be encrypted.

    Raises:
        CredentialError: as `LocalSigner.from_files`.
    """

    def read(passphrase: bytes | None) -> LocalSigner:
        return LocalSigner.from_pem(
            key, chain, passphrase=passphrase, alg=alg, name=key_name, chain_name=chain_name
        )

    try:
        return read(secret.value)
    except CredentialError as error:
        if secret.value is not None or "no passphrase was given" not in error.problem:
            raise
        typed = secret.reveal(f"Passphrase of {key_name}")
        if typed is None:
            raise
    return read(typed)
