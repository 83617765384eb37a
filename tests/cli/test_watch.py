"""`provenance watch`: from a folder to signed files, until somebody says stop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

import provenance
from tests.cli.conftest import Call


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROVENANCE_DATA", str(tmp_path / "data"))
    place = tmp_path / "drop"
    place.mkdir()
    return place


def test_once_signs_what_is_there(call: Call, drop: Path, key: list[str]) -> None:
    Image.new("RGB", (32, 32)).save(drop / "a.png")
    words = ("watch", "drop", "--once", "--settle", "0.1", *key)
    result = call(*words)
    assert (result.exit_code, result.stdout) == (0, "signed: drop/signed/a.png\n")
    assert provenance.verify(drop / "signed" / "a.png").state == "Valid"
    assert call(*words).stdout == ""
    (drop / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = call(*words, "--format", "ndjson")
    assert result.exit_code == 1
    row = json.loads(result.stdout)
    assert (row["status"], row["path"]) == ("failed", "drop/b.png")


def test_it_says_what_the_generator_recorded(call: Call, drop: Path, key: list[str]) -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("parameters", "a teal field\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 32x32")
    Image.new("RGB", (32, 32)).save(drop / "a.png", pnginfo=text)
    result = call(
        *("watch", "drop", "-o", "out", "--once", "--settle", "0.1", "--from-metadata", *key)
    )
    assert result.exit_code == 0, result.output
    assert Path("out/a.png.salts.json").exists()
    assert "prompt" in call("inspect", "out/a.png").stdout


def test_wrong_usage_is_said(call: Call, drop: Path, key: list[str]) -> None:
    assert call("watch", "drop", "-o", "x", "--in-place", *key).exit_code == 2
    assert call("watch", "drop", "-o", "drop", *key).exit_code == 2
    assert call("watch", "gone", *key).exit_code == 1
    assert call("watch", "drop").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly(drop: Path, key: list[str], how: signal.Signals) -> None:
    code = "from provenance.cli import main; main()"
    command = [sys.executable, "-c", code, "watch", str(drop), "--settle", "0.1", *key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        Image.new("RGB", (32, 32)).save(drop / "a.png")
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"signed: ")
        time.sleep(0.1)
        process.send_signal(how)
        _, told = process.communicate(timeout=20)
    assert (process.returncode, told) == (0, b"")
    assert [one.name for one in (drop / "signed").iterdir()] == ["a.png"]
