"""From one file to all that it was made of."""

from pathlib import Path

import pytest

from provenance.chain import codes
from provenance.chain.graph import Edge, EdgeStatus, Evidence, Graph, Relation, WorkKind
from provenance.chain.trace import trace
from provenance.limits import Limits
from provenance.model.assertions.contribution import Contributor
from provenance.model.assertions.rights import Rights
from tests.attacks.forge import Built, json
from tests.build.workshop import picture
from tests.chain.studio import DATASET, GENERATED, MODEL, Says, Studio, Used, the_studio, work_id


@pytest.fixture
def studio() -> Studio:
    return the_studio()


def titled(graph: Graph, title: str) -> str:
    """The id of the one work of a title."""
    found = [one.id for one in graph.works.values() if one.title == title]
    assert len(found) == 1, title
    return found[0]


def edges(graph: Graph) -> set[tuple[str | None, Relation, str | None]]:
    """The edges by title."""
    titles = {one.id: one.title for one in graph.works.values()}
    return {(titles[one.child], one.relation, titles[one.parent]) for one in graph.edges}


def edge(graph: Graph, parent: Built) -> Edge:
    """The one edge to a work."""
    found = [one for one in graph.edges if one.parent == work_id(parent)]
    assert len(found) == 1
    return found[0]


def said(graph: Graph) -> set[str]:
    """The codes of all findings."""
    return {one.code for one in graph.findings}


def worked_example(studio: Studio) -> tuple[bytes, dict[str, Built]]:
    """Two photographers, a curator, a tuner, a prompter; and a remix of it all."""
    photo = studio.work("photo", "ada", says=Says(rights=Rights(licensor="Ada", template="cc")))
    bo = Contributor(id="name:Bo", name="Bo", weight=2)
    cy = Contributor(id="name:Cy", name="Cy", weight=1)
    art = studio.work("art", "bo", says=Says(parties=(bo, cy)))
    dataset = studio.work(
        "dataset",
        "curator",
        Used(made=photo, relationship="componentOf", rate=225_000, units=1),
        Used(made=art, relationship="componentOf", rate=675_000, units=3),
        says=Says(types=(DATASET,)),
    )
    lora = studio.work(
        "lora",
        "tuner",
        Used(made=dataset, types=(DATASET,), rate=350_000, relation="trainedOn"),
        says=Says(types=(MODEL,)),
    )
    image = studio.work(
        "image",
        "prompter",
        Used(made=photo, relationship="parentOf", rate=100_000, relation="edited"),
        Used(made=lora, types=(MODEL,), rate=300_000, relation="generatedBy"),
        says=Says(source=GENERATED),
    )
    before = (photo, art, dataset, lora, image)
    remix = studio.png("remix", "remixer", Used(made=image, relationship="parentOf"), before=before)
    names = ("photo", "art", "dataset", "lora", "image")
    return remix, dict(zip(names, before, strict=True))


def test_a_remix_leads_to_every_photographer_and_to_what_each_is_owed(studio: Studio) -> None:
    remix, made = worked_example(studio)
    graph = trace(remix, trust=studio.trust)
    assert graph.works[graph.root].title == "remix"
    assert edges(graph) == {
        ("remix", Relation.EDITED, "image"),
        ("image", Relation.EDITED, "photo"),
        ("image", Relation.GENERATED_BY, "lora"),
        ("lora", Relation.TRAINED_ON, "dataset"),
        ("dataset", Relation.COMPOSED, "photo"),
        ("dataset", Relation.COMPOSED, "art"),
    }
    rates = {(one.parent, one.rate_ppm, one.units) for one in graph.edges}
    assert (work_id(made["art"]), 675_000, 3) in rates
    assert (work_id(made["lora"]), 300_000, None) in rates
    signers = {one.signer for one in graph.works.values()}
    people = ("ada", "bo", "curator", "tuner", "prompter", "remixer")
    assert signers == {studio.key(one) for one in people}
    assert not graph.findings
    assert {one.validation_state for one in graph.works.values()} == {"Trusted"}


def test_a_work_goes_by_its_claim_signature_and_stands_once_however_it_is_reached(
    studio: Studio,
) -> None:
    remix, made = worked_example(studio)
    graph = trace(remix, trust=studio.trust)
    assert set(map(work_id, made.values())) == set(graph.works) - {graph.root}
    assert len([one for one in graph.edges if one.parent == work_id(made["photo"])]) == 2


def test_kinds_come_from_types_and_sources_and_never_from_titles(studio: Studio) -> None:
    fake = studio.work("model.safetensors dataset", "bo", says=Says(source=GENERATED))
    remix = studio.png("x", "ada", Used(made=fake, relationship="componentOf"))
    graph = trace(remix, trust=studio.trust)
    assert graph.works[work_id(fake)].kind is WorkKind.IMAGE
    assert graph.works[graph.root].kind is WorkKind.PHOTO
    assert edge(graph, fake).relation is Relation.COMPOSED


def test_terms_credits_and_weights_are_those_of_the_manifest(studio: Studio) -> None:
    remix, made = worked_example(studio)
    graph = trace(remix, trust=studio.trust)
    photo, art = work_id(made["photo"]), work_id(made["art"])
    rights = graph.works[photo].rights
    assert rights is not None
    assert rights.licensor == "Ada"
    owners = {(one.party, one.weight, one.evidence) for one in graph.owners[art]}
    assert owners == {
        (f"name:{art}:Bo", 2, Evidence.DECLARED),
        (f"name:{art}:Cy", 1, Evidence.DECLARED),
    }
    assert [one.party for one in graph.owners[photo]] == [studio.key("ada")]


def test_what_was_trained_on_a_dataset_without_manifest_leads_to_nobody(studio: Studio) -> None:
    lora = studio.work(
        "lora",
        "tuner",
        Used(types=(DATASET,), rate=350_000, relation="trainedOn"),
        says=Says(types=(MODEL,)),
    )
    image = studio.png("image", "prompter", Used(made=lora, types=(MODEL,), rate=300_000))
    graph = trace(image, trust=studio.trust)
    leaf = graph.works[titled(graph, "ingredient 0")]
    assert leaf.kind is WorkKind.DATASET
    assert leaf.validation_state is None
    assert graph.owners[leaf.id] == ()
    (one,) = (one for one in graph.edges if one.parent == leaf.id)
    assert (one.relation, one.rate_ppm, one.status) == (
        Relation.TRAINED_ON,
        350_000,
        EdgeStatus.DECLARED,
    )
    assert said(graph) == {codes.INGREDIENT_MISSING}


def test_a_manifest_that_the_store_lacks_makes_a_leaf_and_takes_nothing_from_the_rest(
    studio: Studio,
) -> None:
    lost = studio.work("dataset", "curator", says=Says(types=(DATASET,)))
    kept = studio.work("base", "bo", says=Says(types=(MODEL,)))
    lora = studio.work(
        "lora",
        "tuner",
        Used(made=lost, types=(DATASET,), rate=350_000),
        Used(made=kept, types=(MODEL,), rate=400_000),
        says=Says(types=(MODEL,)),
    )
    image = studio.png(
        "image", "prompter", Used(made=lora, types=(MODEL,), rate=300_000), before=(kept, lora)
    )
    graph = trace(image, trust=studio.trust)
    assert edge(graph, lora).status is EdgeStatus.DECLARED
    assert edge(graph, kept).status is EdgeStatus.DECLARED
    assert graph.works[titled(graph, "ingredient 0")].manifest == lost.label
    assert said(graph) == {codes.INGREDIENT_MISSING}


def test_a_file_without_manifest_is_a_work_that_nobody_is_behind() -> None:
    graph = trace(picture())
    work = graph.works[graph.root]
    assert graph.root == f"asset:sha256:{work.asset_sha256}"
    assert (work.kind, work.validation_state) == (WorkKind.IMAGE, None)
    assert not graph.parties
    assert said(graph) == {codes.INGREDIENT_MISSING}


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"\x89PNG\r\n\x1a\n", b"<svg"])
def test_bytes_that_are_nothing_are_a_result(data: bytes) -> None:
    graph = trace(data)
    assert list(graph.works) == [graph.root]


def test_the_asset_has_its_own_hash_and_place(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "remix.png"
    path.write_bytes(worked_example(studio)[0])
    graph = trace(path, trust=studio.trust)
    root = graph.works[graph.root]
    assert root.location == str(path)
    assert root.asset_sha256 is not None
    assert graph.works[titled(graph, "photo")].location == f"{path}#{_label(graph, 'photo')}"


def _label(graph: Graph, title: str) -> str | None:
    return graph.works[titled(graph, title)].manifest


def chain(studio: Studio, length: int) -> tuple[bytes, list[Built]]:
    """A picture and what it was made of, one after the other."""
    made = [studio.work("0", "ada")]
    for at in range(1, length):
        made.append(
            studio.work(str(at), "bo", Used(made=made[-1], relationship="parentOf", rate=100_000))
        )
    asset = studio.png("top", "ada", Used(made=made[-1], relationship="parentOf"), before=made)
    return asset, made


def test_a_chain_is_followed_so_far_and_says_that_it_goes_on(studio: Studio) -> None:
    asset, _ = chain(studio, 6)
    graph = trace(asset, trust=studio.trust, limits=Limits(lineage_depth=3))
    assert len(graph.works) == 4
    assert [one.code for one in graph.findings] == [codes.DEPTH_LIMIT]
    assert graph.findings[0].work == titled(graph, "3")


def test_so_many_works_are_taken_in_and_no_more(studio: Studio) -> None:
    asset, _ = chain(studio, 6)
    graph = trace(asset, trust=studio.trust, limits=Limits(lineage_works=4))
    assert len(graph.works) == 4
    assert all(one.parent in graph.works for one in graph.edges)
    assert said(graph) == {codes.NODE_LIMIT}


def test_a_chain_of_two_hundred_is_followed_to_its_end(studio: Studio) -> None:
    asset, made = chain(studio, 200)
    graph = trace(asset, trust=studio.trust, limits=Limits(lineage_depth=256))
    assert work_id(made[0]) in graph.works
    assert len(graph.edges) == 200
    assert not graph.findings


def test_a_model_is_to_another_what_its_contribution_says_among_what_is_alike(
    studio: Studio,
) -> None:
    base = studio.work("base", "ada", says=Says(types=(MODEL,)))
    used = Used(made=base, types=(MODEL,), rate=400_000, relation="adapterOf")
    lora = studio.work("lora", "tuner", used, says=Says(types=(MODEL,)))
    odd = Used(made=lora, types=(MODEL,), rate=1, relation="trainedOn")
    image = studio.png("image", "prompter", odd, before=(base, lora))
    graph = trace(image, trust=studio.trust)
    assert graph.works[work_id(lora)].kind is WorkKind.ADAPTER
    assert edge(graph, base).relation is Relation.ADAPTER_OF
    assert edge(graph, lora).relation is Relation.GENERATED_BY


def test_a_prompt_is_what_a_picture_was_prompted_by(studio: Studio) -> None:
    prompt = Used(types=("c2pa.types.generator.prompt",))
    graph = trace(studio.png("x", "ada", prompt), trust=studio.trust)
    assert [one.relation for one in graph.edges] == [Relation.PROMPTED_BY]
    assert not graph.findings  # nobody expects a prompt to be signed


def test_unbound_metadata_of_rights_is_kept_as_it_is_worded(studio: Studio) -> None:
    text = b'{"@context":{},"dc:rights":{"x-default":"\\u00a9 Ada"},"cc:license":"https://x/by"}'
    asset = studio.png("x", "ada", says=Says(items=(json("cawg.metadata", text),)))
    graph = trace(asset, trust=studio.trust)
    assert graph.works[graph.root].notices == {"dc:rights": "© Ada", "cc:license": "https://x/by"}
