"""`verify --index`: a second run says what the first said, and says it from the index."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from tests.batch.corpus import fill
from tests.cli.conftest import Call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of every state, in the folder where commands are called."""
    return fill(tmp_path / "all")


def parted(text: str) -> tuple[list[str], str, str]:
    """What is said of files that are not good, the first line of the table, and its rest."""
    lines, _, rest = text.partition("\n7 files")
    first, _, table = rest.partition("\n")
    return (
        sorted(one for one in lines.splitlines() if one and "valid, signer" not in one),
        first,
        table,
    )


def test_a_second_run_tells_the_same(call: Call, folder: Path) -> None:
    plain = call("verify", "all")
    first = call("verify", "all", "--index", "i.db")
    second = call("verify", "all", "--index", "i.db")
    assert plain.exit_code == first.exit_code == second.exit_code == 4
    assert sorted(first.stdout.splitlines()) == sorted(plain.stdout.splitlines())
    lines, count, table = parted(second.stdout)
    assert count == ", 7 unchanged since they were indexed"
    assert parted(plain.stdout) == parted(first.stdout) == (lines, "", table)
    assert len(lines) > 5


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_reports_come_back_whole(call: Call, folder: Path, form: str) -> None:
    def reports(*more: str) -> list[str]:
        text = call("verify", "all", "--at", "2031-01-01", "--format", form, *more).stdout
        rows = json.loads(text) if form == "json" else map(json.loads, text.splitlines())
        return sorted(json.dumps(one, sort_keys=True) for one in rows)

    plain = reports()
    assert reports("--index", "i.db") == plain
    assert reports("--index", "i.db") == plain


def test_paths_lead_to_the_files_from_where_one_stands(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("verify", "all", "--index", "i.db")
    monkeypatch.chdir(folder)
    text = call("verify", ".", "--index", "../i.db", "--format", "ndjson").stdout
    paths = [json.loads(line)["asset"]["path"] for line in text.splitlines()]
    assert len(paths) == 7
    assert all(os.path.exists(path) for path in paths)


def test_a_good_file_named_by_itself_is_told_again(call: Call, folder: Path) -> None:
    call("verify", "all/a.png", "--index", "i.db")
    again = call("verify", "all/a.png", "--index", "i.db")
    assert again.exit_code == 0
    assert again.stdout.splitlines() == [
        "all/a.png: valid, signer not checked against any trust list"
    ]


def test_what_a_policy_refuses_is_said_again(call: Call, folder: Path) -> None:
    (folder.parent / "p.toml").write_text(
        'name = "own"\n[digital_source_types]\nforbidden = ["trainedAlgorithmicMedia"]\n'
    )
    command = ("verify", "all/a.png", "all/inner/b.jpg", "--policy", "p.toml", "--index", "i.db")
    first, second = call(*command, "--quiet"), call(*command, "--quiet")
    assert first.exit_code == second.exit_code == 4
    assert second.stdout.count("refused by policy") == 2
    assert "trainedAlgorithmicMedia" in call(*command).stdout


def test_a_changed_file_is_seen(call: Call, folder: Path) -> None:
    assert call("verify", "all/a.png", "--index", "i.db").exit_code == 0
    data = bytearray((folder / "a.png").read_bytes())
    data[-20] ^= 1
    (folder / "a.png").write_bytes(data)
    assert call("verify", "all/a.png", "--index", "i.db").exit_code == 4


def test_a_change_that_kept_size_and_time_is_seen_by_content(call: Call, folder: Path) -> None:
    path = folder / "a.png"
    call("verify", "all/a.png", "--index", "i.db", "--rehash")
    before = path.stat()
    with path.open("r+b") as stream:
        stream.seek(-20, os.SEEK_END)
        (byte,) = stream.read(1)
        stream.seek(-20, os.SEEK_END)
        stream.write(bytes([byte ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert call("verify", "all/a.png", "--index", "i.db").exit_code == 0
    assert call("verify", "all/a.png", "--index", "i.db", "--rehash").exit_code == 4


def test_an_index_that_another_holds_is_one_sentence(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.batch.index_schema._WAIT", 0)
    call("verify", "all/a.png", "--index", "i.db")
    other = sqlite3.connect("i.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    result = call("verify", "all", "--index", "i.db")
    other.close()
    assert result.exit_code == 1
    assert "i.db: cannot be written (database is locked)" in result.stderr


def test_a_damaged_index_is_one_sentence(call: Call, folder: Path) -> None:
    call("verify", "all", "--index", "i.db")
    data = bytearray(Path("i.db").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    Path("i.db").write_bytes(data)
    result = call("verify", "all", "--index", "i.db")
    assert result.exit_code == 1
    assert result.stderr.startswith("provenance: i.db: ")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--rehash",), "--rehash goes with --index"),
        (("--index", "i.db", "--ordered"), "exclude each other"),
        (("--index", "i.db", "--format", "sarif"), "--index goes with --format text, json, ndjson"),
        (("--index", "i.db", "--manifest", "x.c2pa"), "found again under their names"),
    ],
)
def test_what_does_not_go_together(
    call: Call, folder: Path, more: tuple[str, ...], sentence: str
) -> None:
    result = call("verify", "all/a.png", *more)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
    assert not Path("i.db").exists()


def test_files_whose_content_is_as_it_was_are_told_as_ever(call: Call, folder: Path) -> None:
    del folder
    arguments = ("verify", "all", "--index", "i.db", "--format", "json")
    first = call(*arguments, "--rehash")
    again = call(*arguments, "--rehash")
    told = [
        sorted(one["asset"]["path"] for one in json.loads(run.stdout)) for run in (first, again)
    ]
    assert told[0] == told[1] != []
    assert first.exit_code == again.exit_code == 4
