"""`provenance sign` of folders, lists and several files: from the shell, and killed on the way."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import c2pa
import pytest
from PIL import Image

import provenance
from provenance.trust.devpki import PKCS12_PASSPHRASE
from tests.build.workshop import picture
from tests.cli.conftest import Call
from tests.processes import COMMAND, children, kill_all, started

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "in"
    (place / "sub").mkdir(parents=True)
    (place / "a.png").write_bytes(picture(1))
    (place / "broken.png").write_bytes(PNG)
    (place / "sub" / "b.jpg").write_bytes(picture(2, "JPEG"))
    (place / "notes.txt").write_text("words")
    return place


def filled(place: Path, count: int) -> Path:
    """Many small pictures, in folders of ten."""
    for number in range(count):
        path = place / str(number // 10) / f"{number}.{'png' if number % 2 else 'jpg'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number % 250, "PNG" if number % 2 else "JPEG"))
    return place


def test_a_folder_goes_into_another(call: Call, folder: Path, key: list[str]) -> None:
    result = call("sign", "in", "-o", "out", "--generator", "G", *key)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "signed: out/a.png",
        "signed: out/sub/b.jpg",
        "",
        "3 files",
        "          2  signed",
        "          1  NOT SIGNED",
        "",
        "  not signed",
        "          1  damaged",
    ]
    first, second = result.stderr.splitlines()
    assert first.startswith("provenance: in/broken.png: PNG at byte 8")
    assert second == "provenance: 1 files of other formats, and texts, passed over"
    (folder / "broken.png").unlink()
    result = call("sign", "in", "-o", "out", "--generator", "G", *key)
    assert (result.exit_code, result.stdout.splitlines()[2]) == (
        0,
        "          2  signed before, and unchanged since",
    )
    assert call("sign", "in", "-o", "out", "--generator", "G", *key, "-q").output == ""


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_results_for_programs(call: Call, folder: Path, key: list[str], form: str) -> None:
    result = call("sign", "in", "-o", "out", *key, "--format", form, "--progress", "json")
    text = result.stdout
    rows = json.loads(text) if form == "json" else list(map(json.loads, text.splitlines()))
    assert [(row["path"], row["status"]) for row in rows] == [
        ("in/a.png", "signed"),
        ("in/broken.png", "failed"),
        ("in/sub/b.jpg", "signed"),
    ]
    assert {row["schema"] for row in rows} == {"provenance/sign-receipt/1"}
    assert rows[0]["validation_state"] == "Valid"
    assert (rows[1]["output"], rows[1]["error"]) == (None, "malformed")
    last = json.loads([line for line in result.stderr.splitlines() if line[:1] == "{"][-1])
    assert (last["event"], last["done"], last["bad"]) == ("done", 4, 1)


def test_several_files_do_not_stop_at_the_first_that_fails(
    call: Call, folder: Path, key: list[str]
) -> None:
    Path("out").mkdir()
    files = ("in/broken.png", "gone.png", "in/sub", "in/a.png", "in/sub/b.jpg")
    result = call("sign", *files[:2], *files[3:], "-o", "out", "--generator", "G", *key)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == ["signed: out/a.png", "signed: out/b.jpg"]
    assert "gone.png: no such file or directory" in result.stderr
    assert sorted(os.listdir("out")) == ["a.png", "b.jpg"]  # of files that are named no journal
    before = Path("out/a.png").read_bytes()
    again = call("sign", "in/a.png", "in/sub/b.jpg", "-o", "out", *key)
    assert again.exit_code == 0
    assert Path("out/a.png").read_bytes() != before
    in_place = call("sign", "out/a.png", "in/broken.png", "in/sub", "--in-place", *key)
    assert in_place.exit_code == 1
    assert in_place.stdout.splitlines()[0] == "signed: out/a.png"
    assert "in/sub" in in_place.stderr
    assert len(provenance.verify("out/a.png").manifests) == 2


def test_two_named_files_for_one_place_are_wrong_usage(
    call: Call, folder: Path, key: list[str], tmp_path: Path
) -> None:
    (folder / "sub" / "a.png").write_bytes(picture(4))
    Path("out").mkdir()
    result = call("sign", "in/a.png", "in/sub/a.png", "-o", "out", *key)
    assert result.exit_code == 2
    assert f"would be written to {tmp_path / 'out' / 'a.png'}" in result.stderr
    assert os.listdir("out") == []


@pytest.mark.parametrize("ending", [b"\n", b"\0"])
def test_a_list_of_files(call: Call, folder: Path, key: list[str], ending: bytes) -> None:
    names = ending.join((b"in/a.png", b"in/sub/b.jpg", b""))
    result = call("sign", "--files-from", "-", "-o", "out", *key, stdin=names)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == ["signed: out/in/a.png", "signed: out/in/sub/b.jpg"]
    verified = call("verify", "--files-from", "-", "-q", stdin=names.replace(b"in/", b"out/in/", 2))
    assert (verified.exit_code, len(verified.stdout.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("in", "-o", "in"), "OUT is in itself"),
        (("in/sub", "-o", "in"), "lies in in"),
        (("in", "-o", "in/a.png"), "is a file"),
        (("in", "in/a.png", "-o", "out", "--salts", "x"), "--salts goes with one file"),
        (("in", "-o", "out", "--authors", "x"), "signed as one"),
        (("in/a.png", "-o", "out.png", "--include", "*"), "go with a folder"),
        (("--files-from", "x"), "is signed into a folder"),
        (("--files-from", "x", "--in-place"), "is signed into a folder"),
        ((), "Say which files"),
    ],
)
def test_wrong_usage_writes_nothing(
    call: Call, folder: Path, key: list[str], words: tuple[str, ...], told: str
) -> None:
    before = sorted(Path().rglob("*"))
    result = call("sign", *words, "--generator", "G", *key)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert sorted(Path().rglob("*")) == before


def test_what_lies_elsewhere_is_not_signed(call: Call, folder: Path, key: list[str]) -> None:
    (folder / "broken.png").unlink()
    result = call("sign", "in", "memory://elsewhere/a.png", "-o", "out", *key)
    assert result.exit_code == 1
    assert "memory://elsewhere/a.png: lies elsewhere" in result.stderr
    assert "2  signed" in result.stdout


def test_a_key_that_cannot_be_used_stops_before_any_file(call: Call, folder: Path) -> None:
    before = sorted(Path().rglob("*"))
    for words in (("in", "-o", "out"), ("in/a.png", "in/sub/b.jpg", "--in-place")):
        result = call("sign", *words, "--key", "gone.pem")
        assert result.exit_code == 1
        assert result.stderr.startswith("provenance: gone.pem: ")
        assert len(result.stderr.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


def test_each_says_what_its_generator_recorded(call: Call, folder: Path, key: list[str]) -> None:
    from PIL.PngImagePlugin import PngInfo

    for name in ("c", "d"):
        text = PngInfo()
        text.add_text("parameters", f"a {name} field\nSteps: 20, Sampler: Euler a, Seed: 1")
        Image.new("RGB", (32, 32)).save(folder / f"{name}.png", pnginfo=text)
    words = ("sign", "in", "-o", "out", "--from-metadata", "--include", "[cd].png", *key)
    result = call(*words, "-j", "2")
    assert result.exit_code == 0, result.output
    for name in ("c", "d"):
        proved = call("reveal", f"out/{name}.png.salts.json", f"out/{name}.png")
        assert proved.exit_code == 0
        assert f"a {name} field" in proved.stdout
    assert "2  signed before" in call(*words).stdout
    assert "2  signed\n" in call(*words, "--prompt-mode", "omit").stdout


def test_flags_that_say_something_else_sign_anew(call: Call, folder: Path, key: list[str]) -> None:
    (folder / "broken.png").unlink()
    words = ("sign", "in", "-o", "out", *key)
    Path("model.bin").write_bytes(bytes(9))
    model = ("--model", "model.bin")
    assert "2  signed\n" in call(*words, *model).stdout
    assert "2  signed before" in call(*words, *model, "--no-verify", "-j", "1").stdout
    Path("model.bin").write_bytes(bytes(10))
    assert "2  signed\n" in call(*words, *model).stdout
    assert "2  signed\n" in call(*words, *model, "--binding", "boxes").stdout
    assert "2  signed\n" in call(*words, *model, "--no-thumbnail").stdout


# Processes


def states(folder: Path) -> list[str | None]:
    return [one.state and one.state.value for one in provenance.verify_many([folder], jobs=1)]


def read_by_the_reference(path: Path) -> str:
    with c2pa.Reader(path) as reader:  # raises where there is no manifest
        return str(json.loads(reader.json())["validation_state"])


@POSIX
def test_killed_in_the_middle_the_next_run_signs_what_is_missing(
    tmp_path: Path, key: list[str]
) -> None:
    count, chance = 150, random.Random(11)
    done: list[Path] = []
    filled(tmp_path / "in", count)
    words = ("sign", "in", "-o", "out", "--generator", "G", *key, "-j", "2", "--format", "ndjson")
    for number in range(4):
        run = started(*words, cwd=tmp_path)
        assert run.stdout is not None
        for _ in range(chance.randrange(1, 30)):
            run.stdout.readline()
        if number % 2:
            kill_all(run)
        else:  # the workers are left to find out
            run.kill()
            run.communicate()
        done = [one for one in (tmp_path / "out").rglob("*.*g") if one.parent.name.isdigit()]
        for one in done:  # whatever is there is there in full
            assert provenance.verify(one).state == "Valid"
    before = {one: one.stat().st_mtime_ns for one in done}
    assert 0 < len(before) < count
    last = started(*words, cwd=tmp_path)
    told, _ = last.communicate(timeout=60)
    rows = [json.loads(line) for line in told.splitlines()]
    assert last.returncode == 0
    assert len({row["path"] for row in rows}) == len(rows) == count
    status = {row["output"]: row["status"] for row in rows}
    kept = [one for one in before if one.stat().st_mtime_ns == before[one]]
    assert {status[str(one.relative_to(tmp_path))] for one in kept} == {"unchanged"}
    assert len(kept) == len(before)  # nothing was signed twice
    assert list(status.values()).count("signed") == count - len(kept)
    assert states(tmp_path / "out") == ["Valid"] * count
    outputs = list((tmp_path / "out").glob("*/*"))
    assert len(outputs) == count
    assert {read_by_the_reference(one) for one in outputs} == {"Valid"}
    assert sorted(os.listdir(tmp_path / "out"))[0] == ".provenance-sign.db"
    assert not (tmp_path / "out" / ".provenance-sign.tmp").exists()
    again = subprocess.run([*COMMAND, *words], cwd=tmp_path, capture_output=True, check=True)
    assert again.stdout.count(b'"status":"unchanged"') == count


@POSIX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_cleanly(tmp_path: Path, key: list[str], how: signal.Signals) -> None:
    filled(tmp_path / "in", 300)
    words = ("sign", "in", "-o", "out", *key, "-j", "2")
    run = started(*words, cwd=tmp_path)
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(how)
    told, talk = run.communicate(timeout=30)
    assert run.returncode == 128 + how
    assert b"Traceback" not in talk
    if how is signal.SIGINT:
        assert b"provenance: interrupted; the same command goes on from here" in talk
        assert b"  signed" in told  # the table, of what was done
    left = [one.name for one in (tmp_path / "out").rglob("*") if one.name.startswith(".")]
    assert left == [".provenance-sign.db"]
    assert set(states(tmp_path / "out")) <= {"Valid"}


@POSIX
def test_a_disk_that_takes_no_more_leaves_nothing_half_written(
    tmp_path: Path, key: list[str]
) -> None:
    filled(tmp_path / "in", 30)
    big = Image.effect_noise((900, 900), 90)
    big.save(tmp_path / "in" / "big.png")
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "from provenance.cli import main; main()"
    )
    words = ["sign", "in", "-o", "out", *key, "-j", "2"]
    run = subprocess.run(
        [sys.executable, "-c", limited, *words], cwd=tmp_path, capture_output=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr == b"provenance: out/big.png: file too large\n"
    assert b"         30  signed" in run.stdout
    assert not (tmp_path / "out" / "big.png").exists()
    assert states(tmp_path / "out") == ["Valid"] * 30
    again = subprocess.run(
        [*COMMAND, *words, "--format", "ndjson"], cwd=tmp_path, capture_output=True, check=True
    )
    assert again.stdout.count(b'"status":"unchanged"') == 30
    assert again.stdout.count(b'"status":"signed"') == 1


@POSIX
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc")
def test_secrets_are_neither_in_arguments_nor_in_surroundings(tmp_path: Path, keys: Path) -> None:
    filled(tmp_path / "in", 300)
    (tmp_path / "pass.txt").write_bytes(PKCS12_PASSPHRASE)
    words = ("sign", "in", "-o", "out", "--key", str(keys / "es256.p12"), "-j", "2")
    run = started(*words, "--passphrase-file", "pass.txt", cwd=tmp_path)
    assert run.stdout is not None
    run.stdout.readline()
    workers = children(run.pid)
    seen = b""
    for pid in (run.pid, *workers):
        for name in ("cmdline", "environ"):
            seen += Path(f"/proc/{pid}/{name}").read_bytes()
    run.send_signal(signal.SIGINT)
    told, talk = run.communicate(timeout=30)
    assert workers
    assert b"es256.p12" in seen
    assert PKCS12_PASSPHRASE not in seen + told + talk
    held = b"".join(one.read_bytes() for one in (tmp_path / "out").glob(".*"))
    assert PKCS12_PASSPHRASE not in held


def test_a_passphrase_is_asked_for_once_and_reaches_the_workers(
    call: Call, tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "in", 40)
    monkeypatch.setattr("provenance.cli.signing_key._on_terminal", lambda: True)
    words = PKCS12_PASSPHRASE.decode() + "\n"
    options = ("--key", str(keys / "es256.p12"), "-j", "2", "-q")
    result = call("sign", "in", "-o", "out", *options, stdin=words)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Passphrase") == 1
    assert states(tmp_path / "out") == ["Valid"] * 40


@POSIX
def test_a_folder_that_cannot_be_written_is_one_sentence(
    call: Call, folder: Path, key: list[str]
) -> None:
    for place in ("/proc/out", "in/a.png/out"):
        result = call("sign", "in", "-o", place, *key)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
    if os.geteuid() != 0:  # to whom nothing is read-only
        Path("out").mkdir(mode=0o555)
        result = call("sign", "in", "-o", "out", *key)
        assert (result.exit_code, os.listdir("out")) == (1, [])
        assert "permission denied" in result.stderr
