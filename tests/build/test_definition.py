"""The definition: each key of the schema is read and lands where it should; a wrong one is told."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

import provenance
from provenance.build.definition import (
    ActionDefinition,
    AiDisclosureDefinition,
    AssertionDefinition,
    AssetReference,
    ContributorDefinition,
    FieldDefinition,
    IdentityDefinition,
    ManifestDefinition,
    ModelReference,
    OwedDefinition,
    PermissionDefinition,
    PromptDefinition,
)
from provenance.errors import DefinitionError
from provenance.model.assertions.rights import Rights
from provenance.model.labels import AssertionLabel
from provenance.schemas import load
from provenance.trust.devpki import create
from tests.attacks.forge import NOW
from tests.build.workshop import MADE, named, picture, signer, verified

SCHEMA = load("manifest-definition.schema.json")


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (ManifestDefinition, SCHEMA),
        (AssetReference, SCHEMA["$defs"]["asset"]["anyOf"][1]),
        (ModelReference, SCHEMA["$defs"]["model"]["anyOf"][1]),
        (PromptDefinition, SCHEMA["$defs"]["prompt"]["anyOf"][1]),
        (
            FieldDefinition,
            SCHEMA["$defs"]["prompt"]["anyOf"][1]["properties"]["fields"]["additionalProperties"][
                "anyOf"
            ][1],
        ),
        (ActionDefinition, SCHEMA["$defs"]["action"]),
        (AiDisclosureDefinition, SCHEMA["$defs"]["ai_disclosure"]),
        (AssertionDefinition, SCHEMA["$defs"]["assertion"]),
        (IdentityDefinition, SCHEMA["$defs"]["identity"]),
        (ContributorDefinition, SCHEMA["$defs"]["contributor"]),
        (OwedDefinition, SCHEMA["$defs"]["owed"]),
        (
            PermissionDefinition,
            SCHEMA["properties"]["training_mining"]["additionalProperties"]["anyOf"][1],
        ),
    ],
)
def test_schema_and_reader_know_the_same_keys(kind: type, part: dict[str, Any]) -> None:
    assert names(kind) == set(part["properties"])


def full(folder: Path) -> dict[str, Any]:
    """A definition with every key there is, but what is for an edit, a model or a folder."""
    named(folder, "source.png", 3)
    named(folder, "component.png", 4)
    (folder / "model.safetensors").write_bytes(b"weights")
    create(folder, now=NOW, algs=("es256",))
    return {
        "title": "A title",
        "claim_generator_info": {"name": "Pipeline", "version": "3", "org.example.x": "y"},
        "generator": {"name": "Painter", "version": "2"},
        "digital_source_type": "compositeWithTrainedAlgorithmicMedia",
        "models": [
            {"path": "model.safetensors", "version": "1.2.3", "description": "weights"},
            {"name": "remote", "uri": "https://example.com/m", "sha256": "ab" * 32, "version": "x"},
        ],
        "prompt": "a fox",
        "sources": ["source.png"],
        "components": [{"path": "component.png", "title": "part", "description": "a part"}],
        "creators": ["Ann", "Bob"],
        "kind": "image",
        "datasets": [{"title": "the dataset"}],
        "contributors": [{"name": "Cy", "role": "editor", "weight": 2, "payee": "cy@example.com"}],
        "owes": [{"path": "source.png", "rate_ppm": 100_000, "basis": "agreement"}],
        "completeness": "partial",
        "rights": Rights(licensor="Ann").to_cbor(),
        "actions": [
            {
                "action": "c2pa.color_adjustments",
                "software_agent": {"name": "Tuner"},
                "description": "warmer",
                "digital_source_type": "algorithmicallyEnhanced",
                "when": "2024-01-01T00:00:00Z",
                "reason": "taste",
                "parameters": {"by": 5},
            }
        ],
        "all_actions_included": False,
        "ai_disclosure": {
            "model_type": "c2pa.types.model.pytorch",
            "model_name": "Fox",
            "model_identifier": "fox-1",
            "human_oversight": "human_validated",
        },
        "training_mining": {
            "ai_training": "notAllowed",
            "cawg.data_mining": {"use": "constrained", "constraint": "ask"},
        },
        "asset_types": [{"type": "c2pa.types.dataset", "version": "1.0.0"}],
        "metadata": {"@context": {"exif": "http://ns.adobe.com/exif/1.0/"}, "exif:x": 1},
        "assertions": [
            {"label": "org.example.a", "data": {"k": [1, None, "x"]}},
            {"label": "org.example.b", "data": {"k": 1}, "kind": "json", "created": False},
        ],
        "identities": [
            {
                "key": "es256.key.pem",
                "chain": "es256.chain.pem",
                "roles": ["creator"],
                "referenced": ["cawg.metadata"],
            }
        ],
        "thumbnail": True,
    }


def test_the_full_definition_has_every_key(tmp_path: Path) -> None:
    assert set(full(tmp_path)) == set(SCHEMA["properties"]) - {"parent", "authors", "bases"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> provenance.VerificationReport:
    folder = tmp_path_factory.mktemp("definition")
    path = folder / "definition.json"
    path.write_text(json.dumps(full(folder)), "utf-8")
    provenance.sign(named(folder, "in.png"), folder / "out.png", path, signer=signer())
    report = verified(folder / "out.png")
    assert report.state == "Trusted"
    return report


def values(report: provenance.VerificationReport, name: str) -> list[Any]:
    return [
        one.value
        for one in report.manifests[0].assertions
        if AssertionLabel.parse(one.label).name == name
    ]


def test_the_title_and_the_claim_generator_stand_in_the_claim(
    written: provenance.VerificationReport,
) -> None:
    claim = written.manifests[0].claim
    assert claim is not None
    assert claim.title == "A title"
    info = claim.generator_info[0]
    assert (info["name"], info["version"], info["org.example.x"]) == ("Pipeline", "3", "y")


def test_the_generator_and_its_source_type_stand_in_the_first_action(
    written: provenance.VerificationReport,
) -> None:
    (found,) = values(written, "c2pa.actions")
    first = found["actions"][0]
    assert first["action"] == "c2pa.created"
    assert first["softwareAgent"] == {"name": "Painter", "version": "2"}
    assert first["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert found["allActionsIncluded"] is False
    assert (
        len(first["parameters"]["ingredients"]) == 5
    )  # all that went in, but the part placed in it


def test_a_further_action_stands_as_it_was_said(written: provenance.VerificationReport) -> None:
    (found,) = values(written, "c2pa.actions")
    last = found["actions"][-1]
    assert last["action"] == "c2pa.color_adjustments"
    assert last["softwareAgent"] == {"name": "Tuner"}
    assert (last["description"], last["reason"]) == ("warmer", "taste")
    assert last["when"].value == "2024-01-01T00:00:00Z"
    assert last["parameters"] == {"by": 5}
    assert last["digitalSourceType"].endswith("/algorithmicallyEnhanced")
    assert [one["action"] for one in found["actions"]][1] == "c2pa.placed"


def test_models_prompt_sources_and_components_are_ingredients(
    written: provenance.VerificationReport,
) -> None:
    rows = written.manifests[0].ingredients
    assert [(one.title, one.relationship) for one in rows] == [
        ("model.safetensors", "inputTo"),
        ("remote", "inputTo"),
        ("the dataset", "inputTo"),
        ("prompt", "inputTo"),
        ("source.png", "inputTo"),
        ("part", "componentOf"),
    ]
    assert rows[0].types == ("c2pa.types.model.pytorch",)
    assert rows[1].digest == "sha256:" + "ab" * 32
    assert rows[2].types == ("c2pa.types.dataset",)
    assert rows[3].types == ("c2pa.types.generator.prompt",)


def test_an_actor_vouches_for_what_was_named(written: provenance.VerificationReport) -> None:
    (one,) = written.manifests[0].identities
    assert one.roles == ("cawg.creator",)
    assert [url.rpartition("/")[2] for url in one.referenced] == ["c2pa.hash.data", "cawg.metadata"]


def test_statements_have_their_assertions(written: provenance.VerificationReport) -> None:
    assert values(written, "c2pa.ai-disclosure") == [
        {
            "modelType": "c2pa.types.model.pytorch",
            "modelName": "Fox",
            "modelIdentifier": "fox-1",
            "contentProfile": {"humanOversightLevel": "human_validated"},
        }
    ]
    assert values(written, "cawg.training-mining") == [
        {
            "entries": {
                "cawg.ai_training": {"use": "notAllowed"},
                "cawg.ai_generative_training": {"use": "notAllowed"},
                "cawg.ai_inference": {"use": "notAllowed"},
                "cawg.data_mining": {"use": "constrained", "constraint_info": "ask"},
            }
        }
    ]
    assert values(written, "c2pa.asset-type") == [
        {"types": [{"type": "c2pa.types.dataset", "version": "1.0.0"}]}
    ]
    assert values(written, "cawg.metadata")[0]["dc:creator"] == ["Ann", "Bob"]
    assert values(written, "c2pa.metadata")[0]["exif:x"] == 1
    assert values(written, "org.example.a") == [{"k": [1, None, "x"]}]
    assert values(written, "org.example.b") == [{"k": 1}]
    assert len(values(written, "c2pa.thumbnail.claim")) == 1


def test_what_is_gathered_is_not_created(written: provenance.VerificationReport) -> None:
    found = {one.label: one.created for one in written.manifests[0].assertions}
    assert found["org.example.a"] is True
    assert found["org.example.b"] is False


def test_a_parent_is_opened(tmp_path: Path) -> None:
    made = MADE | {"title": "parent"}
    provenance.sign(named(tmp_path, "a.png"), tmp_path / "parent.png", made, signer=signer())
    row = {"parent": {"path": "parent.png", "title": "mother", "description": "first"}}
    (tmp_path / "d.json").write_text(json.dumps(row), "utf-8")
    signed = provenance.sign(
        named(tmp_path, "b.png", 9), tmp_path / "out.png", tmp_path / "d.json", signer=signer()
    )
    assert signed.report is not None
    report = verified(tmp_path / "out.png")
    assert report.state == "Trusted"
    (found,) = values(report, "c2pa.actions")
    assert [one["action"] for one in found["actions"]] == ["c2pa.opened"]
    (one,) = report.manifests[0].ingredients
    assert (one.title, one.relationship) == ("mother", "parentOf")
    assert one.manifest == report.manifests[1].label


def test_paths_are_relative_to_the_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    row = {"sources": ["a.png", str(tmp_path / "b.png")], "models": ["m.onnx"], "parent": "p.png"}
    (inner / "d.json").write_text(json.dumps(row), "utf-8")
    monkeypatch.chdir(tmp_path)
    found = ManifestDefinition.load(Path("inner/d.json"))
    assert [one.path for one in found.sources] == [Path("inner/a.png"), tmp_path / "b.png"]
    assert found.models[0].path == Path("inner/m.onnx")
    assert found.parent == AssetReference(Path("inner/p.png"))


def test_a_definition_as_a_mapping_and_as_types_is_the_same() -> None:
    row = {"title": "t", "prompt": "p", "creators": ["a"], "training_mining": {"x": "allowed"}}
    assert ManifestDefinition.from_dict(row) == ManifestDefinition(
        title="t",
        prompt=PromptDefinition("p"),
        creators=("a",),
        training_mining={"x": PermissionDefinition("allowed")},
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"titel": "x"}, "unknown key 'titel'; did you mean 'title'?"),
        ({"promt": "x"}, "did you mean 'prompt'?"),
        ({"zzz": 1}, "unknown key 'zzz'; known: "),
        ({"models": [{"nam": "x"}]}, "models[0]: unknown key 'nam'; did you mean 'name'?"),
        ({"prompt": {"text": "x", "mod": "open"}}, "prompt: unknown key 'mod'"),
        ({"prompt": {"text": "x", "mode": "secret"}}, "prompt.mode: 'secret' is not one of"),
        ({"actions": [{"actio": "c2pa.edited"}]}, "did you mean 'action'?"),
        ({"actions": [{"action": "edited"}]}, "actions[0].action"),
        ({"actions": [{"action": "a.b", "when": "yesterday"}]}, "actions[0].when"),
        ({"parent": {"pth": "x"}}, "parent: unknown key 'pth'; did you mean 'path'?"),
        ({"sources": "x.png"}, "sources"),
        ({"title": ""}, "title"),
        ({"title": 5}, "title: 5 is not of type 'string'"),
        ({"generator": {"version": "1"}}, "generator: 'name' is a required property"),
        ({"training_mining": {"x": "maybe"}}, "training_mining.x"),
        ({"assertions": [{"label": "x", "data": 1}]}, "assertions[0].label"),
        ({"models": [{"sha256": "xx", "name": "n"}]}, "models[0].sha256"),
        ([], "is not of type 'object'"),
        ("text", "is not of type 'object'"),
        (None, "is not of type 'object'"),
    ],
)
def test_a_wrong_definition_is_told_where_and_what_was_meant(row: Any, told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        ManifestDefinition.from_dict(row)
    assert str(caught.value).startswith("manifest definition")
    assert told in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("text", ["", "{", "[1", "\xff", "[" * 100_000])
def test_a_file_that_is_no_json_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DefinitionError, match=r"d\.json"):
        ManifestDefinition.load(path)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"assertions": [{"label": "c2pa.hash.data", "data": {}}]}, "written by the library"),
        ({"assertions": [{"label": "c2pa.actions.v2", "data": {}}]}, "written by the library"),
        ({"metadata": {"a": 1}}, "@context"),
        ({"digital_source_type": "trainedMedia"}, "did you mean"),
        ({"models": [{"name": "x", "uri": "ftp://x"}]}, "uri"),
    ],
)
def test_what_would_not_hold_is_refused_before_signing(row: dict[str, Any], told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        provenance.sign_bytes(picture(), MADE | row, signer=signer())


def test_a_model_that_is_another_than_was_said_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.bin").write_bytes(b"weights")
    model = {"path": str(tmp_path / "m.bin"), "sha256": "00" * 32}
    with pytest.raises(DefinitionError, match="not the one given"):
        provenance.sign_bytes(picture(), MADE | {"models": [model]}, signer=signer())


def test_an_ingredient_that_is_not_there_is_the_callers_own_error(tmp_path: Path) -> None:
    for key in ("sources", "components", "models"):
        row = MADE | {key: [str(tmp_path / "nothing.png")]}
        with pytest.raises(FileNotFoundError):
            provenance.sign_bytes(picture(), row, signer=signer())


def test_a_source_that_is_not_at_hand_is_named() -> None:
    sources = [{"title": "sketch.png", "sha256": "ab" * 32}, {"title": "other.jpg"}]
    signed = provenance.sign_bytes(
        picture(), MADE | {"sources": sources, "generator": {"name": "P"}}, signer=signer()
    )
    found = verified(signed).manifests[0].ingredients
    assert [one.title for one in found] == ["sketch.png", "other.jpg"]
    assert [one.relationship for one in found] == ["inputTo", "inputTo"]


def test_a_parent_must_be_at_hand() -> None:
    with pytest.raises(provenance.DefinitionError, match="needs a path"):
        provenance.sign_bytes(picture(), {"parent": {"title": "gone.png"}}, signer=signer())


def test_what_went_in_stands_under_the_first_thing_that_was_done() -> None:
    definition = {"sources": [{"title": "a.png"}], "actions": [{"action": "c2pa.unknown"}]}
    report = verified(provenance.sign_bytes(picture(), definition, signer=signer()))
    assert report.state == "Trusted"
    found = next(one for one in report.manifests[0].assertions if one.label == "c2pa.actions.v2")
    assert isinstance(found.value, dict)
    opened, unknown = found.value["actions"]
    assert opened["action"] == "c2pa.opened"
    assert len(unknown["parameters"]["ingredients"]) == 1


def test_contributors_and_what_is_owed_stand_in_the_contribution(
    written: provenance.VerificationReport,
) -> None:
    (told,) = values(written, "org.provenance-c2pa.contribution")
    assert [(one["id"], one["role"], one["weight"]) for one in told["parties"]] == [
        ("name:Cy", "cawg.editor", 2),
        ("name:Ann", "cawg.creator", 1),
        ("name:Bob", "cawg.creator", 1),
    ]
    (edge,) = told["edges"]
    assert (edge["ratePpm"], edge["relation"], edge["basis"]) == (100_000, "composed", "agreement")
    assert told["completeness"] == "partial"
    (terms,) = values(written, "org.provenance-c2pa.rights")
    assert terms["licensor"] == "Ann"
