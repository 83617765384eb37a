"""What the checks of one asset share: read once, changed never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.formats.base import Handler
from provenance.limits import Limits
from provenance.model.store import ManifestStore
from provenance.source import ByteSource
from provenance.spans import Span
from provenance.trust.settings import TrustSettings
from provenance.validate.reading import Reading

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.trust.ocsp import Response
    from provenance.validate.memory import Memory

__all__ = ["Context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """An asset, its store, and by what it is judged."""

    asset: ByteSource
    handler: Handler  # of its container
    carriers: tuple[Span, ...]  # where the store lies in the asset; empty for a sidecar
    core: tuple[Span, ...] | None = None  # what of the carriers a data hash must leave out
    store: ManifestStore
    readings: Mapping[str, Reading]  # by manifest label: those reached from the active one
    redacted: frozenset[str]  # absolute URIs that any of their claims redacts
    redacted_manifests: frozenset[str]  # the labels of the manifests those are in
    tokens: Mapping[str, tuple[bytes, ...]]  # of time-stamp assertions, by manifest label
    trust: TrustSettings
    at: datetime  # the moment that stands for now
    limits: Limits
    fragments: tuple[ByteSource, ...] = ()  # media segments, of an initialisation segment
    statuses: "tuple[Response, ...]" = ()  # OCSP responses of certificate-status assertions
    door: "Door | None" = None  # to the network, for what carries its own signature; None: shut
    far: "Door | None" = None  # for all else
    folder: Path | None = None  # of the asset, when it is a file
    memory: "Memory | None" = None  # of a run over many files
