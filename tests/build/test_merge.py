"""Manifests of many ingredients in one store: each once, and two of one label told apart."""

import struct
from pathlib import Path

import pytest

import provenance
from provenance.build.merge import MergedStore
from provenance.jumbf import parse, uuids, writer
from provenance.model.store import ManifestStore
from tests.attacks.forge import Recipe, the_forge, urn
from tests.build.workshop import MADE, named, signer, store_of, verified


def store(*manifests: bytes) -> ManifestStore:
    return ManifestStore.parse(writer.superbox(uuids.MANIFEST_STORE, "c2pa", manifests))


def manifest(label: str, content: int = 0) -> bytes:
    return writer.superbox(uuids.MANIFEST, label, [writer.cbor_box("x", content)])


LABEL = urn()


def test_a_manifest_that_comes_twice_is_kept_once() -> None:
    merged = MergedStore()
    one, two = manifest(urn(), 1), manifest(urn(), 2)
    first = merged.add(store(one, two))
    again = merged.add(store(two))
    assert first == again
    assert [row.box for row in merged.manifests] == [one, two]


def test_a_label_taken_by_another_gives_a_new_label() -> None:
    merged = MergedStore()
    merged.add(store(manifest(LABEL, 1)))
    second = merged.add(store(manifest(LABEL, 2)))
    third = merged.add(store(manifest(LABEL, 3)))
    assert second.label == f"{LABEL}::2_1"
    assert third.label == f"{LABEL}::3_1"
    assert len({row.label for row in merged.manifests}) == 3


def test_a_relabelled_manifest_differs_in_its_label_only() -> None:
    merged = MergedStore()
    merged.add(store(manifest(LABEL, 1)))
    second = merged.add(store(manifest(LABEL, 2)))
    found = parse(second.box)
    original = parse(manifest(LABEL, 2))
    assert found.label == second.label
    assert found.uuid == original.uuid
    assert [bytes(child.raw) for child in found.children] == [
        bytes(child.raw) for child in original.children
    ]


def test_a_relabelled_manifest_that_comes_again_is_kept_once() -> None:
    merged = MergedStore()
    merged.add(store(manifest(LABEL, 1)))
    second = merged.add(store(manifest(LABEL, 2)))
    assert merged.add(store(manifest(LABEL, 2))) == second
    assert len(merged.manifests) == 2


def test_long_headers_are_understood() -> None:
    """A description box with a length of 64 bits, as a writer may spell it."""
    short = manifest(LABEL, 2)
    (length,) = struct.unpack_from(">I", short, 8)
    described = struct.pack(">I4sQ", 1, b"jumd", length + 8) + short[16 : 8 + length]
    body = described + short[8 + length :]
    long = struct.pack(">I4s", len(body) + 8, b"jumb") + body
    merged = MergedStore()
    merged.add(store(manifest(LABEL, 1)))
    second = merged.add(store(long))
    assert parse(second.box).label == second.label


def test_two_ingredients_of_one_past_bring_it_once(tmp_path: Path) -> None:
    provenance.sign(named(tmp_path, "a.png"), tmp_path / "root.png", MADE, signer=signer())
    for name in ("left.png", "right.png"):
        provenance.sign(
            tmp_path / "root.png",
            tmp_path / name,
            {"title": name, "thumbnail": False},
            signer=signer(),
        )
    made = MADE | {"components": [str(tmp_path / "left.png"), str(tmp_path / "right.png")]}
    provenance.sign(named(tmp_path, "b.png", 7), tmp_path / "out.png", made, signer=signer())
    assert verified(tmp_path / "out.png").state == "Trusted"
    assert len(store_of(tmp_path / "out.png").manifests) == 4


@pytest.mark.parametrize("relative", [True, False])
def test_two_ingredients_of_one_label_are_both_kept_and_hold(
    tmp_path: Path, relative: bool
) -> None:
    """Different manifests, one label: only the label changes, and what is signed stays true."""
    forge = the_forge()
    paths = []
    for n in range(2):

        def near(claim: dict[str, object]) -> None:
            claim["signature"] = "self#jumbf=c2pa.signature"

        recipe = Recipe(label=LABEL, claim=near) if relative else Recipe(label=LABEL)
        paths.append(tmp_path / f"{n}.png")
        paths[-1].write_bytes(forge.png(recipe))
        assert verified(paths[-1]).state == "Trusted"
    made = MADE | {"components": [str(path) for path in paths]}
    provenance.sign(named(tmp_path, "in.png"), tmp_path / "out.png", made, signer=signer())
    report = verified(tmp_path / "out.png")
    assert report.state == "Trusted"
    labels = [one.label for one in store_of(tmp_path / "out.png").manifests]
    assert labels[:2] == [LABEL, f"{LABEL}::2_1"]
