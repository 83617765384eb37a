"""`provenance sign`: flags to a signed file, or one sentence and nothing written."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import provenance
from provenance.trust.devpki import PKCS12_PASSPHRASE
from tests.cli.conftest import Call


def actions(path: Path) -> list[dict[str, Any]]:
    report = provenance.verify(path)
    (found,) = (one for one in report.manifests[0].assertions if "actions" in one.label)
    rows: list[dict[str, Any]] = found.value["actions"]
    return rows


def test_every_flag_reaches_the_manifest(call: Call, picture: Path, key: list[str]) -> None:
    Image.new("RGB", (32, 32), "teal").save("source.jpg")
    Path("model.safetensors").write_bytes(bytes(64))
    Path("words.txt").write_text("a teal field\n", "utf-8")
    described = (
        *(
            "--title",
            "A field",
            "--generator",
            "Painter@1.2",
            "--creator",
            "Ada",
            "--creator",
            "Bo",
        ),
        *("--model", "model.safetensors", "--model", "name:org/base@1.0.0"),
        *("--prompt", "@words.txt", "--source", "source.jpg", "--component", "source.jpg"),
    )
    result = call("sign", "picture.png", "-o", "out.png", *described, *key)
    assert result.exit_code == 0, result.output
    shown = call("inspect", "out.png").stdout
    for words in (
        "A field",
        "Painter 1.2",
        "Ada, Bo",
        "model.safetensors",
        "base",
        "disclosed: a teal field",
        "component   source.jpg",
        "input       source.jpg",
    ):
        assert words in shown
    assert actions(Path("out.png"))[0]["action"] == "c2pa.created"


def test_a_parent_and_a_source_type(call: Call, signed: Path, key: list[str]) -> None:
    result = call("sign", "picture.png", "-o", "out.png", "--parent", "signed.png", *key)
    assert result.exit_code == 0, result.output
    assert actions(Path("out.png"))[0]["action"] == "c2pa.opened"
    assert "parent signed.png: valid" in call("verify", "out.png").stdout
    shot = ("--digital-source-type", "digitalCapture")
    assert call("sign", "picture.png", "-o", "shot.png", *shot, *key).exit_code == 0
    assert actions(Path("shot.png"))[0]["digitalSourceType"].endswith("/digitalCapture")


def test_a_definition_file_and_a_flag_over_it(call: Call, picture: Path, key: list[str]) -> None:
    Path("def.json").write_text(json.dumps({"title": "From file", "generator": {"name": "G"}}))
    options = ("--manifest", "def.json", "--title", "From flag")
    assert call("sign", "picture.png", "-o", "out.png", *options, *key).exit_code == 0
    claim = provenance.verify("out.png").manifests[0].claim
    assert claim is not None
    assert claim.title == "From flag"
    assert actions(Path("out.png"))[0]["softwareAgent"]["name"] == "G"


def test_a_wrong_key_in_a_definition_is_one_sentence(
    call: Call, picture: Path, key: list[str]
) -> None:
    Path("def.json").write_text('{"titel": "x"}')
    result = call("sign", "picture.png", "-o", "out.png", "--manifest", "def.json", *key)
    assert result.exit_code == 1
    assert "did you mean 'title'?" in result.stderr
    assert not Path("out.png").exists()


def test_a_committed_prompt_is_proved_later_and_not_in_the_file(
    call: Call, picture: Path, key: list[str]
) -> None:
    options = ("--prompt", "secret words", "--prompt-mode", "commit")
    result = call("sign", "picture.png", "-o", "out.png", *options, *key)
    assert result.exit_code == 0, result.output
    assert b"secret words" not in Path("out.png").read_bytes()
    salts = Path("out.png.salts.json")
    if os.name == "posix":
        assert stat.S_IMODE(salts.stat().st_mode) == 0o600
    proved = call("reveal", salts.name, "out.png")
    assert proved.exit_code == 0
    assert "secret words" in proved.stdout
    salts.write_text(salts.read_text().replace("secret words", "other words"))
    refuted = call("reveal", salts.name, "out.png")
    assert refuted.exit_code == 4
    assert "NOT proved" in refuted.stdout


def test_in_place_changes_the_input_and_nothing_else_does(
    call: Call, picture: Path, key: list[str]
) -> None:
    before = picture.read_bytes()
    assert call("sign", "picture.png", "-o", "out.png", "--generator", "G", *key).exit_code == 0
    assert picture.read_bytes() == before
    assert call("sign", "picture.png", "--in-place", "--generator", "G", *key).exit_code == 0
    assert call("verify", "picture.png").exit_code == 0


def test_several_files_go_into_a_folder(
    call: Call, picture: Path, key: list[str], tmp_path: Path
) -> None:
    Image.new("RGB", (16, 16)).save("second.jpg")
    (tmp_path / "out").mkdir()
    files = ("picture.png", "second.jpg")
    result = call("sign", *files, "-o", "out", "--generator", "G", *key, "--format", "ndjson")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(row["output"]).name for row in rows] == ["picture.png", "second.jpg"]
    assert call("verify", "out").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("picture.png",), "Say where the result goes"),
        (("picture.png", "-o", "picture.png"), "to change it, say --in-place"),
        (("picture.png", "-o", "x.png", "--in-place"), "exclude each other"),
        (("picture.png", "--sidecar", "--in-place", "-o", "x.c2pa"), "exclude each other"),
        (("picture.png", "signed.png", "-o", "x.png"), "into a folder"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_2(
    call: Call, signed: Path, key: list[str], arguments: tuple[str, ...], words: str
) -> None:
    before = Path("picture.png").read_bytes()
    result = call("sign", *arguments, "--generator", "G", *key)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not Path("x.png").exists()
    assert Path("picture.png").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"IN": "gone.png"}, "gone.png: no such file"),
        ({"--key": "gone.pem"}, "gone.pem"),
        ({"--key": "words.txt"}, "words.txt"),
        ({"--key": "other.pem"}, "other.pem"),
        ({"--alg": "rot13"}, "rot13"),
        ({"IN": "words.txt"}, "words.txt"),
        ({"--remote": ""}, "is no http or https address"),
        ({"--remote": "http://[::1"}, "is no http or https address"),
        ({"--model": "gone.safetensors"}, "gone.safetensors"),
        ({"--prompt": "@gone.txt"}, "gone.txt: no such file"),
        ({"--passphrase-env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE: is not set"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_written(
    call: Call, picture: Path, keys: Path, changes: dict[str, str], words: str
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    Path("folder").mkdir()
    Path("words.txt").write_bytes(b"words\0")
    other = ec.generate_private_key(ec.SECP256R1())
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    Path("other.pem").write_bytes(other.private_bytes(*form))
    given = {
        "IN": "picture.png",
        "--key": str(keys / "es256.key.pem"),
        "--chain": str(keys / "es256.chain.pem"),
        "--generator": "G",
    }
    given |= changes
    before = sorted(Path().rglob("*"))
    file = given.pop("IN")
    flat = [part for pair in given.items() for part in pair]
    result = call("sign", file, "-o", "out.png", *flat)
    assert result.exit_code == 1, result.output
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


def test_a_passphrase_comes_from_a_file_or_a_variable(
    call: Call, picture: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    p12 = ("--key", str(keys / "es256.p12"), "--generator", "G")
    Path("pass.txt").write_bytes(PKCS12_PASSPHRASE + b"\n")
    monkeypatch.setenv("MY_PASSPHRASE", PKCS12_PASSPHRASE.decode())
    monkeypatch.setenv("WRONG", "wrong")
    by_file = call("sign", "picture.png", "-o", "a.png", *p12, "--passphrase-file", "pass.txt")
    assert by_file.exit_code == 0, by_file.output
    by_name = call("sign", "picture.png", "-o", "b.png", *p12, "--passphrase-env", "MY_PASSPHRASE")
    assert by_name.exit_code == 0, by_name.output
    Path("long.txt").write_bytes(PKCS12_PASSPHRASE + b"\n" * 4096)
    long = call("sign", "picture.png", "-o", "c.png", *p12, "--passphrase-file", "long.txt")
    assert long.exit_code == 1
    assert "long.txt: more than 4096 bytes" in long.stderr
    wrong = call("sign", "picture.png", "-o", "c.png", *p12, "--passphrase-env", "WRONG")
    assert wrong.exit_code == 1
    assert "passphrase is wrong" in wrong.stderr
    missing = call("sign", "picture.png", "-o", "c.png", *p12)
    assert missing.exit_code == 1
    assert "no passphrase was given" in missing.stderr
    assert not Path("c.png").exists()


def test_a_terminal_is_asked_for_a_passphrase(
    call: Call, picture: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.cli.signing_key._on_terminal", lambda: True)
    words = PKCS12_PASSPHRASE.decode() + "\n"
    p12 = ("--key", str(keys / "es256.p12"), "--generator", "G")
    result = call("sign", "picture.png", "-o", "a.png", *p12, stdin=words)
    assert result.exit_code == 0, result.output
    assert PKCS12_PASSPHRASE.decode() not in result.output


def test_no_thumbnail_and_quiet(call: Call, picture: Path, key: list[str]) -> None:
    options = ("--generator", "G", "--no-thumbnail", "-q")
    result = call("sign", "picture.png", "-o", "out.png", *options, *key)
    assert (result.exit_code, result.output) == (0, "")
    labels = [one.label for one in provenance.verify("out.png").manifests[0].assertions]
    assert not [label for label in labels if "thumbnail" in label]


def test_a_sidecar_is_signed_again_and_keeps_what_was_there(
    call: Call, picture: Path, key: list[str]
) -> None:
    before = picture.read_bytes()
    first = ("sign", "picture.png", "--sidecar", "--generator", "Painter@1", *key)
    assert call(*first).exit_code == 0
    again = ("sign", "picture.png", "--sidecar", "--generator", "Editor@2", *key)
    refused = call(*again)
    assert refused.exit_code == 1
    assert "there is a sidecar already; signing in place replaces it" in refused.stderr
    kept = Path("picture.c2pa").read_bytes()
    elsewhere = call(*again, "-o", "second.c2pa")
    assert elsewhere.exit_code == 0, elsewhere.output
    assert Path("picture.c2pa").read_bytes() == kept
    result = call(*again, "--in-place")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "sidecar: picture.c2pa")
    assert picture.read_bytes() == before
    for options in ((), ("--manifest", "second.c2pa")):
        shown = call("verify", "picture.png", *options, "--format", "json")
        report = json.loads(shown.stdout)
        assert report["validation_state"] == "Valid"
        newer, older = report["manifests"]
        assert "Editor" in json.dumps(newer["assertions"])
        assert "Painter" in json.dumps(older["assertions"])
        assert [one["relationship"] for one in newer["ingredients"]] == ["parentOf"]
