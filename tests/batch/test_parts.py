"""Rows in Parquet parts: each file once, whoever is killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provenance.batch import parts
from provenance.batch.examining import look_at
from provenance.batch.look import Terms
from provenance.batch.parts import Parts, PartsError
from provenance.batch.record import FileRecord, record_of
from provenance.batch.walk import Named
from provenance.cli import main
from provenance.trust.settings import TrustSettings
from tests.batch.corpus import fill, signed_picture
from tests.batch.test_index import NOW
from tests.remote.counted import counted

pq: Any = pytest.importorskip(
    "pyarrow.parquet", reason="needs pyarrow: pip install 'provenance-c2pa[columns]'"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("parts") / "all")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def table(place: Path) -> list[dict[str, Any]]:
    found = sorted(place.glob("part-*.parquet"))
    assert [one.name for one in found] == [f"part-{n:05}.parquet" for n in range(len(found))]
    return [row for one in found for row in pq.read_table(one).to_pylist()]


def row(path: str, report: str = "{}") -> FileRecord:
    terms = Terms(trust=TrustSettings(), at=NOW)
    return record_of(look_at(Named(path), terms), NOW)._replace(report=report)


def test_each_file_is_a_row_beside_what_is_printed(folder: Path, tmp_path: Path) -> None:
    plain = call(folder, "--format", "ndjson", "--at", NOW.isoformat())
    options = ("--format", "ndjson", "--at", NOW.isoformat(), "--parquet-rows", "3")
    done = call(folder, *options, "--parquet", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (plain.exit_code, plain.stdout)
    rows = table(tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 3
    told = {one["asset"]["path"]: one for one in map(json.loads, plain.stdout.splitlines())}
    assert {one["path"]: json.loads(one["report"]) for one in rows} == told


def test_another_run_is_refused_or_goes_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(folder / "inner", "--parquet", out).exit_code == 3
    before = (out / "part-00000.parquet").read_bytes()
    refused = call(folder, "--parquet", out)
    assert refused.exit_code == 1
    assert "holds parts of another run" in refused.stderr
    assert refused.stdout == ""
    done = call(folder, "--parquet", out, "--resume", "--format", "ndjson")
    assert len(done.stdout.splitlines()) == 5
    assert "2 files stood in its parts already" in done.stderr
    assert (out / "part-00000.parquet").read_bytes() == before
    assert len({one["path"] for one in table(out)}) == len(table(out)) == 7
    done = call(folder, "--parquet", out, "--resume")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == (
        "provenance: 7 files stood in its parts already\n"
        "provenance: 2 files of other formats passed over\n"
    )
    assert len(table(out)) == 7


def test_paths_are_known_however_they_are_spelled(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for _ in range(2):
        call("./a.png", "inner//b.jpg", ".", "--parquet", tmp_path / "o", "--resume")
    rows = table(tmp_path / "o")
    assert len({os.path.abspath(one["path"]) for one in rows}) == 7


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_killed_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    data = signed_picture(1)
    for number in range(400):
        (files / f"{number:03}.png").write_bytes(data)
    command = [sys.executable, "-c", "from provenance.cli import main; main()", "verify"]
    command += [str(files), "--parquet", str(out), "--parquet-rows", "20", "-q", "--jobs", "2"]
    command += ["--resume"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        while not list(out.glob("part-*")) and running.poll() is None:
            time.sleep(0.001)
        time.sleep(0.02 * seed)
        running.send_signal(signal.SIGKILL)
    killed = len(table(out))
    assert 20 <= killed < 400
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    rows = [one["path"] for one in table(out)]
    assert len(rows) == 400
    assert sorted(rows) == sorted(map(str, files.iterdir()))
    assert all(one.name.startswith("part-") for one in out.iterdir())


def test_reports_that_are_long_make_parts_of_fewer_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_CHARACTERS", 1000)
    held = Parts(str(tmp_path))
    for number in range(4):
        held.add(row(f"{number}.png", "x" * 600))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_part_that_is_none_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1 no")
    done = call(folder, "--parquet", tmp_path, "--resume")
    assert done.exit_code == 1
    assert done.stderr.endswith("part-00000.parquet: is no part of such a run\n")
    done = call(folder, "--parquet", folder / "a.png")
    assert done.exit_code == 1
    assert "file exists" in done.stderr


def test_parts_may_lie_elsewhere() -> None:
    with counted(x=b""):
        held = Parts("counted://out/run", rows=2)
        for number in range(5):
            held.add(row(f"{number}.png"))
        held.flush()
        with pytest.raises(PartsError):
            Parts("counted://out/run")
        again = Parts("counted://out/run/", resume=True)
        assert again.known == 5
        assert again.has("./3.png")
        assert not again.has("5.png")


@pytest.mark.parametrize(
    "options",
    [
        ("--resume",),
        ("--parquet-rows", "9"),
        ("--parquet", "o", "--index", "i"),
        ("--parquet", "o", "-"),
    ],
)
def test_what_does_not_go_together_is_said(folder: Path, options: tuple[str, ...]) -> None:
    assert call(folder, *options).exit_code == 2
