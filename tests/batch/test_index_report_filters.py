"""The page of a part of an index has exactly the files that a query finds, whatever is asked."""

import io
import os
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.batch.index import Index
from provenance.batch.index_made import made_of
from provenance.batch.index_query import Query
from provenance.batch.index_report import Made, write_page
from provenance.batch.index_select import Filters
from provenance.report.escape import clean
from tests.batch.gallery import gallery
from tests.batch.test_index import update
from tests.chain.studio import the_studio
from tests.report.pages import Taken

DAY = datetime(2024, 3, 5, tzinfo=UTC)
CASES = {
    "signer": Filters(signer=("*es256",)),
    "generator": Filters(generator=("painter 2",)),
    "title": Filters(title=("by *", "photo")),
    "media_type": Filters(media_type=("application/*",)),
    "model": Filters(model=("base xl",)),
    "contributor": Filters(contributor=("zoë", "the lab")),
    "state": Filters(state=("invalid", "none")),
    "code": Filters(code=("assertion.dataHash.mismatch",)),
    "since": Filters(since=DAY.replace(hour=6)),
    "until": Filters(until=DAY.replace(hour=7)),
}
SEVERAL = {
    "two": Filters(model=("lora",), state=("trusted",)),
    "three": Filters(contributor=("*",), model=("*",), title=("made",)),
    "none": Filters(signer=("nobody",)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = gallery(tmp_path_factory.mktemp("part") / "all")
    update(made.with_name("i.db"), made, rehash=True, trust=the_studio().trust)
    return made


def page(index: Index, filters: Filters | None, thumbnails: int = 0) -> tuple[Taken, Made, str]:
    out = io.BytesIO()
    made = write_page(index, out, filters, thumbnails=thumbnails)
    return Taken(out.getvalue().decode()), made, out.getvalue().decode()


def chosen(name: str, folder: Path) -> Filters:
    match name:
        case "under":
            return Filters(under=(str(folder / "inner"), str(folder / "models")))
        case "made_from":
            return Filters(made_from=(made_of(str(folder / "models" / "lora.c2pa")),))
        case _:
            return (CASES | SEVERAL)[name]


def test_each_kind_of_filter_is_tried() -> None:
    assert {*CASES, "under", "made_from"} == {one.name for one in fields(Filters)}


@pytest.mark.parametrize("name", [*(one.name for one in fields(Filters)), *SEVERAL])
def test_the_files_are_those_of_a_query(folder: Path, name: str) -> None:
    with Index.open(folder.with_name("i.db"), reading=True) as index:
        wanted = chosen(name, folder)
        records = list(Query(index, wanted).records(reports=False))
        paths = [one.path for one in records]
        every = Query(index).count()
        shown, made, text = page(index, wanted)
        assert Query(index).count() == every  # nothing of it is left in the connection
    assert bool(paths) == (name != "none")
    assert len(paths) < every
    root = os.path.commonpath(list(map(os.path.dirname, paths))) if paths else ""
    found = [os.path.join(one["folder"], one["name"]) for one in shown.rows]
    assert found == [clean(os.path.relpath(one, root)) for one in paths]
    assert [one["title"] or one["name"] for one in shown.rows] == [
        clean(one.title or os.path.basename(one.path)) for one in records
    ]
    assert [one["agent"] for one in shown.rows] == [list(one.software_agents) for one in records]
    assert made.files == len(paths)
    assert f"{len(paths)} of {every} files of an index: " in text
    tiles = re.findall('<span class="number">([0-9,]+)</span>', text)
    assert sum(map(int, tiles)) == len(paths)
    if paths:
        assert len(shown.details()["files"]) == len(paths)
    assert str(folder.parent) not in text


def test_without_filters_it_is_all_of_it(folder: Path) -> None:
    with Index.open(folder.with_name("i.db"), reading=True) as index:
        every = Query(index).count()
        for filters in (None, Filters()):
            shown, _, text = page(index, filters)
            assert len(shown.rows) == every
            assert "files of an index" not in text


def test_thumbnails_are_of_the_chosen_alone(folder: Path) -> None:
    with Index.open(folder.with_name("i.db"), reading=True) as index:
        wanted = Filters(state=("none", "trusted"), media_type=("png",))
        shown, made, _ = page(index, wanted, thumbnails=4)
    tried = [one for one in shown.rows if one["picture"] != -1]
    assert len(tried) == 4 == made.pictures + made.lacking.total()
    assert {one["state"][0] for one in tried} == {"trusted"}
    assert shown.pictures()


def test_what_is_asked_for_stands_on_the_page_as_text(folder: Path) -> None:
    with Index.open(folder.with_name("i.db"), reading=True) as index:
        _, _, text = page(index, Filters(title=("<b>\u202e",), state=("none",), since=DAY))
    words = "title &lt;b&gt;\\u{202e}; state none; since 2024-03-05 00:00 UTC"
    assert words in text
    assert "<b>\u202e" not in text
