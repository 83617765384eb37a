"""`verify DIR --index FILE`, killed with all its processes at any moment: the next run finishes."""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import time
import zlib
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.batch.corpus import signed_picture
from tests.build.workshop import picture
from tests.processes import COMMAND, children, kill_all, started

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")

# Files and manifests by name: the numbers of rows differ from run to run.
VIEWS = """
CREATE TEMP VIEW named AS SELECT files.id AS file_id, folders.path || '/' || name AS file
    FROM files JOIN folders ON folders.id = folder_id;
CREATE TEMP VIEW known AS SELECT id AS manifest_id, claim || hex(box) AS manifest FROM manifests;
"""
ROWS = {
    "folders": "SELECT path FROM folders",
    "files": "SELECT file, size, mtime_ns, inode, beside, hex(sha256), terms.digest,"
    " hex(outcomes.digest) FROM files JOIN named ON named.file_id = files.id"
    " JOIN outcomes ON outcomes.id = outcome_id JOIN terms ON terms.id = terms_id",
    "reports": "SELECT file, body, details FROM reports JOIN named USING (file_id)",
    "outcomes": "SELECT state, location, format, error, signer, failed, codes, policy, words,"
    " interesting, hex(digest) FROM outcomes",
    "outcome_codes": "SELECT code, hex(digest) FROM outcome_codes JOIN outcomes ON id = outcome_id",
    "signers": "SELECT sha256, common_name, issuer, alg FROM signers",
    "manifests": "SELECT claim, hex(box), label, kind, title, generator, sha256, signed_at,"
    " attested FROM manifests LEFT JOIN signers ON signers.id = signer_id",
    "holds": "SELECT file, place, manifest, state FROM holds JOIN named USING (file_id)"
    " JOIN known USING (manifest_id)",
    "edges": "SELECT manifest, uri, relationship, role, title, target, target_claim"
    " FROM edges JOIN known USING (manifest_id)",
    "people": "SELECT manifest, name, role, evidence FROM people JOIN known USING (manifest_id)",
    "hashes": "SELECT file, kind, value FROM hashes JOIN named USING (file_id)",
}


def opened(index: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(index))


def sound(index: Path) -> None:
    """The index opens, and its tables agree with each other."""
    with opened(index) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []


def rows(index: Path) -> dict[str, Counter[object]]:
    """All that it holds, every row with how often it is there."""
    with opened(index) as base:
        base.executescript(VIEWS)
        found = {name: Counter(base.execute(sql).fetchall()) for name, sql in ROWS.items()}
        for name, counted in found.items():  # a join that loses rows would hide them
            sql = f"SELECT count(*) FROM {name}"  # noqa: S608  # one of our own words
            assert base.execute(sql).fetchone() == (counted.total(),)
    found["reports"] = Counter((file, told(body), more) for file, body, more in found["reports"])
    return found


def told(body: bytes) -> bytes:
    """A report without the minute by which it judges: runs are at different ones."""
    return re.sub(rb"judged as of [0-9: -]+ UTC", b"", zlib.decompress(body))


def filled(folder: Path, count: int) -> Path:
    """Shared parents, sidecars, damaged and plain files, texts; in folders of sixty."""
    parent = folder.with_name("parent.png")
    parent.write_bytes(signed_picture(1))
    kinds = (
        signed_picture(2),
        signed_picture(3, "JPEG"),
        signed_picture(4, components=[{"path": str(parent)}]),
        signed_picture(5)[:-40],
        picture(6),
        b"words\n",
    )
    for number in range(count):
        place = folder / f"{number // 60}" / f"{number}.{'txt' if number % 6 == 5 else 'bin'}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(kinds[number % 6])
    return folder


def finish(folder: Path, index: Path, jobs: str) -> bytes:
    words = ("verify", str(folder), "--index", str(index), "--format", "ndjson", "-j", jobs)
    done = subprocess.run([*COMMAND, *words], cwd=folder.parent, capture_output=True, check=False)
    assert done.returncode == 4, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path: Path, kills: int) -> None:
    count = 600 if kills < 10 else 1800  # such that a run has several transactions
    folder = filled(tmp_path / "all", count)
    whole, index = tmp_path / "whole.db", tmp_path / "killed.db"
    began = time.monotonic()
    printed = finish(folder, whole, "2")
    took = time.monotonic() - began
    fresh = rows(whole)
    assert fresh["files"].total() == count
    assert printed.count(b"\n") == count * 5 // 6  # texts are passed over
    chance, cut, partly = random.Random(kills), 0, 0
    for _ in range(6 * kills):  # a run may end before it is killed
        if cut % 3 == 0:  # from the beginning; else on from where the last was killed
            for one in tmp_path.glob("killed.db*"):
                one.unlink()
        begins = not index.exists()
        jobs = "2" if cut % 2 else "1"
        words = ("verify", str(folder), "--index", str(index), "-q", "-j", jobs)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        run = started(*words, cwd=tmp_path, **quiet)
        time.sleep(chance.uniform(0.05, took))
        kill_all(run)
        assert not children(run.pid)
        if run.returncode != -9:
            took *= 0.8 if begins else 1  # the machine has more time for us than it had
            continue
        cut += 1
        if not index.exists():
            continue  # it had not come so far
        sound(index)
        with opened(index) as base:
            (there,) = base.execute("SELECT count(*) FROM files").fetchone()
            partly += 0 < there < count
        if cut % 3 == 0 or cut == kills:
            again = finish(folder, index, jobs)
            assert again.count(b"\n") == count * 5 // 6
            assert len(set(again.splitlines())) == count * 5 // 6
            sound(index)
            assert rows(index) == fresh
        if cut == kills:
            break
    assert cut == kills
    assert partly or kills < 10
    finish(folder, index, "2")
    assert rows(index) == fresh
    shutil.rmtree(folder)
