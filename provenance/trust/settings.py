"""What the user trusts: anchors, single certificates, extended key usages.

The files are those of c2patool: anchors as PEM with anything between, an allowed list of PEM
certificates or lines of base64 SHA-256, usages as one OID a line with `//` comments.
Source: C2PA 2.2 §14.4.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from provenance.digests import digest
from provenance.errors import CredentialError
from provenance.trust import pem
from provenance.trust.certificate import Certificate
from provenance.trust.chain import index_by_subject
from provenance.trust.profile import DEFAULT_EKUS

__all__ = ["TrustSettings"]

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,38})){1,63}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")


@dataclass(frozen=True)
class TrustSettings:
    """Whom to trust. Pickled without what was derived from it.

    Given extended key usages replace the default ones: a list says what is accepted.
    """

    anchors: tuple[bytes, ...] = ()  # DER
    allowed: frozenset[bytes] = frozenset()  # SHA-256 of the DER of leaf certificates
    ekus: frozenset[str] = DEFAULT_EKUS  # dotted OIDs
    tsa_anchors: tuple[bytes, ...] = ()  # DER; none given: `anchors` serve for time stamps too
    identity_anchors: tuple[bytes, ...] = ()  # DER; of the actors that CAWG identities name
    identity_allowed: frozenset[bytes] = frozenset()  # as `allowed`, for those actors

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # Certificates parsed so far cannot cross processes.
        return type(self), (
            *(self.anchors, self.allowed, self.ekus, self.tsa_anchors),
            *(self.identity_anchors, self.identity_allowed),
        )

    @cached_property
    def tsa_by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors of time-stamping authorities by the bytes of their subject."""
        if not self.tsa_anchors:
            return self.by_subject
        return index_by_subject(Certificate(one) for one in self.tsa_anchors)

    @cached_property
    def by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors by the bytes of their subject."""
        return index_by_subject(Certificate(one) for one in self.anchors)

    @cached_property
    def identity_by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors of named actors by the bytes of their subject."""
        return index_by_subject(Certificate(one) for one in self.identity_anchors)

    @classmethod
    def load(
        cls,
        *,
        anchors: Iterable[str | Path] = (),
        allowed: str | Path | None = None,
        eku_config: str | Path | None = None,
        tsa_anchors: Iterable[str | Path] = (),
        identity_anchors: Iterable[str | Path] = (),
        identity_allowed: str | Path | None = None,
    ) -> Self:
        """Read the user's files.

        Raises:
            CredentialError: a file cannot be read, holds nothing of what it should hold, or is
                damaged; names the line.
        """
        return cls(
            _anchors(anchors),
            _allowed_in(allowed),
            DEFAULT_EKUS
            if eku_config is None
            else _ekus(pem.read_file(eku_config), str(eku_config)),
            _anchors(tsa_anchors),
            _anchors(identity_anchors),
            _allowed_in(identity_allowed),
        )


def _allowed_in(path: str | Path | None) -> frozenset[bytes]:
    return frozenset() if path is None else _allowed(pem.read_file(path), str(path))


def _anchors(paths: Iterable[str | Path]) -> tuple[bytes, ...]:
    ders: dict[bytes, None] = {}  # as a set, but in order
    for path in paths:
        ders.update(dict.fromkeys(pem.certificates(pem.read_file(path), str(path))))
    return tuple(ders)


def _allowed(data: bytes, name: str) -> frozenset[bytes]:
    found = set()
    lines = pem.lines_of(data)
    for number, der in pem.blocks(lines, name):
        line = lines[number - 1].strip()
        if der is not None:
            found.add(digest(der, "sha256"))
        elif _BASE64.fullmatch(line):
            found.add(_hash(line, name, number))
    if not found:
        raise CredentialError(name, "holds neither a certificate nor a base64 SHA-256")
    return frozenset(found)


def _hash(line: str, name: str, number: int) -> bytes:
    try:
        value = b64decode(line, validate=True)
    except binascii.Error:
        value = b""
    if len(value) != 32:
        raise CredentialError(
            name, f"line {number}: {len(line)} characters, a SHA-256 in base64 has 44"
        )
    return value


def _ekus(data: bytes, name: str) -> frozenset[str]:
    found = set()
    for number, raw in enumerate(pem.lines_of(data), 1):
        line = raw.partition("//")[0].partition("#")[0].strip()
        if not line:
            continue
        if not _OID.fullmatch(line):
            raise CredentialError(name, f"line {number}: {line[:60]!r} is no OID")
        found.add(line)
    if not found:
        raise CredentialError(name, "holds no OID")
    return frozenset(found)
