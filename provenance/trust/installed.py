"""Trust lists that a user installed: kept in their data folder, with where they came from and when.

    <data>/trust/c2pa.json              what is installed: source, date, SHA-256
    <data>/trust/c2pa.former.json       the same of the list before
    <data>/trust/<sha256>.list          the lists, byte for byte

The folder is `PROVENANCE_DATA` if that is set, else what the platform has for such things. Nothing
here is read unless somebody calls: the command line does, the library does not.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path

from provenance.digests import digest
from provenance.errors import CredentialError
from provenance.trust import pem
from provenance.trust.lists import ListKind, TrustList, read_list

__all__ = ["ADDRESSES", "InstalledList", "data_folder", "former", "install", "installed"]
__all__ += ["remove"]

_HOME = "https://raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list"
ADDRESSES = {
    ListKind.C2PA: f"{_HOME}/C2PA-TRUST-LIST.json",
    ListKind.TSA: f"{_HOME}/C2PA-TSA-TRUST-LIST.json",
}
_SCHEMA = "provenance/installed-trust-list/1"
_FORMER = "former"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledList:
    """A list together with how it came here."""

    kind: ListKind
    source: str  # an address or a path
    at: datetime  # when it was installed, UTC
    sha256: str  # hex, of the list's bytes
    content: TrustList

    def age(self, now: datetime) -> str:
        """How long ago it was installed, in words."""
        days = (now - self.at).days
        if days <= 0:
            return "today" if days == 0 else f"on {self.at:%Y-%m-%d}"
        return f"{days} day{'s' * (days != 1)} ago"

    def is_overdue(self, now: datetime) -> bool:
        """Has the moment passed by which its publisher would make a new one?"""
        return self.content.next_update is not None and self.content.next_update < now


def data_folder() -> Path:
    """Where data of this user lies; made when something is written."""
    if named := os.environ.get("PROVENANCE_DATA"):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "provenance"


def installed(folder: Path | None = None) -> tuple[InstalledList, ...]:
    """The lists that are installed, that of signers first.

    Raises:
        CredentialError: one is damaged, or not what was installed.
    """
    return tuple(_present(folder or data_folder(), ""))


def former(folder: Path | None = None) -> tuple[InstalledList, ...]:
    """The lists that were installed before; one that is damaged is left out."""
    try:
        return tuple(_present(folder or data_folder(), _FORMER))
    except CredentialError:
        return ()


def _present(folder: Path, which: str) -> Iterator[InstalledList]:
    for kind in ListKind:
        found = _read(folder / "trust", kind, which)
        if found is not None:
            yield found


def install(
    data: bytes,
    *,
    source: str,
    now: datetime,
    kind: ListKind | None = None,
    folder: Path | None = None,
) -> InstalledList:
    """Read a list, and put it in the place of the one before, which is kept.

    Whatever happens on the way, there is a whole list afterwards: the new one or the old one.

    Args:
        data: the list, PEM or JSON.
        source: where it came from.
        now: with its zone.
        kind: whom it is about; None: as the list tells.
        folder: None for the user's.

    Raises:
        CredentialError: it is no list; nothing was changed.
        OSError: the folder cannot be written to.
    """
    content = read_list(data, source, kind)
    made = InstalledList(
        kind=content.kind,
        source=source,
        at=now.astimezone(UTC).replace(microsecond=0),
        sha256=digest(data, "sha256").hex(),
        content=content,
    )
    place = (folder or data_folder()) / "trust"
    place.mkdir(parents=True, exist_ok=True)
    _write(place / f"{made.sha256}.list", data)
    card = _card(place, made.kind)
    old = _bytes(card)
    if old is not None and _sha256_of(old) != made.sha256:
        _write(_card(place, made.kind, _FORMER), old)
    row = {
        "schema": _SCHEMA,
        "kind": made.kind.value,
        "source": source,
        "installed": made.at.isoformat(),
        "sha256": made.sha256,
    }
    _write(card, json.dumps(row, indent=2).encode() + b"\n")
    _sweep(place)
    return made


def remove(kinds: Iterable[ListKind] = ListKind, folder: Path | None = None) -> tuple[str, ...]:
    """Take lists away, with those before them.

    Returns:
        The titles of those that were there.

    Raises:
        OSError: they cannot be removed.
    """
    place = (folder or data_folder()) / "trust"
    gone = []
    for kind in kinds:
        card = _card(place, kind)
        if card.exists():
            gone.append(kind.words)
        card.unlink(missing_ok=True)
        _card(place, kind, _FORMER).unlink(missing_ok=True)
    _sweep(place)
    return tuple(gone)


def _card(place: Path, kind: ListKind, which: str = "") -> Path:
    return place / f"{kind.value}{'.' if which else ''}{which}.json"


def _read(place: Path, kind: ListKind, which: str) -> InstalledList | None:
    card = _card(place, kind, which)
    raw = _bytes(card)
    if raw is None:
        return None
    try:
        row = json.loads(raw)
        source, sha256 = str(row["source"]), str(row["sha256"])
        at = datetime.fromisoformat(row["installed"])
        if row["schema"] != _SCHEMA or at.tzinfo is None or not _is_hex(sha256):
            raise ValueError("not what we write")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(card, kind) from error
    data = pem.read_file(place / f"{sha256}.list")
    if not compare_digest(digest(data, "sha256").hex(), sha256):
        raise _damaged(place / f"{sha256}.list", kind)
    content = read_list(data, source, kind)
    return InstalledList(kind=kind, source=source, at=at, sha256=sha256, content=content)


def _damaged(path: Path, kind: ListKind) -> CredentialError:
    return CredentialError(
        str(path), f"the installed {kind.words} is damaged: `provenance trust update` mends it"
    )


def _is_hex(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _bytes(path: Path) -> bytes | None:
    return pem.read_file(path) if path.is_file() else None


def _sha256_of(card: bytes) -> str | None:
    try:
        return str(json.loads(card)["sha256"])
    except (ValueError, KeyError, TypeError):
        return None


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing: a new file, flushed, then moved into its place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _sweep(place: Path) -> None:
    """Take away lists that nothing refers to any more."""
    cards = (_card(place, kind, which) for kind in ListKind for which in ("", _FORMER))
    used = {_sha256_of(raw) for raw in map(_bytes, cards) if raw is not None}
    for path in place.glob("*.list"):
        if path.stem not in used:
            path.unlink(missing_ok=True)
