"""`provenance index`: what it prints, and what it says when it cannot."""

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet
import pytest
from jsonschema import Draft202012Validator

from provenance.batch import index_select
from provenance.batch.index import Index
from provenance.batch.record import COLUMNS
from provenance.schemas import load
from tests.batch.gallery import gallery
from tests.batch.test_index import update
from tests.chain.studio import the_studio
from tests.cli.conftest import Call


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = gallery(tmp_path_factory.mktemp("query") / "all")
    update(folder.with_name("i.db"), folder, rehash=True, trust=the_studio().trust)
    return folder


@pytest.fixture
def here(made: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that `i.db` lies in."""
    monkeypatch.chdir(made.parent)
    return made.parent


@pytest.fixture
def own(here: Path, tmp_path: Path) -> str:
    """A copy of the index, to do with what one likes."""
    place = tmp_path / "own.db"
    with sqlite3.connect(here / "i.db") as one, sqlite3.connect(place) as two:
        one.backup(two)
    one.close()
    two.close()
    return str(place)


def names(text: str) -> list[str]:
    return [os.path.basename(line) for line in text.splitlines() if line]


def test_each_file_is_a_line_with_what_led_to_it(call: Call, here: Path) -> None:
    result = call("index", "query", "i.db", "--contributor", "the lab", "--title", "made")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == ["INVALID  all/changed.png", "    contributor  The Lab (creator, declared)"]
    assert "trusted  all/made.png" in lines
    assert result.stderr == f"provenance: {len(lines) // 2} files\n"
    quiet = call("index", "query", "i.db", "--contributor", "the lab", "--title", "made", "-q")
    assert quiet.stdout.splitlines() == lines[::2]
    assert quiet.stderr == ""
    verbose = call("index", "query", "i.db", "--generator", "painter 2", "-v", "--limit", "1")
    assert "    made with    Painter 2" in verbose.stdout
    assert "2024-03-05T06:07:08+00:00, as its last action says" in verbose.stdout


def test_when_there_is_none_the_exit_code_says_so(call: Call, here: Path) -> None:
    for more in ((), ("--count",), ("--format", "json"), ("--format", "paths")):
        result = call("index", "query", "i.db", "--signer", "nobody at all", *more)
        assert result.exit_code == 3
    assert call("index", "query", "i.db", "--signer", "no", "--count").stdout == "0\n"
    assert (
        json.loads(call("index", "query", "i.db", "--signer", "x y", "--format", "json").stdout)
        == []
    )


def test_json_keeps_to_its_schema(call: Call, here: Path) -> None:
    validator = Draft202012Validator(load("index-record.schema.json"))
    rows = json.loads(call("index", "query", "i.db", "--format", "json").stdout)
    more = ("--contributor", "*", "--model", "*", "--format", "ndjson")
    lines = call("index", "query", "i.db", *more).stdout.splitlines()
    for row in (*rows, *map(json.loads, lines)):
        validator.validate(row)
    assert len(rows) == int(call("index", "query", "i.db", "--count").stdout)
    assert all("matched_models" in json.loads(line) for line in lines)
    stats = json.loads(call("index", "stats", "i.db", "--format", "json").stdout)
    Draft202012Validator(load("index-stats.schema.json")).validate(stats)


def test_whole_reports_are_those_of_verify(call: Call, here: Path) -> None:
    lines = call("index", "query", "i.db", "--reports", "--format", "ndjson").stdout.splitlines()
    validator = Draft202012Validator(load("verification-report.schema.json"))
    for line in lines:
        validator.validate(json.loads(line))
        assert os.path.exists(json.loads(line)["asset"]["path"])


def test_paths_are_those_of_files(call: Call, here: Path) -> None:
    result = call("index", "query", "i.db", "--format", "paths0")
    paths = result.stdout_bytes.split(b"\0")
    assert paths.pop() == b""
    assert all(os.path.exists(one) for one in paths)
    lines = call("index", "query", "i.db", "--format", "paths").stdout_bytes.splitlines()
    assert lines == paths
    again = call(
        "verify",
        "--files-from",
        "-",
        "-q",
        "--jobs",
        "1",
        stdin=result.stdout_bytes.replace(b"\0", b"\n"),
    )
    assert len(again.stdout.splitlines()) == len(paths)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_with_a_line_break_is_not_torn_apart(call: Call, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a\nb.png").write_bytes((gallery(tmp_path / "g") / "made.png").read_bytes())
    call("verify", "f", "--index", "i.db")
    result = call("index", "query", "i.db", "--format", "paths")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "f/a\\nb.png: has a line break in its name; use --format paths0" in result.stderr
    zeros = call("index", "query", "i.db", "--format", "paths0")
    assert zeros.stdout_bytes.endswith(b"f/a\nb.png\0")
    assert call("index", "query", "i.db").stdout == "valid    f/a\\nb.png\n"


def test_what_was_made_of_a_file(call: Call, here: Path) -> None:
    result = call(
        "index", "query", "i.db", "--made-from", "all/models/lora.c2pa", "--format", "paths"
    )
    assert {"made.png", "far.png", "by-hash.png"} <= set(names(result.stdout))
    assert "lora.c2pa" not in names(result.stdout)
    result = call("index", "query", "i.db", "--made-from", "gone.png")
    assert result.exit_code == 1
    assert result.stderr == "provenance: gone.png: no such file or directory\n"


@pytest.mark.parametrize(
    "verb",
    [
        ("query",),
        ("query", "--count"),
        ("stats",),
        ("export", "-o", "o.csv"),
        ("export", "-o", "o.parquet"),
        ("report", "-o", "o.html"),
    ],
)
def test_ctrl_c_is_not_the_fault_of_the_index(
    call: Call, own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    """Pressed while SQLite compares names, of which it says no more than that it failed."""

    def pressed(_: object) -> Callable[[object], bool]:
        def matches(name: object) -> bool:
            signal.raise_signal(signal.SIGINT)
            return bool(name)

        return matches

    monkeypatch.setattr(index_select, "matcher", pressed)
    monkeypatch.chdir(tmp_path)
    result = call("index", verb[0], own, *verb[1:], "--generator", "painter")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("provenance: interrupted")
    assert result.stderr.count("\n") == 1
    assert not [one for one in os.listdir(tmp_path) if not one.startswith("own.db")]


class _Long(dict[str, str]):
    """What any state is asked by: everything with everything; a key is pressed meanwhile."""

    def __getitem__(self, _: str) -> str:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        return (
            "files.id IN (SELECT a.id FROM files a, files b, files c, files d, files e, files f,"
            " files g WHERE a.size + b.size + c.size + d.size + e.size + f.size + g.size < 0)"
        )


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers of this kind there")
@pytest.mark.parametrize("verb", [("query",), ("stats",), ("report", "-o", "-")])
def test_a_question_that_takes_long_is_interrupted(
    call: Call, own: str, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    """SQLite works at it without coming back between two rows."""
    monkeypatch.setattr(index_select, "STATES", _Long())
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    began = time.monotonic()
    try:
        result = call("index", verb[0], own, *verb[1:], "--state", "valid")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("provenance: interrupted")
    assert time.monotonic() - began < 20


def test_days_are_whole(call: Call, here: Path) -> None:
    def count(*more: str) -> int:
        return int(call("index", "query", "i.db", "--count", *more).stdout)

    day = "2024-03-05"
    assert count("--since", day, "--until", day) == count("--generator", "painter") > 0
    assert count("--until", "2024-03-05T06:07:07") == 0
    assert count("--since", "2024-03-05T07:07:09+01:00") == 0


def test_stats_are_a_table(call: Call, here: Path) -> None:
    text = call("index", "stats", "i.db").stdout
    first, *lines = text.splitlines()
    assert first.endswith(" kB")
    assert "in 4 folders" in first or "in 3 folders" in first
    assert "          5  INVALID" in lines
    assert "          1  of other formats, passed over" in lines
    assert "  contributors" in lines
    assert "  status codes" not in lines
    assert all(len(line) <= 80 for line in lines)
    assert "  status codes" in call("index", "stats", "i.db", "-v").stdout.splitlines()
    assert "more; --top shows them" in call("index", "stats", "i.db", "--top", "1").stdout
    some = call("index", "stats", "i.db", "--under", "all/models").stdout
    assert some.startswith("2 files in 1 folder, ")


def test_export_has_a_row_for_each_file(call: Call, here: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "o.parquet")
    result = call("index", "export", "i.db", "-o", out)
    assert result.exit_code == 0
    found = pyarrow.parquet.read_table(out).to_pylist()
    rows = json.loads(call("index", "query", "i.db", "--format", "json").stdout)
    assert result.stderr == f"provenance: {len(rows)} rows in {out}\n"
    assert [one["path"] for one in found] == [one["path"] for one in rows]
    assert all(json.loads(one["report"])["asset"]["path"] for one in found)
    assert list(found[0]) == [one.name for one in COLUMNS]
    call("index", "export", "i.db", "-o", out, "--no-reports", "--state", "invalid", "-q")
    few = pyarrow.parquet.read_table(out)
    assert "report" not in few.column_names
    assert set(few.column("validation_state").to_pylist()) == {"Invalid"}
    text = str(tmp_path / "o.csv")
    call("index", "export", "i.db", "-o", text)
    queried = call("index", "query", "i.db", "--format", "csv").stdout
    assert Path(text).read_text("utf-8") == queried
    header, *lines = csv.reader(io.StringIO(queried))
    assert header == [one.name for one in COLUMNS[:-1]]
    assert len(lines) == len(rows)


@pytest.mark.parametrize("name", ["manifests", "edges", "people", "signers"])
def test_other_tables_are_the_same_in_both_forms(
    call: Call, here: Path, tmp_path: Path, name: str
) -> None:
    for suffix in ("csv", "parquet"):
        out = str(tmp_path / f"o.{suffix}")
        assert call("index", "export", "i.db", "-o", out, "--table", name).exit_code == 0
    columns = pyarrow.parquet.read_table(tmp_path / "o.parquet")
    header, *lines = csv.reader(io.StringIO((tmp_path / "o.csv").read_text("utf-8")))
    assert header == columns.column_names
    assert len(lines) == columns.num_rows > 0


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [
        (("query", "gone.db"), 1, "provenance: gone.db: no such index"),
        (("stats", "all"), 1, "provenance: all: is no file, and no index"),
        (("qury", "i.db"), 2, "No such verb 'qury'. Did you mean 'query'?"),
        (("i.db",), 2, "No such verb 'i.db'. Verbs: query, stats, export, report."),
        (("query", "all/made.png"), 1, "all/made.png: is no index of provenance, or cannot be"),
        (
            ("query", "i.db", "--code", "assertion.datahash.match"),
            2,
            "mean assertion.dataHash.match?",
        ),
        (("query", "i.db", "--since", "yesterday"), 2, "--since 'yesterday' is no ISO 8601 time"),
        (("query", "i.db", "--state", "good"), 2, "'good' is not one of"),
        (("query", "i.db", "--limit", "0"), 2, "0 is not in the range"),
        (("query", "i.db", "--reports"), 2, "--reports goes with --format json or ndjson"),
        (("export", "i.db", "-o", "x.xlsx"), 2, "must end in .parquet or .csv"),
        (("export", "i.db", "-o", "gone/x.csv"), 1, "gone/x.csv: no such file or directory"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    call: Call, here: Path, command: tuple[str, ...], code: int, sentence: str
) -> None:
    result = call("index", *command)
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in " ".join(result.stderr.split())


def test_the_index_is_no_place_for_a_result(call: Call, own: str) -> None:
    place = Path(own).rename(Path(own).with_suffix(".csv"))
    before = place.read_bytes()
    result = call("index", "export", str(place), "-o", str(place))
    assert (result.exit_code, place.read_bytes()) == (2, before)


def test_nothing_is_written_to_it(call: Call, own: str, tmp_path: Path) -> None:
    before = Path(own).read_bytes()
    call("index", "query", own, "--model", "*", "--contributor", "*")
    call("index", "stats", own)
    call("index", "export", own, "-o", str(tmp_path / "o.parquet"))
    call("trace", str(tmp_path / "o.parquet"), "--index", own)
    assert Path(own).read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights are others here")
def test_an_index_that_may_only_be_read_is_read(call: Call, own: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(shutil.copy(own, Path(name) / "i.db"))
        place.chmod(0o444)
        Path(name).chmod(0o555)
        with _nobody():
            result = call("index", "query", str(place), "--count")
            some = call("index", "stats", str(place), "--state", "invalid")
            page = call("index", "report", str(place), "-o", "-", "--thumbnails", "0", "-q")
        Path(name).chmod(0o755)
        assert (result.exit_code, int(result.stdout) > 10) == (0, True)
        assert some.stdout.startswith("5 files in ")
        assert page.stdout.endswith("</html>\n")
        assert os.listdir(name) == ["i.db"]


class _nobody:
    """Whoever runs the tests may be one who may do anything."""

    def __enter__(self) -> None:
        self.was = os.geteuid()
        if self.was == 0:
            os.seteuid(65_534)

    def __exit__(self, *_: object) -> None:
        os.seteuid(self.was)


DAMAGE: dict[str, Callable[[sqlite3.Connection], object]] = {
    "another version": lambda db: db.execute("PRAGMA user_version = 1"),
    "a trigger": lambda db: db.execute(
        "CREATE TRIGGER t AFTER DELETE ON files BEGIN DELETE FROM folders; END"
    ),
    "a view": lambda db: db.execute("CREATE VIEW v AS SELECT randomblob(1000000000)"),
    "a path": lambda db: db.execute("UPDATE files SET name = id + 0.5"),
    "a path with a zero": lambda db: db.execute("UPDATE files SET name = id || char(0)"),
    "a state": lambda db: db.execute("UPDATE outcomes SET state = 'Great'"),
    "a policy": lambda db: db.execute("UPDATE outcomes SET policy = 99"),
    "a size": lambda db: db.execute("UPDATE reports SET size = 'big'"),
    "a time": lambda db: db.execute("UPDATE files SET checked_at = 'noon'"),
    "a title": lambda db: db.execute("UPDATE manifests SET title = x'ff'"),
    "a text that is none": lambda db: db.execute(
        "UPDATE manifests SET title = CAST(x'ff' AS TEXT)"
    ),
    "a report": lambda db: db.execute("UPDATE reports SET body = x'00'"),
    "no report": lambda db: db.execute("UPDATE reports SET body = 'text'"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_an_index_that_somebody_made_up_is_one_sentence(
    call: Call, own: str, tmp_path: Path, what: str
) -> None:
    connection = sqlite3.connect(own)
    DAMAGE[what](connection)
    connection.commit()
    connection.close()
    out = tmp_path / "out.parquet"
    result = call("index", "export", own, "-o", str(out))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"provenance: {own}: ")
    assert result.stderr.count("\n") == 1
    assert not out.exists()
    for command in (("query", own, "--format", "json"), ("stats", own), ("query", own, "-v")):
        assert call("index", *command).exit_code in (0, 1)
    assert call("verify", str(tmp_path), "--index", own).exit_code in (0, 1, 3)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE files SET until = 'soon'",
        "UPDATE files SET outcome_id = 'one'",
        "UPDATE files SET size = 'big', mtime_ns = x'00', inode = 1.5",
        "UPDATE files SET sha256 = 'text', terms_id = 'none'",
        "UPDATE outcomes SET state = 'Great', error = 'none of ours'",
        "UPDATE outcomes SET tone = 'PURPLE', words = x'ff'",
        "UPDATE reports SET body = x'00', details = 7",
        "UPDATE folders SET path = path || char(0)",
    ],
)
def test_a_run_goes_on_with_what_somebody_made_up_or_says_so(
    call: Call, tmp_path: Path, change: str
) -> None:
    gallery(tmp_path / "all")
    call("verify", "all", "--index", "i.db")
    with sqlite3.connect("i.db") as connection:
        connection.execute(change)
    connection.close()
    for more in ((), ("--format", "json"), ("--rehash",)):
        result = call("verify", "all", "--index", "i.db", *more)
        assert result.exit_code in (1, 4)
        if result.exit_code == 1:
            assert result.stderr.startswith("provenance: i.db: ")


def test_an_index_of_another_version_says_what_to_do(call: Call, own: str) -> None:
    connection = sqlite3.connect(own)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    result = call("index", "query", own)
    assert (
        "is of version 1, known here is 2; delete it, and verify the files once more"
        in result.stderr
    )


@pytest.mark.parametrize("seed", range(12))
def test_damaged_pages_are_one_sentence_or_no_matter(
    call: Call, own: str, tmp_path: Path, seed: int
) -> None:
    import random

    chance, data = random.Random(seed), bytearray(Path(own).read_bytes())
    for _ in range(200):
        data[chance.randrange(100, len(data))] = chance.randrange(256)
    Path(own).write_bytes(data)
    commands = (
        ("index", "query", own, "--contributor", "*", "--model", "*"),
        ("index", "query", own, "--reports", "--format", "ndjson"),
        ("index", "stats", own),
        ("index", "export", own, "-o", str(tmp_path / "o.parquet")),
        ("index", "export", own, "-o", str(tmp_path / "o.csv"), "--table", "people"),
    )
    for command in commands:
        result = call(*command)
        assert result.exit_code in (0, 1, 3)
        if result.exit_code == 1:
            assert result.stderr.startswith(f"provenance: {own}: ")


def test_trace_joins_what_the_index_knows(call: Call, here: Path) -> None:
    alone = json.loads(call("trace", "all/inner/far.png", "--format", "json").stdout)
    joined = json.loads(
        call("trace", "all/inner/far.png", "--index", "i.db", "--format", "json").stdout
    )
    assert "Base XL" not in json.dumps(alone)
    assert "Base XL" in json.dumps(joined)
    Draft202012Validator(load("lineage.schema.json")).validate(joined)
    missing = call("trace", "all/inner/far.png", "--index", "gone.db")
    assert missing.exit_code == 1
    assert missing.stderr == "provenance: gone.db: no such index\n"


def test_trace_tells_that_an_index_is_old(call: Call, tmp_path: Path) -> None:
    folder = gallery(tmp_path / "all")
    call("verify", "all", "--index", "i.db", "--rehash")
    (folder / "models" / "lora.c2pa").unlink()
    for name in ("made.png", "copy.png", "changed.png", "cut.png"):
        (folder / name).unlink()
    result = call("trace", "all/inner/far.png", "--index", "i.db", "-v")
    text = " ".join(result.stdout.split())
    assert "A file is not what the index says of it, and was left out." in text
    assert "is gone" in text


def test_help_of_the_group_lists_its_verbs(call: Call) -> None:
    text = call("index", "--help").stdout
    for verb in ("query", "stats", "export"):
        assert verb in text
        shown = call("index", verb, "--help")
        assert shown.exit_code == 0
        assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert call("index", "qury", "i.db").exit_code == 2


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """No index is left open."""
    import gc

    yield
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Index and _is_open(one)]


def _is_open(index: Index) -> bool:
    try:
        index.connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True
