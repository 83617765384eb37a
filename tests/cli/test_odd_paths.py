"""What is named is no good file: a pipe, a device, a name too long, a place that would be lost."""

import os
import resource
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from tests.cli.conftest import Call

COMMAND = [sys.executable, "-c", "from provenance.cli import main; main()"]
LONG = "a" * 4000
VERBS = (
    ("verify",),
    ("inspect",),
    ("strip", "-o", "out.png"),
    ("detach", "-o", "out.png"),
    ("attach", "-o", "out.png"),
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: str(verb[0]))
@pytest.mark.parametrize("name", [LONG, "/".join(["b" * 200] * 25)], ids=["name", "path"])
def test_a_name_that_is_too_long_is_one_sentence(
    call: Call, verb: tuple[str, ...], name: str
) -> None:
    more = ("x.c2pa",) if verb[0] in ("detach", "attach") else ()
    result = call(verb[0], name, *more, *verb[1:])
    assert result.exit_code == 1
    assert "file name too long" in result.stdout + result.stderr
    assert result.stderr.count("\n") <= 1


def test_a_long_name_is_no_trouble_in_any_place(call: Call, signed: Path, key: list[str]) -> None:
    assert call("verify", signed.name, "--manifest", LONG).exit_code == 1
    assert call("sign", signed.name, "-o", LONG, *key).exit_code == 1
    assert call("strip", signed.name, "-o", LONG).exit_code == 1
    assert call("verify", LONG, "--fragment", LONG).exit_code == 1


def test_an_empty_name_is_not_the_folder_one_is_in(call: Call, signed: Path) -> None:
    for verb in VERBS[:3]:
        result = call(verb[0], "", *verb[1:])
        assert result.exit_code == 1
        assert "''" in result.stdout + result.stderr
    assert signed.exists()


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices here")
def test_a_device_has_no_end_and_is_refused(call: Call, signed: Path, key: list[str]) -> None:
    for words in (("verify",), ("inspect",), ("strip", "-o", "o.png"), ("sign", "-o", "o", *key)):
        result = call(words[0], "/dev/zero", *words[1:])
        assert result.exit_code == 1
        assert "is a device, not a file" in result.stdout + result.stderr
    assert call("verify", signed.name, "--manifest", "/dev/zero").exit_code == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_read_to_its_end(call: Call, signed: Path) -> None:
    os.mkfifo("pipe")
    data = signed.read_bytes()
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(data))
    writer.start()
    result = call("verify", "pipe")
    writer.join()
    assert result.exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_in_a_folder_is_not_waited_for(call: Call, signed: Path) -> None:
    folder = Path("folder")
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    signed.rename(folder / signed.name)
    result = call("verify", "folder", "-q")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1


def test_of_a_folder_without_files_something_is_said(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = call("verify", "empty", "--format", "json")
    assert (result.exit_code, result.stdout) == (3, "[]\n")
    assert result.stderr == "provenance: there is no file in it to look at\n"


def test_standard_input_has_no_number_for_a_name(call: Call) -> None:
    result = call("verify", "-", stdin=b"")
    assert result.exit_code == 1
    assert "<stream>: is empty" in result.stdout


def test_a_folder_for_a_manifest_is_told_as_such(call: Call, signed: Path, tmp_path: Path) -> None:
    result = call("verify", signed.name, "--manifest", str(tmp_path))
    assert result.exit_code == 1
    assert "is a folder, not a file" in result.stderr


def test_no_result_takes_the_place_of_another(
    call: Call, picture: Path, key: list[str], tmp_path: Path
) -> None:
    for name in ("a", "b", "out"):
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / "x.png").write_bytes(picture.read_bytes())
    (tmp_path / "a" / "x.webp").write_bytes(b"RIFF")
    result = call("sign", "a/x.png", "b/x.png", "-o", "out", *key)
    assert result.exit_code == 2
    assert "would be written to" in result.stderr
    beside = call("sign", "a/x.png", "a/x.webp", "-o", "out", "--sidecar", *key)
    assert beside.exit_code == 2
    assert not list((tmp_path / "out").iterdir())
    assert call("sign", "a/x.png", "-o", "out/y.png", "--generator", "G", *key).exit_code == 0
    lost = call("detach", "out/y.png", "z", "-o", "z")
    assert lost.exit_code == 1
    assert not Path("z").exists()


def test_a_sidecar_has_a_sidecars_name(call: Call, picture: Path, key: list[str]) -> None:
    result = call("sign", picture.name, "--sidecar", "-o", "signed.png", *key)
    assert result.exit_code == 2
    assert "signed.png.c2pa" in result.stderr
    Path("out").mkdir()
    assert call("sign", picture.name, "--sidecar", "-o", "out", *key).exit_code == 0
    assert [one.name for one in Path("out").iterdir()] == ["picture.c2pa"]
    assert call("verify", picture.name, "--manifest", "out/picture.c2pa").exit_code == 0


def test_what_has_no_place_for_a_store_is_sent_to_a_sidecar(
    call: Call, key: list[str], tmp_path: Path
) -> None:
    (tmp_path / "film.mkv").write_bytes(b"\x1aE\xdf\xa3" + bytes(40))
    result = call("sign", "film.mkv", "-o", "o.mkv", *key)
    assert result.exit_code == 1
    assert "any file can be signed with a sidecar" in result.stderr
    (tmp_path / "folder").mkdir()
    folder = call("sign", "folder", "--in-place", *key)
    assert folder.exit_code == 1
    assert "--sidecar" in folder.stderr


def test_a_store_by_itself_is_not_called_a_changed_file(
    call: Call, picture: Path, key: list[str]
) -> None:
    call("sign", picture.name, "--sidecar", *key)
    result = call("verify", "picture.c2pa")
    assert result.exit_code == 4
    assert "a manifest store by itself" in result.stdout
    assert "Treat the file as changed" not in result.stdout


def test_a_detached_store_beside_its_file_is_explained(call: Call, signed: Path) -> None:
    assert call("detach", signed.name, "bare.c2pa", "-o", "bare.png").exit_code == 0
    result = call("verify", "bare.png")
    assert result.exit_code == 4
    assert "put it back" in " ".join(result.stdout.split())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
@pytest.mark.parametrize("form", ["text", "json", "html", "sarif"])
def test_a_full_disk_behind_the_output_is_one_sentence(signed: Path, form: str) -> None:
    words = [*COMMAND, "verify", str(signed), "--format", form]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "provenance: standard output: no space left on device\n"


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limits on files here")
def test_a_full_disk_is_named_and_leaves_nothing(
    signed: Path, key: list[str], tmp_path: Path
) -> None:
    before = {one.name for one in tmp_path.iterdir()}
    words = ["sign", str(signed), "-o", "o.png", "--prompt", "p" * 9000, "--prompt-mode", "commit"]
    line = [*COMMAND, *words, *key]

    def narrow(most: int) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    for most, full in ((2000, "o.png.salts.json"), (12_000, "o.png")):
        start = partial(narrow, most)
        done = subprocess.run(
            line, preexec_fn=start, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr == f"provenance: {full}: file too large\n"
        assert {one.name for one in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_looked_into_is_not_passed_over(
    call: Call, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path("folder")
    (folder / "dark").mkdir(parents=True)
    signed.rename(folder / signed.name)
    scandir = os.scandir

    def shut(path: str | Path = ".") -> object:
        if Path(path).name == "dark":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", shut)
    for named in ("folder", "folder/dark"):
        result = call("verify", named)
        assert result.exit_code == 1
        assert "dark: permission denied" in result.stdout


@pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="no shell here")
def test_a_stream_that_is_closed_is_no_traceback(signed: Path) -> None:
    told = ""
    for closed, name, code in ((">&-", str(signed), 0), ("<&-", "-", 1)):
        line = f'exec "$0" "$@" {closed}'
        words = ["/bin/sh", "-c", line, *COMMAND, "verify", name]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (code, "")
        told = done.stdout
    assert "standard input: is closed" in told
