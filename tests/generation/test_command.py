"""`provenance inspect --generation`: for people, for programs, and when there is nothing."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner, Result

from provenance.cli import main
from tests.generation import writers as w


def call(data: bytes, *options: str) -> Result:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(data)
        return CliRunner().invoke(main, ["inspect", "--generation", str(path), *options])


PICTURE = w.png(w.chunk(b"tEXt", b"parameters\0" + w.A1111.encode()))


def test_people_see_lines_and_that_nothing_is_signed() -> None:
    result = call(PICTURE)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].endswith("nothing of this is signed:")
    assert "  generator    AUTOMATIC1111 v1.10.1" in lines
    assert "  lora         fur, 45b5bd0819cf, weight 0.7" in lines
    assert max(map(len, lines)) <= 80


def test_programs_get_the_exact_seed() -> None:
    row = json.loads(call(PICTURE, "--format", "json").stdout)
    assert row["seed"] == 18446744073709551617
    assert row["schema"] == "provenance/generation/1"


def test_nothing_found_is_no_failure() -> None:
    result = call(w.png())
    assert (result.exit_code, result.stdout) == (0, "Nothing that a generator wrote was found.\n")
    row = json.loads(call(w.png(), "--format", "json").stdout)
    assert row["generator"] is None
    assert row["models"] == []


def test_a_broken_header_is_one_sentence_or_an_error_in_json() -> None:
    broken = b"\xff\0\0\0\0\0\0\0{" + b'"a":1}'
    result = call(broken)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    row = json.loads(call(broken, "--format", "json").stdout)
    assert row["errors"][0]["kind"] == "malformed"


def test_terminal_codes_in_a_prompt_are_shown_and_not_obeyed() -> None:
    text = w.A1111.replace("a cat", "a \x1b[31mcat\u202e")
    result = call(w.png(w.chunk(b"tEXt", b"parameters\0" + text.encode())))
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_a_missing_file_and_a_wrong_format_are_told() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["inspect", "--generation", "gone.png"]).exit_code == 1
    assert call(PICTURE, "--format", "crjson").exit_code == 2
