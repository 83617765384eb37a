"""From signed files to amounts and findings: what is broken in a file is told by its own code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance.chain.trace import trace
from provenance.errors import SplitError
from provenance.model.assertions.contribution import Contributor
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.model.assertions.rights import AiTerms, Commercial, Rights
from provenance.model.assertions.training_mining import LABEL as TRAINING_MINING
from provenance.model.assertions.training_mining import TrainingMining
from provenance.rights import codes
from provenance.rights.lineage import Lineage
from provenance.rights.presets import preset, training_mining
from tests.attacks.forge import NOW, Built, Item, cbor
from tests.attacks.redactions import MARK, emptied, redacting
from tests.chain.studio import DATASET, GENERATED, MODEL, Says, Studio, Used, the_studio, work_id

AT = datetime(2026, 6, 1, tzinfo=UTC)
OPEN = preset("cc0", "Ada")


def lineage(asset: bytes, studio: Studio) -> Lineage:
    return Lineage.of(trace(asset, trust=studio.trust, at=NOW), AT)


def remix(
    studio: Studio, terms: Rights, mine: Rights | None = None, rate: int | None = None
) -> bytes:
    """Bo's picture of Ada's photo."""
    photo = studio.work("photo", "ada", says=Says(rights=terms))
    return studio.png(
        "img", "bo", Used(made=photo, relationship="parentOf", rate=rate), says=Says(rights=mine)
    )


def trained(studio: Studio, terms: Rights, *, says_so: bool = False) -> bytes:
    """A picture by a model of a dataset of Ada's photo."""
    items: tuple[Item, ...] = ()
    if says_so:
        mining = TrainingMining(training_mining(terms)).to_cbor()
        items = (cbor(TRAINING_MINING, mining),)
    photo = studio.work("photo", "ada", says=Says(rights=terms, items=items))
    held = Used(made=photo, relationship="componentOf")
    dataset = studio.work("ds", "curator", held, says=Says(types=(DATASET,)))
    used = Used(made=dataset, types=(DATASET,), relation="trainedOn")
    model = studio.work("model", "tuner", used, says=Says(types=(MODEL,)))
    by = Used(made=model, types=(MODEL,), relation="generatedBy")
    return studio.png("img", "bo", by, says=Says(source=GENERATED), before=(photo, dataset, model))


CLOSED = replace(OPEN, ai=AiTerms())
FORGERIES: dict[str, tuple[Callable[[Studio], bytes], set[str]]] = {
    "terms that have expired": (
        lambda studio: remix(studio, replace(OPEN, not_after="2026-01-01T00:00:00Z")),
        {codes.EXPIRED},
    ),
    "a derivative of what allows none": (
        lambda studio: remix(studio, preset("all-rights-reserved", "Ada")),
        {codes.DERIVATIVES_FORBIDDEN},
    ),
    "a commercial remix of what is not for commerce": (
        lambda studio: remix(studio, replace(OPEN, commercial=Commercial()), OPEN),
        {codes.COMMERCIAL_FORBIDDEN},
    ),
    "a rate below the licence": (
        lambda studio: remix(studio, preset("pil-commercial-remix:5%", "Ada"), rate=10_000),
        {codes.RATE_BELOW_LICENCE, codes.SHARE_ALIKE_NOT_CARRIED, codes.ATTRIBUTION_MISSING},
    ),
    "training that was not allowed": (
        lambda studio: trained(studio, CLOSED, says_so=True),
        {codes.TRAINING_NOT_ALLOWED, codes.GENERATIVE_NOT_ALLOWED},
    ),
    "training under conditions": (
        lambda studio: trained(studio, replace(OPEN, ai=preset("cc-by", "Ada").ai), says_so=True),
        {codes.TRAINING_CONSTRAINED, codes.GENERATIVE_CONSTRAINED},
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_breaks_terms_in_a_file_is_told_by_its_own_code(name: str) -> None:
    make, expected = FORGERIES[name]
    found = lineage(make(the_studio()), the_studio())
    assert {one.code for one in found.findings} == expected


def test_a_preset_with_its_training_mining_does_not_contradict_itself() -> None:
    for name in ("cc0", "cc-by-sa", "all-rights-reserved"):
        found = lineage(trained(the_studio(), preset(name, "Curator"), says_so=True), the_studio())
        assert codes.AI_TERMS_DISAGREE not in {one.code for one in found.findings}


def test_a_hundred_and_one_percent_in_a_file_is_told_and_not_split() -> None:
    studio = the_studio()
    one, two = studio.work("one", "ada"), studio.work("two", "curator")
    used = [
        Used(made=made, relationship="componentOf", rate=rate)
        for made, rate in ((one, 600_000), (two, 410_000))
    ]
    found = lineage(studio.png("img", "bo", *used), studio)
    assert {one.code for one in found.findings} == {codes.RATES_OVER_100}
    with pytest.raises(SplitError, match="owes 101 %"):
        found.split("100.00")


def test_terms_that_were_redacted_are_told_where_they_were_used() -> None:
    studio = the_studio()
    photo = studio.work("photo", "ada", says=Says(rights=preset("all-rights-reserved", "Ada")))
    asset = studio.png(
        "img",
        "bo",
        Used(made=photo, relationship="parentOf"),
        says=Says(claim=redacting(photo.uri_of(RIGHTS))),
        before=(emptied(photo, RIGHTS, MARK),),
    )
    found = lineage(asset, studio)
    assert codes.REDACTED in {one.code for one in found.findings}
    assert found.graph.works[work_id(photo)].rights is None


def worked(studio: Studio, *, dataset_is_there: bool = True) -> bytes:
    """The worked example, signed: 100.00 for a picture by five people and more."""
    photo = studio.work("photo", "ada")
    parts = tuple(
        Contributor(id=f"name:{name}", name=name, weight=weight)
        for name, weight in (("Bo", 2), ("Cy", 1))
    )
    art = studio.work("art2", "bo", says=Says(parties=parts))
    base = studio.work(
        "base",
        "mallory",  # the lab
        Used(types=(DATASET,), rate=500_000, relation="trainedOn"),
        says=Says(types=(MODEL,)),
    )
    dataset = studio.work(
        "ds1",
        "curator",
        Used(made=photo, relationship="componentOf", rate=225_000, units=1),
        Used(made=art, relationship="componentOf", rate=675_000, units=3),
        says=Says(types=(DATASET,)),
    )
    held = dataset if dataset_is_there else None
    lora = studio.work(
        "lora",
        "tuner",
        Used(made=base, types=(MODEL,), rate=400_000, relation="finetunedFrom"),
        Used(made=held, types=(DATASET,), rate=350_000, relation="trainedOn"),
        says=Says(types=(MODEL,)),
    )
    before: tuple[Built, ...] = (photo, art, base, *((dataset,) if held else ()), lora)
    return studio.png(
        "img",
        "prompter",
        Used(made=photo, relationship="parentOf", rate=100_000, relation="edited"),
        Used(made=lora, types=(MODEL,), rate=300_000, relation="generatedBy"),
        says=Says(source=GENERATED),
        before=before,
    )


def test_the_worked_example_comes_out_to_the_unit_from_signed_files() -> None:
    studio = the_studio()
    found = lineage(worked(studio), studio)
    split = found.split("100.00")
    people = {studio.key(who): who for who in studio.people}
    paid = {people.get(one.party, one.name): one.amount for one in split.shares}
    assert paid == {
        "prompter": 6000,
        "ada": 1236,
        "tuner": 750,
        "mallory": 600,
        "Bo": 473,
        "Cy": 236,
        "curator": 105,
    }
    (held,) = split.unclaimed
    assert held.amount == 600
    assert found.graph.works[held.work].kind.value == "dataset"


def test_without_the_datasets_manifest_its_share_is_nobodys_gain() -> None:
    studio = the_studio()
    split = lineage(worked(studio, dataset_is_there=False), studio).split("100.00")
    people = {studio.key(who): who for who in studio.people}
    paid = {people.get(one.party, one.name): one.amount for one in split.shares}
    assert paid == {"prompter": 6000, "ada": 1000, "tuner": 750, "mallory": 600}
    assert sorted(one.amount for one in split.unclaimed) == [600, 1050]
