"""`provenance verify`: the exit code carries the verdict, standard output the result."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from provenance.cli.common import Exit
from provenance.cli.verify import exit_code, worst
from provenance.schemas import load
from tests.cli.conftest import Call
from tests.report.samples import REPORTS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("untrusted", {(): 0, ("untrusted",): 5, ("missing",): 0}),
        ("trusted", {(): 0, ("untrusted",): 0}),
        ("changed", {(): 4, ("untrusted",): 4, ("missing",): 4, ("invalid",): 4}),
        ("damaged", {(): 4}),
        ("unreadable", {(): 1, ("invalid",): 1}),
        ("nothing", {(): 3, ("invalid",): 0, ("untrusted",): 3, ("missing", "invalid"): 3}),
        ("remote", {(): 3}),
    ],
)
def test_the_exit_code_is_the_verdict_under_the_policy(
    name: str, expected: dict[tuple[str, ...], int]
) -> None:
    assert {policy: exit_code(REPORTS[name], policy) for policy in expected} == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((0, 3, 5, 4, 1), 1),
        ((0, 3, 5, 4), 4),
        ((0, 3, 5), 5),
        ((0, 3), 3),
        ((0, 0), 0),
        ((), 3),
    ],
)
def test_of_several_the_worst_decides(codes: tuple[int, ...], expected: int) -> None:
    assert worst(map(Exit, codes)) == expected


def test_a_signed_file_is_valid_and_nobody_is_trusted_unasked(call: Call, signed: Path) -> None:
    result = call("verify", signed.name)
    assert result.exit_code == 0
    assert result.stdout.startswith("signed.png: valid, signer not checked")
    assert result.stderr == ""


def test_trust_is_asked_for_and_given(call: Call, signed: Path, keys: Path) -> None:
    anchors = ("--trust-anchors", str(keys / "root.pem"))
    assert call("verify", signed.name, "--fail-on", "untrusted").exit_code == 5
    result = call("verify", signed.name, "--fail-on", "untrusted", *anchors)
    assert result.exit_code == 0
    assert "valid, signer trusted" in result.stdout


def test_a_changed_file_is_invalid(call: Call, changed: Path) -> None:
    result = call("verify", changed.name)
    assert result.exit_code == 4
    assert "assertion.dataHash.mismatch" in result.stdout


def test_a_plain_file_has_no_manifest(call: Call, picture: Path) -> None:
    result = call("verify", picture.name)
    assert result.exit_code == 3
    assert "no Content Credentials" in result.stdout


def test_json_is_one_object_for_one_file_and_an_array_for_several(
    call: Call, signed: Path, picture: Path
) -> None:
    one = json.loads(call("verify", signed.name, "--format", "json").stdout)
    Draft202012Validator(load("verification-report.schema.json")).validate(one)
    assert one["validation_state"] == "Valid"
    two = call("verify", signed.name, picture.name, "--format", "json")
    assert [row["validation_state"] for row in json.loads(two.stdout)] == ["Valid", None]
    assert two.exit_code == 3


def test_ndjson_is_one_object_a_line(call: Call, signed: Path, changed: Path) -> None:
    result = call("verify", signed.name, changed.name, "--format", "ndjson")
    states = [json.loads(line)["validation_state"] for line in result.stdout.splitlines()]
    assert states == ["Valid", "Invalid"]
    assert result.exit_code == 4


def test_quiet_is_one_line_a_file(call: Call, signed: Path, changed: Path) -> None:
    result = call("verify", "-q", signed.name, changed.name)
    assert len(result.stdout.splitlines()) == 2


def test_a_missing_file_is_a_result(call: Call) -> None:
    result = call("verify", "nothing.png", "--format", "json")
    assert result.exit_code == 1
    (error,) = json.loads(result.stdout)["errors"]
    assert error == {"kind": "io", "message": "nothing.png: no such file or directory"}


def test_an_empty_and_a_foreign_file_cannot_be_read(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "words.txt").write_bytes(b"words\0")
    for name in ("empty.png", "words.txt"):
        result = call("verify", name)
        assert result.exit_code == 1
        assert "could not be read" in result.stdout


def test_standard_input_is_read(call: Call, signed: Path) -> None:
    result = call("verify", "-", stdin=signed.read_bytes())
    assert result.exit_code == 0
    assert result.stdout.startswith("(stream): valid")


def test_a_folder_is_walked_and_foreign_files_passed_over(
    call: Call, signed: Path, tmp_path: Path
) -> None:
    inner = tmp_path / "all" / "inner"
    inner.mkdir(parents=True)
    shutil.copy(signed, inner / "b.png")
    shutil.copy(signed, tmp_path / "all" / "a.png")
    (inner / "notes.bin").write_bytes(b"words\0")
    result = call("verify", "all", "--format", "json")
    assert result.exit_code == 0
    paths = [Path(row["asset"]["path"]).name for row in json.loads(result.stdout)]
    assert paths == ["a.png", "b.png"]
    assert "1 files of other formats passed over" in result.stderr


def test_a_folder_without_anything_has_no_manifest(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = call("verify", "empty", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (3, [])


def test_a_sidecar_is_named_or_found(call: Call, picture: Path, key: list[str]) -> None:
    assert call("sign", "picture.png", "--sidecar", "--generator", "G", *key).exit_code == 0
    assert call("verify", "picture.png").exit_code == 0
    Path("picture.c2pa").rename("elsewhere.bin")
    assert call("verify", "picture.png").exit_code == 3
    assert call("verify", "picture.png", "--manifest", "elsewhere.bin").exit_code == 0
    result = call("verify", "picture.png", "--manifest", "gone.c2pa")
    assert result.exit_code == 1
    assert result.stderr == "provenance: gone.c2pa: no such file or directory\n"


@pytest.mark.parametrize("option", ["--trust-anchors", "--allowed-list", "--trust-config"])
def test_a_named_trust_file_that_is_missing_is_an_error(
    call: Call, signed: Path, option: str
) -> None:
    result = call("verify", signed.name, option, "gone.pem")
    assert result.exit_code == 1
    assert "gone.pem" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_moment_decides_whether_a_certificate_is_valid(call: Call, signed: Path) -> None:
    late = call("verify", signed.name, "--at", "2090-01-01")
    assert late.exit_code == 4
    assert "claimSignature.outsideValidity" in late.stdout
    wrong = call("verify", signed.name, "--at", "yesterday")
    assert wrong.exit_code == 2
    assert "ISO 8601" in wrong.stderr


def test_no_colour_without_a_terminal(call: Call, changed: Path) -> None:
    assert "\x1b" not in call("verify", changed.name).stdout
