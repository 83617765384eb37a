"""What each party is owed of an amount that is paid for one work: exact fractions, whole units.

    flow[root] = 1
    for n in topological order from the root:
        for each edge n→p: flow[p] += flow[n] · rate          Σ rate ≤ 1
        keep[n] = flow[n] · (1 − Σ rate)                      to its owners, by weight

What nobody can claim, because a work has no owner that is known, or because the edge to it is not
sure, is `UNCLAIMED:<work>`: shown, and never somebody else's gain. Other policies are there to
compare with. Time and memory grow with the number of works and edges.

Source: contributors' `flow/1`, docs/lineage.md.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from provenance.chain.graph import MILLION, Edge, Graph
from provenance.errors import SplitError
from provenance.rights.allot import allot, falling
from provenance.rights.numbers import in_percent, money
from provenance.rights.rates import contents, rates

__all__ = [
    "MOST",
    "POLICIES",
    "UNCLAIMED",
    "Share",
    "Split",
    "Unclaimed",
    "allot",
    "flows",
    "split",
]

UNCLAIMED = "UNCLAIMED"
_WHAT = "split"
MOST = 10**30  # minor units

_Parts = dict[str, list[Fraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A party's part."""

    party: str  # id
    name: str
    amount: int  # minor units
    fraction: Fraction
    ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """What is held back, for the work that it is owed to."""

    work: str  # id
    amount: int  # minor units
    fraction: Fraction
    ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An amount in parts: the largest first, and equal ones by id.

    `amount` is in minor units, `decimals` says how many of its digits are behind the point.
    `without_unverified` is the same split as if edges that are not sure were not there; None where
    that changes nothing.
    """

    policy: str
    root: str
    amount: int
    decimals: int = 2
    shares: tuple[Share, ...]
    unclaimed: tuple[Unclaimed, ...]
    without_unverified: "Split | None" = None

    def to_dict(self) -> dict[str, object]:
        """As `split` of the lineage JSON."""
        row: dict[str, object] = {
            "policy": self.policy,
            "amount": money(self.amount, self.decimals),
            "shares": [
                {
                    "party": one.party,
                    "name": one.name,
                    "amount": money(one.amount, self.decimals),
                    "ppm": one.ppm,
                }
                for one in self.shares
            ],
            "unclaimed": [
                {"work": one.work, "amount": money(one.amount, self.decimals)}
                for one in self.unclaimed
            ],
        }
        if self.without_unverified is not None:
            other = self.without_unverified.to_dict()
            row["without_unverified"] = {key: other[key] for key in ("shares", "unclaimed")}
        return row


def split(graph: Graph, amount: int, policy: str = "flow/1", *, decimals: int = 2) -> Split:
    """Split an amount among everyone behind a work.

    Args:
        graph: the root is the work that the amount is paid for.
        amount: minor units, 10000 for 100.00.
        policy: one of `POLICIES`.
        decimals: digits behind the point, for whoever prints the result.

    Raises:
        SplitError: no such policy, a negative amount, works in a circle, or a work that owes more
            than all of what it is paid.
    """
    parts = POLICIES.get(policy)
    if parts is None:
        raise SplitError(_WHAT, f"no policy {policy[:40]!r}; known: {', '.join(POLICIES)}")
    if not 0 <= amount <= MOST:
        raise SplitError(_WHAT, "an amount is from 0 to 10^30 minor units")
    found = _split(graph, amount, policy, parts, decimals)
    sure = replace(graph, edges=tuple(edge for edge in graph.edges if edge.status.counts))
    if len(sure.edges) == len(graph.edges):
        return found
    other = _split(sure, amount, policy, parts, decimals)
    same = (found.shares, found.unclaimed) == (other.shares, other.unclaimed)
    return found if same else replace(found, without_unverified=other)


def flows(graph: Graph) -> Mapping[str, Fraction]:
    """What flows to each work under `flow/1`, of 1 at the root, before it passes anything on.

    Raises:
        SplitError: as `split`.
    """
    return _flow(graph, units=True)[0]


def _split(
    graph: Graph,
    amount: int,
    policy: str,
    parts: "Callable[[Graph], tuple[_Parts, _Parts]]",
    decimals: int,
) -> Split:
    owned, unowned = parts(graph)
    paid = {key: total for key, many in owned.items() if (total := _total(many))}
    held = {f"{UNCLAIMED}:{key}": total for key, many in unowned.items() if (total := _total(many))}
    everyone = paid | held
    units, ppm = allot(everyone, amount), allot(everyone, MILLION)
    names = {key: party.name for key, party in graph.parties.items()}
    shares = [
        Share(party=key, name=names.get(key, key), amount=units[key], fraction=part, ppm=ppm[key])
        for key, part in paid.items()
    ]
    unclaimed = [
        Unclaimed(work=key.partition(":")[2], amount=units[key], fraction=part, ppm=ppm[key])
        for key, part in held.items()
    ]
    return Split(
        policy=policy,
        root=graph.root,
        amount=amount,
        decimals=decimals,
        shares=tuple(sorted(shares, key=lambda one: (falling(one.fraction), one.party))),
        unclaimed=tuple(sorted(unclaimed, key=lambda one: (falling(one.fraction), one.work))),
    )


# The policies: a graph in; parts for each party, and for each work that nobody can claim for, out.


def _by_flow(graph: Graph) -> tuple[_Parts, _Parts]:
    return _settle(graph, *_flow(graph, units=True)[1:])


def _by_story_lrp(graph: Graph) -> tuple[_Parts, _Parts]:
    """Liquid relative percentage: each link passes on its share of what reaches it."""
    return _settle(graph, *_flow(graph, units=False)[1:])


def _by_story_lap(graph: Graph) -> tuple[_Parts, _Parts]:
    """Liquid absolute percentage: every ancestor takes its share of the whole, for each path."""
    keep: dict[str, Fraction] = {}
    held: _Parts = {}
    paths: Counter[str] = Counter({graph.root: 1})
    left, same = Fraction(1), contents(graph)
    for work in _topological(graph):
        edges = graph.parents.get(work, ())
        for edge, rate in zip(edges, rates(edges, graph, same, units=False), strict=True):
            part = paths[work] * rate
            left -= part
            if edge.status.counts:
                paths[edge.parent] += paths[work]
                keep[edge.parent] = keep.get(edge.parent, Fraction()) + part
            else:
                held.setdefault(edge.parent, []).append(part)
            if left < 0:
                raise SplitError(
                    _WHAT, "story-lap owes more than 100 % of the amount to the works behind"
                )
    keep[graph.root] = keep.get(graph.root, Fraction()) + left
    return _settle(graph, keep, held)


def _by_heads(graph: Graph) -> tuple[_Parts, _Parts]:
    """Everyone who is known alike, and each work alike that nobody is known for."""
    works = _topological(graph)
    reached = set(works)
    people: dict[str, None] = {}
    nobody: dict[str, None] = {}
    for work in works:
        owners = [one.party for one in graph.owners.get(work, ()) if one.weight > 0]
        people.update(dict.fromkeys(owners))
        if not owners:
            nobody[work] = None
        for edge in graph.parents.get(work, ()):
            if not edge.status.counts and edge.parent not in reached:
                nobody[edge.parent] = None
    each = Fraction(1, len(people) + len(nobody))
    return {key: [each] for key in people}, {key: [each] for key in nobody}


POLICIES: Mapping[str, Callable[[Graph], tuple[_Parts, _Parts]]] = {
    "flow/1": _by_flow,
    "story-lrp": _by_story_lrp,
    "story-lap": _by_story_lap,
    "equal": _by_heads,
}


def _flow(graph: Graph, *, units: bool) -> tuple[dict[str, Fraction], dict[str, Fraction], _Parts]:
    """What flows to each work, what it keeps, and what is held back on the way to it."""
    incoming: _Parts = {graph.root: [Fraction(1)]}
    flow: dict[str, Fraction] = {}
    keep: dict[str, Fraction] = {}
    held: _Parts = {}
    same = contents(graph)
    for work in _topological(graph):
        arrived = flow[work] = _total(incoming.pop(work, []))
        if not arrived:
            continue
        edges = graph.parents.get(work, ())
        owed = rates(edges, graph, same, units=units)
        total = _total(owed)
        if total > 1:
            raise SplitError(
                _WHAT, f"{_told(work, graph)} owes {in_percent(total)} of what it gets"
            )
        for edge, rate in zip(edges, owed, strict=True):
            if rate:
                where = incoming if edge.status.counts else held
                where.setdefault(edge.parent, []).append(arrived * rate)
        keep[work] = arrived * (1 - total)
    return flow, keep, held


def _settle(graph: Graph, keep: Mapping[str, Fraction], held: _Parts) -> tuple[_Parts, _Parts]:
    """Give what a work keeps to its owners by weight, or hold it where there are none."""
    owned: _Parts = {}
    unowned: _Parts = {work: [*parts] for work, parts in held.items()}
    for work, part in keep.items():
        owners = graph.owners.get(work, ())
        total = sum(one.weight for one in owners)
        if not total:
            unowned.setdefault(work, []).append(part)
            continue
        for one in owners:
            owned.setdefault(one.party, []).append(part * Fraction(one.weight, total))
    return owned, unowned


def _topological(graph: Graph) -> tuple[str, ...]:
    """Every work that is reached from the root along edges that count, a child before its parents.

    Raises:
        SplitError: there is a circle.
    """
    counting: dict[str, tuple[Edge, ...]] = {}
    waiting, open_edges = [graph.root], Counter({graph.root: 0})
    while waiting:
        work = waiting.pop()
        edges = counting[work] = tuple(
            edge for edge in graph.parents.get(work, ()) if edge.status.counts
        )
        for edge in edges:
            if edge.parent not in open_edges:
                waiting.append(edge.parent)
            open_edges[edge.parent] += 1
    if open_edges[graph.root]:
        raise _circle(graph.root, graph)
    order: list[str] = []
    ready = deque((graph.root,))
    while ready:
        work = ready.popleft()
        order.append(work)
        for edge in counting[work]:
            open_edges[edge.parent] -= 1
            if not open_edges[edge.parent]:
                ready.append(edge.parent)
    if len(order) < len(counting):
        raise _circle(min(work for work, left in open_edges.items() if left), graph)
    return tuple(order)


def _circle(work: str, graph: Graph) -> SplitError:
    told = f"works are made of each other in a circle, one of them {_told(work, graph)}"
    return SplitError(_WHAT, f"{told}; nothing can be split along it")


def _total(parts: Iterable[Fraction]) -> Fraction:
    """The sum, exactly.

    Those over the same denominator first, then the rest in pairs: added one after the other, many
    odd denominators would take time with the square of their number.
    """
    rows = [*parts]
    if len(rows) > 1:
        tops: Counter[int] = Counter()
        for one in rows:
            tops[one.denominator] += one.numerator
        rows = [Fraction(top, bottom) for bottom, top in tops.items()]
    while len(rows) > 1:
        pairs = [rows[at] + rows[at + 1] for at in range(0, len(rows) - 1, 2)]
        rows = [*pairs, *rows[len(rows) & ~1 :]]
    return rows[0] if rows else Fraction()


def _told(work: str, graph: Graph) -> str:
    found = graph.works.get(work)
    title = found.title if found is not None else None
    return f"{title[:60]!r} ({work[:60]})" if title else work[:80]
