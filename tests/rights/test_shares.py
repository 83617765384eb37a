"""Shares: exact, whole, and never somebody's gain from what is not sure."""

import random
import time
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from provenance.chain.graph import Graph, Ownership
from provenance.errors import SplitError
from provenance.rights.allot import allot
from provenance.rights.numbers import money
from provenance.rights.presets import preset
from provenance.rights.shares import POLICIES, Split, flows, split
from tests.rights.graphs import EdgeStatus, Relation, WorkKind, edge, graph, work

DIAMOND = graph(
    "E",
    {"E": {"C": 10, "D": 10}, "C": {"B": 10}, "D": {"B": 10}, "B": {"A": 10}},
    {name: name.lower() for name in "ABCDE"},
)
WORKED = graph(
    "img",
    {
        "img": {"photo": 10, "lora": 30},
        "lora": {"base": 40, "ds1": 35},
        "base": {"ds0": 50},
        "ds1": {"photo": 22.5, "art2": 67.5},
    },
    {
        "img": "prompter",
        "photo": "ada",
        "lora": "tuner",
        "base": "lab",
        "ds1": "curator",
        "art2": {"bo": 2, "cy": 1},
    },
)


def paid(found: Split) -> dict[str, int]:
    return {one.party: one.amount for one in found.shares}


def held(found: Split) -> dict[str, int]:
    return {one.work: one.amount for one in found.unclaimed}


@pytest.mark.parametrize("policy", ["flow/1", "story-lrp"])
def test_the_diamond_pays_each_link_of_what_reaches_it(policy: str) -> None:
    found = split(DIAMOND, 1_000_000, policy)
    assert paid(found) == {"a": 2_000, "b": 18_000, "c": 90_000, "d": 90_000, "e": 800_000}
    assert not found.unclaimed


def test_story_lap_pays_a_diamond_for_each_path() -> None:
    found = split(DIAMOND, 1_000_000, "story-lap")
    assert paid(found) == {"a": 200_000, "b": 200_000, "c": 100_000, "d": 100_000, "e": 400_000}


def test_the_worked_example_comes_out_to_the_unit() -> None:
    found = split(WORKED, 10_000)
    assert paid(found) == {
        "prompter": 6000,
        "ada": 1236,
        "tuner": 750,
        "lab": 600,
        "bo": 473,
        "cy": 236,
        "curator": 105,
    }
    assert held(found) == {"ds0": 600}
    assert found.without_unverified is None


def test_a_split_as_json_has_amounts_as_people_write_them() -> None:
    row = split(WORKED, 10_000).to_dict()
    assert row["amount"] == "100.00"
    shares = row["shares"]
    assert isinstance(shares, list)
    assert shares[1] == {"party": "ada", "name": "Ada", "amount": "12.36", "ppm": 123_625}
    assert row["unclaimed"] == [{"work": "ds0", "amount": "6.00"}]


def test_equal_counts_heads_and_works_that_nobody_is_known_for() -> None:
    found = split(WORKED, 80, "equal")
    assert set(paid(found).values()) == {10}
    assert held(found) == {"ds0": 10}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("status", [one for one in EdgeStatus if not one.counts])
def test_an_edge_that_is_not_sure_is_nobodys_gain(policy: str, status: EdgeStatus) -> None:
    rows = [edge("img", "lora", 30, status=status), edge("lora", "photo", 50)]
    unsure = graph("img", rows, {"img": "prompter", "lora": "tuner", "photo": "ada"})
    found = split(unsure, 100, policy)
    assert set(paid(found)) == {"prompter"}
    assert set(held(found)) == {"lora"}
    assert found.without_unverified is not None
    assert paid(found.without_unverified) == {"prompter": 100}
    if policy != "equal":
        assert held(found) == {"lora": 30}


def test_a_work_is_paid_along_its_sure_edge_though_another_is_not() -> None:
    rows = [
        edge("img", "photo", 10),
        edge("img", "lora", 20),
        edge("lora", "photo", 50, status=EdgeStatus.DISPUTED),
    ]
    found = split(graph("img", rows, {"img": "p", "photo": "ada", "lora": "t"}), 100)
    assert paid(found) == {"p": 70, "ada": 10, "t": 10}
    assert held(found) == {"photo": 10}


def test_a_dataset_without_rates_passes_on_by_units() -> None:
    rows = [
        edge("lora", "ds", 50),
        edge("ds", "photo", 0, units=1),
        edge("ds", "art", units=3),
        edge("ds", "music", 20),
    ]
    works = {"ds": work("ds", kind=WorkKind.DATASET)}
    owners = {"lora": "t", "photo": "ada", "art": "bo", "music": "cy", "ds": "curator"}
    found = split(graph("lora", rows, owners, works), 1000)
    assert paid(found) == {"t": 500, "ada": 100, "bo": 300, "cy": 100}
    picture = split(graph("lora", rows, owners), 1000)  # the same, and no dataset
    assert paid(picture) == {"t": 500, "curator": 400, "cy": 100}
    assert paid(split(graph("lora", rows, owners, works), 1000, "story-lrp")) == paid(picture)


def test_a_stated_rate_is_raised_to_the_licences_share() -> None:
    terms = preset("pil-commercial-remix:5%", "Ada")
    works = {"photo": work("photo", rights=terms)}
    owners = {"img": "p", "photo": "ada"}

    def ada(**fields: Any) -> int:
        rows = [edge("img", "photo", **fields)]
        return paid(split(graph("img", rows, owners, works), 100)).get("ada", 0)

    assert ada(percent=1) == 5
    assert ada(percent=7) == 7
    assert ada() == 0  # nothing was said: a finding, no payment
    assert ada(licence="sha256:00") == 5  # the terms were accepted, no rate was named
    assert ada(percent=1, status=EdgeStatus.COUNTERSIGNED) == 1  # as the owner agreed


def test_training_owes_the_share_for_ai() -> None:
    terms = preset("pil-commercial-remix:5%", "Ada")
    terms = replace(terms, ai=replace(terms.ai, share_ppm=20_000))
    rows = [edge("model", "photo", 1, relation=Relation.TRAINED_ON)]
    works = {"photo": work("photo", rights=terms)}
    found = split(graph("model", rows, {"model": "lab", "photo": "ada"}, works), 100)
    assert paid(found) == {"lab": 98, "ada": 2}


def test_one_content_under_several_signatures_is_lifted_to_the_licence_once() -> None:
    terms = preset("pil-commercial-remix:5%", "Ada")
    works = {
        name: work(name, rights=terms, asset_sha256="ab" * 32) for name in ("one", "two", "three")
    }
    rows = [edge("img", name, 1) for name in works]
    owners = {"img": "p", "one": "ada", "two": "ada", "three": "ada"}
    assert paid(split(graph("img", rows, owners, works), 100)) == {"p": 95, "ada": 5}


def test_a_work_whose_owners_have_no_weight_is_unclaimed() -> None:
    found = split(graph("img", {"img": {"photo": 10}}, {"img": "p", "photo": {"ada": 0}}), 100)
    assert paid(found) == {"p": 90}
    assert held(found) == {"photo": 10}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_circle_is_refused_with_one_sentence(policy: str) -> None:
    round_trip = graph("a", {"a": {"b": 10}, "b": {"c": 10}, "c": {"b": 1}}, {"a": "x"})
    with pytest.raises(SplitError, match="made of each other in a circle"):
        split(round_trip, 100, policy)
    with pytest.raises(SplitError, match="circle"):
        split(graph("a", {"a": {"a": 10}}, {"a": "x"}), 100, policy)


def test_a_circle_along_an_edge_that_was_refused_does_no_harm() -> None:
    rows = [edge("a", "b", 10), edge("b", "a", 10, status=EdgeStatus.BROKEN)]
    found = split(graph("a", rows, {"a": "x", "b": "y"}), 100)
    assert paid(found) == {"x": 90, "y": 9}
    assert held(found) == {"a": 1}


def test_more_than_all_is_refused() -> None:
    with pytest.raises(SplitError, match=r"'a' \(a\) owes 101 % of what it gets"):
        split(graph("a", {"a": {"b": 60, "c": 41}}, {}), 100)
    assert split(graph("a", {"a": {"b": 60, "c": 40}}, {"c": "y"}), 100).shares[0].amount == 40


def test_a_work_that_gets_nothing_may_owe_what_it_likes() -> None:
    found = split(graph("a", {"a": {"b": 0}, "b": {"c": 101}}, {"a": "x"}), 100)
    assert paid(found) == {"x": 100}


def test_lap_is_refused_where_paths_ask_for_more_than_there_is() -> None:
    rows = {"E": {"C": 30, "D": 30}, "C": {"B": 30}, "D": {"B": 30}}
    with pytest.raises(SplitError, match="story-lap"):
        split(graph("E", rows, {}), 100, "story-lap")
    assert split(graph("E", rows, {}), 100).amount == 100


@pytest.mark.parametrize(("policy", "amount"), [("flow/2", 1), ("flow/1", -1), ("equal", 10**31)])
def test_what_cannot_be_split_is_said(policy: str, amount: int) -> None:
    with pytest.raises(SplitError):
        split(DIAMOND, amount, policy)


def test_what_is_left_goes_by_remainder_then_by_id() -> None:
    third = Fraction(1, 3)
    assert allot({"b": third, "a": third, "c": third}, 100) == {"a": 34, "b": 33, "c": 33}
    assert allot({"a": Fraction(1, 10), "b": Fraction(9, 10)}, 5) == {"a": 1, "b": 4}
    assert allot({"a": Fraction(1)}, 0) == {"a": 0}


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [(1236, 2, "12.36"), (5, 2, "0.05"), (0, 2, "0.00"), (7, 0, "7"), (1, 6, "0.000001")],
)
def test_money_is_written_with_its_point(amount: int, decimals: int, text: str) -> None:
    assert money(amount, decimals) == text


def test_a_forwarder_changes_nothing() -> None:
    rows = {"a": {"f": 30}, "f": {"b": 100}}
    assert paid(split(graph("a", rows, {"a": "x", "f": "shell", "b": "y"}), 100)) == paid(
        split(graph("a", {"a": {"b": 30}}, {"a": "x", "b": "y"}), 100)
    )


def test_one_party_of_many_works_is_paid_once() -> None:
    found = split(graph("a", {"a": {"b": 33.3, "c": 33.3}}, dict.fromkeys("abc", "ada")), 100)
    assert paid(found) == {"ada": 100}


def chain(depth: int) -> Graph:
    rows = {str(at): {str(at + 1): 0.3333} for at in range(depth)}
    return graph("0", rows, {str(at): f"p{at}" for at in range(depth + 1)})


def star(parents: int) -> Graph:
    rows = {"root": {f"p{at}": 0.01 + at % 7 / 100 for at in range(parents)}}
    return graph("root", rows, {f"p{at}": {"ada": at + 1, "bo": 7} for at in range(parents)})


@pytest.mark.parametrize("made", [chain(200), star(1000)], ids=["deep", "wide"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_deep_chain_and_a_wide_star_are_split_at_once(made: Graph, policy: str) -> None:
    tracemalloc.start()
    began = time.perf_counter()
    try:
        found = split(made, 10**9, policy)
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert time.perf_counter() - began < 5
    assert most < 50 << 20
    assert sum((*paid(found).values(), *held(found).values())) == 10**9


def test_ten_thousand_datasets_of_odd_sizes_do_not_take_long() -> None:
    chance = random.Random(1)
    count = 2_000
    rows = [edge("root", f"d{at}", 0.01) for at in range(count)]
    works = {}
    for at in range(count):
        works[f"d{at}"] = work(f"d{at}", kind=WorkKind.DATASET)
        rows += [
            edge(f"d{at}", "x", units=chance.getrandbits(60) | 1),
            edge(f"d{at}", "y", units=chance.getrandbits(60) | 1),
        ]
    began = time.perf_counter()
    found = split(graph("root", rows, {"root": "r", "x": "x", "y": "y"}, works), 10**9)
    assert time.perf_counter() - began < 10
    assert sum(one.fraction for one in found.shares) == 1


def test_flow_is_what_a_work_gets_before_it_passes_on() -> None:
    assert flows(DIAMOND)["B"] == Fraction(2, 100)
    assert flows(WORKED)["ds1"] == Fraction(105, 1000)


def test_ownership_of_one_work_twice_counts_twice() -> None:
    made = graph("a", [], {"a": {"x": 1, "y": 1}})
    made = replace(made, ownerships=(*made.ownerships, Ownership(work="a", party="x")))
    assert paid(split(made, 3)) == {"x": 2, "y": 1}
