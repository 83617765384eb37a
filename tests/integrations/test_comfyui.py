"""ComfyUI's nodes, called as ComfyUI calls them; the folder loads by its path, as a copy."""

import importlib.util
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import provenance
from provenance.integrations import comfyui, signing
from provenance.integrations.comfyui.graph import above
from provenance.integrations.comfyui.nodes import SaveSigned, Verify
from provenance.profiles import ProfileError
from tests.build.workshop import MADE, named, signer, verified
from tests.pipeline.test_from_metadata import GRAPH, SECRET, WORDS

SAVER = {"class_type": "ProvenanceSaveSigned", "inputs": {"images": ["7", 0], "profile": "studio"}}
OTHER = {
    "20": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "other.safetensors"}},
    "21": {"class_type": "KSampler", "inputs": {"seed": 9, "steps": 4, "model": ["20", 0]}},
    "22": {"class_type": "SaveImage", "inputs": {"images": ["21", 0]}},
}
PROMPT: dict[str, Any] = GRAPH | OTHER | {"9": SAVER}


@pytest.fixture
def comfy(tmp_path: Path, studio: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ComfyUI's `folder_paths`, as far as its public functions go."""
    for name in ("input", "output", "temp", "models/checkpoints/sdxl"):
        (tmp_path / name).mkdir(parents=True)
    weights = tmp_path / "models" / "checkpoints" / "sdxl" / "base.safetensors"
    weights.write_bytes(b"\2" + bytes(7) + b"{}weights")

    def get_full_path(kind: str, name: str) -> str | None:
        path = tmp_path / "models" / {"checkpoints": "checkpoints"}[kind] / name
        return str(path) if path.is_file() else None

    def get_save_image_path(prefix: str, top: str, width: int, height: int) -> tuple[Any, ...]:
        sub = str(Path(prefix).parent).replace(".", "")
        Path(top, sub).mkdir(exist_ok=True)
        return str(Path(top, sub)), Path(prefix).name, 7, sub, prefix

    def get_annotated_filepath(name: str) -> str:
        for kind in ("output", "input", "temp"):
            if name.endswith(f" [{kind}]"):
                return str(tmp_path / kind / name.removesuffix(f" [{kind}]"))
        return str(tmp_path / "input" / name)

    module = types.ModuleType("folder_paths")
    functions: dict[str, Any] = {
        "get_full_path": get_full_path,
        "get_save_image_path": get_save_image_path,
        "get_annotated_filepath": get_annotated_filepath,
    }
    for kind in ("input", "output", "temp"):
        functions[f"get_{kind}_directory"] = lambda kind=kind: str(tmp_path / kind)
    module.__dict__.update(functions)
    monkeypatch.setitem(sys.modules, "folder_paths", module)
    return tmp_path


def images(count: int = 2) -> Any:
    return np.full((count, 12, 16, 3), 0.5, dtype=np.float32)


def save(**given: Any) -> list[dict[str, str]]:
    """Run the node as the executor does: its function, by name, with hidden inputs."""
    node = SaveSigned()
    hidden = {"prompt": PROMPT, "extra_pnginfo": {"workflow": {"nodes": []}}, "unique_id": "9"}
    row = {"images": images(), "profile": "studio"} | hidden | given
    result = getattr(node, node.FUNCTION)(**row)
    return list(result["ui"]["images"])


def test_the_nodes_keep_comfyui_s_calling_convention() -> None:
    for node in comfyui.NODE_CLASS_MAPPINGS.values():
        kind: Any = node
        given = kind.INPUT_TYPES()
        assert set(given) <= {"required", "optional", "hidden"}
        assert callable(getattr(kind, kind.FUNCTION))
        assert isinstance(kind.RETURN_TYPES, tuple)
        assert isinstance(kind.CATEGORY, str)
    assert set(comfyui.NODE_CLASS_MAPPINGS) == set(comfyui.NODE_DISPLAY_NAME_MAPPINGS)
    assert SaveSigned.OUTPUT_NODE
    hidden = SaveSigned.INPUT_TYPES()["hidden"]
    assert hidden["prompt"] == "PROMPT"
    assert hidden["extra_pnginfo"] == "EXTRA_PNGINFO"


def test_the_node_offers_the_profiles_there_are(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SaveSigned.INPUT_TYPES()["required"]["profile"][0] == ("studio",)
    studio.write_text("no toml", "utf-8")
    assert SaveSigned.INPUT_TYPES()["required"]["profile"][0] == "STRING"
    monkeypatch.setenv("PROVENANCE_CONFIG", str(studio.with_name("none.toml")))
    assert SaveSigned.INPUT_TYPES()["required"]["profile"][0] == "STRING"


def test_a_copy_of_the_folder_loads_as_a_custom_node(tmp_path: Path) -> None:
    source = Path(comfyui.__file__).parent
    copy = shutil.copytree(source, tmp_path / "custom_nodes" / "provenance-c2pa")
    spec = importlib.util.spec_from_file_location(str(copy), copy / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "ProvenanceSaveSigned" in module.NODE_CLASS_MAPPINGS


def test_a_batch_is_saved_signed_with_models_and_inputs(comfy: Path) -> None:
    named(comfy / "input", "sketch.png", 3)
    rows = save(filename_prefix="fox/Fox")
    assert [one["filename"] for one in rows] == ["Fox_00007_.png", "Fox_00008_.png"]
    assert {(one["subfolder"], one["type"]) for one in rows} == {("fox", "output")}
    for one in rows:
        path = comfy / "output" / "fox" / one["filename"]
        assert verified(path).state == "Valid"
        by_title = {found.title: found for found in verified(path).manifests[0].ingredients}
        assert by_title["sketch.png"].relationship == "parentOf"
        assert by_title["sdxl/base.safetensors"].digest
        assert "other.safetensors" not in by_title
        with Image.open(path) as opened:
            assert opened.size == (16, 12)
            assert "prompt" not in opened.info


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
def test_a_signed_picture_holds_no_words_paths_or_keys(comfy: Path, kind: str) -> None:
    (row, _) = save(format=kind, store_workflow=True)
    data = (comfy / "output" / row["filename"]).read_bytes()
    for secret in (WORDS, "blurry", SECRET, str(comfy), "/home/ann", "PRIVATE KEY", "secret-keys"):
        assert secret.encode() not in data
    (salts, _) = sorted((comfy / "data" / "salts").iterdir())
    assert WORDS in salts.read_text("utf-8")
    assert not list((comfy / "output").glob("*.json"))
    assert provenance.reveal(comfy / "output" / row["filename"], salts).ok


def test_the_prompt_is_opened_on_demand(comfy: Path) -> None:
    (row, _) = save(prompt_mode="open")
    assert WORDS.encode() in (comfy / "output" / row["filename"]).read_bytes()


@pytest.mark.parametrize(
    "typed", ["/home/ann/key.pem", "C:\\key.pem", "-----BEGIN PRIVATE KEY-----", "", "a.pem"]
)
def test_only_the_name_of_a_profile_can_be_typed(comfy: Path, typed: str) -> None:
    said = SaveSigned.VALIDATE_INPUTS(typed)
    assert isinstance(said, str)
    assert not typed or typed not in said
    with pytest.raises(provenance.CredentialError):
        save(profile=typed)
    assert SaveSigned.VALIDATE_INPUTS("studio") is True


def test_a_picture_is_kept_when_it_cannot_be_signed(comfy: Path) -> None:
    with pytest.raises(ProfileError):
        save(profile="gone")
    assert not list((comfy / "output").iterdir())
    with pytest.warns(signing.ProvenanceWarning, match="'gone'"):
        rows = save(profile="gone", on_error="warn", images=images(1))
    assert verified(comfy / "output" / rows[0]["filename"]).state is None


def test_a_graph_that_is_none_says_little(comfy: Path) -> None:
    (row,) = save(prompt=None, extra_pnginfo=None, images=images(1))
    path = comfy / "output" / row["filename"]
    assert verified(path).state == "Valid"
    found = next(
        one.value
        for one in verified(path).manifests[0].assertions
        if one.label == "c2pa.actions.v2"
    )
    assert isinstance(found, dict)
    assert [one["action"] for one in found["actions"]] == ["c2pa.opened", "c2pa.unknown"]
    assert found["actions"][1]["softwareAgent"] == {"name": "ComfyUI"}


def test_only_what_a_node_depends_on_is_told() -> None:
    assert set(above(PROMPT, "9")) == {*"1234567", "9"}
    assert above(PROMPT, "77") == PROMPT
    circle = {"1": {"inputs": {"a": ["2", 0]}}, "2": {"inputs": {"a": ["1", 0]}}}
    assert set(above(circle, "1")) == {"1", "2"}


def test_a_file_is_verified(comfy: Path) -> None:
    provenance.sign(named(comfy, "in.png"), comfy / "output" / "signed.png", MADE, signer=signer())
    named(comfy / "input", "plain.png")
    state, report = Verify().verify("signed.png [output]")
    assert state == "Valid"
    assert "created" in report
    assert str(comfy) not in report
    assert Verify().verify("plain.png")[0] == "no manifest"


@pytest.mark.parametrize("name", ["../in.png", "gone.png", "/etc/hostname", ""])
def test_only_comfyui_s_own_files_are_verified(comfy: Path, name: str) -> None:
    named(comfy, "in.png")
    with pytest.raises(provenance.DefinitionError, match="folder"):
        Verify().verify(name)
