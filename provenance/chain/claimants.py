"""Rivals: two signers who claim the same content, of whom neither names the other.

Somebody who takes the manifest off a picture and signs it again looks like its maker. The hard
bindings of both hash the same content, and that shows it where both are at hand. Which of the two
came first is not for us to say: nothing is paid to either until a person has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provenance.chain import codes
from provenance.chain.graph import Edge, EdgeStatus, LineageFinding, Work
from provenance.chain.order import behind
from provenance.chain.pool import Pool

__all__ = ["find_rivals", "mark_disputed"]

_MOST_COMPARED = 16  # of one content


def find_rivals(
    works: Mapping[str, Work], edges: Sequence[Edge], pool: Pool, same: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Pairs of works over the same content, by different signers, neither made of the other.

    Args:
        works: of the graph, those that were only found in files included.
        edges: between them.
        pool: their accounts.
        same: the id that stands for each id of a party with several.
    """
    groups: dict[str, list[str]] = {}
    for id_ in works:
        account = pool.best(id_)
        if account is not None and not account.broken and account.fingerprint is not None:
            groups.setdefault(account.fingerprint, []).append(id_)
    parents: dict[str, list[str]] = {}
    for edge in edges:
        parents.setdefault(edge.child, []).append(edge.parent)
    for group in groups.values():
        if len(group) < 2:
            continue
        compared = group[:_MOST_COMPARED]
        lines = {one: behind(one, parents) for one in compared}
        for at, first in enumerate(compared):
            for second in compared[at + 1 :]:
                related = first in lines[second] or second in lines[first]
                if not related and _signer(works[first], same) != _signer(works[second], same):
                    yield first, second


def _signer(work: Work, same: Mapping[str, str]) -> str | None:
    return same.get(work.signer, work.signer) if work.signer else None


def mark_disputed(
    edges: Sequence[Edge], rivals: Sequence[tuple[str, str]], works: Mapping[str, Work]
) -> tuple[list[Edge], tuple[LineageFinding, ...]]:
    """Nothing is paid along an edge to a work that somebody else claims too."""
    claimed = {one for pair in rivals for one in pair}
    told = tuple(
        LineageFinding(codes.SIGNATURE_COPIED, second, _when(works[first], works[second]), first)
        for first, second in rivals
    )
    marked = [
        replace(edge, status=EdgeStatus.DISPUTED)
        if edge.parent in claimed and edge.status.counts
        else edge
        for edge in edges
    ]
    return marked, told


def _when(first: Work, second: Work) -> str:
    times = [one.signed_at for one in (first, second)]
    if not any(times):
        return "no time stamp tells which was first"
    return " and ".join(f"{time or 'at an unknown time'}" for time in times)
