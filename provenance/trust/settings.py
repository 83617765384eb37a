"""What the user trusts: anchors, single certificates, extended key usages.

The files are those of c2patool: anchors as PEM with anything between, an allowed list of PEM
certificates or lines of base64 SHA-256, usages as one OID a line with `//` comments.
Source: C2PA 2.2 §14.4.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from provenance.digests import digest
from provenance.errors import CredentialError
from provenance.trust import pem
from provenance.trust.certificate import Certificate
from provenance.trust.chain import index_by_subject
from provenance.trust.did import NOBODY, Issuers
from provenance.trust.lists import Anchor, Window
from provenance.trust.profile import (
    C2PA_CLAIM_SIGNING,
    DEFAULT_EKUS,
    DOCUMENT_SIGNING,
    EMAIL_PROTECTION,
)

if TYPE_CHECKING:
    from provenance.trust.installed import InstalledList

__all__ = ["DEPRECATED", "EKU_PRESETS", "TrustSettings"]

# Algorithms that are still good and should not be used any more: the list of C2PA 2.2 §13.1 and
# §13.2, which is empty up to 2.5. What a user calls deprecated is added to it.
DEPRECATED: frozenset[str] = frozenset()

# Extended key usages to accept, by a name in place of a file.
EKU_PRESETS = {
    "c2pa": frozenset({C2PA_CLAIM_SIGNING}),  # what the C2PA trust list is for
    "default": DEFAULT_EKUS,  # what C2PA 2.2 §14.5.1 names
    "lenient": frozenset(  # with the usage of one vendor's earlier certificates
        {C2PA_CLAIM_SIGNING, EMAIL_PROTECTION, DOCUMENT_SIGNING, "1.3.6.1.4.1.311.76.59.1.9"}
    ),
}

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
    windows: tuple[tuple[bytes, Window], ...] = ()  # when an anchor counts, if not always
    lists: "tuple[InstalledList, ...]" = ()  # that some of the anchors come from
    tsa_published: bool = False  # `tsa_anchors` are those of a list, and none the user's own
    identity_issuers: Issuers = NOBODY  # whose aggregated identities count, and their documents
    deprecated: frozenset[str] = DEPRECATED  # names of hash and signature algorithms

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # Certificates parsed so far cannot cross processes.
        return type(self), (
            *(self.anchors, self.allowed, self.ekus, self.tsa_anchors),
            *(self.identity_anchors, self.identity_allowed),
            *(self.windows, self.lists, self.tsa_published, self.identity_issuers),
            self.deprecated,
        )

    @cached_property
    def tsa_by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors of time-stamping authorities by the bytes of their subject."""
        if not self.tsa_anchors:
            return self.by_subject
        return index_by_subject(map(self._anchor, self.tsa_anchors))

    @cached_property
    def by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors by the bytes of their subject."""
        return index_by_subject(map(self._anchor, self.anchors))

    @cached_property
    def identity_by_subject(self) -> dict[bytes, list[Certificate]]:
        """The anchors of named actors by the bytes of their subject."""
        return index_by_subject(Certificate(one) for one in self.identity_anchors)

    @cached_property
    def _windows_of(self) -> dict[bytes, tuple[Window, ...]]:
        found: dict[bytes, tuple[Window, ...]] = {}
        for der, window in self.windows:
            found[der] = (*found.get(der, ()), window)
        return found

    def _anchor(self, der: bytes) -> Certificate:
        windows = self._windows_of.get(der)
        return Certificate(der) if windows is None else Anchor(der, windows)

    def words(self, now: datetime) -> str:
        """Whom there is to trust, in a few words: how many, of which list, and how old it is."""
        kinds = (("trust anchor", len(self.anchors)), ("allowed certificate", len(self.allowed)))
        parts = [f"{count} {name}{'s' * (count != 1)}" for name, count in kinds if count]
        ages: dict[str, list[str]] = {}
        for one in self.lists:
            late = ", out of date" if one.is_overdue(now) else ""
            ages.setdefault(f"installed {one.age(now)}{late}", []).append(one.kind.words)
        parts += [f"{' and '.join(names)} {age}" for age, names in ages.items()]
        return ", ".join(parts) if self.anchors or self.allowed else "no trust anchors"

    @classmethod
    def installed(cls, folder: Path | None = None) -> Self:
        """The lists that `provenance trust update` installed; without any, nobody is trusted.

        Args:
            folder: None for the user's own data folder.

        Raises:
            CredentialError: a list is damaged.
        """
        from provenance.trust.installed import installed
        from provenance.trust.lists import ListKind

        lists = installed(folder)
        of = {one.kind: one.content for one in lists}
        signers, stampers = of.get(ListKind.C2PA), of.get(ListKind.TSA)
        return cls(
            anchors=signers.anchors if signers else (),
            tsa_anchors=stampers.anchors if stampers else (),
            windows=tuple(pair for one in of.values() for pair in one.windows),
            lists=lists,
            tsa_published=stampers is not None,
        )

    def beside(self, lists: Self) -> Self:
        """These settings, with the anchors of installed lists beside the user's own.

        What the user named counts as named: always, and for time stamps as without any list.
        """
        own = {*self.anchors, *self.tsa_anchors}
        return replace(
            self,
            anchors=_both(self.anchors, lists.anchors),
            tsa_anchors=_both(self.tsa_anchors or self.anchors, lists.tsa_anchors)
            if lists.tsa_anchors
            else self.tsa_anchors,
            windows=self.windows + tuple(one for one in lists.windows if one[0] not in own),
            lists=lists.lists,
            tsa_published=lists.tsa_published and not self.tsa_anchors,
        )

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
        identity_issuers: Iterable[str] = (),
        identity_documents: Iterable[str | Path] = (),
        deprecated: Iterable[str] = (),
    ) -> Self:
        """Read the user's files. In place of `eku_config` a name of `EKU_PRESETS` will do.

        Raises:
            CredentialError: a file cannot be read, holds nothing of what it should hold, or is
                damaged; names the line.
        """
        return cls(
            _anchors(anchors),
            _allowed_in(allowed),
            _ekus_in(eku_config),
            _anchors(tsa_anchors),
            _anchors(identity_anchors),
            _allowed_in(identity_allowed),
            identity_issuers=Issuers.load(identity_issuers, identity_documents),
            deprecated=DEPRECATED.union(deprecated),
        )


def _both(first: tuple[bytes, ...], second: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _ekus_in(config: str | Path | None) -> frozenset[str]:
    if config is None:
        return DEFAULT_EKUS
    preset = EKU_PRESETS.get(config) if isinstance(config, str) else None
    return preset or _ekus(pem.read_file(config), str(config))


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
