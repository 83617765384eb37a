"""Acceptances: the owner of a parent has signed the very edge that the child declares.

Neither can bind the other alone. An acceptance of an edge that the child does not declare, or not
at this rate, makes the edge disputed: nothing is paid along it until the two agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from provenance.chain import codes
from provenance.chain.account import Account
from provenance.chain.graph import (
    Edge,
    EdgeStatus,
    Evidence,
    LineageFinding,
    Ownership,
    Work,
)
from provenance.chain.pool import Pool
from provenance.chain.stated import Accepted
from provenance.model.assertions.contribution import Acceptance

__all__ = ["countersign"]


@dataclass(frozen=True, slots=True)
class _Owners:
    """Who may agree for a work."""

    works: Mapping[str, Work]
    of: Mapping[str, frozenset[str]]
    same: Mapping[str, str]

    def may(self, work: str, signers: Iterable[str]) -> bool:
        """Is one of these an owner, or did they sign a work whose owners are only named?"""
        owners = self.of.get(work, frozenset())
        if all(one.startswith("name:") for one in owners):
            signer = self.works[work].signer
            owners = frozenset((self.same.get(signer, signer),)) if signer else owners
        return not owners.isdisjoint({self.same.get(one, one) for one in signers})


def countersign(
    edges: Sequence[Edge],
    works: Mapping[str, Work],
    ownerships: Iterable[Ownership],
    same: Mapping[str, str],
    pool: Pool,
    at: datetime,
) -> tuple[list[Edge], tuple[LineageFinding, ...]]:
    """The edges, those marked that the parent's owner agreed to.

    Args:
        edges: as the children declare them.
        works: of the graph.
        ownerships: who owns them.
        same: the id that stands for each id of a party with several.
        pool: all manifests at hand, in any of which an acceptance may stand.
        at: the moment that stands for now.
    """
    held: dict[str, set[str]] = {}
    for one in ownerships:
        if one.weight:
            held.setdefault(one.work, set()).add(one.party)
    owners = _Owners(works, {work: frozenset(ids) for work, ids in held.items()}, same)
    found: list[LineageFinding] = []
    agreed: dict[tuple[str, str], list[Acceptance]] = {}
    for account in pool:
        for accepted in account.stated.acceptances:
            content = accepted.content
            child, parent = (pool.base(one)[0] for one in (content.child, content.parent))
            if child not in works or parent not in works:
                continue
            code = _refused(account, accepted, parent, owners, at)
            if code is not None:
                found.append(LineageFinding(code, parent, accepted.url, child))
            else:
                agreed.setdefault((child, parent), []).append(content)
    told = [_told(edge, agreed.get((edge.child, edge.parent), ()), found) for edge in edges]
    return told, tuple(found)


def _refused(
    account: Account, accepted: Accepted, parent: str, owners: _Owners, at: datetime
) -> str | None:
    """Why an acceptance does not count, as a code."""
    signers = [
        one.id
        for one in account.people
        if one.id and one.evidence is not Evidence.DECLARED and accepted.url in one.covers
    ]
    if accepted.created and account.signer is not None and account.signer.id:
        signers.append(account.signer.id)
    if not owners.may(parent, signers):
        return codes.ACCEPTANCE_NOT_BY_OWNER
    content = accepted.content
    issued, ends = _moment(content.issued_at), _moment(content.not_after)
    if issued is None or issued > at or (content.not_after and (ends is None or ends < at)):
        return codes.ACCEPTANCE_EXPIRED
    return None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else None


def _told(edge: Edge, agreed: Sequence[Acceptance], found: list[LineageFinding]) -> Edge:
    if not agreed or edge.status is not EdgeStatus.DECLARED:
        return edge
    for one in agreed:
        licence = f"sha256:{one.licence.hex()}" if one.licence else None
        if one.rate_ppm == (edge.rate_ppm or 0) and licence in (None, edge.licence):
            return replace(edge, status=EdgeStatus.COUNTERSIGNED, not_after=one.not_after)
    rates = ", ".join(str(one.rate_ppm) for one in agreed[:4])
    told = f"declared {edge.rate_ppm} ppm, accepted {rates} ppm, or other terms"
    found.append(LineageFinding(codes.DISPUTED, edge.child, told, edge.parent))
    return replace(edge, status=EdgeStatus.DISPUTED)
