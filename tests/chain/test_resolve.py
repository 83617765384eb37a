"""Ingredients found in files that were given: by claim, by label, by hash."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import provenance
from provenance.build.models import file_name_uri
from provenance.chain import codes
from provenance.chain.graph import EdgeStatus
from provenance.chain.trace import trace
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.limits import Limits
from tests.attacks.forge import Built, Row
from tests.build.workshop import MADE, named, picture, signer
from tests.chain.studio import DATASET, Says, Used, the_studio, work_id
from tests.chain.test_trace import edge, said, titled


def by_hash(data: bytes) -> Used:
    """An ingredient that is known by its hash alone."""

    def edit(row: Row) -> None:
        row["instanceID"] = file_name_uri(sha256(data).digest())

    return Used(relationship="componentOf", rate=100_000, edit=edit)


@pytest.mark.parametrize("name", ["photo.png", "renamed.png", "deep/er/photo.png"])
def test_a_hash_leads_to_the_signed_file_that_has_it(tmp_path: Path, name: str) -> None:
    studio = the_studio()
    photo = studio.png("photo", "ada")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(photo)
    named(tmp_path, "other.png", 7)
    asset = studio.png("x", "bo", by_hash(photo))
    assert said(trace(asset, trust=studio.trust)) == {codes.INGREDIENT_MISSING}
    graph = trace(asset, trust=studio.trust, resolve=[tmp_path])
    work = graph.works[titled(graph, "photo")]
    assert work.signer == studio.key("ada")
    assert work.location == str(tmp_path / name)
    assert work.asset_sha256 == sha256(photo).hexdigest()
    assert not graph.findings


def test_the_hash_of_the_unsigned_content_leads_to_its_signed_form(tmp_path: Path) -> None:
    studio = the_studio()
    bare = picture(5)
    (tmp_path / "signed.png").write_bytes(studio.png("photo", "ada", picture=bare))
    graph = trace(studio.png("x", "bo", by_hash(bare)), trust=studio.trust, resolve=[tmp_path])
    assert graph.works[titled(graph, "photo")].signer == studio.key("ada")


def test_a_file_that_was_changed_is_not_found_by_the_hash_of_what_it_was(tmp_path: Path) -> None:
    studio = the_studio()
    photo = studio.png("photo", "ada", picture=picture(5))
    changed = bytearray(photo)
    changed[-13] ^= 1
    (tmp_path / "photo.png").write_bytes(changed)
    graph = trace(studio.png("x", "bo", by_hash(photo)), resolve=[tmp_path])
    assert said(graph) == {codes.INGREDIENT_MISSING}


def test_a_signed_file_whose_content_was_changed_is_joined_by_no_hash(tmp_path: Path) -> None:
    studio = the_studio()
    changed = bytearray(studio.png("photo", "ada", picture=picture(5)))
    changed[-13] ^= 1
    (tmp_path / "photo.png").write_bytes(changed)
    graph = trace(studio.png("x", "bo", by_hash(bytes(changed))), resolve=[tmp_path])
    assert len(graph.works) == 2
    assert said(graph) == {codes.INGREDIENT_MISSING}


def test_an_unsigned_file_gives_its_place(tmp_path: Path) -> None:
    bare = named(tmp_path, "bare.png", 3)
    asset = the_studio().png("x", "bo", by_hash(bare.read_bytes()))
    graph = trace(asset, resolve=[tmp_path])
    assert [one.location for one in graph.works.values()][1] == str(bare)


def _store(*manifests: Built) -> bytes:
    return superbox(uuids.MANIFEST_STORE, "c2pa", tuple(one.box for one in manifests))


def test_a_manifest_store_alone_answers_for_the_manifest_that_is_missing(tmp_path: Path) -> None:
    studio = the_studio()
    dataset = studio.work("dataset", "curator", says=Says(types=(DATASET,)))
    (tmp_path / "dataset.c2pa").write_bytes(_store(dataset))
    image = studio.work("image", "tuner", Used(made=dataset, types=(DATASET,)))
    used = Used(made=image, relationship="parentOf")
    asset = studio.png("x", "bo", used, before=(image,))
    assert said(trace(asset, trust=studio.trust)) == {codes.INGREDIENT_MISSING}
    graph = trace(asset, trust=studio.trust, resolve=[tmp_path])
    assert edge(graph, dataset).status is EdgeStatus.DECLARED
    assert graph.works[work_id(dataset)].signer == studio.key("curator")
    assert graph.works[work_id(dataset)].location == str(tmp_path / "dataset.c2pa")
    assert not graph.findings


def test_a_manifest_of_the_same_label_that_is_another_answers_for_nothing(tmp_path: Path) -> None:
    studio = the_studio()
    dataset = studio.work("dataset", "curator", says=Says(types=(DATASET,)))
    recipe = studio.recipe("dataset", "mallory", says=Says(types=(DATASET,)))
    fake = studio.forge.build(replace(recipe, label=dataset.label))
    (tmp_path / "dataset.c2pa").write_bytes(_store(fake))
    image = studio.work("image", "tuner", Used(made=dataset, types=(DATASET,)))
    used = Used(made=image, relationship="parentOf")
    asset = studio.png("x", "bo", used, before=(image,))
    graph = trace(asset, trust=studio.trust, resolve=[tmp_path])
    assert work_id(fake) not in graph.works
    assert said(graph) == {codes.INGREDIENT_MISSING}


def test_a_manifest_store_alone_can_be_traced(tmp_path: Path) -> None:
    studio = the_studio()
    photo = studio.work("photo", "ada")
    image = studio.work("image", "bo", Used(made=photo, relationship="parentOf", rate=7))
    path = tmp_path / "image.c2pa"
    path.write_bytes(_store(photo, image))
    graph = trace(path, trust=studio.trust)
    assert graph.root == work_id(image)
    assert edge(graph, photo).rate_ppm == 7
    assert not graph.findings


def test_a_file_at_hand_that_is_not_the_one_that_was_signed_is_told(tmp_path: Path) -> None:
    studio = the_studio()
    photo = studio.bound("photo", "ada")
    (tmp_path / "photo.png").write_bytes(picture(99))
    (tmp_path / "photo.c2pa").write_bytes(_store(photo))
    asset = studio.png("x", "bo", Used(made=photo, relationship="parentOf"))
    graph = trace(asset, trust=studio.trust, resolve=[tmp_path])
    assert codes.HASH_MISMATCH in said(graph)
    assert edge(graph, photo).status is EdgeStatus.DECLARED


def test_a_sound_copy_at_hand_does_not_speak_for_a_tampered_asset(tmp_path: Path) -> None:
    studio = the_studio()
    photo = studio.work("photo", "ada")
    sound = studio.png("x", "bo", Used(made=photo, relationship="parentOf", rate=9))
    (tmp_path / "sound.png").write_bytes(sound)
    tampered = bytearray(sound)
    tampered[-13] ^= 1
    graph = trace(bytes(tampered), trust=studio.trust, resolve=[tmp_path])
    assert graph.works[graph.root].validation_state == "Invalid"
    assert edge(graph, photo).status is EdgeStatus.BROKEN
    assert codes.ROOT_BROKEN in said(graph)


def test_a_folder_with_its_sidecar_is_found_as_the_dataset_that_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    first = named(folder, "a.png", 1)
    types = {"asset_types": [{"type": DATASET}], "components": [str(first)]}
    provenance.sign(folder, None, {**MADE, "title": "d", **types}, signer=signer(), sidecar=True)
    graph = trace(folder)
    assert graph.works[graph.root].kind == "dataset"
    out = tmp_path / "x.png"
    rows = {"sources": [str(folder)], "title": "x"}
    provenance.sign(named(tmp_path, "in.png", 2), out, {**MADE, **rows}, signer=signer())
    graph = trace(out, resolve=[tmp_path])
    assert graph.works[titled(graph, "d")].location == str(folder)
    leaf = graph.works[titled(graph, "a.png")]
    assert leaf.location == str(first)


def test_only_so_many_files_are_looked_through_and_it_is_told(tmp_path: Path) -> None:
    studio = the_studio()
    for number in range(5):
        named(tmp_path, f"{number}.png", number)
    asset = studio.png("x", "bo", by_hash(picture(4)))
    graph = trace(asset, resolve=[tmp_path], limits=Limits(resolve_files=3))
    assert codes.FILE_LIMIT in said(graph)
    graph = trace(asset, resolve=[tmp_path], limits=Limits(resolve_bytes=100))
    assert codes.FILE_LIMIT in said(graph)


def test_files_that_cannot_be_read_hurt_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.c2pa").write_bytes(b"\0\0\0\x10jumb")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "c.sig").write_bytes(b"{" * 5000)
    (tmp_path / "loop").symlink_to(tmp_path)
    asset = the_studio().png("x", "bo", by_hash(b"?"))
    assert said(trace(asset, resolve=[tmp_path, tmp_path / "none"])) == {codes.INGREDIENT_MISSING}
