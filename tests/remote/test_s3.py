"""The command line on a server of S3's own protocol."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
import s3fs
from click.testing import CliRunner, Result

import provenance
from provenance.batch.walk import Wanted, batches, spread
from provenance.cli import main
from tests.batch.corpus import fill
from tests.build.workshop import picture


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("s3") / "all")


@pytest.fixture
def prefix(local: Path, s3: s3fs.S3FileSystem) -> str:
    for path in sorted(local.rglob("*")):
        if path.is_file():
            s3.pipe_file(f"bucket/all/{path.relative_to(local).as_posix()}", path.read_bytes())
    s3.pipe_file("bucket/all/", b"")  # as consoles leave it where a folder is made
    return "s3://bucket/all"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_prefix_is_verified_as_the_folder_is(local: Path, prefix: str) -> None:
    at = "2026-06-01T00:00:00Z"
    options = ("--ordered", "--format", "ndjson", "--at", at, "--jobs", "2")
    here, there = call("verify", str(local), *options), call("verify", prefix, *options)
    assert there.stdout.replace(prefix, str(local)) == here.stdout
    assert len(rows(there)) == 7
    assert (there.exit_code, there.stderr) == (here.exit_code, here.stderr)


def test_a_bucket_a_pattern_and_a_file(prefix: str, s3: s3fs.S3FileSystem) -> None:
    assert len(list(spread(["s3://bucket"]))) == 9
    found = list(spread([f"{prefix}/*.png"], Wanted()))
    assert [one.path for one in found] == [f"{prefix}/{name}.png" for name in "acefg"]
    (one,) = rows(call("verify", f"{prefix}/a.png", "--format", "ndjson"))
    assert one["validation_state"] == "Valid"
    s3.pipe_file("bucket/odd/a b?c#d%20e::f.jpg", picture(1, "JPEG"))
    (found_one,) = provenance.verify_many(["s3://bucket/odd"])
    assert found_one.asset.path == "s3://bucket/odd/a b?c#d%20e::f.jpg"
    assert found_one.asset.format == "image/jpeg"


@pytest.mark.parametrize("url", ["s3://bucket/none.png", "s3://nowhere/none.png"])
def test_what_is_not_there_is_one_line(prefix: str, url: str) -> None:
    done = call("verify", url, f"{prefix}/a.png", "--format", "ndjson")
    assert done.exit_code == 1
    first, second = rows(done)
    told = f"{url}: no such file or directory"
    assert first["errors"] == [{"kind": "io", "message": told}]
    assert second["validation_state"] == "Valid"


def test_inspect_and_trace_take_addresses(prefix: str) -> None:
    done = call("inspect", f"{prefix}/a.png")
    assert done.exit_code == 0
    assert "no. 1" in done.stdout
    done = call("trace", f"{prefix}/a.png", f"{prefix}/e.png", "--format", "json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)) == 2
    done = call("trace", f"{prefix}/a.png", "--resolve", prefix)
    assert done.exit_code == 2
    assert "this machine" in done.stderr
    done = call("verify", f"{prefix}/e.png", "--manifest", f"{prefix}/e.c2pa", "-q")
    assert done.exit_code == 0


def test_an_index_goes_on_with_what_changed(
    prefix: str, s3: s3fs.S3FileSystem, tmp_path: Path
) -> None:
    index = str(tmp_path / "i.db")
    options = ("--index", index, "--format", "ndjson", "--progress", "json")
    first = call("verify", prefix, *options)
    again = call("verify", prefix, *options)
    assert sorted(first.stdout.splitlines()) == sorted(again.stdout.splitlines())
    assert "7 unchanged" in again.stderr
    s3.pipe_file("bucket/all/c.png", picture(9))
    s3.rm_file("bucket/all/inner/b.jpg")
    last = call("verify", prefix, *options)
    assert "5 unchanged" in last.stderr
    with sqlite3.connect(index) as held:
        (count,) = held.execute("SELECT count(*) FROM reports").fetchone()
    held.close()
    assert count == 6
    call("verify", prefix, *options, "--rehash")
    with sqlite3.connect(index) as held:
        (count,) = held.execute("SELECT count(*) FROM files WHERE sha256 IS NOT NULL").fetchone()
    held.close()
    assert count == 8


def test_the_mark_of_a_named_file_is_that_of_the_list(prefix: str) -> None:
    from provenance.batch.walk import mark_of

    for batch in batches([prefix]):
        for one in batch.files:
            assert one.mark == mark_of(one.path)
            assert one.mark is not None
    assert os.environ["AWS_ENDPOINT_URL"]
