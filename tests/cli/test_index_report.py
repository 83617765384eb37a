"""`provenance index report`: one file, or one clear sentence and no file."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.batch.corpus import COUNT, fill
from tests.cli.conftest import Call
from tests.report.pages import Taken


@pytest.fixture
def index(call: Call, tmp_path: Path) -> Path:
    fill(tmp_path / "all")
    assert call("verify", "all", "--index", "i.db", "-q").exit_code == 4
    return tmp_path / "i.db"


def test_the_page_of_an_index(call: Call, index: Path) -> None:
    result = call("index", "report", "i.db", "-o", "r.html", "--heading", "My <files>")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"r.html: {COUNT} files, " in result.stderr
    text = index.with_name("r.html").read_text("utf-8")
    assert "<title>My &lt;files&gt;: Content Credentials</title>" in text
    assert len(Taken(text).rows) == COUNT
    assert len(Taken(text).pictures()) >= 4


def test_the_page_of_a_part_has_the_files_that_query_finds(call: Call, index: Path) -> None:
    chosen = ("--state", "invalid", "--media-type", "png", "--under", "all")
    paths = call("index", "query", "i.db", *chosen, "--format", "paths").stdout.splitlines()
    result = call("index", "report", "i.db", "-o", "r.html", *chosen)
    assert result.exit_code == 0
    assert f"r.html: {len(paths)} files, " in result.stderr
    rows = Taken(index.with_name("r.html").read_text("utf-8")).rows
    assert [one["name"] for one in rows] == [os.path.basename(one) for one in paths]
    assert 0 < len(paths) < COUNT


def test_a_damaged_picture_is_named(call: Call, index: Path) -> None:
    result = call("index", "report", "i.db", "-o", "r.html")
    (told,) = (one for one in result.stderr.splitlines() if "cannot be decoded, as /" in one)
    assert told.startswith("provenance: 2 files without a thumbnail: ")
    assert told.endswith((f"all{os.sep}c.png", f"all{os.sep}f.png"))


def test_it_goes_to_standard_output_too(call: Call, index: Path) -> None:
    result = call("index", "report", "i.db", "-o", "-", "-q", "--thumbnails", "0")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert len(Taken(result.stdout).rows) == COUNT
    assert Taken(result.stdout).pictures() == []


def test_files_that_went_are_told(call: Call, index: Path) -> None:
    (index.parent / "all" / "a.png").unlink()
    result = call("index", "report", "i.db", "-o", "r.html")
    assert result.exit_code == 0
    assert "1 file without a thumbnail: changed or gone since" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("none.db", "-o", "r.html"), 1, "none.db: no such index"),
        (("all/notes.txt", "-o", "r.html"), 1, "is no index of provenance"),
        (("all/a.png", "-o", "r.html"), 1, "is no index of provenance"),
        (("i.db", "-o", "nowhere/r.html"), 1, "nowhere/r.html: no such file or directory"),
        (("i.db", "-o", "all"), 1, "all: is a directory"),
        (("i.db", "-o", "i.db"), 2, "is the index"),
        (("i.db", "-o", "./i.db"), 2, "is the index"),
        (("i.db",), 2, "Missing option '-o'"),
        (("i.db", "-o", "r.html", "--made-from", "gone.png"), 1, "gone.png: no such file"),
        (("i.db", "-o", "r.html", "--since", "noon"), 2, "is no ISO 8601 time"),
        (("i.db", "-o", "r.html", "--thumbnails", "-1"), 2, "--thumbnails"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    call: Call, index: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    before = _beside(index), index.read_bytes()
    result = call("index", "report", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert (_beside(index), index.read_bytes()) == before


def test_nothing_is_written_over_a_page_that_cannot_be_made(call: Call, index: Path) -> None:
    page = index.with_name("r.html")
    page.write_text("before")
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("DROP TABLE holds")
    result = call("index", "report", "i.db", "-o", "r.html")
    assert result.exit_code == 1
    assert result.stderr.startswith("provenance: i.db: has other tables")
    assert page.read_text() == "before"


def _beside(index: Path) -> list[str]:
    """What lies there, but for the two files that SQLite keeps beside an index that is read."""
    return sorted(one for one in os.listdir(index.parent) if not one.startswith(f"{index.name}-"))
