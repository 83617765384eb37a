"""From work to work, breadth first: along what is signed, then along what files say unsigned."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from provenance.chain import codes
from provenance.chain.account import Account
from provenance.chain.edges import relation_of
from provenance.chain.files import Files, Found
from provenance.chain.graph import Edge, EdgeStatus, Work, WorkKind
from provenance.chain.growing import Growing
from provenance.chain.hints import MEDIA_TYPES, Hint, read_hints
from provenance.chain.links import Link
from provenance.chain.parties import Parties
from provenance.chain.pool import Pool
from provenance.chain.works import kind_of_link, leaf_of, work_of
from provenance.limits import Limits
from provenance.model.assertions import contribution, rights
from provenance.model.assertions.contribution import Owed
from provenance.model.labels import AssertionLabel
from provenance.source import Asset

__all__ = ["Walk"]

_Led = tuple[str, EdgeStatus]  # the parent's id, and how surely it is that


class Walk:
    """One walk. What it finds is in `growing`, `parties` and `pool`."""

    def __init__(self, files: Files, limits: Limits) -> None:
        self.growing = Growing(limits.lineage_works)
        self.parties = Parties()
        self.pool = Pool()
        self._files = files
        self._limits = limits
        self._waiting: deque[str] = deque()
        self._hinted: deque[tuple[str, Hint]] = deque()

    def run(self) -> None:
        """Go on until nothing is left to follow."""
        while self._waiting or self._hinted:
            if self._waiting:
                self._expand(self._waiting.popleft())
            else:
                self._import(*self._hinted.popleft())

    def take(
        self,
        claim: str,
        depth: int,
        link: Link | None,
        media_type: str | None = None,
        sha256: str | None = None,
        updates: Sequence[Account] = (),
    ) -> bool:
        """Take a signed work into the graph, to follow its ingredients later.

        Args:
            claim: its id, past all updates.
            depth: how far from the root.
            link: the ingredient assertion that led to it.
            media_type: of its file, where that is known.
            sha256: of its file, likewise.
            updates: what was added to it since, and used with it; the newest first.

        Returns:
            Is it there now?
        """
        if claim in self.growing.works:
            return True
        if self.growing.is_full(claim):
            return False
        found = self._files.by_claim(claim)
        if found is not None:
            self.pool.add(found.accounts)
            media_type, sha256 = found.media_type or media_type, found.sha256 or sha256
        account = self.pool.best(claim)
        if account is None:
            return False
        signer = self.parties.add(account)
        told = account.updated(updates)
        work = work_of(told, signer, media_type=media_type, asset_sha256=sha256, link=link)
        self.growing.put(replace(work, redacted=self.pool.redacted(claim)), depth)
        self._waiting.append(claim)
        self._tell(claim, account, found)
        return True

    def _tell(self, work: str, account: Account, found: Found | None) -> None:
        note = self.growing.note
        gone = {AssertionLabel.parse(one).name for one in self.pool.redacted(work)}
        if rights.LABEL in gone:
            note(codes.RIGHTS_REDACTED, work)
        if contribution.CONTRIBUTION in gone:
            note(codes.CONTRIBUTION_REDACTED, work)
        for code, told in (*account.stated.notes, *account.notes):
            note(code, work, told)
        if found is None:
            return
        changed = next((one for one in found.accounts[:1] if one.broken), None)
        if changed is not None and not account.broken:
            note(codes.HASH_MISMATCH, work, f"{found.path}: {', '.join(changed.why)}")
        self.look_inside(work, found.path, found.media_type)

    def _expand(self, work: str) -> None:
        account, depth = self.pool.best(work), self.growing.depths[work]
        if account is None or not account.links:
            return
        if depth >= self._limits.lineage_depth:
            self.growing.note(codes.DEPTH_LIMIT, work, f"{len(account.links)} ingredients")
            return
        child = self.growing.works[work]
        for link in account.links:
            led = self._follow(account, link, depth + 1)
            if led is None:
                continue
            parent, status = led
            if account.broken and status is not EdgeStatus.REVOKED:
                status = EdgeStatus.REVOKED if account.revoked else EdgeStatus.BROKEN
            kind = _as_used(self.growing.works[parent].kind, link)
            owed = link.owed
            told = owed.relation if owed else None
            self.growing.link(
                Edge(
                    child=work,
                    parent=parent,
                    relation=relation_of(child.kind, kind, link.relationship, told),
                    status=status,
                    rate_ppm=owed.rate_ppm if owed else None,
                    units=owed.units if owed else None,
                    licence=_licence(owed),
                    evidence=link.uri,
                )
            )

    def _follow(self, child: Account, link: Link, depth: int) -> _Led | None:
        """The work that an ingredient is."""
        if link.redacted:
            return self._leaf(child, link, codes.INGREDIENT_REDACTED, EdgeStatus.REDACTED)
        claim = link.claim
        if claim is None and link.manifest is not None:
            found = self._files.by_reference(link)
            if found is not None:
                claim, accounts = found
                self.pool.add(accounts)
        if claim is not None:
            return self._signed(child, link, claim, depth)
        if link.digest is not None and link.manifest is None:
            return self._by_digest(child, link, link.digest, depth)
        return self._leaf(child, link, codes.INGREDIENT_MISSING, EdgeStatus.DECLARED)

    def _signed(self, child: Account, link: Link, claim: str, depth: int) -> _Led | None:
        base, updates = self.pool.base(claim)
        if not self.take(base, depth, link, updates=updates):
            return None
        status = EdgeStatus.DECLARED
        account = self.pool.best(base)
        flawed = [one for one in (*updates, account) if one is not None and one.broken]
        if link.flaws or flawed:
            why = link.flaws or flawed[0].why
            revoked = any(one.revoked for one in flawed)
            status = EdgeStatus.REVOKED if revoked else EdgeStatus.BROKEN
            code = codes.INGREDIENT_REVOKED if revoked else codes.INGREDIENT_BROKEN
            self.growing.note(code, base, ", ".join(dict.fromkeys(why)), child.claim)
        here = self.growing.works[base].asset_sha256
        used = link.digest if link.digest and link.digest.startswith("sha256:") else None
        content = account.content_digest if account else None
        if used and here and used not in (f"sha256:{here}", content) and self._files.by_claim(base):
            told = f"{used} was used, the file at hand has sha256:{here}"
            self.growing.note(codes.HASH_MISMATCH, base, told, child.claim)
        return base, status

    def _by_digest(self, child: Account, link: Link, digest: str, depth: int) -> _Led | None:
        found = self._files.by_digest(digest, link.title)
        if isinstance(found, Found) and not found.accounts[0].broken:
            self.pool.add(found.accounts)
            return self._signed(child, link, found.claim, depth)
        place = str(found.path) if found is not None else None
        new = f"asset:{digest}" not in self.growing.works
        led = self._leaf(child, link, codes.INGREDIENT_MISSING, EdgeStatus.DECLARED, place)
        if led is not None and found is not None and new:
            self.growing.depths[led[0]] = depth
            self.look_inside(led[0], found.path, found.media_type)
        return led

    def _leaf(
        self,
        child: Account,
        link: Link,
        code: str,
        status: EdgeStatus,
        place: str | None = None,
    ) -> _Led | None:
        """An ingredient without a manifest at hand: named, and nobody's."""
        name = f"{child.claim.rpartition(':')[2][:16]}:{link.uri.rpartition('/')[2]}"
        id_ = f"asset:{link.digest}" if link.digest else f"hint:{name}"
        if id_ not in self.growing.works:
            if self.growing.is_full(id_):
                return None
            leaf = leaf_of(id_, link, place)
            self.growing.put(leaf)
            if leaf.kind is not WorkKind.PROMPT or code != codes.INGREDIENT_MISSING:
                self.growing.note(code, id_, link.title or "", child.claim)
        return id_, status

    def look_inside(self, work: str, asset: Asset, media_type: str | None) -> None:
        """What a file says of itself, which nobody signed: of a signed work only its ancestry."""
        hints = read_hints(asset, self._limits) if media_type in MEDIA_TYPES else None
        if hints is None:
            return
        before = self.growing.works[work]
        kind = hints.kind if before.manifest is None else before.kind
        notices = {**hints.notices, **before.notices}
        self.growing.put(replace(before, kind=kind, notices=notices))
        self._hinted.extend((work, one) for one in hints.made_of)

    def _import(self, child: str, hint: Hint) -> None:
        """An edge that a hint tells of, unless there is a signed one."""
        growing = self.growing
        depth = growing.depths.get(child, 0) + 1
        parent = self._hint_at(child, hint, depth) if depth <= self._limits.lineage_depth else None
        if parent is None or parent == child or growing.is_linked(child, parent):
            return
        growing.link(
            Edge(
                child=child,
                parent=parent,
                relation=hint.relation,
                status=EdgeStatus.IMPORTED,
                evidence=f"{growing.works[child].location or child}#{hint.where}",
            )
        )
        growing.note(codes.UNSIGNED_HINT, child, f"{hint.where}: {hint.title or ''}", parent)

    def _hint_at(self, child: str, hint: Hint, depth: int) -> str | None:
        """The work that a hint means, by the hash of its file; or one that is known by name."""
        found = None
        if hint.sha256 is None:
            id_ = f"hint:{child.rpartition(':')[2][:16]}:{hint.where}:{hint.title}"
        else:
            known = self.growing.with_file(hint.sha256)
            if known is not None:
                return known
            id_ = f"asset:sha256:{hint.sha256}"
            found = self._files.by_digest(f"sha256:{hint.sha256}", hint.title)
        if isinstance(found, Found):
            self.pool.add(found.accounts)
            return found.claim if self.take(found.claim, depth, None) else None
        if id_ not in self.growing.works:
            if self.growing.is_full(id_):
                return None
            place = str(found.path) if found else None
            work = Work(
                id=id_, kind=hint.kind, title=hint.title, asset_sha256=hint.sha256, location=place
            )
            self.growing.put(work, depth)
            if found is not None:
                self.look_inside(id_, found.path, found.media_type)
        return id_

    def bring_rivals(self) -> None:
        """Take in the files over the same content as a work of the graph, by another claim."""
        for id_ in tuple(self.growing.works):
            account = self.pool.best(id_)
            if account is None or account.broken or account.fingerprint is None:
                continue
            for found in self._files.claiming(account.fingerprint, id_):
                if found.claim in self.growing.works or self.growing.is_full(found.claim):
                    continue
                self.pool.add(found.accounts)
                rival = self.pool.best(found.claim)
                if rival is not None and not rival.broken:
                    signer = self.parties.add(rival)
                    work = work_of(
                        rival, signer, media_type=found.media_type, asset_sha256=found.sha256
                    )
                    self.growing.put(work)


def _as_used(kind: WorkKind, link: Link) -> WorkKind:
    """The kind of what was used; where its own manifest does not tell, as the child has it."""
    return kind_of_link(link) if kind is WorkKind.OTHER else kind


def _licence(owed: Owed | None) -> str | None:
    if owed is None or owed.licence is None:
        return None
    return f"{owed.licence_alg or 'sha256'}:{owed.licence.hex()}"
