"""Hash algorithms that C2PA allows, and digests of an asset with spans left out.

Source: C2PA 2.2 §13.1, §9.2.1.
"""

import hashlib
from collections.abc import Callable, Hashable, Sequence
from typing import Literal, Protocol, TypeGuard, get_args

from provenance.source import ByteSource, HeldSource
from provenance.spans import Span, complement

__all__ = ["HASH_ALGS", "HashAlg", "Hasher", "digest", "digest_outside", "is_allowed", "new_hasher"]
__all__ += ["remembered"]

HashAlg = Literal["sha256", "sha384", "sha512"]
HASH_ALGS: tuple[HashAlg, ...] = get_args(HashAlg)
_ALLOWED = frozenset(HASH_ALGS)
_NEW = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class Hasher(Protocol):
    """What we use of a `hashlib` object."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Feed bytes."""
        ...

    def digest(self) -> bytes:
        """The raw digest of all bytes so far."""
        ...


def is_allowed(alg: object) -> TypeGuard[HashAlg]:
    """Is this the name of an algorithm on the allow-list?"""
    return isinstance(alg, str) and alg in _ALLOWED


def new_hasher(alg: HashAlg) -> Hasher:
    """An empty hash."""
    return _NEW[alg]()


def digest(data: bytes | memoryview, alg: HashAlg) -> bytes:
    """The raw digest of some bytes."""
    return _NEW[alg](data).digest()


def digest_outside(source: ByteSource, left_out: Sequence[Span], alg: HashAlg) -> bytes:
    """Hash an asset with some byte spans left out.

    One pass in 1 MiB blocks, whatever the size.

    Args:
        source: the whole asset; offsets are those of the file.
        left_out: spans in bytes, ascending, not overlapping.
        alg: a name on the allow-list.

    Returns:
        The raw digest, not hex: 32, 48 or 64 bytes.

    Raises:
        MalformedError: the asset shrank while being read.
    """

    def taken() -> bytes:
        hasher = new_hasher(alg)
        for span in complement(left_out, source.size):
            for block in source.blocks(span):
                hasher.update(block)
        return hasher.digest()

    return remembered(source, ("outside", alg, tuple(left_out)), taken)


def remembered(source: ByteSource, key: Hashable, take: Callable[[], bytes]) -> bytes:
    """A digest of a source; where the source remembers digests, it is taken once.

    Args:
        source: what is hashed.
        key: all that the digest depends on, but the bytes.
        take: hashes them.
    """
    if not isinstance(source, HeldSource):
        return take()
    if key not in source.digests:
        source.digests[key] = take()
    return source.digests[key]
