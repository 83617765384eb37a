"""The published samples: every field of every file, as `../shared/generators/README.md` says."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from provenance.cli import main
from provenance.errors import MalformedError
from provenance.generation.read import read_generation
from provenance.report.generation import as_dict
from provenance.schemas import load
from tests.conftest import SHARED

FOLDER = SHARED / "generators"
PLAIN: tuple[str, ...] = ("generator", "version", "prompt", "negative_prompt", "seed", "steps")
PLAIN += ("sampler", "scheduler", "cfg", "size")
BROKEN = "samples/model-files/duplicate-keys.safetensors"
SCHEMA = Draft202012Validator(load("generation.schema.json"))


@lru_cache
def samples() -> tuple[dict[str, Any], ...]:
    """The rows of expected.json; none where there is no such folder."""
    index = FOLDER / "expected.json"
    if not index.exists():
        return ()
    return tuple(json.loads(index.read_text("utf-8"))["samples"])


every_sample = pytest.mark.parametrize("sample", samples(), ids=lambda row: row["path"][8:])


def plain(value: Any) -> Any:
    """Line ends of one kind, stripped at both ends."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def shown(sample: dict[str, Any]) -> dict[str, Any]:
    """What we read of a sample."""
    try:
        row = as_dict(read_generation(FOLDER / sample["path"]))
    except MalformedError:
        assert sample["path"] == BROKEN
        row = as_dict(None)
    SCHEMA.validate(row)
    return dict(json.loads(json.dumps(row, allow_nan=False)))


def named(models: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {(one["kind"], one["name"], one["hash"]) for one in models}


@every_sample
def test_a_sample_gives_its_fields(sample: dict[str, Any]) -> None:
    wanted, found = sample["expected"], shown(sample)
    for key in PLAIN:
        assert plain(wanted[key]) == plain(found[key]), key
    assert type(found["seed"]) in (int, type(None))
    assert named(wanted["models"]) == named(found["models"])
    weights = {
        key: one["weight"] for one in found["models"] for key in named([one]) if "weight" in one
    }
    for one in wanted["models"]:
        if "weight" in one:
            assert weights[next(iter(named([one])))] == one["weight"]
    refs = {one.get("ref") for one in found["models"]}
    assert {one["ref"] for one in wanted["models"] if "ref" in one} <= refs


@every_sample
def test_a_sample_gives_its_inputs_parts_and_passes(sample: dict[str, Any]) -> None:
    wanted, found = sample["expected"], shown(sample)
    inputs = [(one["name"], one.get("hash")) for one in wanted["inputs"]]
    assert inputs == [(one["name"], one.get("hash")) for one in found["inputs"]]
    parts = {plain(one) for one in wanted.get("prompt_parts", ())}
    assert parts == set(found.get("prompt_parts", ()))
    if "passes" in wanted:
        rows = [{key: plain(value) for key, value in one.items()} for one in wanted["passes"]]
        assert rows == found["passes"]
    used = {one["name"] for one in found["models"]}
    assert not used & {one["name"] for one in wanted.get("models_unused", ())}
    optional = named(found.get("models_optional", []))
    assert optional <= named(wanted.get("models_optional", []))


@every_sample
def test_a_model_file_tells_what_its_header_says(sample: dict[str, Any]) -> None:
    if "model_metadata" in sample["expected"]:
        assert shown(sample).get("model_metadata") == sample["expected"]["model_metadata"]


@every_sample
def test_a_sample_without_its_name_gives_the_same(sample: dict[str, Any]) -> None:
    if sample["path"] != BROKEN:
        path: Path = FOLDER / sample["path"]
        assert read_generation(path.read_bytes()) == read_generation(path)


@every_sample
def test_no_sample_tells_of_a_folder_of_somebody(sample: dict[str, Any]) -> None:
    row = {key: value for key, value in shown(sample).items() if "prompt" not in key}
    words = json.dumps(row)
    for part in ("/Users/", "/home/", "C:\\\\Users", "filipstrand"):
        assert part not in words


@every_sample
def test_the_command_prints_the_same(sample: dict[str, Any]) -> None:
    path = str(FOLDER / sample["path"])
    result = CliRunner().invoke(main, ["inspect", "--generation", path, "--format", "json"])
    assert result.exit_code == (sample["path"] == BROKEN)
    row = json.loads(result.stdout)
    assert row.pop("errors", None) is None or sample["path"] == BROKEN
    assert row == shown(sample)
