"""The certificates for a key that lies elsewhere; they tell what it signs with.

A chain is a file, or the name of an environment variable that holds it.
"""

import os
import re
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.cose import algorithms
from provenance.cose.algorithms import Algorithm
from provenance.cose.keyfiles import chain_of, read_certificates, read_file
from provenance.cose.pss import hash_of_certificate
from provenance.errors import CredentialError
from provenance.keys.base import KeyRequest

__all__ = ["Credential", "chain_bytes", "chain_file", "credential", "decoded", "from_environment"]
__all__ += ["of_chain", "shown_variable"]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_ENV = "env:"
_SHORTEST_KEY = 40  # characters; 32 bytes as base64 are 43

Credential = tuple[Algorithm, tuple[bytes, ...]]  # what it signs with; DER, leaf first


def credential(request: KeyRequest) -> Credential:
    """Algorithm and chain for a request whose key is not at hand.

    Raises:
        CredentialError: no chain was named, it cannot be read, or its key signs something else.
    """
    if request.chain is None:
        raise CredentialError(request.shown, "needs its certificates: name them as the chain")
    certificates = read_certificates(chain_bytes(request.chain), name=str(request.chain))
    return of_chain(certificates, request, name=str(request.chain))


def of_chain(
    certificates: Sequence[x509.Certificate], request: KeyRequest, *, name: str
) -> Credential:
    """The same, from certificates in any order: the leaf is the one that issued none of them.

    Raises:
        CredentialError: the key of the leaf signs something else than `request.alg`.
    """
    leaf = _leaf(certificates)
    try:
        key = leaf.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CredentialError(name, "the certificate's key cannot be read") from error
    chain = chain_of(key, certificates, key_name=request.shown, name=name)
    try:
        row = algorithms.for_public_key(key, rsa_hash=hash_of_certificate(leaf), alg=request.alg)
    except CredentialError as error:
        raise CredentialError(name, error.problem) from error
    return row, tuple(one.public_bytes(Encoding.DER) for one in chain)


def _leaf(certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    issuers = {one.issuer for one in certificates if one.issuer != one.subject}
    return next((one for one in certificates if one.subject not in issuers), certificates[0])


def chain_bytes(chain: str | Path) -> bytes:
    """The bytes of a chain: of a file, or of an environment variable.

    Raises:
        CredentialError: it cannot be read, or the variable is not set.
    """
    if isinstance(chain, str) and chain.startswith(_ENV) and not Path(chain).exists():
        return from_environment(chain.removeprefix(_ENV))
    return read_file(chain)


def chain_file(chain: str | Path | None) -> bytes | None:
    """As `chain_bytes`; None when there is none."""
    return None if chain is None else chain_bytes(chain)


def from_environment(name: str) -> bytes:
    """What an environment variable holds; see `decoded`.

    Raises:
        CredentialError: no name of a variable, not set, or neither PEM nor base64.
    """
    if not _VARIABLE.fullmatch(name):
        raise CredentialError("key reference", "what follows 'env:' is no name of a variable")
    value, shown = os.environ.get(name), f"{_ENV}{shown_variable(name)}"
    if not value:
        raise CredentialError(shown, "the environment variable is not set, or empty")
    return decoded(value, shown)


def shown_variable(name: str) -> str:
    """A variable's name as a message may show it: somebody may have put a key in its place."""
    known = name in os.environ or len(name) < _SHORTEST_KEY
    return name if known and _VARIABLE.fullmatch(name) else "…"


def decoded(value: str, shown: str) -> bytes:
    """The bytes of a key that was kept as text: PEM as it is, anything else as base64.

    Line breaks of a PEM may be written as the two characters that stand for one.

    Raises:
        CredentialError: neither.
    """
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()
    try:
        return b64decode("".join(value.split()), validate=True)
    except ValueError:
        # Not `from error`: what it says could hold a part of the value.
        raise CredentialError(shown, "holds neither PEM nor base64") from None
