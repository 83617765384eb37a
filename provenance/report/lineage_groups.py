"""What of a lineage is drawn: works, and groups that stand for many, so that a picture is readable.

    1 000 photographs of one dataset                 one group
    more than 12 works that one work was made of     11, and a group for the others
    more than 120 works in all                       the nearest to the root, and groups behind them

No work is lost: a group has a list of what it stands for.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from provenance.chain.graph import Edge, EdgeStatus
from provenance.report.lineage_view import View
from provenance.report.lineage_words import counted, kind_of

__all__ = ["Line", "Node", "Picture", "drawn", "group_name"]

_ALIKE = 6  # leaves of one kind, used alike, are shown one by one up to here
_SIBLINGS = 12
_NODES = 120


@dataclass(frozen=True, slots=True)
class Node:
    """A work, or several that are drawn as one; `alike`: of one kind, and used for the same."""

    works: tuple[str, ...]
    alike: bool = True

    @property
    def is_group(self) -> bool:
        """Does it stand for more than a work?"""
        return len(self.works) > 1 or not self.alike


@dataclass(frozen=True, slots=True)
class Line:
    """An edge between nodes, and all edges that it stands for, with the rates that count."""

    start: int
    end: int
    edges: tuple[tuple[Edge, Fraction], ...]

    @property
    def status(self) -> EdgeStatus | None:
        """How surely it is known; None where its edges differ."""
        (first, _), *others = self.edges
        return first.status if all(one.status is first.status for one, _ in others) else None


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes, the root first, and lines between them by number."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


def drawn(view: View) -> Picture:
    """Choose what to draw."""
    unit_of = _units(view)
    chosen = _nearest(view, unit_of)
    nodes = [Node(unit) for unit in chosen]
    node_of = {work: at for at, unit in enumerate(chosen) for work in unit}
    behind: dict[int, dict[str, None]] = {}
    lines: dict[tuple[int, int], list[tuple[Edge, Fraction]]] = {}
    rest: dict[int, list[tuple[Edge, Fraction]]] = {}
    for start, edge, rate in _edges_of(view, chosen):
        end = node_of.get(edge.parent)
        if end is not None:
            lines.setdefault((start, end), []).append((edge, rate))
        elif edge.parent in view.number:
            behind.setdefault(start, {})[edge.parent] = None
            rest.setdefault(start, []).append((edge, rate))
    for start, works in behind.items():
        lines[start, len(nodes)] = rest[start]
        nodes.append(Node(tuple(works), alike=False))
    drawn_lines = tuple(Line(start, end, tuple(edges)) for (start, end), edges in lines.items())
    return Picture(tuple(nodes), drawn_lines)


def group_name(view: View, node: Node) -> str:
    """How many works of what kind a group stands for."""
    kinds = {kind_of(view.graph.works[one]) for one in node.works}
    return counted(len(node.works), kinds.pop() if len(kinds) == 1 else "work")


def _units(view: View) -> dict[str, tuple[str, ...]]:
    """For each work the works that it is drawn with: itself, or leaves that are used alike."""
    groups: dict[object, list[str]] = {}
    for id_, work in view.graph.works.items():
        users = view.used_in.get(id_, ())
        if users and not view.graph.parents.get(id_):
            uses = frozenset((edge.child, edge.relation, edge.status) for edge in users)
            groups.setdefault((work.kind, work.validation_state, uses), []).append(id_)
    units: dict[str, tuple[str, ...]] = {id_: (id_,) for id_ in view.graph.works}
    for members in groups.values():
        if len(members) > _ALIKE:
            units |= dict.fromkeys(members, tuple(members))
    return units


def _nearest(view: View, unit_of: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The units nearest to the root, not too many behind each, not too many in all."""
    root = unit_of[view.graph.root]
    found: dict[tuple[str, ...], None] = {root: None}
    waiting = deque((root,))
    while waiting and len(found) < _NODES:
        unit = waiting.popleft()
        behind = dict.fromkeys(
            unit_of[edge.parent]
            for work in unit
            for edge in view.graph.parents.get(work, ())
            if edge.parent in unit_of
        )
        most = _SIBLINGS if len(behind) <= _SIBLINGS else _SIBLINGS - 1
        for one in tuple(behind)[:most]:
            if one not in found and len(found) < _NODES:
                found[one] = None
                waiting.append(one)
    return tuple(found)


def _edges_of(
    view: View, chosen: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[int, Edge, Fraction]]:
    for start, unit in enumerate(chosen):
        for work in unit:
            for edge, rate in view.made_of(work):
                yield start, edge, rate
