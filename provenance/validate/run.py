"""Bytes in, report out: locate the store, read it, run every clause.

    bytes → formats.locate → model.read → checks → VerificationReport

Source: C2PA 2.2 §15.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import (
    EncryptedError,
    LimitError,
    MalformedError,
    ProvenanceError,
    UnsupportedFormatError,
)
from provenance.formats import registry, sidecar
from provenance.formats.base import Handler, Located
from provenance.formats.opaque import OPAQUE
from provenance.jumbf import uuids
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.store import ManifestStore
from provenance.remote.address import RemoteFile, is_address, suffix_of
from provenance.source import Asset, ByteSource, PathSource, open_source
from provenance.spans import Span
from provenance.trust.settings import TrustSettings
from provenance.validate.context import Context
from provenance.validate.coverage import describe_coverage
from provenance.validate.describe import describe_manifest
from provenance.validate.finding import Finding
from provenance.validate.located import check_located
from provenance.validate.manifest import check_all
from provenance.validate.reading import read_manifest
from provenance.validate.results import (
    AssetInfo,
    ErrorKind,
    Location,
    ReadError,
    VerificationReport,
)
from provenance.validate.revocation import statuses_in
from provenance.validate.status import Status
from provenance.validate.time import tokens_by_manifest
from provenance.validate.walk import target_label, walk

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.validate.memory import Memory

__all__ = ["Examined", "examine", "verify"]

_KINDS = (
    (UnsupportedFormatError, ErrorKind.UNSUPPORTED_FORMAT),
    (LimitError, ErrorKind.LIMIT),
    (MalformedError, ErrorKind.MALFORMED),
)
_TRACE = b"jumd" + uuids.MANIFEST_STORE
_SEARCHED = 64 << 20  # bytes
_FETCHED = 32 << 20  # bytes, of one thing
_STORE_TYPES = "application/c2pa, application/x-c2pa-manifest-store;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Examined:
    """A report together with the store it is about, for whoever builds on it."""

    report: VerificationReport
    store: ManifestStore | None
    context: Context | None = None  # what was read of the chain; its asset is closed


class _SeveralError(MalformedError):
    """More than one store, which counts as none."""


@dataclass(frozen=True, slots=True)
class _Found:
    location: Location
    store: bytes | None = None
    located: Located = Located()
    problem: Finding | None = None  # why there is no store


@dataclass(frozen=True, slots=True)
class _Terms:
    """By what an asset is judged, and how far one may go for what it names."""

    trust: TrustSettings
    at: datetime
    limits: Limits
    door: "Door | None"  # for what carries its own signature
    far: "Door | None"  # for all else
    folder: Path | None  # of the asset
    fragments: tuple[ByteSource, ...]
    memory: "Memory | None"


def verify(
    asset: Asset,
    *,
    manifest: Asset | None = None,
    trust: TrustSettings | None = None,
    at: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    online: "bool | Door" = False,
    fragments: Sequence[Asset] = (),
) -> VerificationReport:
    """Check an asset against its manifest store, and the whole chain of manifests in it.

    Bad bytes are a result, never an exception. Nothing is fetched, unless `online`.

    Args:
        asset: a path, an address such as `s3://bucket/a.jpg`, bytes, or a seekable binary stream.
            A sidecar beside a path is found by name.
        manifest: the manifest store, when it lies elsewhere.
        trust: whom to trust; without anchors nobody is, and integrity is judged all the same.
        at: the moment to judge certificates by; now when absent. Needs a time zone.
        limits: how much untrusted input to read.
        online: fetch what the file names: a manifest store that lies elsewhere, data that an
            assertion stands for; and ask certificates' issuers whether they were revoked, where the
            file does not tell. True, or how far out one may go. Those who are asked learn what is
            being looked at.
        fragments: media segments of an asset that is an initialisation segment; any of them, in
            any order, but of a live stream in its own.

    Raises:
        OSError: the asset, the manifest or a fragment cannot be read.

    Source: C2PA 2.2 §15.
    """
    return examine(
        asset,
        manifest=manifest,
        trust=trust,
        at=at,
        limits=limits,
        online=online,
        fragments=fragments,
    ).report


def examine(
    asset: Asset,
    *,
    manifest: Asset | None = None,
    trust: TrustSettings | None = None,
    at: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    online: "bool | Door" = False,
    fragments: Sequence[Asset] = (),
    memory: "Memory | None" = None,
) -> Examined:
    """As `verify`, with the store that was read.

    Args:
        memory: of a run over many files with the same limits: what it knows is not found again.
    """
    path = _path(asset)
    with ExitStack() as opened:
        source = opened.enter_context(open_source(asset))
        segments = _segments(fragments, opened)
        info = AssetInfo(str(path) if path else None, None, source.size)
        found = _Found(Location.NONE)
        try:
            handler = _handler(source, path, manifest)
            info = AssetInfo(info.path, handler.media_types[0], source.size)
            terms = _Terms(
                trust or TrustSettings(),
                at or datetime.now(UTC),
                limits,
                *_doors(online),
                path.parent if isinstance(path, Path) else None,
                segments,
                memory,
            )
            found = _locate(handler, source, path, manifest, terms)
            return _judge(found, info, source, handler, terms)
        except ProvenanceError as error:
            return Examined(_unreadable(info, found, error, source), None)


def _path(asset: Asset) -> Path | RemoteFile | None:
    """Where an asset with a name lies."""
    if isinstance(asset, RemoteFile):
        return asset
    if is_address(asset):
        return RemoteFile(asset)
    return Path(asset) if isinstance(asset, (str, Path)) else None


def _segments(assets: Sequence[Asset], opened: ExitStack) -> tuple[ByteSource, ...]:
    """Media segments; one in a file is opened when it is its turn, for there may be thousands."""
    if not any(map(is_address, assets)):
        return tuple(_segment(one, opened) for one in assets)
    from provenance.remote.blocks import Blocks
    from provenance.remote.source import open_remote

    kept = Blocks()
    return tuple(
        open_remote(RemoteFile(one), kept) if is_address(one) else _segment(one, opened)
        for one in assets
    )


def _segment(asset: Asset, opened: ExitStack) -> ByteSource:
    if isinstance(asset, (str, Path)):
        return PathSource(asset)
    return opened.enter_context(open_source(asset))


def _paired(path: Path | RemoteFile | None) -> Asset | None:
    """The sidecar of an asset, if it has one."""
    if isinstance(path, RemoteFile):
        from provenance.remote.source import beside

        return beside(path)
    return sidecar.paired(path) if path is not None else None


def _suffix(path: Path | RemoteFile | None) -> str:
    if isinstance(path, RemoteFile):
        return suffix_of(path.url)
    return path.suffix.lower() if path else ""


def _doors(online: "bool | Door") -> "tuple[Door | None, Door | None]":
    """The doors to the network, None when shut: for what is signed and may come plain; for else."""
    if online is False:
        return None, None
    from provenance.fetch import Door

    if online is True:
        return Door(plain=True), Door(max_bytes=_FETCHED)
    return online, online


def _handler(source: ByteSource, path: Path | RemoteFile | None, manifest: Asset | None) -> Handler:
    try:
        return registry.find(source, _suffix(path))
    except UnsupportedFormatError:
        # Any file can have its manifest beside it; that says nothing about what is inside.
        if manifest is not None or _paired(path) is not None:
            return OPAQUE
        raise


def _locate(
    handler: Handler,
    source: ByteSource,
    path: Path | RemoteFile | None,
    manifest: Asset | None,
    terms: _Terms,
) -> _Found:
    limits = terms.limits
    if manifest is not None:
        return _Found(Location.SIDECAR, _read_store(manifest, limits))
    located = handler.locate(source, limits)
    if located.store is not None:
        return _Found(Location.EMBEDDED, located.store, located)
    beside = _paired(path)
    if beside is not None:
        return _Found(Location.SIDECAR, _read_store(beside, limits), located)
    if located.remote_url is not None:
        return _fetch(located, located.remote_url, terms)
    if located.notes:
        return _Found(Location.EMBEDDED, None, located)
    if located.count > 1:
        raise _SeveralError("manifest store", f"{located.count} of them, which counts as none")
    return _Found(Location.NONE, None, located)


def _fetch(located: Located, url: str, terms: _Terms) -> _Found:
    """The store that lies elsewhere, if it may be fetched (§15.5.3)."""
    if terms.far is None:
        return _Found(Location.REMOTE, None, located)
    from provenance.fetch import FetchError

    door = replace(terms.far, max_bytes=min(terms.far.max_bytes, terms.limits.store_bytes))
    try:
        return _Found(Location.REMOTE, door.get(url, accept=_STORE_TYPES), located)
    except FetchError as error:
        problem = Finding(Status.MANIFEST_INACCESSIBLE, None, str(error))
        return _Found(Location.REMOTE, None, located, problem)


def _read_store(asset: Asset, limits: Limits) -> bytes:
    with open_source(asset) as source:
        if source.size > limits.store_bytes:
            raise LimitError(
                "manifest store", f"{source.size} bytes, of which we read {limits.store_bytes}"
            )
        return source.read(0, source.size)


def _has_traces(source: ByteSource) -> bool:
    """Is there the beginning of a manifest store somewhere in a container that cannot be read?"""
    overlap = b""
    for block in source.blocks(Span(0, min(source.size, _SEARCHED))):
        text = overlap + bytes(block)
        if _TRACE in text:
            return True
        overlap = text[-len(_TRACE) :]
    return False


def _unreadable(
    info: AssetInfo, found: _Found, error: ProvenanceError, source: ByteSource
) -> VerificationReport:
    kind = next(kind for cls, kind in _KINDS if isinstance(error, cls))
    location = found.location
    if isinstance(error, EncryptedError):
        location = Location.EMBEDDED
    if location is Location.NONE and kind is ErrorKind.MALFORMED and _has_traces(source):
        location = Location.EMBEDDED  # a store that cannot be read is not the absence of one
    told = _told(error, location)
    return VerificationReport(
        asset=info,
        location=location,
        findings=() if told is None else (Finding(told, None, str(error)),),
        errors=(ReadError(kind, str(error), error.offset),),
        remote_url=found.located.remote_url,
    )


def _told(error: ProvenanceError, location: Location) -> Status | None:
    """The code for a store that is there and cannot be read; that none is there has no code."""
    if location is Location.NONE:
        return None
    match error:
        case EncryptedError():
            return Status.MANIFEST_INACCESSIBLE_ENCRYPTED
        case _SeveralError():
            return None
        case MalformedError():
            return Status.MANIFEST_INACCESSIBLE_MALFORMED
        case _:  # more than we read: no other code says so
            return Status.GENERAL_ERROR


def _judge(
    found: _Found,
    info: AssetInfo,
    source: ByteSource,
    handler: Handler,
    terms: _Terms,
) -> Examined:
    if found.store is None:
        report = VerificationReport(
            asset=info,
            location=found.location,
            findings=(found.problem,) if found.problem else tuple(check_located(found.located)),
            remote_url=found.located.remote_url,
        )
        return Examined(report, None)
    memory = terms.memory
    store = ManifestStore.parse(found.store, terms.limits, memory)
    active = store.active
    if active is None:
        raise MalformedError("manifest store", "holds no manifest")
    chain = walk(store, active, terms.limits, memory.read if memory else read_manifest)
    context = Context(
        asset=source,
        handler=handler,
        carriers=found.located.carriers if found.location is Location.EMBEDDED else (),
        core=found.located.core if found.location is Location.EMBEDDED else None,
        store=store,
        readings=chain.readings,
        redacted=chain.redacted,
        redacted_manifests=frozenset(filter(None, map(target_label, chain.redacted))),
        tokens=tokens_by_manifest(chain.readings),
        trust=terms.trust,
        at=terms.at,
        limits=terms.limits,
        statuses=statuses_in(chain.readings),
        door=terms.door,
        far=terms.far,
        folder=terms.folder,
        fragments=terms.fragments,
        memory=memory,
    )
    checked = check_all(context)
    report = VerificationReport(
        asset=info,
        location=found.location,
        findings=checked.findings[active.label],
        deltas=checked.deltas,
        manifests=tuple(
            describe_manifest(reading, checked, context) for reading in chain.readings.values()
        ),
        remote_url=found.located.remote_url,
        trust=terms.trust.words(terms.at),
        judged_at=context.at,
        coverage=describe_coverage(chain.readings[active.label], context),
    )
    return Examined(report, store, context)
