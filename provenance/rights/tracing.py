"""Trace an asset and look its chain over: what `provenance.trace` is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from provenance.chain.catalogue import Catalogue
from provenance.chain.trace import trace as follow
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.rights.lineage import Lineage
from provenance.source import Asset
from provenance.trust.settings import TrustSettings

__all__ = ["trace"]


def trace(
    asset: Asset,
    *,
    manifest: Asset | None = None,
    resolve: Sequence[str | Path] = (),
    catalogue: Catalogue | None = None,
    trust: TrustSettings | None = None,
    model_keys: Sequence[bytes] = (),
    at: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Lineage:
    """Who and what is behind an asset, what they allow, and what each is owed.

    Args:
        asset: a path, bytes, or a seekable binary stream; a folder; or a manifest store alone.
        manifest: its manifest store, when that lies elsewhere.
        resolve: files and folders where ingredients may lie; folders with all below them.
        catalogue: knows where further files lie, as an index does; each is read and verified.
        trust: whom to trust; without anchors nobody is, and the chain is followed all the same.
        model_keys: PEM of public keys or certificates of OpenSSF model signatures.
        at: the moment to judge certificates and terms by; now when absent. Needs a time zone.
        limits: how far to go, and how much untrusted input to read.

    Returns:
        The lineage. Bad bytes are findings of it; a file without manifest is a work that nobody
        is known to be behind.

    Raises:
        OSError: the asset or its manifest cannot be read.
        CredentialError: a model key is none.
    """
    moment = at or datetime.now(UTC)
    graph = follow(
        asset,
        manifest=manifest,
        resolve=resolve,
        catalogue=catalogue,
        trust=trust,
        model_keys=model_keys,
        at=moment,
        limits=limits,
    )
    return Lineage.of(graph, moment)
