"""Files that were given to look for ingredients in: which of them is the one, and what it tells.

Nothing is read before something is looked for; then the manifest stores of all, and a file is
hashed only when an ingredient is known by its hash alone. A `.c2pa` file goes with the asset beside
it, or stands for itself. What lies elsewhere a catalogue may know; see there.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import new as new_hash
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from provenance.chain.account import Account, claim_id, read_accounts
from provenance.chain.catalogue import MOST, Catalogue, Lookup
from provenance.chain.corroborate import MOST_BYTES
from provenance.chain.entry import STORE_SUFFIX, Entry, entry_at, paired, read_entry, reopened
from provenance.chain.links import Link
from provenance.digests import digest, is_allowed
from provenance.errors import MalformedError, ProvenanceError
from provenance.formats import registry, sidecar
from provenance.limits import Limits
from provenance.model.labels import SIGNATURE
from provenance.model.store import Manifest
from provenance.source import FolderSource, open_source
from provenance.spans import Span
from provenance.trust.settings import TrustSettings
from provenance.validate.run import examine

__all__ = ["Files", "Found", "Loose", "sha256_of"]

_LOADED = 256  # files whose accounts are kept at hand


@dataclass(frozen=True, slots=True)
class Found:
    """A signed file that was looked at; `claim` is the work's, past its updates."""

    path: Path
    claim: str
    accounts: tuple[Account, ...]
    media_type: str | None
    sha256: str | None  # None: a folder, or a store alone


@dataclass(frozen=True, slots=True)
class Loose:
    """A file without a manifest."""

    path: Path
    media_type: str | None


class Files:
    """What lies in the places that were given.

    Args:
        places: files and folders.
        trust: whom to trust.
        at: the moment to judge by.
        limits: how many files, and how many bytes of them to hash.
        catalogue: knows of further files, which are looked into when they are asked for.
    """

    def __init__(
        self,
        places: Sequence[str | Path],
        *,
        trust: TrustSettings | None,
        at: datetime,
        limits: Limits,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._places = tuple(map(Path, places))
        self._trust, self._at, self._limits = trust, at, limits
        self._left = limits.resolve_bytes
        self._known: dict[Path, Found | None] = {}
        self._digests: dict[tuple[Path, str], str | None] = {}
        self._all: dict[str, dict[str, Path]] = {}
        self._catalogue = catalogue
        self._lookup = Lookup(self._entry_of)
        self.truncated = False  # there were more than we look through

    @property
    def outdated(self) -> Mapping[Path, str]:
        """Files that are not what the catalogue says, and why."""
        return self._lookup.outdated

    def _entry_of(self, path: Path) -> Entry | None:
        # Pipes and devices are not read, whoever names them.
        return entry_at(path, self._limits) if os.path.isfile(path) or os.path.isdir(path) else None

    def _elsewhere(
        self, ask: Callable[[Catalogue], Iterable[Path]], fits: Callable[[Entry], bool]
    ) -> Iterator[Entry]:
        """What the catalogue knows of, and is so."""
        if self._catalogue is not None:
            yield from self._lookup.entries(ask(self._catalogue), fits)

    @cached_property
    def _paths(self) -> tuple[Path, ...]:
        found: dict[Path, None] = {}
        for path in _walk(self._places):
            if len(found) >= self._limits.resolve_files:
                self.truncated = True
                break
            found[path] = None
        return tuple(found)

    @cached_property
    def _entries(self) -> tuple[Entry, ...]:
        stores = {path for path in self._paths if path.suffix.lower() == STORE_SUFFIX}
        found: list[Entry] = []
        for path in self._paths:
            if path in stores:
                continue
            entry = read_entry(path, paired(path), self._limits)
            if entry is not None:
                found.append(entry)
                stores -= {entry.beside}
        for path in sorted(stores):
            entry = read_entry(None, path, self._limits)
            if entry is not None:
                found.append(entry)
        return tuple(found)

    @cached_property
    def _by_claim(self) -> dict[str, Entry]:
        return {one.claim: one for one in reversed(self._entries)}

    @cached_property
    def _by_label(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for one in self._entries:
            for label in dict.fromkeys(one.labels):
                found.setdefault(label, []).append(one)
        return found

    @cached_property
    def _by_content(self) -> dict[str, Entry]:
        return {one.content: one for one in reversed(self._entries) if one.content}

    def by_claim(self, claim: str) -> Found | None:
        """The signed file of a work."""
        entry = self._by_claim.get(claim) or next(
            self._elsewhere(lambda one: one.by_claim(claim), lambda one: one.claim == claim), None
        )
        return self._load(entry) if entry else None

    def by_reference(self, link: Link) -> tuple[str, tuple[Account, ...]] | None:
        """The manifest that an ingredient names and its store lacks, from any store at hand.

        Returns:
            Its claim and the accounts of the store; None when none hashes to what was signed.
        """
        label = link.manifest or ""
        hash_ = next((one.hash for one in (link.reference, link.signature) if one), None)
        held = self._elsewhere(
            lambda one: one.by_reference(label, hash_), lambda one: label in one.labels
        )
        for entry in chain(self._by_label.get(label, ())[:8], held):
            store = reopened(entry, self._limits)
            manifest = store.manifest(label) if store else None
            found = self._load(entry) if manifest is not None else None
            if manifest is not None and found is not None and _is_meant(manifest, link):
                return claim_id(manifest), found.accounts
        return None

    def by_digest(self, digest_: str, title: str | None) -> Found | Loose | None:
        """The file with a digest; or the signed form of the content that had it unsigned.

        Args:
            digest_: `sha256:…`.
            title: what it was called: files of that name are looked at first, and any may be it.
        """
        entry = self._by_content.get(digest_)
        if entry is not None:
            return self._load(entry)
        alg = digest_.partition(":")[0]
        likely = self._by_name.get(title or "", ())
        path = next((one for one in likely if self._digest(one, alg) == digest_), None)
        path = path or self._hashed(alg).get(digest_)
        if path is None:
            return self._by_digest_elsewhere(digest_, title)
        signed = self._signed.get(path)
        return self._load(signed) if signed else Loose(path, _type(path))

    def _by_digest_elsewhere(self, digest_: str, title: str | None) -> Found | Loose | None:
        if self._catalogue is None:
            return None
        alg = digest_.partition(":")[0]
        for path in islice(self._catalogue.by_digest(digest_), MOST):
            entry = next(self._lookup.entries((path,), lambda one: one.content == digest_), None)
            if entry is not None:
                return self._load(entry)
            if os.path.isfile(path) and self._digest(path, alg) == digest_:
                self._lookup.outdated.pop(path, None)
                return self._loaded(path)
        named = self._catalogue.by_name(title) if title else ()
        for path in islice(named, MOST):
            if os.path.isfile(path) and self._digest(path, alg) == digest_:
                return self._loaded(path)
        return None

    def _loaded(self, path: Path) -> Found | Loose | None:
        entry = entry_at(path, self._limits)
        return self._load(entry) if entry else Loose(path, _type(path))

    @cached_property
    def _plain(self) -> tuple[Path, ...]:
        return tuple(
            one for one in self._paths if one.suffix.lower() != STORE_SUFFIX and not one.is_dir()
        )

    @cached_property
    def _signed(self) -> dict[Path, Entry]:
        return {one.asset: one for one in self._entries if one.asset}

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for one in self._plain:
            found.setdefault(one.name, []).append(one)
        return found

    def _hashed(self, alg: str) -> dict[str, Path]:
        """All files by their digest; the first of several that are the same."""
        if alg not in self._all:
            rows = ((self._digest(one, alg), one) for one in reversed(self._plain))
            self._all[alg] = {digest_: one for digest_, one in rows if digest_}
        return self._all[alg]

    def _digest(self, path: Path, alg: str) -> str | None:
        key = (path, alg)
        if key not in self._digests:
            size = _size(path)
            if size is None or size > self._left or not is_allowed(alg):
                self.truncated = self.truncated or size is not None
                return None
            self._left -= size
            self._digests[key] = _digest_of(path, alg)
        return self._digests[key]

    def bundles(self) -> Iterator[Path]:
        """What may be model signatures."""
        for path in self._paths:
            size = _size(path) if path.suffix.lower() == ".sig" else None
            if size is not None and size <= MOST_BYTES:
                yield path

    def accepting(self, claims: Iterable[str]) -> Iterator[Found]:
        """The signed files that hold acceptances; of further ones those between these works."""
        known = tuple(claims)
        held = self._elsewhere(lambda one: one.accepting(known), lambda one: one.accepts)
        for entry in chain(self._entries if self._places else (), held):
            if entry.accepts and (found := self._load(entry)) is not None:
                yield found

    def claiming(self, fingerprint: str, claim: str) -> Iterator[Found]:
        """The signed files over the same content, by another claim."""
        held = self._elsewhere(
            lambda one: one.by_fingerprint(fingerprint), lambda one: one.fingerprint == fingerprint
        )
        for entry in chain(self._by_fingerprint.get(fingerprint, ()), held):
            if entry.claim != claim and (found := self._load(entry)) is not None:
                yield found

    @cached_property
    def _by_fingerprint(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for one in self._entries:
            if one.fingerprint:
                found.setdefault(one.fingerprint, []).append(one)
        return found

    def _load(self, entry: Entry) -> Found | None:
        if entry.path not in self._known:
            if len(self._known) >= _LOADED:
                self._known.pop(next(iter(self._known)))
            self._known[entry.path] = self._read(entry)
        return self._known[entry.path]

    def _read(self, entry: Entry) -> Found | None:
        alone = entry.asset is None
        try:
            examined = examine(entry.path, trust=self._trust, at=self._at, limits=self._limits)
            accounts = read_accounts(examined, str(entry.path), alone=alone)
            hashed = None if alone or entry.path.is_dir() else sha256_of(entry.path)
        except OSError:
            return None
        media_type = None if alone else examined.report.asset.format
        return Found(entry.path, entry.claim, accounts, media_type, hashed) if accounts else None


def _walk(places: Iterable[Path]) -> Iterator[Path]:
    """Files and folders, in order of name; links are not followed."""
    for place in places:
        if not place.is_dir():
            if place.is_file():
                yield place
            continue
        yield place
        beside = sidecar.paired(place)
        if beside is not None and not beside.is_relative_to(place):
            yield beside
        for folder, folders, names in os.walk(place):
            folders.sort()
            for name in sorted((*names, *folders)):
                path = Path(folder, name)
                if not path.is_symlink() and (path.is_file() or path.is_dir()):
                    yield path


def _is_meant(manifest: Manifest, link: Link) -> bool:
    """Does it hash to what the ingredient assertion says, as a whole or by its signature?"""
    signature = manifest.find((SIGNATURE,))
    pairs = ((link.reference, manifest.box), (link.signature, signature))
    for ref, box in pairs:
        alg = (ref.alg or "sha256") if ref else None
        if ref and box and is_allowed(alg) and digest(box.hashed, alg) == ref.hash:
            return True
    return False


def _type(path: Path) -> str | None:
    try:
        with open_source(path) as source:
            return registry.find(source, path.suffix.lower()).media_types[0]
    except (ProvenanceError, OSError):
        return None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _digest_of(path: Path, alg: str) -> str | None:
    hasher = new_hash(alg)
    try:
        with open_source(path) as source:
            for block in source.blocks(Span(0, source.size)):
                hasher.update(block)
    except (OSError, MalformedError):
        return None
    return f"{alg}:{hasher.hexdigest()}"


def sha256_of(path: str | Path) -> str | None:
    """The SHA-256 of a file as hex, in one pass; None for a folder.

    Raises:
        OSError: it cannot be read.
    """
    with open_source(path) as source:
        if isinstance(source, FolderSource):
            return None
        hasher = sha256()
        for block in source.blocks(Span(0, source.size)):
            hasher.update(block)
        return hasher.hexdigest()
