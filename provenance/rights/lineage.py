"""A lineage: who and what is behind an asset, what they allow, and what each is owed.

lineage = provenance.trace("remix.png")
for party in lineage.contributors(): …
lineage.split("100.00").shares
lineage.to_dict()                      the JSON of `provenance trace --format json`
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from provenance.chain.graph import Edge, Evidence, Graph, LineageFinding, Party, Work
from provenance.errors import SplitError
from provenance.rights import codes, compatibility
from provenance.rights import shares as shares_room
from provenance.rights.numbers import exact
from provenance.rights.shares import MOST as LIMIT
from provenance.rights.shares import Split

__all__ = ["SCHEMA", "Lineage", "minor_units"]

SCHEMA = "provenance/lineage/1"
_SUREST = {one: at for at, one in enumerate(Evidence)}


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """A graph, and all that is to be said of it. Findings: of the chain, then of its terms."""

    graph: Graph = field(repr=False)
    at: datetime  # the moment that terms were held to
    findings: tuple[LineageFinding, ...]

    @classmethod
    def of(cls, graph: Graph, at: datetime) -> Self:
        """Look a graph over, at a moment with zone."""
        found = (*graph.findings, *compatibility.findings(graph, at))
        return cls(graph=graph, at=at, findings=tuple(dict.fromkeys(found)))

    @property
    def root(self) -> Work:
        """The work that was asked about."""
        return self.graph.works[self.graph.root]

    @property
    def works(self) -> tuple[Work, ...]:
        """All works, the root first, as they were found."""
        return tuple(self.graph.works.values())

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, each from a work to one that it was made of."""
        return self.graph.edges

    def contributors(self) -> tuple[Party, ...]:
        """Everyone with a part in one of the works, those that are surely known first.

        A signer without a part (a service that signs for others) is none.
        """
        parts = {one.party for one in self.graph.ownerships}
        found = [one for one in self.graph.parties.values() if one.id in parts]
        return tuple(sorted(found, key=lambda one: _SUREST[one.evidence]))

    def split(
        self, amount: str | int | Decimal, *, policy: str = "flow/1", decimals: int = 2
    ) -> Split:
        """Split an amount that is paid for the asset.

        Args:
            amount: as people write it, "100.00"; an int is whole units of the currency.
            policy: flow/1, or to compare story-lrp, story-lap, equal.
            decimals: digits behind the point that the currency has.

        Raises:
            SplitError: no amount, no such policy, or a chain that cannot be split along.
        """
        units = minor_units(amount, decimals)
        return shares_room.split(self.graph, units, policy, decimals=decimals)

    def to_dict(self, split: Split | None = None) -> dict[str, Any]:
        """As JSON: the form of `schemas/lineage.schema.json`. Without a split, `split` is null."""
        return {
            "schema": SCHEMA,
            "root": self.graph.root,
            "works": [_work(one) for one in self.works],
            "parties": [_party(one) for one in self.graph.parties.values()],
            "edges": [_edge(one) for one in self.edges],
            "findings": [_finding(one) for one in self.findings],
            "split": split.to_dict() if split is not None else None,
        }


def minor_units(amount: str | int | Decimal, decimals: int = 2) -> int:
    """An amount in minor units: "12.36" is 1236.

    Raises:
        SplitError: no number, a negative one, or more digits than the currency has.
    """
    text = _text(amount)
    value = exact(text)
    units = value * 10**decimals if value is not None else None
    if units is None or units > LIMIT:
        raise SplitError("amount", f"{text[:40]!r} is none up to 10^30 minor units; 100.00 is one")
    if units.denominator != 1:
        raise SplitError("amount", f"{text[:40]} has more than {decimals} digits behind the point")
    return int(units)


def _text(amount: str | int | Decimal) -> str:
    match amount:
        case str():
            return amount
        case Decimal() if amount.is_finite() and -30 <= amount.adjusted() <= 30:
            plain = f"{amount:f}"
            return plain.rstrip("0").rstrip(".") if "." in plain else plain
        case int() if 0 <= amount <= LIMIT:
            return str(amount)
    return "it"


def _work(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "kind": work.kind.value,
        "title": work.title,
        "asset_sha256": work.asset_sha256,
        "validation_state": work.validation_state,
        "signer": work.signer,
        "location": work.location,
        "rights": work.rights.to_cbor() if work.rights is not None else None,
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "id": party.id,
        "name": party.name,
        "roles": list(party.roles),
        "evidence": party.evidence.value,
        "payee": party.payee,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "child": edge.child,
        "parent": edge.parent,
        "relation": edge.relation.value,
        "rate_ppm": edge.rate_ppm,
        "status": edge.status.value,
        "licence": edge.licence,
    }


def _finding(finding: LineageFinding) -> Mapping[str, Any]:
    row = codes.CODES.get(finding.code)
    sentence = row.sentence if row is not None else ""
    return {
        "code": finding.code,
        "work": finding.work,
        "explanation": f"{sentence} ({finding.explanation})" if finding.explanation else sentence,
        "other": finding.other,
    }
