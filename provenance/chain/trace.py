"""From one asset along its manifests to everything that it was made of.

    asset ─▶ examine ─▶ accounts ─▶ walk: works, edges, parties ─▶ Graph
                            ▲
               files that were given to look in

Bad bytes are a result, as in `verify`. Nothing is fetched. Source: docs/lineage.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from provenance.chain import codes
from provenance.chain.account import read_accounts
from provenance.chain.agreed import countersign
from provenance.chain.catalogue import Catalogue
from provenance.chain.claimants import find_rivals, mark_disputed
from provenance.chain.corroborate import Keys, corroborate
from provenance.chain.files import Files
from provenance.chain.graph import Graph, Work, WorkKind
from provenance.chain.links import Link
from provenance.chain.order import without_cycles
from provenance.chain.walk import Walk
from provenance.chain.works import kind_of_link
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import Asset, FolderSource, open_source
from provenance.spans import Span
from provenance.trust.settings import TrustSettings
from provenance.validate.results import VerificationReport
from provenance.validate.run import Examined, examine

__all__ = ["trace"]

_STORE = "application/c2pa"


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
) -> Graph:
    """Follow an asset back to all that it was made of, and to whom that belongs.

    Args:
        asset: a path, bytes, or a seekable binary stream; a folder; or a manifest store alone.
        manifest: its manifest store, when that lies elsewhere.
        resolve: files and folders where ingredients may lie; folders with all below them.
        catalogue: knows where further files lie, as an index does; each is read and verified.
        trust: whom to trust; without anchors nobody is, and the chain is followed all the same.
        model_keys: PEM of public keys or certificates by which OpenSSF model signatures among the
            files are verified; without any, by the certificate that came with them.
        at: the moment to judge certificates and acceptances by; now when absent. Needs a time zone.
        limits: how far to go, and how much untrusted input to read.

    Returns:
        The graph: the asset's own work first. A file without manifest is a work that nobody
        is known to be behind.

    Raises:
        OSError: the asset or its manifest cannot be read.
        CredentialError: a model key is none.
    """
    keys = Keys.read(model_keys)
    moment = at or datetime.now(UTC)
    examined = examine(asset, manifest=manifest, trust=trust, at=moment, limits=limits)
    files = Files(resolve, trust=trust, at=moment, limits=limits, catalogue=catalogue)
    walk = Walk(files, limits)
    root = _begin(walk, asset, examined)
    walk.run()
    graph = _finish(walk, root, files, moment)
    told = tuple(corroborate(graph.works.values(), files.bundles(), keys))
    return replace(graph, findings=(*graph.findings, *told)) if told else graph


def _begin(walk: Walk, asset: Asset, examined: Examined) -> str:
    """Take in the asset's own work; its id."""
    report = examined.report
    alone = report.asset.format == _STORE
    accounts = read_accounts(examined, report.asset.path, alone=alone)
    walk.pool.add(accounts)
    digest = None if alone else _sha256(asset)
    if not accounts:
        return _unsigned(walk, asset, report, digest)
    root, updates = walk.pool.base(accounts[0].claim)
    media_type = None if alone else report.asset.format
    broken = next((one for one in (*accounts[:1], *updates) if one.broken), None)
    base = walk.pool.best(root)
    if base is not None:
        walk.pool.pin(base.spoiled(broken.why) if broken else base)
    if not walk.take(root, 0, None, media_type, digest, updates):
        place = report.asset.path
        walk.growing.put(Work(id=root, kind=WorkKind.OTHER, location=place), 0)
    pinned = walk.pool.best(root)
    if pinned is None or pinned.broken:
        told = ", ".join(pinned.why) if pinned else "what it updates is not there"
        walk.growing.note(codes.ROOT_BROKEN, root, told)
    walk.look_inside(root, asset, media_type)
    return root


def _unsigned(walk: Walk, asset: Asset, report: VerificationReport, digest: str | None) -> str:
    path = report.asset.path
    root = f"asset:sha256:{digest}" if digest else f"hint:{path or 'asset'}"
    work = Work(
        id=root,
        kind=kind_of_link(Link(uri="", relationship="", format=report.asset.format)),
        title=Path(path).name if path else None,
        asset_sha256=digest,
        validation_state=report.state,
        location=path,
    )
    walk.growing.put(work, 0)
    told = "; ".join(error.message for error in report.errors)
    walk.growing.note(codes.INGREDIENT_MISSING, root, told or "the file has no manifest")
    walk.look_inside(root, asset, report.asset.format)
    return root


def _finish(walk: Walk, root: str, files: Files, at: datetime) -> Graph:
    """See what others say of the same works, and put it together."""
    walk.bring_rivals()
    for found in files.accepting(walk.pool.claims()):
        walk.pool.add(found.accounts)
    growing = walk.growing
    parties, ownerships, same = walk.parties.finish()
    edges, cut = without_cycles(root, growing.edges)
    rivals = tuple(find_rivals(growing.works, edges, walk.pool, same))
    edges, copied = mark_disputed(edges, rivals, growing.works)
    edges, told = countersign(edges, growing.works, ownerships, same, walk.pool, at)
    for path, why in files.outdated.items():
        growing.note(codes.INDEX_OUTDATED, root, f"{path} {why}")
    if files.truncated:
        growing.note(codes.FILE_LIMIT, root)
    return Graph(
        root=root,
        works=growing.works,
        parties=parties,
        edges=tuple(edges),
        ownerships=ownerships,
        findings=tuple(dict.fromkeys((*growing.findings, *cut, *copied, *told))),
    )


def _sha256(asset: Asset) -> str | None:
    with open_source(asset) as source:
        if isinstance(source, FolderSource):
            return None
        hasher = sha256()
        for block in source.blocks(Span(0, source.size)):
            hasher.update(block)
        return hasher.hexdigest()
