"""The page of an index holds what the index holds, with the thumbnails that can be had."""

import io
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from threading import Event

import pytest
from PIL import Image

import provenance
from provenance.batch.index import Index
from provenance.batch.index_pictures import Lack
from provenance.batch.index_report import Made, Stopped, write_page
from provenance.batch.index_schema import IndexFileError
from provenance.report.escape import clean
from tests.batch.corpus import COUNT, fill
from tests.batch.index_samples import HOSTILE, grown
from tests.batch.test_index import update
from tests.build.workshop import MADE, signer
from tests.report.pages import Taken

ROWS = ("folders", "outcomes", "files", "reports", "signers", "manifests", "terms")


def page(place: Path, **more: object) -> tuple[Taken, Made]:
    out = io.BytesIO()
    with Index.open(place) as index:
        made = write_page(index, out, **more)  # type: ignore[arg-type]
    return Taken(out.getvalue().decode()), made


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    grown(folder / "index.db", folder / "files", 1_500, real=len(HOSTILE) + 50)
    return folder / "index.db"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    grown(folder / "index.db", folder / "files", 20, real=20)
    return folder / "index.db"


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 100), colour).save(out, "PNG")
    return out.getvalue()


def colour_of(data: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(data)) as opened:
        found = opened.convert("RGB").getpixel((20, 10))
        assert isinstance(found, tuple)
        return tuple(255 * (one > 127) for one in found)


def test_each_file_is_a_row_with_what_the_index_says_of_it(tmp_path: Path) -> None:
    place, folder = tmp_path / "index.db", fill(tmp_path / "all")
    update(place, folder)
    shown, made = page(place)
    assert made.files == COUNT == len(shown.rows)
    rows = {os.path.join(one["folder"], one["name"]): one for one in shown.rows}
    assert {name: one["state"] for name, one in rows.items()} == {
        "a.png": ["trusted"],
        "c.png": ["invalid"],
        "e.png": ["trusted"],
        "f.png": ["invalid"],
        "inner/b.jpg": ["trusted"],
        "inner/d.png": ["none"],
        "lone.c2pa": ["invalid"],
    }
    assert rows["c.png"]["failed"] == ["assertion.dataHash.mismatch"]
    assert rows["a.png"]["title"] == "no. 1"
    assert rows["a.png"]["source"] == ["trainedAlgorithmicMedia"]
    assert all(rows["a.png"]["signer"] + rows["a.png"]["format"] + rows["a.png"]["generator"])
    assert str(tmp_path) not in str(shown.scripts)


def test_details_stand_in_the_order_of_the_rows(many: Path) -> None:
    shown, _ = page(many, thumbnails=0)
    for group in range(3):
        found = shown.details(group)
        rows = shown.rows[group * 500 : group * 500 + 500]
        assert len(found["files"]) == len(rows)
        for row, (_, held, more) in zip(rows, found["files"], strict=True):
            titles = [found["manifests"][number]["title"] for number, _ in held]
            assert titles[:1] == ([row["title"]] if row["title"] else [])
            assert more == 0


def test_names_that_are_no_unicode_or_hide_something_are_told_in_escapes(many: Path) -> None:
    shown, _ = page(many, thumbnails=0)
    names = {one["name"] for one in shown.rows}
    assert {clean(one.replace("/", "-")) for one in HOSTILE} <= names


def test_a_thumbnail_is_of_the_file_or_of_a_manifest_that_holds(tmp_path: Path) -> None:
    """The stolen manifest shows its asset in green; the file it lies beside is red."""
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "green.png").write_bytes(picture("lime"))
    definition = {**MADE, "thumbnail": True}
    provenance.sign(folder / "green.png", None, definition, signer=signer(), sidecar=True)
    (folder / "plain.png").write_bytes(picture("blue"))
    (folder / "stolen.png").write_bytes(picture("red"))
    (folder / "stolen.c2pa").write_bytes((folder / "green.c2pa").read_bytes())
    place = tmp_path / "index.db"
    update(place, folder)
    shown, made = page(place)
    found = shown.pictures()
    colours = {one["name"]: colour_of(found[one["picture"]]) for one in shown.rows}
    assert made.pictures == 3
    assert colours == {
        "green.png": (0, 255, 0),
        "plain.png": (0, 0, 255),
        "stolen.png": (255, 0, 0),
    }
    assert {one["name"]: one["state"] for one in shown.rows}["stolen.png"] == ["invalid"]


def test_a_changed_or_missing_file_has_no_thumbnail(tmp_path: Path) -> None:
    place, folder = tmp_path / "index.db", fill(tmp_path / "all")
    update(place, folder)
    (folder / "a.png").unlink()
    (folder / "inner" / "b.jpg").write_bytes(picture("red"))
    shown, made = page(place)
    rows = {one["name"]: one for one in shown.rows}
    assert rows["a.png"]["picture"] == rows["b.jpg"]["picture"] == Lack.CHANGED
    assert rows["e.png"]["picture"] >= 0
    assert made.lacking[Lack.CHANGED] == 2


def test_those_to_look_at_first_get_the_thumbnails(many: Path) -> None:
    shown, made = page(many, thumbnails=40)
    tried = [one for one in shown.rows if one["picture"] != -1]
    assert len(tried) == 40 == made.pictures + made.lacking.total()
    assert {one["state"][0] for one in tried} == {"invalid"}
    none, made = page(many, thumbnails=0)
    assert {one["picture"] for one in none.rows} == {-1}
    assert made.pictures == 0 == len(none.pictures())


def test_workers_make_the_same_page(many: Path) -> None:
    first, made = page(many, jobs=2, thumbnails=1_500)
    second, _ = page(many, jobs=1, thumbnails=1_500)
    assert made.pictures > 0

    def pictures(shown: Taken) -> list[bytes | int]:
        found = shown.pictures()
        return [found[one] if one >= 0 else one for one in (row["picture"] for row in shown.rows)]

    assert pictures(first) == pictures(second)


def test_the_title_is_the_common_folder_or_as_said(many: Path) -> None:
    assert ("title", {}) in page(many, thumbnails=0)[0].tags
    out = io.BytesIO()
    with Index.open(many) as index:
        write_page(index, out, title="<b>Ours</b>", thumbnails=0)
    assert "<title>&lt;b&gt;Ours&lt;/b&gt;: Content Credentials</title>" in out.getvalue().decode()


def test_it_can_be_stopped(many: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        page(many, stop=stop)


def test_a_damaged_index_is_one_sentence(many: Path, tmp_path: Path) -> None:
    place = tmp_path / "index.db"
    with sqlite3.connect(many) as source, sqlite3.connect(place) as target:
        source.backup(target)
        target.execute("DROP TABLE holds")
    with pytest.raises(IndexFileError, match="has other tables"):
        page(place)


@pytest.mark.parametrize("value", ["x'ff00'", "'\u202e<b>'", "7", "1e400", "-9e300", "NULL"])
def test_any_value_in_any_column_is_a_page_or_one_sentence(
    few: Path, tmp_path: Path, value: str
) -> None:
    """Whoever made the index: what stands in it is shown as text, or refused."""
    refused = 0
    with closing(sqlite3.connect(few)) as source:
        tables = ("folders", "outcomes", "files", "reports", "signers", "manifests", "holds")
        columns = [
            (table, name)
            for table in (*tables, "edges", "people", "terms")
            for _, name, *_ in source.execute(f"PRAGMA table_info({table})")
        ]
        for number, (table, name) in enumerate(columns):
            place = tmp_path / f"{number}.db"
            with closing(sqlite3.connect(place)) as target:
                source.backup(target)
                where = " WHERE rowid = (SELECT min(rowid) FROM files)" if table in ROWS else ""
                with suppress(sqlite3.IntegrityError):  # SQLite itself refuses
                    sql = f"UPDATE OR FAIL {table} SET {name} = {value}{where}"  # noqa: S608
                    target.execute(sql)
                target.commit()
            try:
                page(place, thumbnails=3)
            except IndexFileError:
                refused += 1
            place.unlink()
    assert refused > 0 or value == "NULL"
