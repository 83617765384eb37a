"""The command as a whole: verbs, versions, help, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provenance.cli import _VERBS, main
from provenance.version import VERSION
from tests.cli.conftest import Call
from tests.web import site

COMMAND = [sys.executable, "-c", "from provenance.cli import main; main()"]


def test_the_version_tells_which_specification_is_read_and_written(call: Call) -> None:
    shown = call("--version").stdout
    assert VERSION in shown
    assert "reads C2PA 2.2 to 2.4" in shown
    assert "writes 2.4" in shown


@pytest.mark.parametrize("verb", _VERBS)
def test_every_verb_has_help_that_begins_as_the_list_says(call: Call, verb: str) -> None:
    result = call(verb, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout
    command = main.get_command(None, verb)  # type: ignore[arg-type]  # it needs no context
    assert command is not None
    assert command.short_help == _VERBS[verb][1]


@pytest.mark.parametrize(
    ("typed", "meant"), [("verfy", "verify"), ("sing", "sign"), ("inspekt", "inspect")]
)
def test_a_misspelt_verb_brings_up_the_right_one(call: Call, typed: str, meant: str) -> None:
    result = call(typed, "x.png")
    assert result.exit_code == 2
    assert f"Did you mean {meant!r}?" in result.stderr


def test_a_misspelt_option_brings_up_the_right_one(call: Call) -> None:
    result = call("verify", "--trust-anchor", "x.pem", "a.png")
    assert result.exit_code == 2
    assert "--trust-anchors" in result.stderr


def test_nothing_heavy_is_imported_for_help() -> None:
    code = (
        "import sys; from provenance.cli import main; main(['--help'], standalone_mode=False); "
        "print([n for n in ('cryptography', 'PIL', 'cbor2', 'rich', 'jsonschema') "
        "if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_verifying_loads_neither_pillow_nor_rich_nor_jsonschema(signed: Path) -> None:
    code = (
        "import sys; from provenance.cli import main\n"
        "try: main(['verify', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('PIL', 'rich', 'jsonschema') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(signed)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_reader_that_goes_away_is_no_traceback(signed: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as gone:
        done = subprocess.run(
            [*COMMAND, "verify", str(signed)], stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_terminal_without_the_trees_lines_gets_others(signed: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "inspect", str(signed)],
        capture_output=True,
        env=dict(os.environ, PYTHONIOENCODING="ascii", PYTHONUTF8="0"),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"|- generator" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_who_is_told_to_stop_leaves_nothing_half_done(
    picture: Path, key: list[str], told: signal.Signals
) -> None:
    # The output's temporary file is there while the authority, which never answers, is asked.
    with site(lambda _: None) as authority:
        words = ["sign", picture.name, "-o", "out.png", "--tsa", authority.url, *key]
        begun = subprocess.Popen([*COMMAND, *words], cwd=picture.parent, stderr=subprocess.PIPE)
        while not authority.asked:
            time.sleep(0.01)
        assert len(list(picture.parent.iterdir())) == 2
        begun.send_signal(told)
        begun.communicate(timeout=20)
    assert begun.returncode == (128 + told if told == signal.SIGTERM else 1)
    assert list(picture.parent.iterdir()) == [picture]
