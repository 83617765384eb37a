"""The parties of a graph: who had a part in which work, and how surely that is known.

Who is paid for a work, by the first of these that it has:

    1. its contribution: each party with its weight
    2. the actors of verified identities: creators, and who has no other role
    3. the creators that its metadata names
    4. its claim signer

A name is worth nothing beyond its work: two of the same name need not be one person. A key, a DID
or a verified account is the same wherever it appears. A payee counts only when the party gave it,
or an aggregator verified it: nobody can turn what another is owed to themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provenance.chain.account import Account
from provenance.chain.credits import Person
from provenance.chain.graph import Evidence, Ownership, Party
from provenance.model.assertions.contribution import Contributor

__all__ = ["Parties"]

_RANK = {Evidence.IDENTITY: 0, Evidence.SIGNER: 1, Evidence.DECLARED: 2}
_CREATOR = "cawg.creator"
_FULL = ("key:", "did:", "id:")
_MOST_WEIGHT = 10**12


@dataclass(slots=True)
class _Known:
    """What is known of one id so far."""

    name: str
    evidence: Evidence
    roles: set[str] = field(default_factory=set)
    payee: str | None = None
    payee_rank: int = 3
    says: set[str] = field(default_factory=set)  # ids that it calls its own


class Parties:
    """Collects the parties of all works, and joins those who say that they are one."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._parts: dict[tuple[str, str, str], tuple[int, Evidence]] = {}
        self._same: list[tuple[str, str]] = []

    def add(self, account: Account) -> str | None:
        """Take in the people of a work.

        Returns:
            The id of its signer.
        """
        work, signer = account.claim, account.signer
        if signer is not None and signer.id is not None:
            self._meet(signer.id, signer.name, signer.evidence)
        for person in account.people:
            id_ = self._of(person, work)
            self._meet(id_, person.name, person.evidence, person.payee, rank=0)
            self._known[id_].roles.update(person.roles)
            self._same += [(id_, other) for other in person.aliases]
        contribution = account.stated.contribution
        if contribution is not None and contribution.parties:
            for one in contribution.parties:
                self._contributor(one, account)
        else:
            self._without_contribution(account)
        return signer.id if signer else None

    def _meet(
        self,
        id_: str,
        name: str,
        evidence: Evidence,
        payee: str | None = None,
        *,
        rank: int = 3,
    ) -> None:
        known = self._known.setdefault(id_, _Known(name, evidence))
        if _RANK[evidence] < _RANK[known.evidence]:
            known.name, known.evidence = name, evidence
        if payee and rank < known.payee_rank:
            known.payee, known.payee_rank = payee, rank

    def _of(self, person: Person, work: str) -> str:
        return person.id or f"name:{work}:{person.name}"

    def _part(self, work: str, id_: str, weight: int, role: str, evidence: Evidence) -> None:
        before, seen = self._parts.get((work, id_, role), (0, evidence))
        surer = min(seen, evidence, key=_RANK.__getitem__)
        self._parts[work, id_, role] = (min(before + weight, _MOST_WEIGHT), surer)
        self._known[id_].roles.add(role)

    def _contributor(self, one: Contributor, account: Account) -> None:
        signer, work = account.signer, account.claim
        own = signer is not None and one.id in ("self", signer.id)
        if own and signer is not None and signer.id is not None:
            id_, evidence = signer.id, signer.evidence
            self._meet(id_, signer.name, evidence, one.payee, rank=1)
            self._known[id_].says.update(one.aliases)
        elif one.id.startswith(_FULL):
            id_ = one.id
            person = next((p for p in account.people if p.id == id_ or id_ in p.aliases), None)
            evidence = person.evidence if person else Evidence.DECLARED
            self._meet(id_, one.name, Evidence.DECLARED)
        else:
            name = one.id.removeprefix("name:") or one.name
            person = self._named(name, account)
            id_ = self._of(person, work) if person else f"name:{work}:{name}"
            evidence = person.evidence if person else Evidence.DECLARED
            given = one.payee if id_.startswith("name:") else None
            self._meet(id_, one.name, Evidence.DECLARED, given, rank=2)
        self._part(work, id_, one.weight, one.role, evidence)

    @staticmethod
    def _named(name: str, account: Account) -> Person | None:
        """Somebody who vouches for this very manifest under this name."""
        wanted = name.casefold()
        return next((one for one in account.people if one.name.casefold() == wanted), None)

    def _without_contribution(self, account: Account) -> None:
        work, signer = account.claim, account.signer
        vouching = [one for one in account.people if one.evidence is not Evidence.DECLARED]
        paid = [one for one in vouching if not one.roles or _CREATOR in one.roles] or vouching
        for person in account.people:
            weight = int(person in paid)
            for role in person.roles or (_CREATOR,):
                self._part(work, self._of(person, work), weight, role, person.evidence)
                weight = 0  # one part, however many roles
        own = signer.name.casefold() if signer else None
        for name in account.creators:
            if self._named(name, account) is not None:
                continue
            if signer is not None and signer.id and name.casefold() == own:
                self._part(work, signer.id, int(not paid), _CREATOR, signer.evidence)
                continue
            id_ = f"name:{work}:{name}"
            self._meet(id_, name, Evidence.DECLARED)
            self._part(work, id_, int(not paid), _CREATOR, Evidence.DECLARED)
        if not paid and not account.creators and signer is not None and signer.id is not None:
            self._part(work, signer.id, 1, _CREATOR, signer.evidence)

    def finish(self) -> tuple[dict[str, Party], tuple[Ownership, ...], Mapping[str, str]]:
        """The parties, who owns what, and the id that stands for each id."""
        joined = self._joined()
        groups: dict[str, list[str]] = {}
        for id_ in self._known:
            groups.setdefault(joined.get(id_, id_), []).append(id_)
        others: dict[str, set[str]] = {}
        for id_, first in joined.items():
            others.setdefault(first, set()).add(id_)
        parties = {
            id_: self._party(id_, held, others.get(id_, set()) - {id_})
            for id_, held in groups.items()
        }
        rows: dict[tuple[str, str, str], tuple[int, Evidence]] = {}
        for (work, id_, role), (weight, evidence) in self._parts.items():
            key = (work, joined.get(id_, id_), role)
            before, seen = rows.get(key, (0, evidence))
            rows[key] = (before + weight, min(seen, evidence, key=_RANK.__getitem__))
        ownerships = tuple(
            Ownership(work=work, party=id_, weight=weight, role=role, evidence=evidence)
            for (work, id_, role), (weight, evidence) in rows.items()
        )
        return parties, ownerships, joined

    def _party(self, id_: str, held: list[str], others: set[str]) -> Party:
        known = sorted((self._known[one] for one in held), key=lambda one: _RANK[one.evidence])
        paid = min(known, key=lambda one: one.payee_rank)
        return Party(
            id=id_,
            name=known[0].name,
            roles=tuple(sorted({role for one in known for role in one.roles})),
            evidence=known[0].evidence,
            payee=paid.payee,
            aliases=tuple(sorted(others)),
        )

    def _joined(self) -> dict[str, str]:
        """For each id that is one of several of one party, the first of them in order."""
        up: dict[str, str] = {}

        def top(one: str) -> str:
            while up.get(one, one) != one:
                up[one] = up.get(up[one], up[one])
                one = up[one]
            return one

        for a, b in (*self._same, *self._mutual()):
            first, second = sorted((top(a), top(b)))
            up[second] = up.setdefault(first, first)
        return {one: top(one) for one in up}

    def _mutual(self) -> Iterator[tuple[str, str]]:
        for id_, known in self._known.items():
            for other in known.says:
                there = self._known.get(other)
                if other != id_ and there is not None and id_ in there.says:
                    yield id_, other
