"""`verify`: whatever it is given, a report; and where the store is looked for."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance
from provenance.limits import Limits
from tests.attacks.forge import (
    Recipe,
    hard_binding,
    ingredient,
    opened,
    picture,
    the_forge,
)


def signed() -> bytes:
    return the_forge().png(Recipe())


def test_an_asset_may_be_a_path_bytes_or_a_stream(tmp_path: Path) -> None:
    data = signed()
    path = tmp_path / "a.png"
    path.write_bytes(data)
    reports = [
        provenance.verify(asset, trust=the_forge().trust)
        for asset in (path, str(path), data, io.BytesIO(data))
    ]
    assert {one.state for one in reports} == {"Trusted"}
    assert reports[0].asset.path == str(path)
    assert reports[2].asset.path is None
    assert {one.asset.size for one in reports} == {len(data)}
    assert {one.asset.format for one in reports} == {"image/png"}


def test_content_decides_and_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(signed())
    assert provenance.verify(path).state == "Valid"


def test_a_file_without_manifest_has_no_state() -> None:
    report = provenance.verify(picture())
    assert report.state is None
    assert not report.ok
    assert not report.errors
    assert report.location == "none"


@pytest.mark.parametrize("data", [b"", b"hello\0", b"\x89PNG", b"\xff\xd8\xff", bytes(5000)])
def test_what_is_no_picture_is_an_error_in_the_report(data: bytes) -> None:
    report = provenance.verify(data)
    assert report.state is None
    assert len(report.errors) == 1


def test_a_missing_file_is_the_callers_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        provenance.verify(tmp_path / "nothing.png")


def test_a_folder_is_an_asset_like_any_other(tmp_path: Path) -> None:
    report = provenance.verify(tmp_path)
    assert (report.state, report.location, report.errors) == (None, "none", ())


@pytest.mark.parametrize("name", ["a.c2pa", "a.png.c2pa"])
def test_a_sidecar_is_found_by_name(tmp_path: Path, name: str) -> None:
    forge = the_forge()
    (tmp_path / "a.png").write_bytes(forge.picture)
    (tmp_path / name).write_bytes(forge.beside(Recipe()))
    report = provenance.verify(tmp_path / "a.png", trust=forge.trust)
    assert (report.state, report.location) == ("Trusted", "sidecar")


def test_what_is_inside_goes_before_what_is_beside(tmp_path: Path) -> None:
    """Nobody can overrule a signed picture by laying a file next to it."""
    forge = the_forge()
    (tmp_path / "a.png").write_bytes(signed())
    (tmp_path / "a.c2pa").write_bytes(b"rubbish")
    report = provenance.verify(tmp_path / "a.png", trust=forge.trust)
    assert (report.state, report.location) == ("Trusted", "embedded")


@pytest.mark.parametrize("sidecar", [b"", b"rubbish", b"\0\0\0\x08jumb"])
def test_a_broken_sidecar_is_invalid_and_not_absent(tmp_path: Path, sidecar: bytes) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "a.c2pa").write_bytes(sidecar)
    report = provenance.verify(tmp_path / "a.png")
    assert report.errors
    assert report.state == "Invalid"


def test_the_moment_is_the_callers() -> None:
    data, trust = signed(), the_forge().trust
    now = datetime.now(UTC)
    assert provenance.verify(data, trust=trust, at=now).state == "Trusted"
    late = provenance.verify(data, trust=trust, at=now + timedelta(days=4000))
    assert late.state == "Invalid"


def test_a_reader_may_be_given_less_to_read() -> None:
    data = signed()
    for limits in (
        Limits(store_bytes=100),
        Limits(boxes=3),
        Limits(box_depth=1),
        Limits(manifests=0),
    ):
        report = provenance.verify(data, limits=limits)
        assert [one.kind for one in report.errors] == ["limit"]
        assert not report.ok


def test_verifying_twice_tells_the_same() -> None:
    data = signed()
    trust, now = the_forge().trust, datetime.now(UTC)
    first = provenance.verify(data, trust=trust, at=now)
    assert first == provenance.verify(data, trust=trust, at=now)


@settings(max_examples=300)
@given(st.data())
def test_whatever_becomes_of_a_store_it_is_a_report(draw: st.DataObject) -> None:
    """Bytes are overwritten, taken out, put in and copied about, wherever it may hurt."""
    forge = the_forge()
    base = _chain()
    data = bytearray(base)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data) - 1))
        match draw.draw(st.sampled_from(["set", "cut", "put", "copy"])):
            case "set":
                data[at] = draw.draw(st.integers(0, 255))
            case "cut":
                del data[at : at + draw.draw(st.integers(1, 40))]
            case "put":
                data[at:at] = draw.draw(st.binary(max_size=9))
            case _:
                start = draw.draw(st.integers(0, len(base) - 40))
                data[at : at + 40] = base[start : start + 40]
    report = provenance.verify(forge.picture, manifest=bytes(data), trust=forge.trust)
    report.to_dict()
    assert report.state is not None


_HELD: list[bytes] = []


def _chain() -> bytes:
    if not _HELD:
        forge = the_forge()
        parent = forge.build(Recipe())
        recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent)])
        _HELD.append(forge.beside(recipe, parent))
    return _HELD[0]
