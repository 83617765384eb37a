"""`sign --from-metadata`: what a generator recorded, with nothing to type."""

import json
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.cli.conftest import Call

WORDS = "a fox in the style of a living painter"
TEXT = f"{WORDS}\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, "
TEXT += "Size: 24x16, Model: base, Version: v1.10.1"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def generated(tmp_path: Path) -> str:
    info = PngInfo()
    info.add_text("parameters", TEXT)
    Image.new("RGB", (24, 16), (9, 90, 200)).save(tmp_path / "out.png", pnginfo=info)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "base.safetensors").write_bytes(b"\2" + bytes(7) + b"{}weights")
    return "out.png"


def inspected(call: Call, file: str = "s.png") -> str:
    return call("inspect", file).output


def test_a_generated_file_says_how_it_was_made(call: Call, generated: str, key: list[str]) -> None:
    options = ("--from-metadata", "--models", "models")
    result = call("sign", generated, "-o", "s.png", *options, *key)
    assert result.exit_code == 0, result.output
    assert "stays in it" in result.stderr
    shown = inspected(call)
    for part in ("AUTOMATIC1111 v1.10.1", "trainedAlgorithmicMedia", "base", "committed to"):
        assert part in shown
    assert WORDS not in shown
    proof = call("reveal", "s.png.salts.json", "s.png", "--field", "seed", "--proof", "seed.json")
    assert proof.exit_code == 0, proof.output
    assert "seed: 42" in proof.output
    assert WORDS not in proof.output
    row = json.loads(Path("seed.json").read_text("utf-8"))
    assert list(row["fields"]) == ["seed"]
    assert call("reveal", "seed.json", "s.png").exit_code == 0
    assert call("reveal", "seed.json", "s.png", "--field", "prompt").exit_code == 1


def test_the_prompt_is_opened_on_demand(call: Call, generated: str, key: list[str]) -> None:
    options = ("--from-metadata", "--prompt-mode", "open")
    assert call("sign", generated, "-o", "s.png", *options, *key).exit_code == 0
    assert WORDS in inspected(call)
    assert not Path("s.png.salts.json").exists()


def test_one_field_is_disclosed(call: Call, generated: str, key: list[str]) -> None:
    options = ("--from-metadata", "--disclose", "seed=open", "--disclose", "prompt=omit")
    assert call("sign", generated, "-o", "s.png", *options, *key).exit_code == 0
    report = call("inspect", "s.png", "--format", "json").output
    assert '"value": 42' in report
    assert '"omitted"' in report


def test_a_flag_goes_before_what_was_recorded(call: Call, generated: str, key: list[str]) -> None:
    options = ("--from-metadata", "--generator", "Mine@2", "--title", "Fox", "--prompt", "a hen")
    assert call("sign", generated, "-o", "s.png", *options, *key).exit_code == 0
    shown = inspected(call)
    for part in ("Mine 2", "Fox", "a hen"):
        assert part in shown
    assert call("reveal", "s.png.salts.json", "s.png", "--field", "seed").exit_code == 0


def test_a_plain_file_is_signed_and_said_to_be_plain(
    call: Call, picture: Path, key: list[str]
) -> None:
    result = call("sign", picture.name, "-o", "s.png", "--from-metadata", *key)
    assert result.exit_code == 0, result.output
    assert "no generator recorded anything" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--models", "."),
        ("--workflow",),
        ("--from-metadata", "--disclose", "seed"),
        ("--from-metadata", "--manifest", "x.json"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    call: Call, generated: str, key: list[str], options: tuple[str, ...]
) -> None:
    assert call("sign", generated, "-o", "s.png", *options, *key).exit_code == 2


@pytest.mark.parametrize("wrong", ["sead=open", "seed=maybe"])
def test_a_wrong_field_or_mode_is_told(
    call: Call, generated: str, key: list[str], wrong: str
) -> None:
    options = ("--from-metadata", "--disclose", wrong)
    result = call("sign", generated, "-o", "s.png", *options, *key)
    assert result.exit_code == 1
    assert "known:" in result.stderr
