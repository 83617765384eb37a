"""The smaller verbs: explain, formats, inspect, keys, strip."""

import json
from pathlib import Path

import pytest

from provenance.formats.registry import handlers
from provenance.validate.status import Status
from tests.cli.conftest import Call


@pytest.mark.parametrize("row", Status, ids=lambda row: row.name)
def test_every_code_is_explained(call: Call, row: Status) -> None:
    result = call("explain", row.code)
    assert result.exit_code == 0
    assert result.stdout.startswith(row.code + "\n")
    assert row.section in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_misspelt_code_is_wrong_usage_with_a_hint(call: Call) -> None:
    result = call("explain", "dataHash.missmatch")
    assert result.exit_code == 2
    assert "Did you mean assertion.dataHash.mismatch" in result.stderr


def test_formats_lists_every_handler_in_80_columns(call: Call) -> None:
    shown = call("formats").stdout
    assert max(map(len, shown.splitlines())) <= 80
    words = " ".join(line[:38].strip() for line in shown.splitlines())
    full = json.loads(call("formats", "--format", "json").stdout)
    rows = {row["name"]: row for row in full["formats"]}
    for handler in handlers():
        assert rows[handler.name]["suffixes"] == list(handler.suffixes)
        assert handler.name in words or handler.media_types[0] == "application/c2pa"


def test_inspect_shows_a_tree_or_json(call: Call, signed: Path) -> None:
    tree = call("inspect", signed.name)
    assert tree.exit_code == 0
    assert "├─ generator" in tree.stdout
    row = json.loads(call("inspect", signed.name, "--format", "json").stdout)
    assert row["validation_state"] == "Valid"


def test_inspect_of_an_invalid_file_shows_it_with_a_warning(call: Call, changed: Path) -> None:
    result = call("inspect", changed.name)
    assert result.exit_code == 0
    assert "Do not rely on what follows" in result.stdout


def test_inspect_without_a_file_or_a_manifest(call: Call, picture: Path, tmp_path: Path) -> None:
    assert call("inspect", picture.name).exit_code == 3
    gone = call("inspect", "gone.png")
    assert gone.exit_code == 1
    assert gone.stderr == "provenance: gone.png: no such file or directory\n"
    (tmp_path / "words.txt").write_bytes(b"words\0")
    assert call("inspect", "words.txt").exit_code == 1


def test_strip_gives_a_file_without_a_manifest(call: Call, signed: Path, picture: Path) -> None:
    assert call("strip", "signed.png", "-o", "bare.png").exit_code == 0
    assert Path("bare.png").read_bytes() == picture.read_bytes()
    assert call("verify", "signed.png").exit_code == 0
    assert call("strip", "signed.png", "--in-place").exit_code == 0
    assert signed.read_bytes() == picture.read_bytes()
    again = call("strip", "signed.png", "-o", "again.png")
    assert again.exit_code == 0
    assert "had no manifest store" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("gone.png", "-o", "x.png"), 1),
        (("signed.png",), 2),
        (("signed.png", "-o", "signed.png"), 2),
    ],
)
def test_strip_never_writes_over_its_input_unasked(
    call: Call, signed: Path, arguments: tuple[str, ...], code: int
) -> None:
    before = signed.read_bytes()
    assert call("strip", *arguments).exit_code == code
    assert signed.read_bytes() == before
    assert not Path("x.png").exists()


def test_keys_dev_makes_keys_once(call: Call) -> None:
    assert call("keys", "dev", "--out", "keys").exit_code == 0
    assert Path("keys/root.pem").is_file()
    assert Path("keys/ed25519.key.pem").is_file()
    before = Path("keys/root.pem").read_bytes()
    again = call("keys", "dev", "--out", "keys")
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert Path("keys/root.pem").read_bytes() == before


def test_keys_doctor_tells_fine_from_broken(call: Call, keys: Path) -> None:
    fine = call("keys", "doctor", str(keys / "es256.chain.pem"))
    assert fine.exit_code == 0
    assert "fine" in fine.stdout
    broken = call("keys", "doctor", str(keys / "root.pem"))
    assert broken.exit_code == 4
    assert "Mend:" in broken.stdout
    assert call("keys", "doctor", "gone.pem").exit_code == 1


def test_a_name_with_umlauts_is_shown_as_it_is_and_one_with_escapes_is_not(call: Call) -> None:
    assert call("inspect", "grün.png").stderr.startswith("provenance: grün.png: no such file")
    assert "\x1b" not in call("inspect", "\x1b[31m.png").stderr
