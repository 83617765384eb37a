"""A lineage, with all that its views look up worked out once: numbers, rates, parts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from provenance.chain.graph import Edge, Graph, LineageFinding, Ownership, Party, Work
from provenance.errors import SplitError
from provenance.report.escape import clean
from provenance.report.lineage_words import name_of, short_id, terms_name
from provenance.rights import codes
from provenance.rights.codes import Code, Kind
from provenance.rights.lineage import Lineage
from provenance.rights.numbers import money
from provenance.rights.rates import contents, rates
from provenance.rights.shares import Share, Split, flows

__all__ = ["Change", "Found", "View"]


@dataclass(frozen=True, slots=True)
class Found:
    """A code, and where in the lineage it was found."""

    row: Code
    where: tuple[LineageFinding, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody, or a work that nobody claims for, would be owed without unsure edges."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class View:
    """A lineage to be shown.

    Args:
        lineage: of any graph.
        split: of an amount, if one was asked for.
        problem: why what was asked for cannot be split.
    """

    lineage: Lineage
    split: Split | None = None
    problem: str | None = None

    @property
    def graph(self) -> Graph:
        """What the lineage is of."""
        return self.lineage.graph

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Each work's number, from 1; the root is the first."""
        return {key: at for at, key in enumerate(self.graph.works, 1)}

    @cached_property
    def rates(self) -> Mapping[str, tuple[Fraction, ...]]:
        """What counts as owed along each work's edges, in their order."""
        same = contents(self.graph)
        return {
            key: rates(edges, self.graph, same)
            for key, edges in self.graph.parents.items()
            if edges
        }

    def made_of(self, work: str) -> Iterator[tuple[Edge, Fraction]]:
        """A work's edges to what it was made of, each with the rate that counts."""
        yield from zip(self.graph.parents.get(work, ()), self.rates.get(work, ()), strict=True)

    @cached_property
    def used_in(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges that lead to each work."""
        found: dict[str, list[Edge]] = {}
        for edge in self.graph.edges:
            found.setdefault(edge.parent, []).append(edge)
        return {key: tuple(edges) for key, edges in found.items()}

    @cached_property
    def parts(self) -> Mapping[str, tuple[Ownership, ...]]:
        """Which parts each party has."""
        found: dict[str, list[Ownership]] = {}
        for one in self.graph.ownerships:
            found.setdefault(one.party, []).append(one)
        return {key: tuple(parts) for key, parts in found.items()}

    @cached_property
    def flows(self) -> Mapping[str, Fraction]:
        """What reaches each work of 1 paid for the root; empty where nothing can be split."""
        try:
            return flows(self.graph)
        except SplitError:
            return {}

    @cached_property
    def shares(self) -> Mapping[str, Share]:
        """What each party is owed."""
        return {one.party: one for one in self.split.shares} if self.split else {}

    @cached_property
    def found(self) -> tuple[Found, ...]:
        """What was found, code by code, the worst first."""
        groups: dict[str, list[LineageFinding]] = {}
        for one in self.lineage.findings:
            groups.setdefault(one.code, []).append(one)
        rows = [Found(_row(code), tuple(where)) for code, where in groups.items()]
        return tuple(sorted(rows, key=lambda one: tuple(Kind).index(one.row.kind)))

    def work_name(self, id_: str) -> str:
        """What to call a work, or a party that a finding is about."""
        if id_ in self.graph.works:
            return name_of(self.graph.works[id_])
        return self.party_name(id_)

    def party_name(self, id_: str) -> str:
        """What to call a party."""
        found = self.graph.parties.get(id_)
        if found is None or not found.name:
            return short_id(id_)
        told = clean(found.name, 200)
        # Two of one name need not be one person; whoever is only named has a work to be told by.
        twins = self._names[found.name] > 1 and not id_.startswith("name:")
        return f"{told} ({short_id(id_)})" if twins else told

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(one.name for one in self.graph.parties.values())

    def signer(self, work: Work) -> str | None:
        """Who signed a work."""
        return self.party_name(work.signer) if work.signer is not None else None

    def terms_of(self, party: Party) -> tuple[str, ...]:
        """The names of the terms of all works that a party has a part in."""
        works = (self.graph.works[one.work] for one in self.parts.get(party.id, ()))
        return tuple(dict.fromkeys(map(terms_name, works)))

    def money(self, amount: int) -> str:
        """Minor units of the split, as people write them."""
        return money(amount, self.split.decimals if self.split else 2)

    def unclaimed_name(self, work: str) -> str:
        """What to call a part that nobody can claim."""
        number = self.number.get(work)
        told = self.work_name(work)
        return f"UNCLAIMED, for [{number}] {told}" if number else f"UNCLAIMED, for {told}"

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What would be otherwise if edges that are not sure were not there."""
        if self.split is None or self.split.without_unverified is None:
            return ()
        before, after = _amounts(self.split), _amounts(self.split.without_unverified)
        return tuple(
            Change(
                self.party_name(key) if is_party else self.unclaimed_name(key),
                self.money(before.get((is_party, key), 0)),
                self.money(after.get((is_party, key), 0)),
            )
            for is_party, key in dict.fromkeys((*before, *after))
            if before.get((is_party, key), 0) != after.get((is_party, key), 0)
        )


def _amounts(split: Split) -> dict[tuple[bool, str], int]:
    paid = {(True, one.party): one.amount for one in split.shares}
    return paid | {(False, one.work): one.amount for one in split.unclaimed}


def _row(code: str) -> Code:
    found = codes.CODES.get(code)
    return found or Code(clean(code, 100), Kind.WARNING, "This version does not know the code.")
