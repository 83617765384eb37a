"""Trust lists as they are published: PEM, or JSON with a history for each authority.

The JSON is that of ETSI TS 119 602: for each service its certificates, whether it is trusted, and
since when; what it was before stands in its history. That makes windows, in which an anchor counts.
A list with one entry that cannot be read is refused as a whole: half a list is another list.
Source: C2PA 2.4 §14.4; ETSI TS 119 602 v1.1.1.
"""

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from provenance.errors import CredentialError, MalformedError
from provenance.trust import pem
from provenance.trust.certificate import Certificate
from provenance.trust.profile import TIME_STAMPING

__all__ = ["Anchor", "ListKind", "TrustList", "Window", "read_list"]

_TRUSTED = "/trusted"  # how the address of the one good status ends
_MAX_SERVICES = 10_000


class ListKind(StrEnum):
    """Whom a list is about."""

    C2PA = "c2pa"  # who signs claims
    TSA = "tsa"  # who stamps time

    @property
    def words(self) -> str:
        """For people."""
        return "C2PA trust list" if self is ListKind.C2PA else "C2PA TSA trust list"


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when an anchor counts; None for no bound. Moments have a zone."""

    not_before: datetime | None = None
    not_after: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Is a moment inside?"""
        after = self.not_before is None or self.not_before <= at
        return after and (self.not_after is None or at < self.not_after)


@dataclass(frozen=True)
class Anchor(Certificate):
    """An anchor that counts only in some windows, besides its own validity."""

    windows: tuple[Window, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # As a certificate is pickled: without what was read so far.
        return type(self), (self.der, self.windows)

    def valid_at(self, at: datetime) -> bool:
        """Is a moment inside its validity and inside a window?"""
        return super().valid_at(at) and any(one.covers(at) for one in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A published list."""

    kind: ListKind
    anchors: tuple[bytes, ...]  # DER
    windows: tuple[tuple[bytes, Window], ...] = ()  # by anchor; one without any always counts
    sequence: int | None = None  # higher is newer
    issued: datetime | None = None
    next_update: datetime | None = None


def read_list(data: bytes, name: str, kind: ListKind | None = None) -> TrustList:
    """Read a list, PEM or JSON.

    Args:
        data: the whole of it.
        name: of the file or its address; a PEM list of time-stamping authorities may be known
            by it.
        kind: whom it is about; None: as the list itself tells.

    Raises:
        CredentialError: it is neither, holds no anchor, or an entry cannot be read.
    """
    if data.lstrip()[:1] == b"{":
        return _read_json(data, name, kind)
    anchors = tuple(dict.fromkeys(pem.certificates(data, name)))
    return TrustList(kind=kind or _kind_of_pem(anchors, name), anchors=anchors)


def _kind_of_pem(anchors: tuple[bytes, ...], name: str) -> ListKind:
    if "TSA" in name.replace("\\", "/").rpartition("/")[2].upper():
        return ListKind.TSA
    stamping = 0
    for one in anchors:
        try:
            stamping += Certificate(one).ekus == (TIME_STAMPING,)
        except MalformedError:
            continue
    return ListKind.TSA if stamping * 2 > len(anchors) else ListKind.C2PA


def _read_json(data: bytes, name: str, kind: ListKind | None) -> TrustList:
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CredentialError(name, "is no JSON that can be read") from error
    body = _map(_map(whole, name, "the list").get("LoTE"), name, "LoTE")
    scheme = _map(body.get("ListAndSchemeInformation"), name, "ListAndSchemeInformation")
    windows: list[tuple[bytes, Window]] = []
    for number, service in enumerate(_services(body, name), 1):
        windows += _entry(service, name, f"service {number}")
    if not windows:
        raise CredentialError(name, "holds no trusted certificate")
    sequence = scheme.get("LoTESequenceNumber")
    return TrustList(
        kind=kind or _kind_of_json(scheme, name),
        anchors=tuple(dict.fromkeys(der for der, _ in windows)),
        windows=tuple(windows),
        sequence=sequence if isinstance(sequence, int) else None,
        issued=_moment(scheme.get("ListIssueDateTime"), name, "ListIssueDateTime"),
        next_update=_moment(scheme.get("NextUpdate"), name, "NextUpdate"),
    )


def _kind_of_json(scheme: Mapping[str, Any], name: str) -> ListKind:
    words = json.dumps(scheme.get("SchemeName")).upper()
    return ListKind.TSA if "TSA" in words or "TIME-STAMP" in words else ListKind.C2PA


def _services(body: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = 0
    for entity in _rows(body.get("TrustedEntitiesList"), name, "TrustedEntitiesList"):
        held = _map(entity, name, "an entry of TrustedEntitiesList")
        for one in _rows(held.get("TrustedEntityServices"), name, "TrustedEntityServices"):
            found += 1
            if found > _MAX_SERVICES:
                raise CredentialError(name, f"more than {_MAX_SERVICES} services")
            yield _map(one, name, "a service")


def _entry(service: Mapping[str, Any], name: str, where: str) -> Iterator[tuple[bytes, Window]]:
    """Each certificate of a service with each span of time in which it was trusted."""
    now = _map(service.get("ServiceInformation"), name, f"{where}: ServiceInformation")
    ders = [_certificate(row, name, where) for row in _certificates_of(now, name, where)]
    past = [_map(one, name, f"{where}: ServiceHistory") for one in _history(service, name, where)]
    spans = [_status(one, name, where) for one in (now, *past)]
    spans.sort(key=lambda one: one[0])
    for at, (start, trusted) in enumerate(spans):
        if trusted:
            end = spans[at + 1][0] if at + 1 < len(spans) else None
            yield from ((der, Window(start, end)) for der in ders)


def _certificates_of(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    identity = _map(row.get("ServiceDigitalIdentity"), name, f"{where}: ServiceDigitalIdentity")
    return _rows(identity.get("X509Certificates"), name, f"{where}: X509Certificates")


def _history(service: Mapping[str, Any], name: str, where: str) -> list[Any]:
    held = service.get("ServiceHistory")
    return [] if held is None else _rows(held, name, f"{where}: ServiceHistory")


def _status(row: Mapping[str, Any], name: str, where: str) -> tuple[datetime, bool]:
    start = _moment(row.get("StatusStartingTime"), name, f"{where}: StatusStartingTime")
    if start is None:
        raise CredentialError(name, f"{where}: StatusStartingTime is missing")
    status = row.get("ServiceStatus")
    return start, isinstance(status, str) and status.endswith(_TRUSTED)


def _certificate(row: Any, name: str, where: str) -> bytes:
    value = _map(row, name, f"{where}: a certificate").get("val")
    try:
        der = b64decode(value, validate=True) if isinstance(value, str) else b""
        _ = Certificate(der).parts
    except (binascii.Error, ValueError, MalformedError) as error:
        raise CredentialError(name, f"{where}: a certificate that cannot be read") from error
    return der


def _moment(value: Any, name: str, what: str) -> datetime | None:
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise CredentialError(name, f"{what}: {str(value)[:40]!r} is no date") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _map(value: Any, name: str, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CredentialError(name, f"{what} is missing, or is no object")
    return value


def _rows(value: Any, name: str, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise CredentialError(name, f"{what} is missing, or is no array")
    return value
