"""Rows as Parquet and as CSV: what was put in comes out, whole or not at all."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from provenance.batch import parquet
from provenance.batch.columns import Column, Kind, csv_lines
from provenance.batch.examining import look_at
from provenance.batch.look import Terms
from provenance.batch.parquet import write_parquet, write_table
from provenance.batch.record import COLUMNS, record_of
from provenance.batch.walk import spread
from provenance.errors import UnsupportedFormatError
from tests.batch.corpus import COUNT, fill
from tests.build.workshop import trust

EVERY = tuple(Column(kind.value, kind) for kind in Kind)
NOON = 1_800_000_000.25
FULL = ("é\udcff", ("a.b", "c"), ("d e", "=f"), 3, NOON)
EMPTY = (None, (), (), None, None)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    assert write_parquet(path, EVERY, [FULL, EMPTY, (None,) * 5]) == 3
    first, second, third = pyarrow.parquet.read_table(path).to_pylist()
    assert list(first.values()) == [
        "é\\udcff",
        ["a.b", "c"],
        ["d e", "=f"],
        3,
        datetime.fromtimestamp(NOON, UTC),
    ]
    assert list(second.values()) == [None, [], [], None, None]
    assert set(third.values()) == {None}
    assert os.listdir(tmp_path) == ["x.parquet"]


def test_no_row_is_a_table_too() -> None:
    stream = io.BytesIO()
    assert write_table(stream, COLUMNS, []) == 0
    assert pyarrow.parquet.read_table(stream).column_names == [one.name for one in COLUMNS]


def test_rows_go_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    column = (Column("a", Kind.TEXT),)
    held: list[int] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(1000):
            held.append(number)
            yield (f"{number:04}" * 4,)

    monkeypatch.setattr(parquet, "_ROWS", 300)
    stream = io.BytesIO()
    assert write_table(stream, column, rows()) == 1000
    found = pyarrow.parquet.ParquetFile(stream)
    sizes = [found.metadata.row_group(one).num_rows for one in range(found.num_row_groups)]
    assert sizes == [300, 300, 300, 100]
    assert found.read().column("a").to_pylist() == [f"{one:04}" * 4 for one in held]
    monkeypatch.setattr(parquet, "_BYTES", 1600)
    write_table(stream := io.BytesIO(), column, rows())
    assert pyarrow.parquet.ParquetFile(stream).num_row_groups == 10


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"old")

    def rows() -> Iterator[tuple[Any, ...]]:
        yield (1,)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_parquet(path, (Column("a", Kind.INTEGER),), rows())
    with pytest.raises(TypeError, match="str where integer"):
        write_parquet(path, (Column("a", Kind.INTEGER),), [("1",)])
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.parquet"]


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e18, -1e18])
def test_a_time_outside_the_calendar_is_none(seconds: float) -> None:
    column = (Column("a", Kind.TIME),)
    write_table(stream := io.BytesIO(), column, [(seconds,)])
    assert pyarrow.parquet.read_table(stream).to_pylist() == [{"a": None}]
    assert list(csv_lines(column, [(seconds,)])) == ["a\n", '""\n']


def test_csv_has_the_same() -> None:
    text = "".join(csv_lines(EVERY, [FULL, EMPTY]))
    _, first, second = csv.reader(io.StringIO(text))
    assert first == [
        "é\\udcff",
        "a.b c",
        "d e; =f",
        "3",
        "2027-01-15T08:00:00.250000+00:00",
    ]
    assert second == [""] * 5


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from provenance.batch.parquet import write_parquet\n"
        "write_parquet(sys.argv[1], (), [])"
    )
    path = tmp_path / "x.parquet"
    run = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
    )
    last = run.stderr.splitlines()[-1]
    assert last.endswith("Parquet: needs pyarrow: pip install 'provenance-c2pa[columns]'")
    assert UnsupportedFormatError.__name__ in last
    assert not path.exists()


def test_a_record_says_what_the_report_says(tmp_path: Path) -> None:
    folder = fill(tmp_path / "all")
    terms = Terms(trust=trust(), at=datetime.now(UTC))
    every = [look_at(one, terms) for one in spread([str(folder)])]
    records = [record_of(one, terms.at) for one in every if one.report.asset.format]
    assert len([one for one in records if one.manifest_location != "none"]) == COUNT - 1
    write_table(stream := io.BytesIO(), COLUMNS, records)
    rows = pyarrow.parquet.read_table(stream).to_pylist()
    seen = {one.report.asset.path: one.report for one in every}
    for row in rows:
        report = seen[row["path"]]
        active = report.manifests[0] if report.manifests else None
        assert row["validation_state"] == (report.state.value if report.state else None)
        assert row["size"] == os.path.getsize(row["path"])
        assert row["active_manifest"] == report.active_manifest
        assert row["manifests"] == len(report.manifests)
        assert row["title"] == (active.claim.title if active and active.claim else None)
        assert row["checked_at"] == terms.at
        assert set(row["failed"]) <= set(row["codes"])
        assert len(row["errors"]) == len(report.errors)
    (made,) = [one for one in rows if one["path"].endswith("a.png")]
    assert made["digital_source_types"] == ["trainedAlgorithmicMedia"]
    assert made["signer"]
    assert made["signer"] in made["contributors"]
