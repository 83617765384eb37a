"""From one asset along its manifests to everything that it was made of.

    asset ─▶ examine ─▶ accounts ─▶ works, edges (breadth first) ─▶ Graph
                            ▲
               files that were given to look in

Bad bytes are a result, as in `verify`. Nothing is fetched. Source: docs/lineage.md.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from provenance.chain import codes
from provenance.chain.account import Account, read_accounts
from provenance.chain.agreed import countersign
from provenance.chain.claimants import find_rivals, mark_disputed
from provenance.chain.corroborate import Keys, corroborate
from provenance.chain.edges import relation_of
from provenance.chain.files import Files, Found
from provenance.chain.graph import Edge, EdgeStatus, Graph, LineageFinding, Work, WorkKind
from provenance.chain.hints import MEDIA_TYPES, Hint, read_hints
from provenance.chain.links import Link
from provenance.chain.order import without_cycles
from provenance.chain.parties import Parties
from provenance.chain.pool import Pool
from provenance.chain.works import kind_of_link, leaf_of, work_of
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions import contribution, rights
from provenance.model.assertions.contribution import Owed
from provenance.model.labels import AssertionLabel
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
        trust: whom to trust; without anchors nobody is, and the chain is followed all the same.
        model_keys: PEM of public keys or certificates by which OpenSSF model signatures among the
            files are verified; without any, by the certificate that came with them.
        at: the moment to judge certificates and terms by; now when absent. Needs a time zone.
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
    files = Files(resolve, trust=trust, at=moment, limits=limits)
    graph = _Tracing(files, limits).graph(asset, examined, moment)
    told = tuple(corroborate(graph.works.values(), files.bundles(), keys))
    return replace(graph, findings=(*graph.findings, *told)) if told else graph


class _Tracing:
    """One walk. Works, edges and findings stand in the order in which they were come upon."""

    def __init__(self, files: Files, limits: Limits) -> None:
        self._files = files
        self._limits = limits
        self._pool = Pool()
        self._parties = Parties()
        self._works: dict[str, Work] = {}
        self._edges: list[Edge] = []
        self._findings: list[LineageFinding] = []
        self._waiting: deque[str] = deque()
        self._full = False
        self._depths: dict[str, int] = {}
        self._hinted: deque[tuple[str, Hint]] = deque()

    def graph(self, asset: Asset, examined: Examined, at: datetime) -> Graph:
        """Walk, then see what others say of the same works."""
        root = self._root(asset, examined)
        while self._waiting or self._hinted:
            if self._waiting:
                self._expand(self._waiting.popleft())
            else:
                self._import(*self._hinted.popleft())
        self._bring_rivals()
        for found in self._files.accepting():
            self._pool.add(found.accounts)
        parties, ownerships, same = self._parties.finish()
        edges, cut = without_cycles(root, self._edges)
        rivals = tuple(find_rivals(self._works, edges, self._pool, same))
        edges, copied = mark_disputed(edges, rivals, self._works)
        edges, told = countersign(edges, self._works, ownerships, same, self._pool, at)
        if self._files.truncated:
            self._note(codes.FILE_LIMIT, root)
        return Graph(
            root=root,
            works=self._works,
            parties=parties,
            edges=tuple(edges),
            ownerships=ownerships,
            findings=tuple(dict.fromkeys((*self._findings, *cut, *copied, *told))),
        )

    def _note(self, code: str, work: str, told: str = "", other: str | None = None) -> None:
        self._findings.append(LineageFinding(code, work, told, other))

    def _root(self, asset: Asset, examined: Examined) -> str:
        report = examined.report
        alone = report.asset.format == _STORE
        accounts = read_accounts(examined, report.asset.path, alone=alone)
        self._pool.add(accounts)
        digest = None if alone else _sha256(asset)
        if not accounts:
            return self._unsigned_root(asset, report, digest)
        root, updates = self._pool.base(accounts[0].claim)
        media_type = None if alone else report.asset.format
        if not self._take(root, 0, None, media_type, digest):
            self._works[root] = Work(id=root, kind=WorkKind.OTHER, location=report.asset.path)
        broken = [one for one in (*updates, *accounts[:1]) if one.broken]
        if broken:
            self._note(codes.ROOT_BROKEN, root, ", ".join(broken[0].why))
        self._look_inside(root, asset, media_type)
        return root

    def _unsigned_root(self, asset: Asset, report: VerificationReport, digest: str | None) -> str:
        path = report.asset.path
        root = f"asset:sha256:{digest}" if digest else f"hint:{path or 'asset'}"
        link = Link(uri="", relationship="", format=report.asset.format)
        self._works[root] = Work(
            id=root,
            kind=kind_of_link(link),
            title=Path(path).name if path else None,
            asset_sha256=digest,
            validation_state=report.state,
            location=path,
        )
        told = "; ".join(error.message for error in report.errors)
        self._note(codes.INGREDIENT_MISSING, root, told or "the file has no manifest")
        self._depths[root] = 0
        self._look_inside(root, asset, report.asset.format)
        return root

    def _take(
        self,
        claim: str,
        depth: int,
        link: Link | None,
        media_type: str | None = None,
        digest: str | None = None,
    ) -> bool:
        """Take a signed work into the graph, and its own ingredients onto the list."""
        if claim in self._works:
            return True
        if self._is_full(claim):
            return False
        found = self._files.by_claim(claim)
        if found is not None:
            self._pool.add(found.accounts)
            media_type, digest = found.media_type or media_type, found.sha256 or digest
        account = self._pool.best(claim)
        if account is None:
            return False
        signer = self._parties.add(account)
        work = work_of(account, signer, media_type=media_type, asset_sha256=digest, link=link)
        self._works[claim] = replace(work, redacted=self._pool.redacted(claim))
        self._depths[claim] = depth
        self._waiting.append(claim)
        self._tell(claim, account, found)
        return True

    def _is_full(self, work: str) -> bool:
        if len(self._works) < self._limits.lineage_works:
            return False
        if not self._full:
            self._full = True
            self._note(codes.NODE_LIMIT, next(iter(self._works)), work)
        return True

    def _tell(self, work: str, account: Account, found: Found | None) -> None:
        gone = {AssertionLabel.parse(one).name for one in self._pool.redacted(work)}
        if rights.LABEL in gone:
            self._note(codes.RIGHTS_REDACTED, work)
        if contribution.CONTRIBUTION in gone:
            self._note(codes.CONTRIBUTION_REDACTED, work)
        for code, told in (*account.stated.notes, *account.notes):
            self._note(code, work, told)
        changed = found and next((one for one in found.accounts[:1] if one.broken), None)
        if found is not None and changed and not account.broken:
            self._note(codes.HASH_MISMATCH, work, f"{found.path}: {', '.join(changed.why)}")
        if found is not None:
            self._look_inside(work, found.path, found.media_type)

    def _expand(self, work: str) -> None:
        account, depth = self._pool.best(work), self._depths[work]
        if account is None or not account.links:
            return
        if depth >= self._limits.lineage_depth:
            self._note(codes.DEPTH_LIMIT, work, f"{len(account.links)} ingredients")
            return
        for link in account.links:
            led = self._follow(account, link, depth + 1)
            if led is None:
                continue
            parent, status = led
            if account.broken and status is not EdgeStatus.REVOKED:
                status = EdgeStatus.REVOKED if account.revoked else EdgeStatus.BROKEN
            child, owed = self._works[work], link.owed
            self._edges.append(
                Edge(
                    child=work,
                    parent=parent,
                    relation=relation_of(
                        child.kind,
                        _as_used(self._works[parent].kind, link),
                        link.relationship,
                        owed.relation if owed else None,
                    ),
                    status=status,
                    rate_ppm=owed.rate_ppm if owed else None,
                    units=owed.units if owed else None,
                    licence=_licence(owed),
                    evidence=link.uri,
                )
            )

    def _follow(self, child: Account, link: Link, depth: int) -> tuple[str, EdgeStatus] | None:
        """The work that an ingredient is, and how surely."""
        if link.redacted:
            return self._leaf(child, link, codes.INGREDIENT_REDACTED, EdgeStatus.REDACTED)
        claim = link.claim
        if claim is None and link.manifest is not None:
            found = self._files.by_reference(link)
            if found is not None:
                claim, accounts = found
                self._pool.add(accounts)
        if claim is not None:
            return self._signed(child, link, claim, depth)
        if link.digest is not None and link.manifest is None:
            return self._by_digest(child, link, link.digest, depth)
        return self._leaf(child, link, codes.INGREDIENT_MISSING, EdgeStatus.DECLARED)

    def _signed(
        self, child: Account, link: Link, claim: str, depth: int
    ) -> tuple[str, EdgeStatus] | None:
        base, updates = self._pool.base(claim)
        if not self._take(base, depth, link):
            return None
        status = EdgeStatus.DECLARED
        account = self._pool.best(base)
        flawed = [one for one in (*updates, account) if one is not None and one.broken]
        if link.flaws or flawed:
            why = link.flaws or flawed[0].why
            revoked = any(one.revoked for one in flawed)
            status = EdgeStatus.REVOKED if revoked else EdgeStatus.BROKEN
            code = codes.INGREDIENT_REVOKED if revoked else codes.INGREDIENT_BROKEN
            self._note(code, base, ", ".join(dict.fromkeys(why)), child.claim)
        digest = self._works[base].asset_sha256
        used = link.digest if link.digest and link.digest.startswith("sha256:") else None
        if used and digest and used != f"sha256:{digest}" and self._files.by_claim(base):
            told = f"{used} was used, the file at hand has sha256:{digest}"
            self._note(codes.HASH_MISMATCH, base, told, child.claim)
        return base, status

    def _by_digest(
        self, child: Account, link: Link, digest: str, depth: int
    ) -> tuple[str, EdgeStatus] | None:
        found = self._files.by_digest(digest, link.title)
        if isinstance(found, Found):
            sound = next((one for one in found.accounts if one.claim == found.claim), None)
            if sound is not None and not any(one.broken for one in found.accounts[:1]):
                self._pool.add(found.accounts)
                return self._signed(child, link, found.claim, depth)
        place = str(found.path) if found is not None else None
        new = f"asset:{digest}" not in self._works
        led = self._leaf(child, link, codes.INGREDIENT_MISSING, EdgeStatus.DECLARED, place)
        if led is not None and found is not None and new:
            self._depths[led[0]] = depth
            self._look_inside(led[0], found.path, found.media_type)
        return led

    def _leaf(
        self,
        child: Account,
        link: Link,
        code: str,
        status: EdgeStatus,
        place: str | None = None,
    ) -> tuple[str, EdgeStatus] | None:
        """An ingredient without a manifest at hand: named, and nobody's."""
        name = f"{child.claim.rpartition(':')[2][:16]}:{link.uri.rpartition('/')[2]}"
        id_ = f"asset:{link.digest}" if link.digest else f"hint:{name}"
        if id_ not in self._works:
            if self._is_full(id_):
                return None
            self._works[id_] = leaf_of(id_, link, place)
            if self._works[id_].kind is not WorkKind.PROMPT or code != codes.INGREDIENT_MISSING:
                self._note(code, id_, link.title or "", child.claim)
        return id_, status

    def _look_inside(self, work: str, asset: Asset, media_type: str | None) -> None:
        """What a file says of itself, which nobody signed: of a signed work only its ancestry."""
        hints = read_hints(asset, self._limits) if media_type in MEDIA_TYPES else None
        if hints is None:
            return
        before = self._works[work]
        kind = hints.kind if before.manifest is None else before.kind
        notices = {**hints.notices, **before.notices}
        self._works[work] = replace(before, kind=kind, notices=notices)
        self._hinted.extend((work, one) for one in hints.made_of)

    def _import(self, child: str, hint: Hint) -> None:
        """An edge that a hint tells of, unless the same is signed."""
        depth = self._depths.get(child, 0) + 1
        if depth > self._limits.lineage_depth:
            return
        parent = self._hinted_work(child, hint, depth)
        if parent is None or parent == child:
            return
        if not any(parent == edge.parent for edge in self._edges if edge.child == child):
            evidence = f"{self._works[child].location or child}#{hint.where}"
            self._edges.append(
                Edge(
                    child=child,
                    parent=parent,
                    relation=hint.relation,
                    status=EdgeStatus.IMPORTED,
                    evidence=evidence,
                )
            )
            self._note(codes.UNSIGNED_HINT, child, f"{hint.where}: {hint.title or ''}", parent)

    def _hinted_work(self, child: str, hint: Hint, depth: int) -> str | None:
        if hint.sha256 is None:
            id_ = f"hint:{child.rpartition(':')[2][:16]}:{hint.where}:{hint.title}"
        else:
            known = next(
                (one.id for one in self._works.values() if one.asset_sha256 == hint.sha256), None
            )
            if known is not None:
                return known
            id_ = f"asset:sha256:{hint.sha256}"
            found = self._files.by_digest(f"sha256:{hint.sha256}", hint.title)
            if isinstance(found, Found):
                self._pool.add(found.accounts)
                return found.claim if self._take(found.claim, depth, None) else None
            if found is not None and not self._is_full(id_):
                self._put_hinted(id_, hint, depth, str(found.path))
                self._look_inside(id_, found.path, found.media_type)
        if id_ not in self._works:
            if self._is_full(id_):
                return None
            self._put_hinted(id_, hint, depth, None)
        return id_

    def _put_hinted(self, id_: str, hint: Hint, depth: int, place: str | None) -> None:
        self._depths[id_] = depth
        self._works[id_] = Work(
            id=id_, kind=hint.kind, title=hint.title, asset_sha256=hint.sha256, location=place
        )

    def _bring_rivals(self) -> None:
        """Signed files over the same content as a work of the graph, by somebody else."""
        for id_ in tuple(self._works):
            account = self._pool.best(id_)
            if account is None or account.broken or account.fingerprint is None:
                continue
            for found in self._files.claiming(account.fingerprint, id_):
                if found.claim not in self._works:
                    self._pool.add(found.accounts)
                    other = self._pool.best(found.claim)
                    if other is not None and not other.broken and not self._is_full(found.claim):
                        signer = self._parties.add(other)
                        self._works[found.claim] = work_of(
                            other,
                            signer,
                            media_type=found.media_type,
                            asset_sha256=found.sha256,
                        )


def _as_used(kind: WorkKind, link: Link) -> WorkKind:
    """The kind of what was used; where its own manifest does not tell, as the child has it."""
    return kind_of_link(link) if kind is WorkKind.OTHER else kind


def _licence(owed: Owed | None) -> str | None:
    if owed is None or owed.licence is None:
        return None
    return f"{owed.licence_alg or 'sha256'}:{owed.licence.hex()}"


def _sha256(asset: Asset) -> str | None:
    with open_source(asset) as source:
        if isinstance(source, FolderSource):
            return None
        hasher = sha256()
        for block in source.blocks(Span(0, source.size)):
            hasher.update(block)
        return hasher.hexdigest()
