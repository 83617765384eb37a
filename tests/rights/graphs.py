"""Graphs by hand: works by short names, edges as rows, owners by weight.

graph("img", {"img": {"photo": 10, "lora": 30}}, {"photo": "ada", "img": "prompter"})
"""

from collections.abc import Mapping
from typing import Any

from provenance.chain.graph import (
    Edge,
    EdgeStatus,
    Evidence,
    Graph,
    Ownership,
    Party,
    Relation,
    Work,
    WorkKind,
)

__all__ = ["EdgeStatus", "Relation", "WorkKind", "edge", "graph", "party", "work"]

PERCENT = 10_000  # in ppm


def work(name: str, **fields: Any) -> Work:
    return Work(**{"id": name, "kind": WorkKind.IMAGE, "title": name} | fields)


def party(name: str, **fields: Any) -> Party:
    return Party(**{"id": name, "name": name.title(), "evidence": Evidence.SIGNER} | fields)


def edge(child: str, parent: str, percent: float | None = None, **fields: Any) -> Edge:
    given = {"relation": Relation.COMPOSED, "status": EdgeStatus.DECLARED} | fields
    if percent is not None:
        given["rate_ppm"] = round(percent * PERCENT)
    return Edge(child=child, parent=parent, **given)


def graph(
    root: str,
    edges: Mapping[str, Mapping[str, float]] | list[Edge],
    owners: Mapping[str, str | Mapping[str, int]],
    works: Mapping[str, Work] | None = None,
) -> Graph:
    rows = edges if isinstance(edges, list) else list(_rows(edges))
    names = [root, *(one for row in rows for one in (row.child, row.parent)), *owners]
    shares = {name: {one: 1} if isinstance(one, str) else dict(one) for name, one in owners.items()}
    people = dict.fromkeys(one for row in shares.values() for one in row)
    return Graph(
        root=root,
        works={name: (works or {}).get(name, work(name)) for name in dict.fromkeys(names)},
        parties={name: party(name) for name in people},
        edges=tuple(rows),
        ownerships=tuple(
            Ownership(work=name, party=who, weight=weight)
            for name, row in shares.items()
            for who, weight in row.items()
        ),
    )


def _rows(edges: Mapping[str, Mapping[str, float]]) -> list[Edge]:
    return [
        edge(child, parent, percent)
        for child, row in edges.items()
        for parent, percent in row.items()
    ]
