"""Acceptances: the parent's owner signs the edge, too."""

from pathlib import Path

import pytest

from provenance.chain import codes
from provenance.chain.graph import EdgeStatus
from provenance.chain.trace import trace
from provenance.model.assertions.contribution import Acceptance, Contributor
from tests.attacks.forge import Built
from tests.chain.studio import Says, Used, accepts, the_studio, work_id
from tests.chain.test_trace import edge, said


def pair(rate: int | None = 100_000) -> tuple[Built, Built]:
    """A photo, and what was made of it."""
    studio = the_studio()
    photo = studio.bound("photo", "ada")
    used = Used(made=photo, relationship="parentOf", rate=rate, relation="edited")
    return photo, studio.work("image", "bo", used)


def accepted(photo: Built, image: Built, acceptance: Acceptance, who: str) -> bytes:
    """A remix of the image, and a note by somebody that lies with it."""
    studio = the_studio()
    note = studio.work("a note", who, says=Says(accepts=(acceptance,)))
    return studio.png(
        "remix",
        "remixer",
        Used(made=image, relationship="parentOf"),
        Used(made=note, relationship="componentOf"),
        before=(photo, image, note),
    )


def test_an_edge_that_the_owner_accepts_is_countersigned() -> None:
    photo, image = pair()
    asset = accepted(photo, image, accepts(image, photo, 100_000), "ada")
    graph = trace(asset, trust=the_studio().trust)
    assert edge(graph, photo).status is EdgeStatus.COUNTERSIGNED
    assert not graph.findings


def test_an_acceptance_may_stand_in_an_update_of_the_parents_own_file(tmp_path: Path) -> None:
    studio = the_studio()
    photo, image = pair()
    path = tmp_path / "photo.png"
    says = Says(accepts=(accepts(image, photo, 100_000),))
    path.write_bytes(studio.update("ada", photo, says=says))
    used = Used(made=image, relationship="parentOf")
    asset = studio.png("remix", "remixer", used, before=(photo, image))
    assert edge(trace(asset, trust=studio.trust), photo).status is EdgeStatus.DECLARED
    graph = trace(asset, trust=studio.trust, resolve=[path.parent])
    assert edge(graph, photo).status is EdgeStatus.COUNTERSIGNED


def test_somebody_elses_acceptance_counts_for_nothing() -> None:
    photo, image = pair()
    asset = accepted(photo, image, accepts(image, photo, 100_000), "mallory")
    graph = trace(asset, trust=the_studio().trust)
    assert edge(graph, photo).status is EdgeStatus.DECLARED
    assert said(graph) == {codes.ACCEPTANCE_NOT_BY_OWNER}


@pytest.mark.parametrize("until", ["2024-06-01T00:00:00Z", "soon", "2024-06-01"])
def test_an_acceptance_that_expired_counts_for_nothing(until: str) -> None:
    photo, image = pair()
    asset = accepted(photo, image, accepts(image, photo, 100_000, not_after=until), "ada")
    graph = trace(asset, trust=the_studio().trust)
    assert edge(graph, photo).status is EdgeStatus.DECLARED
    assert said(graph) == {codes.ACCEPTANCE_EXPIRED}


def test_an_acceptance_at_another_rate_disputes_the_edge() -> None:
    photo, image = pair()
    asset = accepted(photo, image, accepts(image, photo, 250_000), "ada")
    graph = trace(asset, trust=the_studio().trust)
    assert edge(graph, photo).status is EdgeStatus.DISPUTED
    assert edge(graph, photo).rate_ppm == 100_000
    assert said(graph) == {codes.DISPUTED}


def test_an_owner_cannot_make_a_child_owe_what_it_never_declared() -> None:
    photo, image = pair(rate=None)
    asset = accepted(photo, image, accepts(image, photo, 1_000_000), "ada")
    graph = trace(asset, trust=the_studio().trust)
    assert edge(graph, photo).rate_ppm is None
    assert not edge(graph, photo).status.counts


def test_an_acceptance_of_other_terms_disputes_the_edge() -> None:
    photo, image = pair()
    other = accepts(image, photo, 100_000, licence=bytes(32))
    graph = trace(accepted(photo, image, other, "ada"), trust=the_studio().trust)
    assert edge(graph, photo).status is EdgeStatus.DISPUTED


def test_whoever_signs_for_owners_that_are_only_named_may_accept() -> None:
    studio = the_studio()
    named = (Contributor(id="name:Kim", name="Kim"),)
    photo = studio.work("photo", "ada", says=Says(parties=named))
    image = studio.work("image", "bo", Used(made=photo, relationship="parentOf", rate=1))
    for who, status in (("ada", EdgeStatus.COUNTERSIGNED), ("bo", EdgeStatus.DECLARED)):
        asset = accepted(photo, image, accepts(image, photo, 1), who)
        assert edge(trace(asset, trust=studio.trust), photo).status is status


def test_an_update_is_no_work_of_its_own() -> None:
    studio = the_studio()
    photo = studio.bound("photo", "ada")
    asset = studio.update("bo", photo, says=Says(accepts=(accepts(photo, photo, 1),)))
    graph = trace(asset, trust=studio.trust)
    assert graph.root == work_id(photo)
    assert list(graph.works) == [graph.root]
    assert not graph.edges
    assert codes.ROOT_BROKEN not in said(graph)
