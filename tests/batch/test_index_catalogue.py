"""`trace --index` sees what `trace --resolve` sees, and believes no index."""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.batch.index import Index
from provenance.batch.index_catalogue import IndexCatalogue
from provenance.batch.index_schema import IndexFileError
from provenance.batch.walk import spread
from provenance.chain import codes
from provenance.chain.graph import Graph
from provenance.chain.trace import trace
from tests.batch.gallery import gallery
from tests.batch.test_index import update
from tests.chain.studio import Used, the_studio
from tests.chain.test_trace import said


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = gallery(tmp_path_factory.mktemp("catalogue") / "all")
    place = folder.with_name("i.db")
    update(place, folder, rehash=True, trust=the_studio().trust)
    return place


def follow(path: Path, place: Path) -> Graph:
    with Index.open(place, reading=True) as index:
        return trace(path, trust=the_studio().trust, catalogue=IndexCatalogue(index))


def plain(graph: Graph) -> object:
    """A graph without where copies of the same file lie, of which any may be taken."""
    works = {key: replace(one, location=None) for key, one in graph.works.items()}
    told = {(one.code, one.work, one.other) for one in graph.findings}
    return graph.root, works, set(graph.edges), graph.parties, set(graph.ownerships), told


def test_it_is_as_with_the_folder(place: Path) -> None:
    folder = place.with_name("all")
    richer = 0
    for one in spread([str(folder)]):
        path = Path(one.path)
        if path.suffix == ".txt":
            continue
        graph = follow(path, place)
        assert plain(graph) == plain(trace(path, trust=the_studio().trust, resolve=[folder]))
        richer += plain(graph) != plain(trace(path, trust=the_studio().trust))
    assert richer > 5


def test_files_that_are_gone_or_changed_are_told(tmp_path: Path) -> None:
    folder = gallery(tmp_path / "all")
    update(tmp_path / "i.db", folder, rehash=True, trust=the_studio().trust)
    (folder / "models" / "lora.c2pa").unlink()
    (folder / "made.png").write_bytes((folder / "plain.png").read_bytes())
    (folder / "copy.png").unlink()
    graph = follow(folder / "inner" / "far.png", tmp_path / "i.db")
    assert codes.INDEX_OUTDATED in said(graph)
    told = {
        os.path.basename(one.explanation.split(" ")[0]): one.explanation
        for one in graph.findings
        if one.code == codes.INDEX_OUTDATED
    }
    assert told["lora.c2pa"].endswith("is gone")


def test_an_index_that_lies_is_not_believed(place: Path, tmp_path: Path) -> None:
    """Every row says of another file what was said of this one."""
    folder = place.with_name("all")
    crooked = tmp_path / "i.db"
    with sqlite3.connect(place) as one, sqlite3.connect(crooked) as two:
        one.backup(two)
    one.close()
    two.execute("UPDATE files SET name = 'by-hash.png' || id WHERE name = 'by-hash.png'")
    two.execute("UPDATE files SET name = 'by-hash.png', folder_id = 1 WHERE name = 'made.png'")
    two.commit()
    two.close()
    path = folder / "by-hash.png"
    graph = follow(path, crooked)
    for work in graph.works.values():
        if work.location == str(path):
            assert work.id == graph.root


def test_what_stands_there_that_is_no_path_is_damage(place: Path, tmp_path: Path) -> None:
    crooked = tmp_path / "i.db"
    with sqlite3.connect(place) as one, sqlite3.connect(crooked) as two:
        one.backup(two)
    one.close()
    two.execute("UPDATE files SET name = id + 0.5")
    two.commit()
    two.close()
    with pytest.raises(IndexFileError, match=r"is damaged .* where a path should be"):
        follow(place.with_name("all") / "made.png", crooked)


def test_of_a_hundred_holders_of_a_manifest_few_are_read(tmp_path: Path) -> None:
    studio, folder = the_studio(), tmp_path / "all"
    folder.mkdir()
    photo = studio.work("photo", "ada")
    data = studio.png("x", "bo", Used(made=photo, relationship="parentOf"))
    for number in range(100):
        (folder / f"{number}.png").write_bytes(data)
    update(tmp_path / "i.db", folder)
    with Index.open(tmp_path / "i.db", reading=True) as index:
        catalogue = IndexCatalogue(index)
        (claim,) = index.connection.execute(
            "SELECT claim FROM manifests WHERE title = 'x'"
        ).fetchone()
        assert len(list(catalogue.by_claim(claim))) == 64
        assert len(list(catalogue.by_reference(photo.label, None))) == 1
