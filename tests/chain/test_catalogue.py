"""A catalogue names files; what it says counts only where the files say the same."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from provenance.chain import codes
from provenance.chain.graph import EdgeStatus, Graph
from provenance.chain.trace import trace
from tests.build.workshop import picture
from tests.chain.studio import DATASET, Says, Used, accepts, the_studio, work_id
from tests.chain.test_agreed import pair
from tests.chain.test_resolve import _store, by_hash
from tests.chain.test_trace import edge, said, titled


class Naive:
    """Says of every file that it is what is looked for."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    def by_claim(self, claim: str) -> Iterable[Path]:
        return self.paths

    def by_reference(self, label: str, hash_: bytes | None) -> Iterable[Path]:
        return self.paths

    def by_digest(self, digest: str) -> Iterable[Path]:
        return self.paths

    def by_name(self, name: str) -> Iterable[Path]:
        return self.paths

    def by_fingerprint(self, fingerprint: str) -> Iterable[Path]:
        return self.paths

    def accepting(self, claims: Iterable[str]) -> Iterable[Path]:
        return self.paths


def follow(asset: bytes, *paths: Path) -> Graph:
    return trace(asset, trust=the_studio().trust, catalogue=Naive(*paths))


def outdated(graph: Graph) -> list[str]:
    found = [one.explanation for one in graph.findings if one.code == codes.INDEX_OUTDATED]
    assert all(one.work == graph.root for one in graph.findings if one.code == codes.INDEX_OUTDATED)
    return found


def test_a_hash_leads_to_the_file_that_has_it(tmp_path: Path) -> None:
    photo = the_studio().png("photo", "ada")
    path = tmp_path / "photo.png"
    path.write_bytes(photo)
    graph = follow(the_studio().png("x", "bo", by_hash(photo)), path)
    work = graph.works[titled(graph, "photo")]
    assert (work.signer, work.location) == (the_studio().key("ada"), str(path))
    assert codes.INGREDIENT_MISSING not in said(graph)


def test_an_unsigned_file_is_known_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "bare.png"
    path.write_bytes(picture(3))
    graph = follow(the_studio().png("x", "bo", by_hash(picture(3))), path)
    assert [one.location for one in graph.works.values()][1] == str(path)


@pytest.mark.parametrize("what", ["changed", "another", "gone", "unsigned", "a pipe"])
def test_a_file_that_is_not_what_was_said_joins_nothing(tmp_path: Path, what: str) -> None:
    studio = the_studio()
    photo, path = studio.png("photo", "ada"), tmp_path / "photo.png"
    changed = bytearray(photo)
    changed[-13] ^= 1
    data = {"changed": bytes(changed), "another": studio.png("other", "bo"), "unsigned": picture(8)}
    if what == "a pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("there are no pipes here")
        os.mkfifo(path)
    elif what != "gone":
        path.write_bytes(data[what])
    graph = follow(studio.png("x", "bo", by_hash(photo)), path)
    assert [one.title for one in graph.works.values()] == ["x", "ingredient 0"]
    assert codes.INGREDIENT_MISSING in said(graph)
    (told,) = outdated(graph)
    assert told.startswith(f"{path} ")
    assert told.endswith("is gone" if what == "gone" else ("has changed", "has no manifest now"))


def test_a_reference_leads_to_the_manifest_that_has_its_hash(tmp_path: Path) -> None:
    studio = the_studio()
    dataset = studio.work("dataset", "curator", says=Says(types=(DATASET,)))
    path = tmp_path / "dataset.c2pa"
    path.write_bytes(_store(dataset))
    image = studio.work("image", "tuner", Used(made=dataset, types=(DATASET,)))
    used = Used(made=image, relationship="parentOf")
    graph = follow(studio.png("x", "bo", used, before=(image,)), path)
    assert edge(graph, dataset).status is EdgeStatus.DECLARED
    assert graph.works[work_id(dataset)].location == str(path)


def test_an_acceptance_elsewhere_is_found(tmp_path: Path) -> None:
    studio = the_studio()
    photo, image = pair()
    path = tmp_path / "photo.png"
    path.write_bytes(
        studio.update("ada", photo, says=Says(accepts=(accepts(image, photo, 100_000),)))
    )
    used = Used(made=image, relationship="parentOf")
    graph = follow(studio.png("remix", "remixer", used, before=(photo, image)), path)
    assert edge(graph, photo).status is EdgeStatus.COUNTERSIGNED


def test_somebody_elses_signature_over_the_same_content_is_found(tmp_path: Path) -> None:
    studio = the_studio()
    path = tmp_path / "mine.png"
    path.write_bytes(studio.png("mine", "mallory", picture=picture(5)))
    graph = follow(studio.png("photo", "ada", picture=picture(5)), path)
    assert codes.SIGNATURE_COPIED in said(graph)


def test_only_so_many_files_are_looked_into_for_one_thing(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(1000)]
    graph = follow(the_studio().png("x", "bo", by_hash(picture(4))), *paths)
    assert 0 < len(outdated(graph)) < 50
