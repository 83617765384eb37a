"""Stores in files of their own."""

from pathlib import Path

import pytest

from provenance.errors import LimitError
from provenance.formats import sidecar
from provenance.formats.c2pa_store import HANDLER, describes_store
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from tests.formats.samples import noise, store_of, written


def test_the_whole_file_is_the_store() -> None:
    store = store_of(5000)
    found = HANDLER.locate(BufferSource(store), DEFAULT_LIMITS)
    assert (found.store, found.carriers, found.count) == (store, (), 1)


def test_a_new_store_takes_the_place_of_the_old() -> None:
    old, new = store_of(5000), store_of(300)
    assert written(HANDLER.plan(BufferSource(old), 300, DEFAULT_LIMITS), old, new) == new
    assert written(HANDLER.plan(BufferSource(old), 0, DEFAULT_LIMITS), old) == b""


def test_a_store_past_the_limit_is_not_read() -> None:
    with pytest.raises(LimitError, match="5000 bytes, of which we read 4999"):
        HANDLER.locate(BufferSource(store_of(5000)), Limits(store_bytes=4999))


def test_a_store_with_a_64_bit_length_is_known() -> None:
    store = store_of(500)
    long = b"\0\0\0\1jumb" + (len(store) + 8).to_bytes(8) + store[8:]
    assert HANDLER.sniff(long)
    assert not HANDLER.sniff(long[:8] + noise(500))


def test_another_jumbf_box_is_no_store() -> None:
    other = store_of(500).replace(b"jumdc2pa", b"jumdc2ma")
    assert not HANDLER.sniff(other)


@pytest.mark.parametrize(
    ("before", "after", "is_store"),
    [
        (b"", b"", True),
        (b"\x03c2pa\0", b"\x13c2pa\0", True),
        (b"\x03c2pa\0", b"\x01c2pa\0", False),
        (b"\x03c2pa\0", b"\x03c2pb\0", False),
        (b"\x03c2pa\0", b"\x03c2pab", False),
        (b"jumd", b"jumb", False),
    ],
)
def test_type_and_label_make_a_store(before: bytes, after: bytes, is_store: bool) -> None:
    data = store_of(100)[8:].replace(before, after, 1)
    assert describes_store(data, 0) is is_store
    assert not describes_store(data[:29], 0)
    assert not describes_store(data[:24], 0)


@pytest.mark.parametrize(
    ("asset", "places"),
    [
        ("a/picture.jpg", ["a/picture.jpg.c2pa", "a/picture.c2pa"]),
        ("a.b.jpg", ["a.b.jpg.c2pa", "a.b.c2pa"]),
        ("picture", ["picture.c2pa"]),
        (".hidden", [".hidden.c2pa"]),
        ("store.c2pa", ["store.c2pa.c2pa"]),
        ("/", []),
    ],
)
def test_a_sidecar_is_looked_for_by_two_names(asset: str, places: list[str]) -> None:
    assert sidecar.candidates(Path(asset)) == tuple(map(Path, places))


def test_the_longer_name_goes_first(tmp_path: Path) -> None:
    asset = tmp_path / "a.jpg"
    asset.touch()
    assert sidecar.paired(asset) is None
    (tmp_path / "a.c2pa").touch()
    assert sidecar.paired(asset) == tmp_path / "a.c2pa"
    (tmp_path / "a.jpg.c2pa").touch()
    assert sidecar.paired(asset) == tmp_path / "a.jpg.c2pa"


def test_a_folder_is_no_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.c2pa").mkdir()
    assert sidecar.paired(tmp_path / "a.jpg") is None


def test_an_asset_is_not_its_own_sidecar(tmp_path: Path) -> None:
    asset = tmp_path / "a.jpg"
    asset.touch()
    (tmp_path / "a.jpg.c2pa").hardlink_to(asset)  # as one file under two names
    assert sidecar.paired(asset) is None


def test_a_name_too_long_for_a_sidecar_has_none(tmp_path: Path) -> None:
    asset = tmp_path / ("a" * 255)
    asset.touch()
    assert sidecar.paired(asset) is None
