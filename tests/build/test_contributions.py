"""What a work says of its makers, its terms and what it owes: each word reaches the lineage."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import provenance
from provenance.build.datasets import LABEL as AUTHORS
from provenance.build.definition import ManifestDefinition
from provenance.build.sign import sign
from provenance.chain.graph import Evidence
from provenance.errors import DefinitionError
from provenance.limits import DEFAULT_LIMITS
from provenance.model.assertions.contribution import CONTRIBUTION
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.schemas import load
from tests.build.desk import Desk, picture, tensors
from tests.build.workshop import named, signer, trust, verified

MADE = {"digital_source_type": "digitalCapture", "thumbnail": False}


def written(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    """The assertions of a picture that was signed so, by label."""
    sign(named(folder, "in.png"), folder / "out.png", MADE | row, signer=signer())
    report = verified(folder / "out.png")
    assert report.state == "Trusted"
    return {one.label: one.value for one in report.manifests[0].assertions}


def refused(folder: Path, row: dict[str, Any]) -> str:
    with pytest.raises(DefinitionError) as caught:
        sign(named(folder, "in.png"), folder / "out.png", MADE | row, signer=signer())
    assert not (folder / "out.png").exists()
    return str(caught.value)


def test_the_worked_example_comes_out_to_the_unit_with_the_command_alone(desk: Desk) -> None:
    for folder in ("ds0", "ds1"):
        Path(folder).mkdir()
    picture("ds0/anything.png", (0, 0, 0))
    for at, name in enumerate(("photo.png", "art2.png", "img.png")):
        picture(name, (at, 2, 3))
    tensors("base.safetensors", 1)
    tensors("lora.safetensors", 2)
    desk.sign("es256", "photo.png", "-o", "ds1/photo.png", "--kind", "photo", "--creator", "Ada")
    two = ("--creator", "Bo:2", "--creator", "Cy:1", "--digital-source-type", "digitalArt")
    desk.sign("es384", "art2.png", "-o", "ds1/art2.png", *two)
    held = ("--owes", "ds1/photo.png=22.5%", "--owes", "ds1/art2.png=67.5%")
    desk.sign("es512", "ds1", "--kind", "dataset", "--creator", "curator", *held)
    trained = ("--kind", "model", "--dataset", "ds0", "--owes", "ds0=50%", "--creator", "lab")
    desk.sign("ps384", "base.safetensors", *trained)
    tuned = ("--kind", "adapter", "--base", "base.safetensors", "--dataset", "ds1")
    owed = ("--owes", "base.safetensors=40%", "--owes", "ds1=35%", "--creator", "tuner")
    desk.sign("ps256", "lora.safetensors", *tuned, *owed)
    made = ("--model", "lora.safetensors", "--parent", "ds1/photo.png", "--creator", "prompter")
    due = ("--owes", "ds1/photo.png=10%", "--owes", "lora.safetensors=30%")
    desk.sign("ed25519", "img.png", "-o", "out.png", *made, *due)
    assert desk.shares("out.png") == {
        "prompter": "60.00",
        "Ada": "12.36",
        "tuner": "7.50",
        "lab": "6.00",
        "UNCLAIMED:ds0": "6.00",
        "Bo": "4.73",
        "Cy": "2.36",
        "curator": "1.05",
    }


SIGNERS = ("es256", "es384", "es512", "ps256", "ed25519")


def test_a_diamond_pays_each_way_once(desk: Desk) -> None:
    """A, B of A, C and D of B, E of both, 10 % each: what flow/1 says, and Story's own policies."""
    for at, name in enumerate("ABCDE"):
        picture(f"{name}.png", (at, 2, 3))
    told = {"A": (), "B": ("A",), "C": ("B",), "D": ("B",), "E": ("C", "D")}
    for (name, below), who in zip(told.items(), SIGNERS, strict=True):
        used = [part for one in below for part in ("--source", f"s{one}.png")]
        owed = [part for one in below for part in ("--owes", f"s{one}.png=10%")]
        made = ("--generator", "X@1", "--creator", name)
        desk.sign(who, f"{name}.png", "-o", f"s{name}.png", *made, *used, *owed)
    expected = {
        "flow/1": {"A": 2_000, "B": 18_000, "C": 90_000, "D": 90_000, "E": 800_000},
        "story-lrp": {"A": 2_000, "B": 18_000, "C": 90_000, "D": 90_000, "E": 800_000},
        "story-lap": {"A": 200_000, "B": 200_000, "C": 100_000, "D": 100_000, "E": 400_000},
    }
    for policy, shares in expected.items():
        row = desk.traced("sE.png", "--split", "10000.00", "--policy", policy)
        found = {one["name"]: int(one["amount"].replace(".", "")) for one in row["split"]["shares"]}
        assert found == shares, policy


def test_the_json_of_a_lineage_has_the_keys_it_promises(desk: Desk) -> None:
    picture("a.png", (1, 2, 3))
    picture("b.png", (4, 5, 6))
    desk.sign("es256", "a.png", "-o", "sa.png", "--kind", "photo", "--rights", "cc-by")
    made = ("--parent", "sa.png", "--owes", "sa.png=10%", "--creator", "Bo")
    desk.sign("es384", "b.png", "-o", "sb.png", *made)
    row = desk.traced("sb.png", "--split", "100.00")
    assert row["schema"] == "provenance/lineage/1"
    assert row["root"] == row["works"][0]["id"]
    work = {"id", "kind", "title", "asset_sha256", "validation_state", "signer", "location"}
    keys = {
        "works": {*work, "rights"},
        "parties": {"id", "name", "roles", "evidence", "payee"},
        "edges": {"child", "parent", "relation", "rate_ppm", "status", "licence"},
    }
    for name, wanted in keys.items():
        assert row[name]
        assert all(wanted <= set(one) for one in row[name]), name
    assert {"policy", "amount", "shares", "unclaimed"} <= set(row["split"])
    assert all({"party", "name", "amount", "ppm"} <= set(one) for one in row["split"]["shares"])
    assert row["works"][0]["asset_sha256"] == sha256(Path("sb.png").read_bytes()).hexdigest()
    assert row["edges"][0]["licence"].startswith("sha256:")


def test_signed_files_of_a_dataset_come_along_without_a_table(desk: Desk) -> None:
    Path("set/deep").mkdir(parents=True)
    picture("a.png", (1, 2, 3))
    desk.sign("es256", "a.png", "-o", "set/deep/a.png", "--kind", "photo", "--creator", "Ada")
    picture("set/plain.png", (4, 5, 6))
    Path("set/a.txt").write_text("a caption")
    broken = bytearray(Path("set/deep/a.png").read_bytes())
    broken[broken.index(b"jumdc2pa") + 9] ^= 0xFF
    Path("set/broken.png").write_bytes(broken)
    desk.sign("es512", "set", "--kind", "dataset", "--title", "set", "--creator", "Curator")
    row = desk.traced("set")
    assert [one["title"] for one in row["works"]] == ["set", "a.png"]
    assert [(one["relation"], one["rate_ppm"]) for one in row["edges"]] == [("composed", None)]
    assert desk.shares("set") == {"Curator": "100.00"}


def test_a_sidecar_in_a_dataset_is_the_manifest_of_its_file(desk: Desk) -> None:
    Path("set").mkdir()
    picture("set/a.png", (1, 2, 3))
    desk.sign("es256", "set/a.png", "--sidecar", "--kind", "photo", "--creator", "Ada")
    desk.sign("es512", "set", "--kind", "dataset", "--title", "set")
    assert [one["title"] for one in desk.traced("set")["works"]] == ["set", "a.png"]


def test_several_authors_share_a_file_and_a_curator_with_a_weight_counts_with_them(
    desk: Desk,
) -> None:
    Path("set").mkdir()
    picture("set/photo.png", (1, 2, 3))
    picture("set/art.png", (4, 5, 6))
    rows = ("photo.png,Ada,9,cc-by", "art.png,Bo,18,", "art.png,Cy,9,")
    Path("authors.csv").write_text("\n".join(("path,author,weight,rights", *rows)))
    table = ("--kind", "dataset", "--authors", "authors.csv")
    desk.sign("es512", "set", *table, "--creator", "Curator:4")
    before = desk.shares("set")
    assert before == {"Bo": "45.00", "Ada": "22.50", "Cy": "22.50", "Curator": "10.00"}
    assertions = provenance.verify("set").manifests[0].assertions
    (kept,) = (one.value for one in assertions if one.label == AUTHORS)
    Draft202012Validator(load("authors.schema.json")).validate(kept)
    assert [one.get("rights") for one in kept["files"]] == ["cc-by", None, None]


def test_without_a_weight_a_curator_gets_what_no_author_is_named_for(desk: Desk) -> None:
    Path("set").mkdir()
    picture("set/a.png", (1, 2, 3))
    Path("authors.csv").write_text("path,author,payee\na.png,Ada,ada@example.com\n")
    table = ("--kind", "dataset", "--authors", "authors.csv")
    desk.sign("es512", "set", *table, "--creator", "Curator")
    row = desk.traced("set", "--split", "100")
    assert [one["name"] for one in row["split"]["shares"]] == ["Ada"]
    assert {one["name"]: one["payee"] for one in row["parties"]}["Ada"] == "ada@example.com"
    assert {"Curator", "Ada"} <= {one["name"] for one in row["parties"]}


def test_who_made_a_signed_file_is_credited_by_the_dataset(desk: Desk) -> None:
    Path("set").mkdir()
    picture("a.png", (1, 2, 3))
    terms = ("--kind", "photo", "--creator", "Ada", "--rights", "cc-by")
    desk.sign("es256", "a.png", "-o", "set/a.png", *terms)
    Path("authors.csv").write_text("path,author\na.png,Ada\n")
    table = ("--kind", "dataset", "--authors", "authors.csv")
    desk.sign("es512", "set", *table)
    row = desk.traced("set", "--split", "100")
    assert not [one for one in row["findings"] if "attribution" in one["code"]]
    (paid,) = row["split"]["shares"]
    photo = next(one["id"] for one in row["works"] if one["kind"] == "photo")
    assert paid["party"] == f"name:{photo}:Ada"


def test_a_dataset_is_made_of_datasets(desk: Desk) -> None:
    for name in ("one", "all"):
        Path(name).mkdir()
        picture(f"{name}/a.png", (1, 2, 3))
    desk.sign("es256", "one", "--kind", "dataset", "--creator", "Ada")
    desk.sign("es512", "all", "--kind", "dataset", "--dataset", "one", "--owes", "one=25%")
    (edge,) = desk.traced("all")["edges"]
    assert (edge["relation"], edge["rate_ppm"]) == ("composed", 250_000)


def test_more_manifests_than_a_reader_takes_are_refused(desk: Desk) -> None:
    Path("set").mkdir()
    for number in range(3):
        picture("a.png", (number, 2, 3))
        desk.sign("es256", "a.png", "-o", f"set/{number}.png", "--kind", "photo")
    few = replace(DEFAULT_LIMITS, manifests=3)
    with pytest.raises(DefinitionError, match="3 manifests would come along"):
        sign("set", None, {"kind": "dataset"}, signer=signer(), sidecar=True, limits=few)
    assert not Path("set.c2pa").exists()


@pytest.mark.parametrize(
    ("kind", "types", "source"),
    [
        ("model", ["c2pa.types.model.pytorch"], "trainedAlgorithmicData"),
        (
            "adapter",
            ["c2pa.types.model.pytorch", "org.provenance-c2pa.types.adapter"],
            "trainedAlgorithmicData",
        ),
        (
            "merge",
            ["c2pa.types.model.pytorch", "org.provenance-c2pa.types.merge"],
            "trainedAlgorithmicData",
        ),
        ("dataset", ["c2pa.types.dataset"], "composite"),
        ("photo", None, "digitalCapture"),
    ],
)
def test_a_kind_is_a_type_and_a_way_to_be_made(
    desk: Desk, kind: str, types: list[str] | None, source: str
) -> None:
    tensors("it.safetensors", 1)
    desk.sign("es256", "it.safetensors", "-o", "signed.safetensors", "--kind", kind)
    found = {
        one.label: one.value
        for one in provenance.verify("signed.safetensors").manifests[0].assertions
    }
    asset = found.get("c2pa.asset-type.v2")
    assert (asset and [one["type"] for one in asset["types"]]) == types
    first = found["c2pa.actions.v2"]["actions"][0]
    assert first["action"] == "c2pa.created"
    assert first["digitalSourceType"].rpartition("/")[2] == source
    assert "c2pa.ai-disclosure" not in found


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"bases": ["in.png"]}, "bases: are for a model: say kind model, adapter or merge"),
        ({"kind": "model", "models": [{"name": "x"}]}, "made no model: name its 'bases'"),
        ({"kind": "photo", "prompt": "a fox"}, "is photo, which no model makes"),
        ({"authors": "a.csv"}, "is for a folder that is signed"),
        ({"kind": "modle"}, "'modle' is not one of"),
        ({"contributors": [{"nmae": "x"}]}, "unknown key 'nmae'; did you mean 'name'?"),
        ({"owes": [{"path": "x", "rate": 5}]}, "unknown key 'rate'; did you mean 'rate_ppm'?"),
        ({"rights": {"comercial": {}}}, "unknown key 'comercial'; did you mean 'commercial'?"),
        ({"rights": {"ai": {"trian": "allowed"}}}, "unknown key 'trian'; did you mean 'train'?"),
        ({"rights": {"ai": {"train": "perhaps"}}}, "rights.ai.train"),
        (
            {"rights": {}, "training_mining": {"ai_training": "allowed"}},
            "is allowed, but ai.train of the rights is notAllowed",
        ),
        (
            {"assertions": [{"label": CONTRIBUTION, "data": {}}]},
            "is written by the library",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, row: dict[str, Any], told: str) -> None:
    assert told in refused(tmp_path, row)


def test_terms_bring_the_permissions_that_agree_with_them(tmp_path: Path) -> None:
    row = {
        "creators": ["Ada"],
        "rights": {"spdx": "CC-BY-4.0", "ai": {"train": "allowed", "inference": "constrained"}},
        "training_mining": {"data_mining": "notAllowed"},
    }
    found = written(tmp_path, row)
    assert found[RIGHTS]["licensor"] == "Ada"
    assert found[RIGHTS]["commercial"]["use"] is False
    assert found["cawg.training-mining"]["entries"] == {
        "cawg.data_mining": {"use": "notAllowed"},
        "cawg.ai_training": {"use": "allowed"},
        "cawg.ai_generative_training": {"use": "notAllowed"},
        "cawg.ai_inference": {
            "use": "constrained",
            "constraint_info": "as the terms allow: CC-BY-4.0",
        },
    }


def test_where_nobody_is_named_the_signer_sets_the_terms(tmp_path: Path) -> None:
    assert written(tmp_path, {"rights": {}})[RIGHTS]["licensor"] == _signer_name()


def _signer_name() -> str:
    from provenance.build.identity import name_of

    name = name_of(signer())
    assert name
    return name


def test_a_creator_who_is_called_as_the_signer_is_the_signer(tmp_path: Path) -> None:
    me = _signer_name()
    row = {"contributors": [{"name": me.upper(), "weight": 3}, {"name": "Bo"}]}
    parties = written(tmp_path, row)[CONTRIBUTION]["parties"]
    assert [one["id"] for one in parties] == ["self", "name:Bo"]
    lineage = provenance.trace(tmp_path / "out.png", trust=trust())
    found = {one.name: one.evidence for one in lineage.contributors()}
    assert found == {me: Evidence.SIGNER, "Bo": Evidence.DECLARED}


def test_roles_payees_ids_and_aliases_stand_as_they_were_said(tmp_path: Path) -> None:
    ada = {"name": "Ada", "role": "editor", "payee": "p", "id": "did:web:a", "aliases": ["did:x"]}
    found = written(tmp_path, {"contributors": [ada, {"name": "Bo"}], "completeness": "partial"})
    first, second = found[CONTRIBUTION]["parties"]
    assert first == ada | {"role": "cawg.editor", "weight": 1}
    assert second["role"] == "cawg.creator"
    assert found[CONTRIBUTION]["completeness"] == "partial"
    assert found["cawg.metadata"]["dc:creator"] == ["Bo"]  # an editor is no creator


def test_a_model_that_is_no_file_here_is_owed_by_its_name(tmp_path: Path) -> None:
    row = {
        "models": [{"name": "SDXL"}, {"name": "other"}],
        "owes": [{"path": "name:SDXL", "rate_ppm": 5}],
        "digital_source_type": "trainedAlgorithmicMedia",
    }
    (edge,) = written(tmp_path, row)[CONTRIBUTION]["edges"]
    assert (edge["relation"], edge["ratePpm"], edge["basis"]) == ("generatedBy", 5, "declared")
    row["owes"] = [{"path": "name:SDLX", "rate_ppm": 5}]
    (tmp_path / "out.png").unlink()
    assert "name:SDLX is none of the files named here: name:SDXL, name:other" in refused(
        tmp_path, row
    )


def test_paths_in_a_definition_are_relative_to_it(tmp_path: Path) -> None:
    row = {"owes": [{"path": "a.png", "rate_ppm": 5}, {"path": "name:B", "rate_ppm": 6}]}
    first, second = ManifestDefinition.from_dict(row, base=tmp_path).owes
    assert (first.path, second.path) == (tmp_path / "a.png", Path("name:B"))


def test_what_is_owed_to_a_file_as_it_was_is_owed_to_its_past(desk: Desk) -> None:
    picture("a.png", (1, 2, 3))
    desk.sign("es256", "a.png", "-o", "b.png", "--kind", "photo", "--creator", "Ada")
    desk.sign("es384", "b.png", "-o", "c.png", "--owes", "b.png=10%", "--creator", "Bo")
    assert desk.shares("c.png") == {"Bo": "90.00", "Ada": "10.00"}


def test_a_model_that_is_a_folder_has_no_hash_and_keeps_its_manifest(desk: Desk) -> None:
    for name in ("base", "bare"):
        Path(name).mkdir()
        tensors(f"{name}/unet.safetensors", 1)
    desk.sign("es256", "base", "--kind", "model", "--creator", "Lab")
    tensors("lora.safetensors", 2)
    made = ("--kind", "adapter", "--base", "base", "--base", "bare", "--owes", "base=30%")
    desk.sign("es384", "lora.safetensors", *made, "--creator", "Tuner", "--title", "lora")
    assert desk.shares("lora.safetensors") == {"Tuner": "70.00", "Lab": "30.00"}
    row = desk.traced("lora.safetensors")
    assert {one["title"]: one["kind"] for one in row["works"]} == {
        "lora": "adapter",
        "base": "model",
        "bare": "model",
    }
    assert [one["asset_sha256"] for one in row["works"] if one["title"] == "bare"] == [None]


def test_what_has_no_place_for_a_manifest_gets_a_sidecar_unasked(desk: Desk) -> None:
    Path("data.bin").write_bytes(b"\x01\x02\x03 nothing known")
    told = desk.sign("es256", "data.bin", "--digital-source-type", "digitalCreation")
    assert told.startswith("sidecar: data.c2pa")
    Path("set").mkdir()
    picture("set/a.png", (1, 2, 3))
    told = desk.sign("es256", "set", "-o", "elsewhere.c2pa", "--kind", "dataset")
    assert told.startswith("sidecar: elsewhere.c2pa")
    picture("a.png", (1, 2, 3))
    assert "Say where the result goes" in desk.refused("es256", "sign", "a.png")


def test_a_weight_is_a_whole_number(desk: Desk) -> None:
    picture("a.png", (1, 2, 3))
    for text in ("Ada:2.5", "Ada:50%"):
        told = desk.refused("es256", "sign", "a.png", "-o", "b.png", "--creator", text)
        assert "A weight is a whole number" in told
    desk.sign("es256", "a.png", "-o", "b.png", "--creator", "Studio: Ada")
    assert json.dumps(desk.traced("b.png")["parties"]).count("Studio: Ada") >= 1
