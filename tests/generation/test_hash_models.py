"""A recorded model is found by its name, and told to be the same only where hashes compare."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from provenance.generation import hash_models
from provenance.generation.hash_models import FileHashes, ModelFolder, cache_folder, same_hash
from provenance.generation.record import Model
from tests.generation.writers import safetensors

FILE = safetensors({"format": "pt"})
WHOLE, TENSORS = hashlib.sha256(FILE).hexdigest(), hashlib.sha256(bytes(4)).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "models"
    for name in ("base.safetensors", "Flux/dev.safetensors", "SDXL/dev.safetensors", "old.ckpt"):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILE if name == "base.safetensors" else FILE + name.encode())
    (place / "readme.txt").write_bytes(b"words")
    return place


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "hashes.json"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("base", "base.safetensors"),
        ("base.safetensors", "base.safetensors"),
        ("BASE.SafeTensors", "base.safetensors"),
        ("sub/base", "base.safetensors"),
        ("Flux/dev", "Flux/dev.safetensors"),
        ("SDXL\\dev.safetensors", "SDXL/dev.safetensors"),
        ("old", "old.ckpt"),
        ("dev", None),  # two of them
        ("readme", None),
        ("../base", "base.safetensors"),
        ("", None),
    ],
)
def test_a_model_is_found_by_its_name(
    folder: Path, cache: Path, name: str, file: str | None
) -> None:
    found = ModelFolder(folder, cache=cache).find(Model(kind="checkpoint", name=name))
    assert (found and found.path) == (folder / file if file else None)


def test_several_of_one_name_are_told_apart_by_the_hash(folder: Path, cache: Path) -> None:
    wanted = hashlib.sha256(FILE + b"SDXL/dev.safetensors").hexdigest()[:10]
    model = Model(kind="checkpoint", name="dev", hash=wanted)
    found = ModelFolder(folder, cache=cache).find(model)
    assert found is not None
    assert (found.path, found.same) == (folder / "SDXL/dev.safetensors", True)


HASHES = FileHashes(WHOLE, TENSORS, "1a2b3c4d")


@pytest.mark.parametrize(
    ("recorded", "family", "same"),
    [
        (WHOLE[:10], "a1111", True),
        (WHOLE.upper(), "civitai", True),
        ("0" * 10, "a1111", False),
        (TENSORS[:12], "a1111", True),
        (WHOLE[:12], "a1111", True),
        (f"0x{TENSORS}", "swarmui", True),
        (f"0x{'0' * 64}", "swarmui", False),
        ("1a2b3c4d", "a1111", True),
        ("00000000", "a1111", False),
        ("00000000", "fooocus", None),
        ("1D44365E", "novelai", None),
        (f"blake3:{WHOLE}", "invokeai", None),
        (hashlib.sha256(b"").hexdigest(), "a1111", None),
        ("e3b0c44298", "a1111", None),
        ("words", "a1111", None),
        ("", "a1111", None),
    ],
)
def test_hashes_are_compared_only_where_they_can_be(
    recorded: str, family: str, same: bool | None
) -> None:
    assert same_hash(recorded, HASHES, family=family) is same


def test_all_hashes_come_from_one_pass(folder: Path, cache: Path) -> None:
    big = safetensors(None) + bytes(range(256)) * 8000
    (folder / "big.safetensors").write_bytes(big)
    found = ModelFolder(folder, cache=cache).hashes(folder / "big.safetensors")
    start = 8 + int.from_bytes(big[:8], "little")
    assert found.sha256 == hashlib.sha256(big).hexdigest()
    assert found.data == hashlib.sha256(big[start:]).hexdigest()
    assert found.legacy == hashlib.sha256(big[0x100000:0x110000]).hexdigest()[:8]


def test_a_file_is_hashed_again_only_when_it_changed(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = folder / "base.safetensors"
    first = ModelFolder(folder, cache=cache).hashes(base)
    with monkeypatch.context() as patch:
        patch.setattr(hash_models, "_hashed", lambda _: pytest.fail("hashed again"))
        assert ModelFolder(folder, cache=cache).hashes(base) == first
    base.write_bytes(FILE[:-1] + b"\1")
    os.utime(base, ns=(1, 1))
    assert ModelFolder(folder, cache=cache).hashes(base) != first


@pytest.mark.parametrize("damaged", [b"", b"{", b"[" * 5000, b'{"schema":1}', b'{"files": []}'])
def test_a_damaged_cache_counts_as_empty(folder: Path, cache: Path, damaged: bytes) -> None:
    cache.parent.mkdir()
    cache.write_bytes(damaged)
    found = ModelFolder(folder, cache=cache).hashes(folder / "base.safetensors")
    assert found.sha256 == WHOLE
    assert len(json.loads(cache.read_bytes())["files"]) == 1
    assert [one.name for one in cache.parent.iterdir()] == [cache.name]


def test_a_cache_that_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    models = ModelFolder(folder, cache=tmp_path / "file" / "hashes.json")
    assert models.hashes(folder / "base.safetensors").sha256 == WHOLE


def test_links_that_lead_back_are_walked_once(folder: Path, cache: Path) -> None:
    (folder / "again").symlink_to(folder, target_is_directory=True)
    assert ModelFolder(folder, cache=cache).find(Model(kind="vae", name="base")) is not None


def test_no_folder_is_the_caller_s_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        ModelFolder(tmp_path / "gone")


def test_the_cache_lies_where_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
