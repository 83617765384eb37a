"""What a generator recorded is signed: models by hash, pictures with their past, words hidden."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import provenance
from provenance.build.sources import COMPOSITE_GENERATED, GENERATED
from provenance.generation.record import GenerationRecord, Input, Model, Pass
from provenance.model.assertions import ai_disclosure
from provenance.pipeline.from_metadata import definition_from, definition_of
from provenance.pipeline.lookup import inputs_in, models_in
from provenance.pipeline.telling import WORKFLOW, Disclosure
from tests.build.workshop import MADE, named, signer, verified

WORDS = "a fox in the style of a living painter"
SECRET = "sk-abcdefghijklmnop1234567890"
GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl/base.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": WORDS, "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
    "4": {"class_type": "LoadImage", "inputs": {"image": "sketch.png"}},
    "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["4", 0], "vae": ["1", 2]}},
    "6": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1 << 63,
            "steps": 20,
            "cfg": 7.5,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 0.6,
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["5", 0],
        },
    },
    "7": {"class_type": "VAEDecode", "inputs": {"samples": ["6", 0], "vae": ["1", 2]}},
    "8": {
        "class_type": "SaveImage",
        "inputs": {"filename_prefix": "/home/ann/out", "api_key": SECRET, "images": ["7", 0]},
    },
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))


def generated(folder: Path) -> Path:
    """A picture as ComfyUI saves it, its text aside."""
    path = folder / "out.png"
    info = PngInfo()
    info.add_text("prompt", json.dumps(GRAPH))
    Image.new("RGB", (24, 16), (9, 90, 200)).save(path, pnginfo=info)
    return path


def model_folder(folder: Path) -> Path:
    place = folder / "models" / "sdxl"
    place.mkdir(parents=True)
    (place / "base.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}weights")
    return folder / "models"


def signed(path: Path, definition: provenance.ManifestDefinition) -> Path:
    out = path.with_name("signed.png")
    provenance.sign(path, out, definition, signer=signer())
    return out


def assertion(path: Path, label: str) -> Any:
    found = (one for one in verified(path).manifests[0].assertions if one.label == label)
    return next(found).value


def test_a_run_says_models_generator_and_inputs(tmp_path: Path) -> None:
    path = generated(tmp_path)
    named(tmp_path, "sketch.png", 3)
    definition = definition_from(path, models=[model_folder(tmp_path)])
    out = signed(path, definition)
    report = verified(out)
    assert report.state == "Trusted"
    opened, edited = assertion(out, "c2pa.actions.v2")["actions"]
    assert opened["action"] == "c2pa.opened"
    assert (edited["action"], edited["digitalSourceType"]) == ("c2pa.edited", COMPOSITE_GENERATED)
    assert edited["softwareAgent"] == {"name": "ComfyUI"}
    by_title = {one.title: one for one in report.manifests[0].ingredients}
    assert by_title["sketch.png"].relationship == "parentOf"
    assert by_title["sdxl/base.safetensors"].types == ("c2pa.types.model.pytorch",)
    file = tmp_path / "models" / "sdxl" / "base.safetensors"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert by_title["sdxl/base.safetensors"].digest == f"sha256:{digest}"
    told = assertion(out, ai_disclosure.LABEL)
    assert told["modelName"] == "sdxl/base.safetensors"
    assert told["contentProfile"] == {"humanOversightLevel": "prompt_guided"}


def test_prompt_and_settings_are_committed_to_and_proven_one_by_one(tmp_path: Path) -> None:
    path = generated(tmp_path)
    out = signed(path, definition_from(path))
    fields = assertion(out, "org.provenance-c2pa.prompt")["fields"]
    assert set(fields) >= {"prompt", "negative_prompt", "seed", "steps", "sampler", "cfg"}
    assert all("commitment" in one for one in fields.values())
    result = provenance.reveal(out, f"{out}.salts.json", fields=["seed", "prompt"])
    assert result.ok
    assert result.fields["prompt"].value == WORDS
    assert result.fields["seed"].value == str(1 << 63)


def test_a_field_is_opened_or_left_out_by_name(tmp_path: Path) -> None:
    path = generated(tmp_path)
    told = definition_from(path, fields={"steps": "open", "negative_prompt": "omit"})
    stated = assertion(signed(path, told), "org.provenance-c2pa.prompt")
    assert stated["fields"]["steps"] == {"value": 20}
    assert stated["omitted"] == ["negative_prompt"]


@pytest.mark.parametrize("fields", [{"seed": "opne"}, {"sead": "open"}])
def test_a_mode_or_field_that_is_none_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(provenance.DefinitionError, match="disclosure of"):
        definition_from(generated(tmp_path), fields=fields)


def test_the_workflow_is_stored_only_on_request_and_without_secrets(tmp_path: Path) -> None:
    path = generated(tmp_path)
    quiet = definition_from(path)
    assert not quiet.assertions
    told = definition_from(path, workflow=True)
    text = json.dumps(assertion(signed(path, told), WORKFLOW))
    assert "CheckpointLoaderSimple" in text
    for secret in (SECRET, "/home/ann", WORDS, "blurry"):
        assert secret not in text
    opened = definition_from(path, workflow=True, prompt_mode="open")
    (stored,) = opened.assertions
    assert WORDS in json.dumps(stored.data)
    assert SECRET not in json.dumps(stored.data)


def test_words_are_taken_out_of_a_workflow_wherever_they_stand() -> None:
    drawn = {"nodes": [{"type": "X", "widgets_values": ["cat", "a cat, red hat", 5]}, "red hat"]}
    record = GenerationRecord(
        family="comfyui", prompt="red hat", negative_prompt="cat", workflow=drawn
    )
    (stored,) = definition_of(record, disclosure=Disclosure(workflow=True)).assertions
    assert "red hat" not in json.dumps(stored.data)
    assert '"cat"' not in json.dumps(stored.data)


def test_a_model_with_another_hash_is_not_the_one(tmp_path: Path) -> None:
    found = models_in([model_folder(tmp_path)])
    other = Model(kind="checkpoint", name="base", hash="0123456789")
    record = GenerationRecord(family="a1111", prompt="x", models=(other,))
    (model,) = definition_of(record, models=found).models
    assert (model.path, model.sha256) == (None, None)
    assert "has another hash" in (model.description or "")


def test_names_in_a_record_open_no_other_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    named(tmp_path, "secret.png")
    named(inner, "own.png")
    (inner / "link.png").symlink_to(tmp_path / "secret.png")
    (inner / "notes.txt").write_text("mine", "utf-8")
    find = inputs_in([inner], but=inner / "own.png")
    for name in ("../secret.png", str(tmp_path / "secret.png"), "link.png", "notes.txt", "own.png"):
        assert find(Input(name=name)) is None
    assert inputs_in([inner])(Input(name="sub/own.png [input]")) == inner / "own.png"


def test_an_input_is_found_by_its_hash(tmp_path: Path) -> None:
    path = named(tmp_path, "a.png")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert inputs_in([tmp_path])(Input(hash=digest)) == path
    assert inputs_in([tmp_path])(Input(hash=digest[:10])) is None


def test_a_picture_that_is_not_at_hand_is_an_input_by_name(tmp_path: Path) -> None:
    path = generated(tmp_path)
    definition = definition_from(path)
    assert definition.parent is None
    assert [one.title for one in definition.sources] == ["sketch.png"]
    assert definition.digital_source_type == COMPOSITE_GENERATED
    assert verified(signed(path, definition)).state == "Trusted"


def test_a_signed_input_keeps_its_signer(tmp_path: Path) -> None:
    provenance.sign(named(tmp_path, "x.png"), tmp_path / "sketch.png", MADE, signer=signer())
    path = generated(tmp_path)
    out = signed(path, definition_from(path))
    report = verified(out)
    parent = next(one for one in report.manifests[0].ingredients if one.relationship == "parentOf")
    assert parent.manifest == verified(tmp_path / "sketch.png").active_manifest


def test_a_file_that_is_signed_already_tells_its_own_story(tmp_path: Path) -> None:
    path = generated(tmp_path)
    once = signed(path, definition_from(path))
    assert definition_from(once) == provenance.ManifestDefinition()
    twice = tmp_path / "twice.png"
    provenance.sign(once, twice, definition_from(once), signer=signer())
    report = verified(twice)
    assert report.state == "Trusted"
    (parent,) = report.manifests[0].ingredients
    assert (parent.relationship, parent.manifest) == (
        "parentOf",
        verified(once).active_manifest,
    )


def test_a_file_that_nobody_generated_is_only_opened(tmp_path: Path) -> None:
    path = named(tmp_path, "plain.png")
    assert definition_from(path) == provenance.ManifestDefinition()
    (opened,) = assertion(signed(path, definition_from(path)), "c2pa.actions.v2")["actions"]
    assert opened["action"] == "c2pa.opened"


def test_a_graph_without_a_sampler_generated_nothing() -> None:
    record = GenerationRecord(
        family="comfyui", generator="ComfyUI", inputs=(Input(name="photo.png"),)
    )
    definition = definition_of(record)
    assert definition.digital_source_type is None
    assert definition.generator is None
    (done,) = definition.actions
    assert done.action == "c2pa.unknown"
    assert done.software_agent is not None


def test_a_run_without_a_name_names_nobody(tmp_path: Path) -> None:
    record = GenerationRecord(family="a1111", prompt="x", seed=1)
    definition = definition_of(record)
    assert definition.generator is None
    assert definition.digital_source_type == GENERATED
    out = signed(named(tmp_path, "in.png"), definition)
    assert verified(out).state == "Trusted"


def test_passes_are_a_field_too(tmp_path: Path) -> None:
    one = Pass(node="6", class_type="KSampler", seed=5, denoise=0.5, prompt=WORDS)
    record = GenerationRecord(family="comfyui", prompt="x", passes=(one,))
    out = signed(named(tmp_path, "in.png"), definition_of(record))
    assert WORDS.encode() not in out.read_bytes()
    result = provenance.reveal(out, f"{out}.salts.json", fields=["passes"])
    assert result.ok
    assert result.fields["passes"].value[0]["denoise"] == "0.5"


def test_names_tell_of_no_account() -> None:
    model = Model(kind="lora", name="fox.safetensors", ref="https://x.org/m?token=abcdef123456")
    record = GenerationRecord(
        family="x", generator="ComfyUI", version="/home/ann/v1", models=(model,)
    )
    text = repr(definition_of(record))
    assert "/home/ann" not in text
    assert "abcdef123456" not in text
