"""The rate of an edge: what a work owes to one that it was made of, of all that flows to it.

    accepted by the parent's owner     as accepted
    stated by the child's signer       as stated, not under the share that the licence asks for
    units of a dataset, and no rate    by units, of what the stated rates leave
    nothing                            0

One content that comes under several signatures (shells of one owner, perhaps) is lifted to its
licence's share once, and not once for each.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from provenance.chain.codes import SIGNATURE_COPIED
from provenance.chain.graph import MILLION, Edge, EdgeStatus, Graph, Relation, WorkKind

__all__ = ["contents", "licence_share", "rates", "shells"]


def licence_share(edge: Edge, graph: Graph) -> int:
    """What the parent's terms ask for along an edge, in ppm: of training the share for AI."""
    parent = graph.works.get(edge.parent)
    if parent is None or parent.rights is None:
        return 0
    if edge.relation is Relation.TRAINED_ON:
        return parent.rights.ai.share_ppm
    return parent.rights.commercial.share_ppm if parent.rights.commercial.use else 0


def contents(graph: Graph) -> Mapping[str, str]:
    """For each work the content that it is: the same where two signatures are over one asset.

    That is where the hash of the file is the same, or the chain has found a copy.
    """
    found: dict[str, str] = {}
    first: dict[str, str] = {}
    for key, work in graph.works.items():
        found[key] = first.setdefault(work.asset_sha256, key) if work.asset_sha256 else key
    for one in graph.findings:
        if one.code == SIGNATURE_COPIED and one.other is not None:
            ends = [_end(found, work) for work in (one.work, one.other)]
            found[max(ends)] = min(ends)
    return {key: _end(found, key) for key in found}


def _end(found: dict[str, str], key: str) -> str:
    end = key
    while found.setdefault(end, end) != end:
        end = found[end]
    while found[key] != end:
        found[key], key = end, found[key]
    return end


def rates(
    edges: Sequence[Edge], graph: Graph, same: Mapping[str, str], *, units: bool = True
) -> tuple[Fraction, ...]:
    """The rates of all edges of one work, in their order.

    Args:
        edges: all edges out of the work.
        graph: where they are from.
        same: its `contents`.
        units: do units of a dataset count? A chain that knows no datasets leaves them out.
    """
    ppm = [_stated(edge, graph) for edge in edges]
    for group in shells(edges, same):
        _lift(group, edges, ppm, graph)
    found = [Fraction(one, MILLION) for one in ppm]
    if units and edges and _is_dataset(edges[0].child, graph):
        _by_units(edges, found)
    return tuple(found)


def shells(edges: Sequence[Edge], same: Mapping[str, str]) -> Iterable[tuple[int, ...]]:
    """The places of edges to the same content, for each content there is."""
    groups: dict[str, list[int]] = {}
    for at, edge in enumerate(edges):
        groups.setdefault(same.get(edge.parent, edge.parent), []).append(at)
    return map(tuple, groups.values())


def _stated(edge: Edge, graph: Graph) -> int:
    if edge.rate_ppm is not None:
        return edge.rate_ppm
    # The licence was accepted, and no rate named: then it is the licence's.
    return licence_share(edge, graph) if edge.licence is not None else 0


def _lift(group: tuple[int, ...], edges: Sequence[Edge], ppm: list[int], graph: Graph) -> None:
    """Bring what is owed to one content up to the share of its licence."""
    bound = [
        (licence_share(edges[at], graph), edges[at].parent, at)
        for at in group
        if edges[at].rate_ppm is not None and edges[at].status is not EdgeStatus.COUNTERSIGNED
    ]
    if not bound:
        return
    least = max(share for share, _, _ in bound)
    short = least - sum(ppm[at] for at in group)
    if short > 0:
        _, _, chosen = min((parent, at, at) for share, parent, at in bound if share == least)
        ppm[chosen] += short


def _is_dataset(work: str, graph: Graph) -> bool:
    found = graph.works.get(work)
    return found is not None and found.kind is WorkKind.DATASET


def _by_units(edges: Sequence[Edge], found: list[Fraction]) -> None:
    places = [at for at, edge in enumerate(edges) if edge.units and not found[at]]
    total = sum(edges[at].units or 0 for at in places)
    left = 1 - sum(found, Fraction())
    if total and left > 0:
        for at in places:
            found[at] = left * Fraction(edges[at].units or 0, total)
