"""A graph as the checks of terms look at it: edges that somebody signed for, at one moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property

from provenance.chain.graph import Edge, EdgeStatus, Graph, LineageFinding, Relation, Work
from provenance.model.assertions.rights import Rights
from provenance.rights.rates import contents

__all__ = ["AMONG_MODELS", "SIGNED", "Look", "has_expired", "name_of", "told"]

SIGNED = frozenset(EdgeStatus) - {EdgeStatus.IMPORTED, EdgeStatus.BROKEN}
AMONG_MODELS = (Relation.FINETUNED_FROM, Relation.MERGED_FROM, Relation.ADAPTER_OF)


@dataclass(frozen=True)
class Look:
    """A graph, a moment, and what is worked out once for all of it."""

    graph: Graph
    at: datetime

    @cached_property
    def signed(self) -> tuple[Edge, ...]:
        """Edges that somebody signed for, between works that are there."""
        known = self.graph.works
        return tuple(
            edge
            for edge in self.graph.edges
            if edge.status in SIGNED and edge.child in known and edge.parent in known
        )

    @cached_property
    def same(self) -> Mapping[str, str]:
        """See `contents`."""
        return contents(self.graph)

    @cached_property
    def out(self) -> Mapping[str, tuple[Edge, ...]]:
        """Those edges, by child."""
        found: dict[str, list[Edge]] = {}
        for edge in self.signed:
            found.setdefault(edge.child, []).append(edge)
        return {key: tuple(edges) for key, edges in found.items()}

    def agreed(self, edge: Edge) -> bool:
        """Has the owner of the parent agreed to this very edge, for as long as it is now?"""
        if self.own(edge):
            return True
        if edge.status is not EdgeStatus.COUNTERSIGNED:
            return False
        return edge.not_after is None or not has_expired(edge.not_after, self.at)

    def own(self, edge: Edge) -> bool:
        """Did whoever made the child own the parent? Nobody breaks their own terms.

        What the child says of its owners does not show that; who signed it does. A signer of
        both may be a service, so then the people that they name must be the same too.
        """
        child, parent = self.graph.works[edge.child], self.graph.works[edge.parent]
        if child.signer is None:
            return False
        if child.signer in self.owners(parent):
            return True
        return child.signer == parent.signer and self.names(child) == self.names(parent)

    def owners(self, work: Work) -> frozenset[str]:
        """The parties that own a work; where none is named, its signer."""
        found = frozenset(one.party for one in self.graph.owners.get(work.id, ()))
        return found or frozenset((work.signer,) if work.signer else ())

    def names(self, work: Work) -> frozenset[str]:
        """Of its owners, so that they compare."""
        return frozenset(self.name(one) for one in self.owners(work))

    def name(self, party: str) -> str:
        """Of a party, so that it compares; empty where nobody said."""
        found = self.graph.parties.get(party)
        return found.name.casefold().strip() if found is not None else ""

    @cached_property
    def closed(self) -> Mapping[str, str]:
        """For each work without terms one behind it that is not for commerce, if there is any."""
        return dict(self._closed())

    def _closed(self) -> Iterator[tuple[str, str]]:
        # From those works towards what was made of them, so that each is seen once.
        made_of: dict[str, list[Edge]] = {}
        for edge in self.signed:
            made_of.setdefault(edge.parent, []).append(edge)
        works = self.graph.works
        seen: set[str] = set()
        for origin, work in works.items():
            if work.rights is None or work.rights.commercial.use:
                continue
            waiting = [origin]
            while waiting:
                for edge in made_of.get(waiting.pop(), ()):
                    silent = works[edge.child].rights is None
                    if silent and edge.child not in seen and not self.agreed(edge):
                        seen.add(edge.child)
                        waiting.append(edge.child)
                        yield edge.child, origin


def has_expired(not_after: str, at: datetime) -> bool:
    """Is a date over? A day without time is over at its end; what is no date has never begun."""
    try:
        moment = datetime.fromisoformat(not_after)
    except ValueError:
        return True
    if "T" not in not_after.upper() and " " not in not_after:
        moment = datetime.combine(moment.date(), time.max)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < at


def told(code: str, edge: Edge, explanation: str = "") -> LineageFinding:
    """A finding at the child, about the parent."""
    return LineageFinding(code, edge.child, explanation, edge.parent)


def name_of(terms: Rights) -> str:
    """Terms by what people call them."""
    return (terms.spdx or terms.flavour or terms.uri or f"{terms.template} terms")[:120]
