"""The order of a graph: what lies behind what, and that nothing lies behind itself."""

from collections.abc import Iterable, Iterator, Mapping

from provenance.chain import codes
from provenance.chain.graph import Edge, LineageFinding

__all__ = ["behind", "without_cycles"]


def without_cycles(
    root: str, edges: Iterable[Edge]
) -> tuple[list[Edge], tuple[LineageFinding, ...]]:
    """The edges, but for those that would close a circle on the way from the root.

    Which edge of a circle goes is a matter of where one enters it: the root is never cut off.
    """
    rows = list(edges)
    out: dict[str, list[int]] = {}
    for row, edge in enumerate(rows):
        out.setdefault(edge.child, []).append(row)
    done: set[str] = set()
    cut: set[int] = set()
    for start in (root, *out):
        if start in done:
            continue
        path: list[tuple[str, Iterator[int]]] = [(start, iter(out.get(start, ())))]
        on_path = {start}
        while path:
            work, left = path[-1]
            at = next(left, -1)
            if at < 0:
                path.pop()
                on_path.discard(work)
                done.add(work)
                continue
            parent = rows[at].parent
            if parent in on_path:
                cut.add(at)
            elif parent not in done:
                on_path.add(parent)
                path.append((parent, iter(out.get(parent, ()))))
    told = tuple(
        LineageFinding(codes.CYCLE, rows[row].child, rows[row].evidence or "", rows[row].parent)
        for row in sorted(cut)
    )
    return [edge for row, edge in enumerate(rows) if row not in cut], told


def behind(work: str, parents: Mapping[str, Iterable[str]]) -> set[str]:
    """All that lies behind a work."""
    found: set[str] = set()
    waiting = [work]
    while waiting:
        for one in parents.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
