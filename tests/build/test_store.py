"""A manifest store leaves its asset, and comes back."""

import io
from pathlib import Path

import pytest

import provenance
from tests.build.test_update import TRUST, signed, signer
from tests.vectors.peer import picture


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_store_that_was_detached_fits_again(kind: str) -> None:
    bare, store, whole = io.BytesIO(), io.BytesIO(), io.BytesIO()
    provenance.detach(signed(kind), bare, store)
    assert bare.getvalue() == picture(kind)
    report = provenance.attach(bare.getvalue(), store.getvalue(), whole)
    assert report.state == "Valid"
    assert whole.getvalue() == signed(kind)


def test_a_store_of_another_asset_is_not_attached(tmp_path: Path) -> None:
    store = io.BytesIO()
    provenance.detach(signed("png"), io.BytesIO(), store)
    out = tmp_path / "out.png"
    with pytest.raises(provenance.SigningError, match=r"dataHash\.mismatch"):
        provenance.attach(picture("png", seed=2), store.getvalue(), out)
    assert list(tmp_path.iterdir()) == []


def test_a_sidecar_that_hashes_the_bare_asset_does_not_fit_inside() -> None:
    beside = io.BytesIO()
    made = {"digital_source_type": "digitalCapture"}
    provenance.sign(picture("png"), beside, made, signer=signer(), sidecar=True)
    assert provenance.verify(picture("png"), manifest=beside.getvalue(), trust=TRUST).ok
    with pytest.raises(provenance.SigningError):
        provenance.attach(picture("png"), beside.getvalue(), io.BytesIO())


def test_nothing_to_detach_is_one_sentence() -> None:
    with pytest.raises(provenance.SigningError, match="no manifest store"):
        provenance.detach(picture("png"), io.BytesIO(), io.BytesIO())


def test_a_store_is_never_written_over_a_file(tmp_path: Path) -> None:
    there = tmp_path / "there.c2pa"
    there.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        provenance.detach(signed("png"), tmp_path / "bare.png", there)
    assert there.read_bytes() == b"mine"
    assert not (tmp_path / "bare.png").exists()


@pytest.mark.parametrize("name", ["a.yaml", "a.py", "a.md", "a.css", "a.txt", "a.vtt", "a.xml"])
def test_what_is_known_by_its_suffix_takes_the_same_carrier_again(
    tmp_path: Path, name: str
) -> None:
    text = "<a/>\n" if name == "a.xml" else "WEBVTT\n\nNOTE a\n" if name == "a.vtt" else "a: 1\n"
    asset, whole, bare, again = (tmp_path / f"{one}{name}" for one in ("", "whole-", "bare-", "2-"))
    asset.write_text(text)
    made = {"digital_source_type": "digitalCapture"}
    provenance.sign(asset, whole, made, signer=signer())
    provenance.detach(whole, bare, tmp_path / "store.c2pa")
    assert bare.read_text() == text
    provenance.attach(bare, tmp_path / "store.c2pa", again)
    assert again.read_bytes() == whole.read_bytes()


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("no manifest store")
    with pytest.raises(provenance.MalformedError, match=r"words\.txt: is no manifest store"):
        provenance.attach(picture("png"), words, io.BytesIO())
