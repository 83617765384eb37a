"""Who is behind works: evidence, weights, payees, and one person with two keys."""

from provenance.chain.graph import Evidence, Graph
from provenance.chain.trace import trace
from provenance.model.assertions.contribution import Contributor
from tests.attacks.forge import json
from tests.chain.studio import Says, Studio, Used, the_studio, work_id


def owners(graph: Graph, work: str) -> dict[str, tuple[int, Evidence]]:
    return {one.party: (one.weight, one.evidence) for one in graph.owners[work]}


def test_who_signs_and_says_no_more_owns_the_work() -> None:
    studio = the_studio()
    graph = trace(studio.png("x", "ada"), trust=studio.trust)
    assert owners(graph, graph.root) == {studio.key("ada"): (1, Evidence.SIGNER)}
    assert graph.works[graph.root].signer == studio.key("ada")


def test_named_creators_own_before_the_signer_who_names_them() -> None:
    studio = the_studio()
    graph = trace(studio.png("x", "ada", says=Says(creators=("Zoë", "Yan"))), trust=studio.trust)
    names = {f"name:{graph.root}:{one}": (1, Evidence.DECLARED) for one in ("Zoë", "Yan")}
    assert owners(graph, graph.root) == names


def test_the_old_creative_work_is_read() -> None:
    studio = the_studio()
    text = b'{"@context":"https://schema.org","@type":"CreativeWork","author":[{"name":"Ada"}]}'
    says = Says(items=(json("stds.schema-org.CreativeWork", text),))
    graph = trace(studio.png("x", "bo", says=says), trust=studio.trust)
    assert list(owners(graph, graph.root)) == [f"name:{graph.root}:Ada"]


def test_the_same_name_in_two_works_is_two_parties() -> None:
    studio = the_studio()
    first = studio.work("first", "ada", says=Says(creators=("Kim",)))
    asset = studio.png(
        "x", "bo", Used(made=first, relationship="parentOf"), says=Says(creators=("Kim",))
    )
    graph = trace(asset, trust=studio.trust)
    assert len([one for one in graph.parties.values() if one.name == "Kim"]) == 2


def test_a_contribution_says_who_owns_and_how_much() -> None:
    studio = the_studio()
    parties = (
        Contributor(id="self", name="Ada", weight=3, payee="acct:ada"),
        Contributor(id="name:Bo", name="Bo", role="cawg.editor", payee="acct:bo"),
    )
    graph = trace(studio.png("x", "ada", says=Says(parties=parties)), trust=studio.trust)
    bo = f"name:{graph.root}:Bo"
    assert owners(graph, graph.root) == {
        studio.key("ada"): (3, Evidence.SIGNER),
        bo: (1, Evidence.DECLARED),
    }
    assert graph.parties[studio.key("ada")].payee == "acct:ada"
    assert graph.parties[bo].payee == "acct:bo"
    assert graph.parties[bo].roles == ("cawg.editor",)


def test_nobody_turns_what_another_is_owed_to_themselves() -> None:
    studio = the_studio()
    ada = studio.key("ada")
    honest = Contributor(id="self", name="Ada", payee="acct:ada")
    photo = studio.work("photo", "ada", says=Says(parties=(honest,)))
    thief = Contributor(id=ada, name="Ada the 2nd", payee="acct:mallory")
    asset = studio.png(
        "x", "mallory", Used(made=photo, relationship="parentOf"), says=Says(parties=(thief,))
    )
    graph = trace(asset, trust=studio.trust)
    assert graph.parties[ada].payee == "acct:ada"
    assert owners(graph, graph.root) == {ada: (1, Evidence.DECLARED)}
    assert owners(graph, work_id(photo)) == {ada: (1, Evidence.SIGNER)}
    assert graph.parties[ada].name != "Ada the 2nd"


def both(studio: Studio, first: tuple[str, ...], second: tuple[str, ...]) -> Graph:
    one = Contributor(id="self", name="Ada", aliases=first)
    two = Contributor(id="self", name="Ada at work", aliases=second)
    photo = studio.work("photo", "ada", says=Says(parties=(one,)))
    used = Used(made=photo, relationship="parentOf")
    return trace(studio.png("x", "bo", used, says=Says(parties=(two,))), trust=studio.trust)


def test_two_keys_are_one_party_when_each_names_the_other() -> None:
    studio = the_studio()
    ada, bo = studio.key("ada"), studio.key("bo")
    graph = both(studio, (bo,), (ada,))
    first, second = sorted((ada, bo))
    assert list(graph.parties) == [first]
    assert graph.parties[first].aliases == (second,)
    assert {one.party for one in graph.ownerships} == {first}


def test_a_key_that_only_says_so_of_another_is_not_it() -> None:
    studio = the_studio()
    graph = both(studio, (), (studio.key("ada"),))
    assert set(graph.parties) == {studio.key("ada"), studio.key("bo")}


def test_a_name_among_the_aliases_joins_nobody() -> None:
    studio = the_studio()
    graph = both(studio, ("name:Bo",), ("name:Ada",))
    assert set(graph.parties) == {studio.key("ada"), studio.key("bo")}
