"""Compressed manifests: smaller, and valid here and elsewhere."""

import io
from pathlib import Path
from ssl import DER_cert_to_PEM_cert

import pytest

import provenance
from provenance.formats import registry
from provenance.jumbf import uuids
from provenance.jumbf.reader import parse
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from tests.build.workshop import MADE, forge, named, signer, verified
from tests.vectors import peer, second
from tests.vectors.peer import Signed


def compressed(store: bytes) -> list[bool]:
    return [one.uuid == uuids.COMPRESSED_MANIFEST for one in parse(store).superboxes]


def embedded(asset: bytes) -> bytes:
    source = BufferSource(asset)
    store = registry.find(source).locate(source, DEFAULT_LIMITS).store
    assert store is not None
    return store


@pytest.fixture
def once(tmp_path: Path) -> Path:
    path = named(tmp_path, "in.png")
    provenance.sign(path, tmp_path / "once.png", MADE, signer=signer())
    return tmp_path / "once.png"


def test_the_parents_manifest_is_compressed_and_read(once: Path) -> None:
    plain, small = io.BytesIO(), io.BytesIO()
    provenance.sign(once, plain, {}, signer=signer())
    provenance.sign(once, small, {}, signer=signer(), compress=True)
    assert compressed(embedded(small.getvalue())) == [True, False]
    assert len(small.getvalue()) < len(plain.getvalue())
    report = verified(small.getvalue())
    assert (report.state, len(report.manifests)) == ("Trusted", 2)
    root = DER_cert_to_PEM_cert(forge().root).encode()
    signed = Signed(kind="png", asset=small.getvalue(), store=b"")
    verdict = second.read(signed, anchors=root)
    assert (verdict.state, verdict.failures) == ("Trusted", frozenset())
    # The reference hashes what was compressed, not the compressed form: docs/differences.md.
    assert peer.read(signed).ingredient_failures >= {"ingredient.manifest.mismatch"}


def test_what_an_older_manifest_refers_to_stays_as_it_was(once: Path, tmp_path: Path) -> None:
    twice, thrice = tmp_path / "twice.png", io.BytesIO()
    provenance.sign(once, twice, {}, signer=signer())
    # The first manifest is inside the parent, and a component by itself.
    definition = {"components": [{"path": str(once)}]}
    provenance.sign(twice, thrice, definition, signer=signer(), compress=True)
    assert compressed(embedded(thrice.getvalue())) == [False, True, False]
    report = verified(thrice.getvalue())
    assert (report.state, len(report.manifests)) == ("Trusted", 3)


def test_a_sidecar_is_compressed_whole(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    provenance.sign(path, None, MADE, signer=signer(), sidecar=True, compress=True)
    store = (tmp_path / "in.c2pa").read_bytes()
    assert compressed(store) == [True]
    assert verified(path).state == "Trusted"
    signed = Signed(kind="png", asset=path.read_bytes(), store=store, sidecar=True)
    root = DER_cert_to_PEM_cert(forge().root).encode()
    assert peer.read(signed, anchors=root).state == "Trusted"
    assert second.read(signed, anchors=root).state == "Trusted"


def test_what_is_compressed_already_is_not_compressed_again(once: Path) -> None:
    small, again = io.BytesIO(), io.BytesIO()
    provenance.sign(once, small, {}, signer=signer(), compress=True)
    provenance.sign(small.getvalue(), again, {}, signer=signer(), compress=True)
    assert compressed(embedded(again.getvalue())) == [True, True, False]
    assert verified(again.getvalue()).state == "Trusted"
