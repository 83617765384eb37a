"""An index: what is unchanged is not looked at again, and nothing is lost or doubled."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenance.batch.index import Index, Update, terms_digest
from provenance.batch.index_schema import IndexFileError
from provenance.batch.look import Facts, Look, Terms
from provenance.batch.walk import batches
from provenance.trust.settings import TrustSettings
from provenance.validate.run import Examined
from tests.batch.corpus import COUNT, fill, signed_picture
from tests.build.workshop import named, trust

NOW = datetime.now(UTC)


def nothing(examined: Examined) -> None:
    """What else to make of a report."""


def update(place: Path, folder: Path, **more: object) -> tuple[list[Facts], "Update[None]"]:
    """Run over a folder: what was looked at, and the run."""
    terms = Terms(
        trust=more.pop("trust", trust()),  # type: ignore[arg-type]
        at=more.pop("at", NOW),  # type: ignore[arg-type]
    )
    with Index.open(place, create=True) as index:
        done: Update[None] = Update(
            index,
            batches([str(folder)]),
            Look(terms, nothing),
            roots=(str(folder),),
            **more,  # type: ignore[arg-type]
        )
        return [answer.facts for answer in done], done


def counts(place: Path) -> dict[str, int]:
    with Index.open(place) as index:
        one = index.connection.execute
        tables = ("files", "reports", "holds", "manifests", "edges", "people", "hashes", "folders")
        found = {name: one(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608
        assert one("PRAGMA integrity_check").fetchone() == ("ok",)
        assert one("PRAGMA foreign_key_check").fetchall() == []
        return found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("index") / "all")


@pytest.fixture
def folder(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "all"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


def test_what_is_unchanged_is_not_looked_at_again(folder: Path, place: Path) -> None:
    seen, _ = update(place, folder)
    assert len([one for one in seen if one.interesting]) == COUNT
    before = counts(place)
    seen, done = update(place, folder)
    assert seen == []
    assert len(done.known) == len(os.listdir(folder)) + 2 - 2  # inner has two; sidecars are paired
    assert counts(place) == before


def test_the_totals_are_those_of_the_first_run(folder: Path, place: Path) -> None:
    seen, _ = update(place, folder)
    _, done = update(place, folder)
    with Index.open(place) as index:
        found = {number: index.outcome(number)[0] for number in done.outcomes}
        states = sorted(
            str(found[number].state) for number, n in done.outcomes.items() for _ in range(n)
        )
    assert states == sorted(str(one.state) for one in seen)


def test_a_changed_file_replaces_what_was_known_of_it(folder: Path, place: Path) -> None:
    update(place, folder)
    before = counts(place)
    (folder / "a.png").write_bytes(signed_picture(9))
    (seen, *rest), _ = update(place, folder)
    assert (Path(seen.path).name, rest) == ("a.png", [])
    assert counts(place) == before


def test_a_changed_sidecar_is_a_change_of_its_file(folder: Path, place: Path) -> None:
    update(place, folder)
    data = bytearray((folder / "e.c2pa").read_bytes())
    data[-1] ^= 1
    (folder / "e.c2pa").write_bytes(data)
    (seen, *rest), _ = update(place, folder)
    assert (Path(seen.path).name, rest) == ("e.png", [])
    (folder / "e.c2pa").unlink()
    (seen, *rest), _ = update(place, folder)
    assert (Path(seen.path).name, seen.state, rest) == ("e.png", None, [])


def test_what_has_gone_goes_from_the_index_with_its_manifests(folder: Path, place: Path) -> None:
    update(place, folder)
    before = counts(place)
    (folder / "a.png").unlink()
    shutil.rmtree(folder / "inner")
    seen, _ = update(place, folder)
    assert seen == []
    after = counts(place)
    assert after["files"] == before["files"] - 3
    assert after["manifests"] == before["manifests"] - 2
    assert after["folders"] == before["folders"] - 1


def test_new_files_and_folders_are_added(folder: Path, place: Path) -> None:
    update(place, folder)
    (folder / "new").mkdir()
    shutil.copy(folder / "a.png", folder / "new" / "z.png")
    seen, _ = update(place, folder)
    assert [Path(one.path).name for one in seen] == ["z.png"]


def test_a_run_over_a_part_leaves_the_rest(folder: Path, place: Path) -> None:
    update(place, folder)
    before = counts(place)
    update(place, folder / "inner")
    assert counts(place) == before


@pytest.mark.parametrize(
    "more",
    [
        {"trust": TrustSettings()},
        {"fixed": True},
        {"at": NOW + timedelta(days=36_500)},
    ],
    ids=["trust", "moment", "certificates end"],
)
def test_other_terms_are_another_verdict(
    folder: Path, place: Path, more: dict[str, object]
) -> None:
    first, _ = update(place, folder)
    seen, _ = update(place, folder, **more)
    assert len([one for one in seen if one.state]) == len([one for one in first if one.state])


def test_terms_are_one_word_whatever_the_order_of_sets() -> None:
    words = ("1.2.3", "1.2.4", "1.2.5", "1.2.6")
    terms = [
        Terms(trust=TrustSettings(ekus=frozenset(rows)), at=NOW) for rows in (words, words[::-1])
    ]
    assert len({terms_digest(one, fixed=False) for one in terms}) == 1
    code = (
        "from datetime import datetime, UTC; from provenance.batch.look import Terms;"
        "from provenance.batch.index import terms_digest;"
        "from provenance.trust.settings import TrustSettings;"
        f"t = TrustSettings(ekus=frozenset({words}), allowed=frozenset((b'a', b'b')));"
        "print(terms_digest(Terms(trust=t, at=datetime.now(UTC)), fixed=False))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


def test_content_tells_what_a_new_time_does_not(folder: Path, place: Path) -> None:
    update(place, folder, rehash=True)
    update(place, folder, rehash=True)
    seen, _ = update(place, folder, rehash=True)
    assert seen == []
    os.utime(folder / "a.png", (1, 1))
    seen, _ = update(place, folder, rehash=True)
    assert seen == []
    path = folder / "a.png"
    times = path.stat()
    path.write_bytes(signed_picture(1)[::-1])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    seen, _ = update(place, folder, rehash=True)
    assert [Path(one.path).name for one in seen] == ["a.png"]


def test_what_could_not_be_read_is_tried_again(folder: Path, place: Path) -> None:
    update(place, folder)
    with Index.open(place) as index:
        index.connection.execute("UPDATE files SET until = 0 WHERE name = 'd.png'")
    seen, _ = update(place, folder)
    assert [Path(one.path).name for one in seen] == ["d.png"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_name_that_is_no_unicode_is_kept(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.png"))).write_bytes(signed_picture(1))
    assert len(update(place, folder)[0]) == 1
    assert update(place, folder)[0] == []


def test_a_shared_manifest_is_kept_once(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    parent = tmp_path / "parent.png"
    parent.write_bytes(signed_picture(1))
    for colour in range(2, 8):
        data = signed_picture(colour, components=[{"path": str(parent)}])
        (folder / f"{colour}.png").write_bytes(data)
    update(place, folder)
    found = counts(place)
    assert (found["files"], found["manifests"], found["holds"]) == (6, 7, 12)


@pytest.mark.parametrize("data", [b"no database at all", b"", None])
def test_a_file_that_is_no_index_is_refused(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "x"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(IndexFileError):
        Index.open(path, create=data == b"no database at all")


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "x") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(IndexFileError, match="no index of"):
        Index.open(tmp_path / "x", create=True)


RUN = """
import sys
from pathlib import Path
from provenance.batch import index
from tests.batch.test_index import update
index._TOGETHER = 5
print("begun", flush=True)
update(Path(sys.argv[1]), Path(sys.argv[2]), jobs=int(sys.argv[3]) or None)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_a_run_may_be_killed_at_any_moment(tmp_path: Path, kills: int) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    data = signed_picture(1)
    for number in range(240):
        path = folder / str(number % 7)
        path.mkdir(exist_ok=True)
        (path / f"{number}.png").write_bytes(data if number % 3 else data[:-40])
    whole = tmp_path / "whole.db"
    update(whole, folder)
    chance = random.Random(7)
    place = tmp_path / "killed.db"
    for number in range(kills):
        if number % 12 == 0:  # from the beginning again
            for one in tmp_path.glob("killed.db*"):
                one.unlink()
        else:
            touched = folder / str(chance.randrange(7)) / "extra.png"
            touched.write_bytes(data + bytes(number))
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, place, folder, "2" if number % 2 else "0"],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(chance.uniform(0, 0.7))
        run.kill()
        run.wait()
        run.stdout.close()
        if place.exists():
            counts(place)
    for one in folder.glob("*/extra.png"):
        one.unlink()
    update(place, folder)
    assert counts(place) == counts(whole)
    assert update(place, folder)[0] == []
    named(tmp_path, "end.png")
