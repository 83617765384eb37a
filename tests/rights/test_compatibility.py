"""Each code of terms is given by its own breach, and by nothing that breaks no terms."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.chain import codes as chain_codes
from provenance.chain.graph import Graph, Relation, WorkKind
from provenance.model.assertions.rights import AiTerms
from provenance.rights import codes
from provenance.rights.compatibility import findings
from provenance.rights.look import has_expired
from provenance.rights.presets import PRESETS, preset
from tests.rights.breaches import BREACHES, NOW, OPEN, Breach, remix, trained
from tests.rights.graphs import EdgeStatus, edge, graph, work

TESTS = Path(__file__).parents[1]


def seen(made: Graph) -> set[str]:
    return {one.code for one in findings(made, NOW)}


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_a_breach_is_found_and_nothing_else(breach: Breach) -> None:
    assert seen(breach.make()) == {breach.code, *breach.others}


def test_every_code_of_ours_is_given_by_a_breach() -> None:
    ours = {code for code in codes.CODES if code not in chain_codes.SENTENCES}
    assert ours == {one.code for one in BREACHES}


def test_every_code_of_the_chain_is_given_by_a_test() -> None:
    text = "".join(path.read_text() for path in (TESTS / "chain").glob("*.py"))
    if "SIGNATURE_COPIED" not in text:
        pytest.skip("the chain has no tests yet")
    names = {value: name for name, value in vars(chain_codes).items() if isinstance(value, str)}
    missing = [
        code
        for code in chain_codes.SENTENCES
        if names[code] not in text and code.rpartition(".")[2] not in text
    ]
    assert not missing


def test_codes_have_the_kind_that_their_consequence_asks_for() -> None:
    assert codes.CODES[codes.TRAINING_NOT_ALLOWED].kind is codes.Kind.FAILURE
    assert codes.CODES[codes.TRAINING_CONSTRAINED].kind is codes.Kind.WARNING
    assert codes.CODES[chain_codes.CORROBORATED].kind is codes.Kind.NOTE
    assert codes.CODES[chain_codes.CYCLE].kind is codes.Kind.FAILURE


@pytest.mark.parametrize("name", PRESETS)
def test_an_owner_may_do_what_they_like_with_their_own(name: str) -> None:
    terms = preset(f"{name}:5%" if name.endswith("remix") else name, "Ada")
    made = remix(terms)
    works = {**made.works, "img": replace(made.works["img"], signer="ada")}
    assert not seen(replace(made, works=works))


def test_a_service_that_signs_for_one_person_twice_is_no_breach() -> None:
    made = remix(preset("all-rights-reserved", "Ada"))
    works = {key: replace(one, signer="service") for key, one in made.works.items()}
    parties = {**made.parties, "bo": replace(made.parties["bo"], name="ADA ")}
    assert not seen(replace(made, works=works, parties=parties))


@pytest.mark.parametrize("name", ["all-rights-reserved", "cc-by-nd"])
def test_who_countersigned_has_agreed(name: str) -> None:
    terms = replace(preset(name, "Bo"), licensor="Bo")  # who is named
    assert not seen(remix(terms, status=EdgeStatus.COUNTERSIGNED, not_after="2027-01-01"))


def test_a_lower_rate_that_was_agreed_to_is_one() -> None:
    terms = preset("pil-commercial-remix:5%", "Bo")
    made = remix(terms, replace(terms, licensor="Bo"), percent=1, status=EdgeStatus.COUNTERSIGNED)
    assert not seen(made)


@pytest.mark.parametrize("status", [EdgeStatus.IMPORTED, EdgeStatus.BROKEN])
def test_what_nobody_signed_breaks_no_terms(status: EdgeStatus) -> None:
    assert not seen(remix(preset("all-rights-reserved", "Ada"), status=status))


def test_a_dataset_that_holds_a_work_is_no_derivative_but_owes_credit() -> None:
    made = remix(preset("cc-by-sa", "Ada"))
    dataset = replace(made.works["img"], kind=WorkKind.DATASET)
    assert seen(replace(made, works={**made.works, "img": dataset})) == {codes.ATTRIBUTION_MISSING}


def test_credit_by_name_will_do() -> None:
    assert not seen(remix(replace(preset("cc-by", " bo "), ai=AiTerms())))


def test_share_alike_is_carried_on_by_the_same_licence() -> None:
    made = remix(preset("cc-by-sa", "Bo"), preset("cc-by-sa", "Someone else"))
    assert not seen(made)


def test_pil_must_be_carried_on_to_the_letter() -> None:
    terms = preset("pil-commercial-remix:5%", "Bo")
    same = replace(terms, licensor="Bo")
    assert not seen(remix(terms, same, percent=5))
    other = preset("pil-commercial-remix:6%", "Bo")
    assert seen(remix(terms, other, percent=5)) == {codes.SHARE_ALIKE_NOT_CARRIED}


def test_open_terms_are_open() -> None:
    assert not seen(remix(OPEN, OPEN))
    assert not seen(trained(OPEN, generates=True))


def test_a_finding_names_the_model_and_the_photo() -> None:
    (found,) = findings(trained(preset("cc-by", "Curator"), generates=False), NOW)
    assert (found.work, found.other) == ("model", "photo")
    assert found.explanation == "CC-BY-4.0"


def test_an_owner_who_trains_their_own_model_asks_nobody() -> None:
    made = trained(replace(OPEN, ai=AiTerms()), generates=True)
    rows = [edge("model", "photo", relation=Relation.TRAINED_ON)]
    works = {**made.works, "model": replace(made.works["model"], signer="ada")}
    owners = {"photo": "ada", "model": "ada"}
    assert not seen(graph("model", rows, owners, works))


@pytest.mark.parametrize(
    ("date", "over"),
    [
        ("2026-06-01T00:00:00Z", False),
        ("2026-05-31T23:59:59Z", True),
        ("2026-06-01T01:00:00+02:00", True),
        ("2026-05-31", True),
        ("2026-06-01", False),
        ("", True),
        ("9999-99-99", True),
    ],
)
def test_a_date_is_over_when_it_is_over(date: str, over: bool) -> None:
    assert has_expired(date, NOW) is over
    assert has_expired(date, datetime(1, 1, 1, tzinfo=UTC)) is (date in ("", "9999-99-99"))


def wide(size: int) -> Graph:
    terms = preset("cc-by-nc-sa", "Ada")
    works = {f"p{at}": work(f"p{at}", rights=terms) for at in range(size)}
    works["root"] = work("root", rights=OPEN)
    rows = [edge("root", f"p{at}", 0.001) for at in range(size)]
    rows.append(edge("root", "model", relation=Relation.GENERATED_BY))
    return graph("root", rows, {}, works)


def deep(size: int) -> Graph:
    works = {f"{at}": work(f"{at}", rights=OPEN if at % 2 else None) for at in range(size)}
    works[f"{size}"] = work(f"{size}", rights=preset("cc-by-nc", "Ada"))
    rows = [edge(f"{at}", f"{at + 1}", 1) for at in range(size)]
    return graph("0", rows, {}, works)


@pytest.mark.parametrize("shape", [wide, deep])
def test_findings_take_time_in_line_with_the_chain(shape: Callable[[int], Graph]) -> None:
    def spent(size: int) -> float:
        made = shape(size)
        began = time.process_time()
        findings(made, NOW)
        return time.process_time() - began

    spent(100)
    small = min(spent(500) for _ in range(3))
    assert min(spent(4_000) for _ in range(3)) < 30 * small  # 8 times, or 64 if it were squared
