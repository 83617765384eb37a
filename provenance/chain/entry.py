"""A signed file as far as its manifest store tells, before anything of it is verified."""

from dataclasses import dataclass
from pathlib import Path

from provenance.chain.account import claim_id
from provenance.chain.prints import binding_of
from provenance.errors import MalformedError, ProvenanceError
from provenance.formats import registry, sidecar
from provenance.limits import Limits
from provenance.model.assertions.contribution import ACCEPTANCE
from provenance.model.store import ManifestStore
from provenance.source import open_source
from provenance.validate.reading import Reading
from provenance.validate.walk import down

__all__ = ["STORE_SUFFIX", "Entry", "entry_at", "paired", "read_entry", "reopened"]

STORE_SUFFIX = ".c2pa"


@dataclass(frozen=True, slots=True)
class Entry:
    """A signed file, as far as its store tells before it is verified."""

    path: Path
    asset: Path | None  # None: a store alone
    beside: Path | None  # the file that the store is; None: it lies in the asset
    claim: str
    claims: tuple[str, ...]  # of all manifests in it
    labels: tuple[str, ...]
    fingerprint: str | None
    content: str | None  # digest of all but the store
    accepts: bool


def entry_at(path: Path, limits: Limits) -> Entry | None:
    """The entry of a file with what lies beside it, or of a store that stands for itself."""
    if path.suffix.lower() == STORE_SUFFIX:
        return read_entry(None, path, limits)
    return read_entry(path, paired(path), limits)


def read_entry(asset: Path | None, beside: Path | None, limits: Limits) -> Entry | None:
    """The entry of a file; None for one that cannot be read, or has no store."""
    path = asset or beside
    if path is None:
        return None
    try:
        data = _embedded(asset, limits)
        place = beside if data is None else None  # a store in the file goes before one beside
        store = _store(data, place, limits)
        return None if store is None else _describe(path, asset, place, store, limits)
    except (ProvenanceError, OSError):
        return None  # not one that can be read: it is nobody's ingredient


def reopened(entry: Entry, limits: Limits) -> ManifestStore | None:
    """Its store once more; None if it cannot be read any longer."""
    try:
        return _store(_embedded(entry.asset, limits), entry.beside, limits)
    except (ProvenanceError, OSError):
        return None


def paired(path: Path) -> Path | None:
    """The sidecar of a file, if there is one that can be read."""
    try:
        return sidecar.paired(path)
    except (OSError, ProvenanceError):
        return None


def _embedded(asset: Path | None, limits: Limits) -> bytes | None:
    if asset is None or asset.is_dir():
        return None
    with open_source(asset) as source:
        try:
            handler = registry.find(source, asset.suffix.lower())
            return handler.locate(source, limits).store
        except ProvenanceError:
            return None


def _store(data: bytes | None, beside: Path | None, limits: Limits) -> ManifestStore | None:
    if data is None and beside is not None:
        with open_source(beside) as source:
            data = source.read(0, min(source.size, limits.store_bytes))
    return ManifestStore.parse(data, limits) if data is not None else None


def _describe(
    path: Path, asset: Path | None, beside: Path | None, store: ManifestStore, limits: Limits
) -> Entry:
    base = _base(store, limits)
    binding = binding_of(base)
    return Entry(
        path=path,
        asset=asset,
        beside=beside,
        claim=claim_id(base.manifest),
        claims=tuple(map(claim_id, store.manifests)),
        labels=tuple(one.label for one in store.manifests),
        fingerprint=binding["fingerprint"],
        content=binding["content_digest"],
        accepts=any(ACCEPTANCE.encode() in bytes(one.content.raw) for one in store.manifests),
    )


def _base(store: ManifestStore, limits: Limits) -> Reading:
    """The active manifest, or what it updates."""
    readings = tuple(down(store, limits))
    if not readings:
        raise MalformedError("manifest store", "holds no manifest")
    return readings[-1]
