"""Properties of `flow/1` that hold for every chain: on random graphs of up to 200 works."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provenance.chain.graph import Edge, EdgeStatus, Graph, Ownership, WorkKind
from provenance.errors import SplitError
from provenance.rights.allot import allot
from provenance.rights.shares import POLICIES, Split, flows, split
from tests.rights.graphs import edge, graph, party, work

T = TypeVar("T")
MOST_WORKS = 200
AMOUNT = 123_456_789
STATUSES = (*[EdgeStatus.DECLARED] * 12, EdgeStatus.COUNTERSIGNED, *EdgeStatus)


def made(seed: int, size: int, *, sure: bool = False, full: bool = False) -> Graph:
    """A graph without circles: each work is made of some that come after it.

    Args:
        seed: decides all of it.
        size: works.
        sure: every edge counts.
        full: every work has an owner.
    """
    chance = random.Random(seed)
    names = [f"w{at}" for at in range(size)]
    rows: list[Edge] = []
    for at, child in enumerate(names[:-1]):
        left = 1_000_000
        for _ in range(chance.randint(0, 4) if at else chance.randint(1, 8)):
            # Often one that is near, so that paths meet again.
            near = chance.random() < 0.7
            parent = names[min(chance.randint(at + 1, at + 6 if near else size), size - 1)]
            rate = chance.randint(0, left // 2)
            left -= rate
            status = EdgeStatus.DECLARED if sure else chance.choice(STATUSES)
            rows.append(edge(child, parent, rate / 10_000, status=status))
    owners = {
        name: {f"p{chance.randint(0, 30)}": chance.randint(1, 5) for _ in range(parts)}
        for name in names
        if (parts := chance.randint(1 if full else 0, 3))
    }
    return graph("w0", rows, owners)


def with_datasets(plain: Graph, seed: int) -> Graph:
    """Some works become datasets that pass on by units."""
    chance = random.Random(seed)
    chosen = {name for name in plain.works if chance.random() < 0.3}
    works = {
        name: replace(one, kind=WorkKind.DATASET) if name in chosen else one
        for name, one in plain.works.items()
    }
    edges = tuple(
        replace(one, rate_ppm=None, units=chance.randint(1, 99))
        if one.child in chosen and chance.random() < 0.8
        else one
        for one in plain.edges
    )
    return replace(plain, works=works, edges=edges)


SEEDS = st.integers(0, 2**32)
SIZES = st.integers(2, MOST_WORKS)
GRAPHS = st.builds(made, SEEDS, SIZES)
ANY = GRAPHS | st.builds(with_datasets, GRAPHS, SEEDS)
SURE = st.builds(partial(made, sure=True, full=True), SEEDS, SIZES)
thorough = settings(max_examples=60)


def parts(found: Split) -> dict[str, Fraction]:
    rows = {one.party: one.fraction for one in found.shares}
    return rows | {f"UNCLAIMED:{one.work}": one.fraction for one in found.unclaimed}


def amounts(found: Split) -> dict[str, int]:
    rows = {one.party: one.amount for one in found.shares}
    return rows | {f"UNCLAIMED:{one.work}": one.amount for one in found.unclaimed}


@thorough
@given(ANY, st.integers(0, 10**12), st.sampled_from(sorted(POLICIES)))
def test_shares_sum_to_exactly_one_and_amounts_to_the_unit(
    chain: Graph, amount: int, policy: str
) -> None:
    try:
        found = split(chain, amount, policy)
    except SplitError:
        assert policy == "story-lap"  # which pays per path, and can run out
        return
    for one in (found, found.without_unverified):
        if one is not None:
            assert sum(parts(one).values()) == 1
            assert sum(amounts(one).values()) == amount
            ppm = [*(row.ppm for row in one.shares), *(row.ppm for row in one.unclaimed)]
            assert sum(ppm) == 1_000_000


@thorough
@given(ANY)
def test_nobody_owes(chain: Graph) -> None:
    found = split(chain, AMOUNT)
    assert all(part > 0 for part in parts(found).values())
    assert all(amount >= 0 for amount in amounts(found).values())
    for name, part in parts(found).items():
        assert abs(amounts(found)[name] - part * AMOUNT) < 1


@settings(max_examples=30)
@given(st.builds(partial(made, sure=True, full=True), SEEDS, st.integers(2, 14)))
def test_a_work_is_paid_the_sum_of_its_paths_once(chain: Graph) -> None:
    def along_paths(at: str, arrived: Fraction) -> None:
        gross[at] = gross.get(at, Fraction()) + arrived
        for one in chain.parents[at]:
            along_paths(one.parent, arrived * Fraction(one.rate_ppm or 0, 1_000_000))

    gross: dict[str, Fraction] = {}
    along_paths(chain.root, Fraction(1))
    found = flows(chain)
    assert {key: one for key, one in found.items() if one} == {
        key: one for key, one in gross.items() if one
    }


@thorough
@given(ANY, SEEDS, st.sampled_from(sorted(POLICIES)))
def test_the_order_of_input_does_not_matter(chain: Graph, seed: int, policy: str) -> None:
    chance = random.Random(seed)

    def mixed(rows: Iterable[T]) -> list[T]:
        found = list(rows)
        return chance.sample(found, len(found))

    other = Graph(
        root=chain.root,
        works=dict(mixed(chain.works.items())),
        parties=dict(mixed(chain.parties.items())),
        edges=tuple(mixed(chain.edges)),
        ownerships=tuple(mixed(chain.ownerships)),
    )
    try:
        found = split(chain, AMOUNT, policy)
    except SplitError:
        with pytest.raises(SplitError):
            split(other, AMOUNT, policy)
        return
    assert split(other, AMOUNT, policy) == found


@thorough
@given(ANY, st.data())
def test_a_forwarder_of_all_of_it_changes_nothing(chain: Graph, data: st.DataObject) -> None:
    assume(chain.edges)
    at = data.draw(st.integers(0, len(chain.edges) - 1))
    one = chain.edges[at]
    assume(one.status.counts)
    edges = (
        *chain.edges[:at],
        replace(one, parent="shell"),
        edge("shell", one.parent, 100),
        *chain.edges[at + 1 :],
    )
    longer = replace(
        chain,
        works={**chain.works, "shell": work("shell")},
        parties={**chain.parties, "middleman": party("middleman")},
        edges=edges,
        ownerships=(*chain.ownerships, Ownership(work="shell", party="middleman")),
    )
    assert split(longer, AMOUNT) == split(chain, AMOUNT)


@thorough
@given(GRAPHS, st.data())
def test_raising_one_rate_never_lowers_that_parents_gross(
    chain: Graph, data: st.DataObject
) -> None:
    sure = [at for at, one in enumerate(chain.edges) if one.status.counts]
    assume(sure)
    at = data.draw(st.sampled_from(sure))
    one = chain.edges[at]
    left = 1_000_000 - sum(each.rate_ppm or 0 for each in chain.parents[one.child])
    more = data.draw(st.integers(0, left))
    raised = replace(one, rate_ppm=(one.rate_ppm or 0) + more)
    other = replace(chain, edges=(*chain.edges[:at], raised, *chain.edges[at + 1 :]))
    before, after = flows(chain), flows(other)
    assert after.get(one.parent, 0) >= before.get(one.parent, 0)


def shared_out(chain: Graph, asset: str, count: int, rename: Callable[[str, int], str]) -> Graph:
    """An asset put into shells: each with its part of every rate, and of what it owes itself."""
    edges: list[Edge] = []
    for one in chain.edges:
        if one.parent == asset:
            rate = one.rate_ppm or 0
            cuts = [rate * at // count for at in range(count + 1)]
            edges += [
                replace(one, parent=f"{asset}/{at}", rate_ppm=cuts[at + 1] - cuts[at])
                for at in range(count)
            ]
        elif one.child == asset:
            edges += [replace(one, child=f"{asset}/{at}") for at in range(count)]
        else:
            edges.append(one)
    names = {f"{asset}/{at}": at for at in range(count)}
    return Graph(
        root=chain.root,
        works={**chain.works, **{name: work(name) for name in names}},
        parties=chain.parties,
        edges=tuple(edges),
        ownerships=(
            *(one for one in chain.ownerships if one.work != asset),
            *(
                replace(one, work=name, party=rename(one.party, at))
                for name, at in names.items()
                for one in chain.ownerships
                if one.work == asset
            ),
        ),
    )


@thorough
@given(SURE, st.data(), st.integers(2, 9))
def test_splitting_an_asset_among_shells_gains_nothing(
    chain: Graph, data: st.DataObject, count: int
) -> None:
    asset = data.draw(st.sampled_from(sorted(set(chain.works) - {chain.root})))
    shells = shared_out(chain, asset, count, lambda who, _: who)
    assert split(shells, AMOUNT) == split(chain, AMOUNT)
    # Under other names the shells get together what their owner got.
    owners = {one.party for one in chain.ownerships if one.work == asset}
    hidden = shared_out(chain, asset, count, lambda who, at: f"{who}/{at}")
    before, after = parts(split(chain, AMOUNT)), parts(split(hidden, AMOUNT))
    for who in owners:
        names = (who, *(f"{who}/{at}" for at in range(count)))
        assert sum(after.get(one, Fraction()) for one in names) == before.get(who, 0)


@thorough
@given(GRAPHS, st.data())
def test_a_circle_is_refused(chain: Graph, data: st.DataObject) -> None:
    reached = sorted(flows(chain))
    back = data.draw(st.sampled_from(reached))
    edges = (*chain.edges, edge(back, chain.root, 0))
    with pytest.raises(SplitError, match="circle"):
        split(replace(chain, edges=edges), AMOUNT)


@thorough
@given(GRAPHS)
def test_what_is_not_sure_is_nobodys_gain(chain: Graph) -> None:
    found = parts(split(chain, AMOUNT))
    sure = replace(chain, edges=tuple(one for one in chain.edges if one.status.counts))
    without = parts(split(sure, AMOUNT))
    # Work for work nobody gets more because an edge is not sure than they would get without it.
    assert all(
        part <= without.get(name, 0)
        for name, part in found.items()
        if not name.startswith("UNCLAIMED:")
    )


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60), st.integers(0, 700)), max_size=12),
    st.integers(0, 10**6),
)
def test_what_is_left_goes_to_the_largest_remainders_however_long_they_are(
    rows: list[tuple[int, int, int]], amount: int
) -> None:
    raw = [Fraction(top, bottom * 7**long) for top, bottom, long in rows if top]
    parts_of_1 = {f"p{at}": one / sum(raw) for at, one in enumerate(raw)}
    assume(parts_of_1)
    exact = {key: amount * one for key, one in parts_of_1.items()}
    floors = {key: int(one) for key, one in exact.items()}
    order = sorted(exact, key=lambda key: (floors[key] - exact[key], key))
    ups = set(order[: amount - sum(floors.values())])
    assert allot(parts_of_1, amount) == {key: floors[key] + (key in ups) for key in parts_of_1}
