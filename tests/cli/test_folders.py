"""A folder signed as one asset, from the command line."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Call

MADE = ["--generator", "Painter@2"]


@pytest.fixture
def folder(tmp_path: Path, call: Call, key: list[str]) -> Path:
    """A signed one, in the folder where commands are called."""
    path = tmp_path / "set"
    (path / "inner").mkdir(parents=True)
    (path / "a.txt").write_text("a")
    (path / "inner" / "b.txt").write_text("b")
    result = call("sign", "set", "--sidecar", *MADE, *key)
    assert result.exit_code == 0, result.stderr
    assert "sidecar: set.c2pa" in result.stdout
    return path


@pytest.mark.parametrize("spelled", ["set", "set/", "./set"])
def test_a_signed_folder_is_one_asset(call: Call, folder: Path, spelled: str) -> None:
    result = call("verify", spelled, "--format", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["validation_state"]) == (0, "Valid")
    assert report["asset"]["format"] == "multipart/mixed"
    assert report["manifest_location"] == "sidecar"


def test_from_within_it_is_the_same(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert call("verify", ".", "--quiet").exit_code == 0


def test_a_changed_file_is_named(call: Call, folder: Path) -> None:
    (folder / "inner" / "b.txt").write_text("c")
    result = call("verify", "set")
    assert result.exit_code == 4
    assert "inner/b.txt" in result.stdout


def test_a_new_file_is_no_failure_and_is_told(call: Call, folder: Path) -> None:
    (folder / "new.txt").write_text("new")
    result = call("verify", "set")
    assert result.exit_code == 0
    assert "whole as far as it was signed: something in it was not" in result.stdout
    assert "'new.txt' is not in the list" in call("verify", "set", "--verbose").stdout


def test_the_folder_above_holds_one_asset(call: Call, folder: Path) -> None:
    result = call("verify", ".", "--format", "json")
    assert result.exit_code == 0
    (report,) = json.loads(result.stdout)
    assert report["asset"]["path"] == "set"


def test_a_folder_without_a_sidecar_is_walked(call: Call, folder: Path) -> None:
    Path("set.c2pa").unlink()
    Image.new("RGB", (8, 8)).save("set/inner/c.png")
    result = call("verify", "set", "--format", "json")
    assert result.exit_code == 3
    # Texts without a store are as little worth a line as files of unknown formats.
    (report,) = json.loads(result.stdout)
    assert report["asset"]["path"] == "set/inner/c.png"
    assert "2 files of other formats passed over" in result.stderr


def test_the_sidecar_goes_where_it_is_told(call: Call, folder: Path, key: list[str]) -> None:
    shutil.move("set.c2pa", "old.c2pa")
    Path("out").mkdir()
    assert call("sign", "set", "--sidecar", "-o", "out", *MADE, *key).exit_code == 0
    assert call("verify", "set", "--manifest", "out/set.c2pa", "--quiet").exit_code == 0
    assert call("verify", "set", "--manifest", "old.c2pa", "--quiet").exit_code == 0


def test_a_folder_takes_nothing_but_a_sidecar(call: Call, folder: Path, key: list[str]) -> None:
    result = call("sign", "set", "-o", "signed", *MADE, *key)
    assert result.exit_code == 1
    assert "folder" in result.stderr
    result = call("sign", "set", "--sidecar", *MADE, *key)
    assert result.exit_code == 1
    assert "there is a sidecar already" in result.stderr
