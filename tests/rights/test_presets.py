"""Terms by name, from a file, and the assertions' schemas."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provenance.cbor import decode, encode
from provenance.chain.graph import Relation, Work, WorkKind
from provenance.errors import DefinitionError
from provenance.model.assertions.contribution import (
    BASES,
    COMPLETENESS,
    Acceptance,
    Contribution,
    Contributor,
    Owed,
)
from provenance.model.assertions.rights import (
    TEMPLATES,
    USES,
    AiTerms,
    Commercial,
    Derivatives,
    Fee,
    Rights,
)
from provenance.model.assertions.training_mining import Permission
from provenance.model.hashed_uri import HashedUri
from provenance.rights.consent import consent, disagreements
from provenance.rights.presets import PRESETS, percent, preset, training_mining
from provenance.schemas import load


def named(name: str) -> Rights:
    return preset(f"{name}:5%" if name == "pil-commercial-remix" else name, "Ada")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_as_it_is_read_and_as_the_schema_has_it(name: str) -> None:
    terms = named(name)
    assert terms.licensor == "Ada"
    assert Rights.read(decode(encode(terms.to_cbor()))) == terms
    assert not list(Draft202012Validator(load("rights.schema.json")).iter_errors(terms.to_cbor()))


@pytest.mark.parametrize("name", PRESETS)
def test_training_mining_agrees_with_a_preset(name: str) -> None:
    terms = named(name)
    rows = training_mining(terms)
    assert set(rows) == {
        *("cawg.ai_training", "cawg.ai_generative_training"),
        *("cawg.ai_inference", "cawg.data_mining"),
    }
    assert all(row.constraint for row in rows.values() if row.use == "constrained")
    work = Work(
        id="a",
        kind=WorkKind.PHOTO,
        rights=terms,
        terms={key: row.use for key, row in rows.items()},
    )
    assert not list(disagreements(work))


def test_constrained_without_information_is_written_as_not_allowed() -> None:
    terms = Rights(licensor="Ada", ai=AiTerms(train="constrained"))
    assert training_mining(terms)["cawg.ai_training"] == Permission("notAllowed")
    assert consent(Work(id="a", kind=WorkKind.PHOTO, rights=terms), "train") == "notAllowed"
    known = replace(terms, uri="https://example.com/terms")
    assert consent(Work(id="a", kind=WorkKind.PHOTO, rights=known), "train") == "constrained"


def test_the_presets_say_what_people_know_of_them() -> None:
    use = {name: (row.commercial.use, row.derivatives.allowed) for name, row in PRESETS.items()}
    assert use == {
        "all-rights-reserved": (False, False),
        "cc0": (True, True),
        "cc-by": (True, True),
        "cc-by-sa": (True, True),
        "cc-by-nc": (False, True),
        "cc-by-nd": (True, False),
        "cc-by-nc-sa": (False, True),
        "cc-by-nc-nd": (False, False),
        "pil-non-commercial-social-remixing": (False, True),
        "pil-commercial-use": (True, False),
        "pil-commercial-remix": (True, True),
    }
    alike = {name for name, row in PRESETS.items() if row.derivatives.reciprocal}
    assert alike == {
        *("cc-by-sa", "cc-by-nc-sa", "pil-non-commercial-social-remixing"),
        "pil-commercial-remix",
    }
    assert PRESETS["cc-by-nc"].spdx == "CC-BY-NC-4.0"
    assert preset("pil-commercial-remix:2.5%", "Ada").commercial.share_ppm == 25_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cc-bye", "did you mean 'cc-by"),
        ("gpl", "known: all-rights-reserved"),
        ("cc-by:5%", "takes no share"),
        ("pil-commercial-remix", "needs a share"),
        ("pil-commercial-remix:101%", "no percentage"),
        ("pil-commercial-remix:nan", "no percentage"),
        ("pil-commercial-remix:-1", "no percentage"),
        ("pil-commercial-remix:0.00001%", "finer than a millionth"),
        ("pil-commercial-remix:\u0665%", "no percentage"),
    ],
)
def test_what_is_no_preset_is_said(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        preset(text, "Ada")


@given(st.text(max_size=30))
def test_a_percentage_is_one_or_an_error(text: str) -> None:
    try:
        assert 0 <= percent(text) <= 1_000_000
    except DefinitionError:
        pass


def test_a_file_says_as_much_as_one_cares_to(tmp_path: Path) -> None:
    path = tmp_path / "terms.json"
    path.write_text(json.dumps({"commercial": {"use": True, "sharePpm": 7}, "territory": ["DE"]}))
    terms = preset("terms.json", "Ada", base=tmp_path)
    assert terms.commercial == Commercial(use=True, share_ppm=7)
    assert terms.ai == AiTerms()
    assert terms.territory == ("DE",)
    path.write_text(json.dumps({"preset": "cc-by", "ai": {"train": "allowed"}, "licensor": "Bo"}))
    terms = preset(str(path), "Ada")
    assert (terms.licensor, terms.spdx, terms.ai.train) == ("Bo", "CC-BY-4.0", "allowed")
    assert terms.ai.generative == "constrained"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "not a JSON object"),
        ('{"preset": 1}', "preset is not"),
        ('{"preset": "nothing"}', "no preset"),
        ('{"comercial": {}}', "comercial"),
        ('{"commercial": {"sharePpm": 1000001}}', "1000001"),
        ('{"ai": {"train": "maybe"}}', "maybe"),
        ('{"ai": 1}', "not of type"),
        ('{"v": 2}', "1 was expected"),
        ('{"fee": {"amount": 1}}', "currency"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "terms.json"
    path.write_text(content)
    with pytest.raises(DefinitionError, match=problem):
        preset(str(path), "Ada")


PPM = st.integers(0, 1_000_000)
NATURAL = st.integers(0, 2**40)
MAYBE = st.none() | NATURAL
TEXT = st.text(min_size=1, max_size=12)
RIGHTS = st.builds(
    Rights,
    licensor=TEXT,
    template=st.sampled_from(TEMPLATES),
    uri=st.none() | TEXT,
    spdx=st.none() | TEXT,
    flavour=st.none() | TEXT,
    commercial=st.builds(Commercial, share_ppm=PPM, ceiling=MAYBE),
    derivatives=st.builds(Derivatives, ceiling=MAYBE),
    ai=st.builds(
        AiTerms, **{name: st.sampled_from(USES) for name in ("train", "style")}, share_ppm=PPM
    ),
    fee=st.none() | st.builds(Fee, NATURAL, TEXT),
    not_after=st.none() | TEXT,
    territory=st.lists(TEXT, max_size=3).map(tuple),
    channels=st.lists(TEXT, max_size=3).map(tuple),
)
CONTRIBUTIONS = st.builds(
    Contribution,
    parties=st.lists(
        st.builds(Contributor, id=TEXT, name=TEXT, weight=NATURAL, payee=st.none() | TEXT)
    ).map(tuple),
    edges=st.lists(
        st.builds(
            Owed,
            ingredient=st.builds(HashedUri, TEXT, st.binary(max_size=4), st.none() | TEXT),
            relation=st.sampled_from([one.value for one in Relation]),
            rate_ppm=NATURAL,
            basis=st.sampled_from(BASES),
            licence_alg=st.just("sha256"),
            licence=st.none() | st.binary(max_size=4),
            units=MAYBE,
        )
    ).map(tuple),
    completeness=st.sampled_from(COMPLETENESS),
    policy=TEXT,
)
ACCEPTANCES = st.builds(
    Acceptance,
    child=TEXT,
    parent=TEXT,
    licence=st.none() | st.binary(max_size=4),
    rate_ppm=NATURAL,
    issued_at=TEXT,
    not_after=st.none() | TEXT,
)


def shown(value: Any) -> Any:
    """As JSON shows it."""
    match value:
        case dict():
            return {key: shown(one) for key, one in value.items()}
        case list():
            return [shown(one) for one in value]
        case bytes():
            return value.hex()
    return value


@pytest.mark.parametrize(
    ("schema", "strategy"),
    [
        ("rights.schema.json", RIGHTS),
        ("contribution.schema.json", CONTRIBUTIONS),
        ("acceptance.schema.json", ACCEPTANCES),
    ],
)
def test_the_schema_holds_for_all_that_is_written(schema: str, strategy: Any) -> None:
    validator = Draft202012Validator(load(schema))
    Draft202012Validator.check_schema(load(schema))

    @given(strategy)
    def check(content: Any) -> None:
        validator.validate(shown(content.to_cbor()))
        assert type(content).read(decode(encode(content.to_cbor()))).to_cbor() == content.to_cbor()

    check()
