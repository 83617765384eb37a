"""`provenance diff`: two files side by side."""

import json
from pathlib import Path

from tests.cli.conftest import Call


def test_it_says_what_differs(call: Call, signed: Path, changed: Path) -> None:
    result = call("diff", signed.name, changed.name)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("signed.png: valid")
    assert "    + Invalid" in result.stdout.splitlines()
    assert "Both have an active manifest of the same label." in result.stdout


def test_a_file_says_the_same_as_itself(call: Call, signed: Path) -> None:
    row = json.loads(call("diff", signed.name, signed.name, "--format", "json").stdout)
    assert row["same"] is True
    assert row["relation"] == "same-manifest"


def test_without_a_manifest_the_exit_code_is_3(call: Call, signed: Path, picture: Path) -> None:
    result = call("diff", signed.name, picture.name)
    assert result.exit_code == 3
    assert "no Content Credentials" in result.stdout


def test_an_unreadable_file_is_one_sentence(call: Call, signed: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(b"words\0")
    for name in ("words.txt", "gone.png"):
        result = call("diff", signed.name, name)
        assert result.exit_code == 1
        assert name in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""
