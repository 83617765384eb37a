"""crJSON: what the published schema accepts, and what the conformance programme's rubrics read."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import provenance
from provenance.cbor import Tag
from provenance.report.crjson import crjson
from provenance.validate.finding import Finding
from provenance.validate.results import AssertionReport, Delta, Location
from provenance.validate.status import Status
from tests.conftest import SHARED
from tests.corpus.conftest import entries
from tests.report.chains import chain_of_three, signer_in
from tests.report.rubric import Rubric, evaluate, read_rubric
from tests.report.samples import (
    ACTIVE,
    GOOD,
    PARENT,
    REPORTS,
    UNTRUSTED,
    claim,
    manifest,
    report,
    signature,
)

SCHEMA = SHARED / "spec" / "schemas" / "crjson.schema.json"
RUBRICS = SHARED / "spec" / "rubrics"
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="needs ../shared")
needs_rubrics = pytest.mark.skipif(not RUBRICS.exists(), reason="needs ../shared")


@cache
def validator() -> Draft202012Validator:
    """Of the published schema, formats included."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def as_json(one: provenance.VerificationReport) -> Any:
    return json.loads(json.dumps(crjson(one), allow_nan=False))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A generated picture, what was edited from it, and what was published at last."""
    folder = tmp_path_factory.mktemp("signed")
    last = chain_of_three(folder, signer_in(folder / "keys"))
    return {"sketch": folder / "sketch.png", "edited": folder / "edited.png", "last": last}


@pytest.fixture(scope="module")
def trust(files: dict[str, Path]) -> provenance.TrustSettings:
    return provenance.TrustSettings.load(anchors=[files["last"].parent / "keys" / "root.pem"])


@needs_schema
@pytest.mark.parametrize("entry", entries() or [{}], ids=lambda entry: entry.get("file"))
def test_the_schema_accepts_every_file_of_the_corpus(entry: dict[str, Any]) -> None:
    one = provenance.verify(SHARED / "corpus" / entry["file"])
    assert [error.message for error in validator().iter_errors(as_json(one))] == []


@needs_schema
def test_the_schema_accepts_what_we_sign(files: dict[str, Path]) -> None:
    for path in files.values():
        row = as_json(provenance.verify(path))
        assert [error.message for error in validator().iter_errors(row)] == []


def test_the_active_manifest_comes_first() -> None:
    assert [one["label"] for one in as_json(report())["manifests"]] == [ACTIVE, PARENT]


def test_without_a_manifest_the_list_is_empty() -> None:
    assert as_json(REPORTS["nothing"])["manifests"] == []
    row = as_json(REPORTS["unreadable"])
    assert row["manifests"] == []
    assert row["org.provenance-c2pa.errors"] == ["plain.png: gone"]


def test_what_is_wrong_with_a_store_that_is_not_there_is_told() -> None:
    gone = Finding(Status.MANIFEST_INACCESSIBLE, None, "nobody answers")
    row = as_json(report(manifests=(), findings=(gone,), location=Location.REMOTE))
    assert row["manifests"] == []
    (told,) = row["org.provenance-c2pa.validationResults"]["failure"]
    assert told == {"code": "manifest.inaccessible", "explanation": "nobody answers"}


def test_no_other_manifest_is_taken_for_an_active_one_that_cannot_be_read() -> None:
    broken = manifest(claim=None, findings=(Finding(Status.CLAIM_CBOR_INVALID, "self#jumbf=x"),))
    row = as_json(report(manifests=(broken, manifest(PARENT))))
    assert row["manifests"] == []
    (told,) = row["org.provenance-c2pa.unreadable"]
    assert told["label"] == ACTIVE
    assert [one["code"] for one in told["validationResults"]["failure"]] == ["claim.cbor.invalid"]


def test_bytes_dates_and_files_are_written_as_the_form_says() -> None:
    held = (
        AssertionReport("com.example.x", {"at": Tag(0, "2025-01-01T00:00:00Z")}, created=True),
        AssertionReport("com.example.y", {"hash": b"\0\1"}, created=True),
        AssertionReport("c2pa.actions.v2", {"format": "image/jpeg", "size": 3}, created=True),
    )
    (one,) = as_json(report(manifests=(manifest(assertions=held),)))["manifests"]
    assert one["assertions"]["com.example.x"] == {"at": "2025-01-01T00:00:00Z"}
    assert one["assertions"]["com.example.y"] == {"hash": "b64'AAE='"}
    assert one["assertions"]["c2pa.actions.v2"] == {
        "format": "image/jpeg",
        "identifier": f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.actions.v2",
        "hash": f"b64'{'A' * 43}='",
    }


def test_two_assertions_of_one_label_are_both_there() -> None:
    held = tuple(AssertionReport("com.example.x", at, created=True) for at in range(3))
    (one,) = as_json(report(manifests=(manifest(assertions=held),)))["manifests"]
    assert one["assertions"] == {"com.example.x": 0, "com.example.x'": 1, "com.example.x''": 2}


@needs_schema
def test_an_old_claim_gets_a_generator_from_its_user_agent() -> None:
    old = claim(version=1, generator="Painter/1", generator_info=(), format="image/png")
    row = as_json(report(manifests=(manifest(claim=old),)))
    (one,) = row["manifests"]
    assert "claim.v2" not in one
    assert one["claim"]["claim_generator_info"] == [{"name": "Painter/1"}]


def test_a_generators_field_of_another_type_is_kept_aside() -> None:
    odd = claim(generator_info=({"name": "Painter", "version": 2, "icon": {"format": "x"}},))
    (one,) = as_json(report(manifests=(manifest(claim=odd),)))["manifests"]
    assert one["claim.v2"]["claim_generator_info"] == {
        "name": "Painter",
        "org.provenance-c2pa.version": 2,
        "org.provenance-c2pa.icon": {"format": "x"},
    }


def test_deltas_stand_with_the_manifest_whose_ingredient_they_are_about() -> None:
    found = (Finding(Status.INGREDIENT_MANIFEST_MISMATCH, "y"),)
    ours = f"self#jumbf=/c2pa/{PARENT}/c2pa.assertions/c2pa.ingredient.v3"
    row = as_json(report(deltas=(Delta(ours, found), Delta("nonsense", found))))
    first, second = row["manifests"]
    assert [one["ingredientAssertionURI"] for one in first["ingredientDeltas"]] == ["nonsense"]
    assert [one["ingredientAssertionURI"] for one in second["ingredientDeltas"]] == [ours]


def test_the_signers_certificate_is_taken_apart(files: dict[str, Path]) -> None:
    (one, *_) = as_json(provenance.verify(files["sketch"]))["manifests"]
    info = one["signature"]["certificateInfo"]
    assert one["signature"]["algorithm"] == "es256"
    assert info["subject"]["CN"] == "Development es256"
    assert info["issuer"]["O"] == "Development only"
    assert int(info["serialNumber"], 16) > 0
    assert info["validity"]["notBefore"] < info["validity"]["notAfter"]


def test_a_time_stamp_names_its_authority(files: dict[str, Path]) -> None:
    at = datetime(2025, 5, 1, 10, tzinfo=UTC)
    (held, *_) = provenance.verify(files["sketch"]).manifests
    assert held.signature is not None
    der = held.signature.certificates[0]
    stamped = signature(time=at, certificates=(der,), time_certificate=der)
    (one,) = as_json(report(manifests=(manifest(signature=stamped),)))["manifests"]
    told = one["signature"]["timeStampInfo"]
    assert told["timestamp"] == "2025-05-01T10:00:00+00:00"
    assert told["certificateInfo"] == one["signature"]["certificateInfo"]
    assert told["certificateInfo"]["subject"]["CN"] == "Development es256"


def test_a_signature_that_cannot_be_read_invents_no_signer() -> None:
    row = as_json(report(manifests=(manifest(signature=None, findings=(*GOOD, UNTRUSTED)),)))
    (one,) = row["manifests"]
    assert one["signature"]["certificateInfo"]["subject"] == {}
    assert one["signature"]["algorithm"] == ""


@cache
def rubric(name: str) -> Rubric:
    return read_rubric(RUBRICS / f"asset-rubric-{name}.yml")


def failing(name: str, document: Any) -> set[str]:
    results = evaluate(rubric(name), document, "2.4")
    assert len(results) > 5
    return {rule for rule, holds in results.items() if not holds}


@needs_rubrics
@pytest.mark.parametrize("name", ["sketch", "edited", "last"])
def test_what_we_sign_has_every_value_that_the_rubrics_ask_for(
    files: dict[str, Path], trust: provenance.TrustSettings, name: str
) -> None:
    document = as_json(provenance.verify(files[name], trust=trust))
    assert failing("conformance0.2-spec2.4", document) == set()
    assert failing("integrity", document) == set()


@needs_rubrics
def test_a_generated_picture_gives_the_signal_that_it_is_one(files: dict[str, Path]) -> None:
    (sketch, *_) = as_json(provenance.verify(files["sketch"]))["manifests"]
    (edited, *_) = as_json(provenance.verify(files["edited"]))["manifests"]
    signals = evaluate(rubric("signals-local"), sketch, "2.4")
    assert signals["inception:signal_fullyGenAIMedia"]
    assert not signals["transformation:signal_ambiguousActions"]
    assert not signals["inception:signal_capturedMedia"]
    assert evaluate(rubric("signals-local"), edited, "2.4")[
        "transformation:signal_perceptibleGenAI"
    ]


@needs_rubrics
def test_a_changed_file_fails_the_rubrics(files: dict[str, Path], tmp_path: Path) -> None:
    data = bytearray(files["sketch"].read_bytes())
    data[-30] ^= 1
    document = as_json(provenance.verify(bytes(data)))
    assert failing("conformance0.2-spec2.4", document) == {"validation:valid_success"}


Spoil = Callable[[dict[str, Any]], object]
_ACTIONS = ("assertions", "c2pa.actions.v2")
_FIRST = (*_ACTIONS, "actions", 0)
_INGREDIENT = ("assertions", "c2pa.ingredient.v3")


def at(one: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        one = one[step]
    return one


def put(*path: str | int, value: Any) -> Spoil:
    return lambda one: at(one, path[:-1]).__setitem__(path[-1], value)


def drop(*path: str | int) -> Spoil:
    return lambda one: at(one, path[:-1]).pop(path[-1])


def act(**row: Any) -> Spoil:
    return lambda one: at(one, (*_ACTIONS, "actions")).append(row)


def only(**row: Any) -> Spoil:
    """One action, and not all of them are said to be there."""
    return put(*_ACTIONS, value={"actions": [row], "allActionsIncluded": False})


def fail(code: str) -> Spoil:
    return lambda one: one["validationResults"]["failure"].append({"code": code})


def boxes_of_a_tiff(one: dict[str, Any]) -> None:
    rows = {"c2pa.hash.boxes": {}, "c2pa.asset-type.v2": {"dc:format": "image/tiff"}}
    one["assertions"].update(rows)


_RATED = {"reviewRatings": [], "dataSource": {"type": "humanEntry.anonymous"}}
SPOILT: dict[str, Spoil] = {
    "mandatory_dst_for_perceptible_transformations": act(action="c2pa.edited"),
    "mandatory_spec_version": drop("claim.v2", "claim_generator_info", "specVersion"),
    "mandatory_all_actions_included": drop(*_ACTIONS, "allActionsIncluded"),
    "no_dst_for_opened_action": act(action="c2pa.opened", digitalSourceType="x"),
    "well_formed_data_present": drop("validationResults"),
    "well_formed_success": fail("claim.malformed"),
    "valid_data_present": drop("validationResults"),
    "valid_success": fail("assertion.dataHash.mismatch"),
    "inception_action_position": put("claim.v2", "created_assertions", value=[]),
    "no_deprecated_assertions": put("assertions", "stds.exif", value={}),
    "no_unsupported_assertions": put("assertions", "c2pa.nonsense__1", value={}),
    "no_deprecated_actions": act(action="c2pa.saved"),
    "no_unsupported_actions": act(action="c2pa.nonsense"),
    "no_unrecognized_custom_assertions": put("assertions", "nodot", value={}),
    "no_unrecognized_custom_actions": act(action="nodot"),
    "no_unrecognized_custom_action_parameters": put(*_FIRST, "parameters", value={"nodot": 1}),
    "discouraged_legacy_action_parameters": put(*_FIRST, "parameters", value={"description": "x"}),
    "active_manifest_urn": put("label", value="urn:uuid:1"),
    "review_ratings_datasource": put("assertions", "com.example.x", value=_RATED),
    "ingredient_v3_no_active_manifest": put(*_INGREDIENT, "validationResults", value={}),
    "ingredient_v3_mandatory_validation_results": put(*_INGREDIENT, "activeManifest", value={}),
    "ingredient_relationship_values": put(*_INGREDIENT, "relationship", value="friendOf"),
    "mandatory_dst_for_created_action": drop(*_FIRST, "digitalSourceType"),
    "no_deprecated_claim_fields": put("claim.v2", "specVersion", value="2.4.0"),
    "ingredient_v3_choice": lambda one: at(one, _INGREDIENT).update(
        {"activeManifest": {"url": "x"}, "digitalSourceType": "x"}
    ),
    "alternative_content_representation_choice": put(
        *("assertions", "com.example.x"), value={"type": "exif.originalPreservationImage"}
    ),
    "forbidden_labels_in_external_references": put(
        *("assertions", "com.example.x"), value={"label": "c2pa.hash.data", "url": "x"}
    ),
    "no_url_in_hashes": put("assertions", "c2pa.hash.data", "url", value="x"),
    "all_actions_included_opened": only(action="c2pa.opened"),
    "opened_action_ingredient_reference": act(action="c2pa.opened"),
    "no_box_hash_for_tiff": boxes_of_a_tiff,
}


@needs_rubrics
@pytest.mark.parametrize("rule", SPOILT)
def test_a_value_less_is_a_rule_broken(files: dict[str, Path], rule: str) -> None:
    document = copy.deepcopy(as_json(provenance.verify(files["sketch"])))
    SPOILT[rule](document["manifests"][0])
    assert f"validation:{rule}" in failing("conformance0.2-spec2.4", document)


@needs_rubrics
def test_each_rule_is_seen_to_fail() -> None:
    rules = rubric("conformance0.2-spec2.4").rules
    assert {f"validation:{name}" for name in SPOILT} == set(rules)


@needs_rubrics
def test_no_manifest_is_no_pass() -> None:
    document = as_json(REPORTS["nothing"])
    assert {"validation:well_formed_success", "validation:valid_success"} <= failing(
        "conformance0.2-spec2.4", document
    )
