"""A folder as one asset: signed, verified, and what became of its files since."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import provenance
from provenance.errors import DefinitionError, LimitError, SigningError, UnsupportedFormatError
from provenance.formats import sidecar
from provenance.limits import Limits
from provenance.validate.status import Status
from tests.build.workshop import MADE, named, signer, verified

Told = dict[Status, list[str]]
URIS = [".hidden", "a.png", "b/c%20d.txt", "b/empty", "%C3%BC%25.bin"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With names that need care, an empty file, a hidden one, and a link out of it."""
    path = tmp_path / "data.v1"
    (path / "b").mkdir(parents=True)
    named(path, "a.png")
    (path / "b" / "c d.txt").write_text("hello")
    (path / "b" / "empty").touch()
    (path / "ü%.bin").write_bytes(bytes(3000))
    (path / ".hidden").write_text("x")
    (tmp_path / "outside.txt").write_text("not of it")
    return path


def sign(folder: Path, output: Path | None = None, **how: Any) -> provenance.SignReceipt:
    return provenance.sign(folder, output, MADE, signer=signer(), sidecar=True, **how)


def told(report: provenance.VerificationReport) -> Told:
    found: Told = {}
    for one in report.findings:
        if "ollection" in one.status.code or one.failed:
            found.setdefault(one.status, []).append(one.explanation)
    return found


def uris(report: provenance.VerificationReport) -> list[str]:
    content = next(
        one.value for one in report.manifests[0].assertions if one.label.startswith("c2pa.hash")
    )
    return [row["uri"] for row in content["uris"]]


def test_a_folder_is_signed_into_a_sidecar_beside_it(folder: Path, tmp_path: Path) -> None:
    receipt = sign(folder)
    assert receipt.sidecar == tmp_path / "data.v1.c2pa"
    report = verified(folder)
    assert report.state == "Trusted"
    assert report.asset.format == "multipart/mixed"
    assert uris(report) == URIS
    assert told(report) == {Status.COLLECTION_HASH_MATCH: [""]}


def test_what_changed_is_named(folder: Path) -> None:
    sign(folder)
    (folder / "a.png").write_bytes(b"other")
    (folder / "b" / "empty").unlink()
    (folder / "new").mkdir()
    (folder / "new" / "file").touch()
    found = told(verified(folder))
    assert found.keys() == {
        Status.COLLECTION_HASH_MISMATCH,
        Status.COLLECTION_HASH_INCORRECT_FILE_COUNT,
        Status.COLLECTION_HASH_NOT_COVERED,
    }
    (changed,), (missing,), (added,) = found.values()
    assert changed.startswith("'a.png' differs: 5 bytes")
    assert missing == "'b/empty' is not there"
    assert added == "'new/file' is not in the list that was signed"


def test_a_new_file_alone_is_no_failure_and_is_said(folder: Path) -> None:
    sign(folder)
    (folder / "new").touch()
    report = verified(folder)
    assert report.state == "Trusted"
    assert Status.COLLECTION_HASH_NOT_COVERED in told(report)


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "there").symlink_to(tmp_path)
    sign(folder)
    report = verified(folder)
    assert uris(report) == URIS
    assert told(report)[Status.COLLECTION_HASH_NOT_COVERED] == [
        "'link.txt' is a link, which is not followed",
        "'there' is a link, which is not followed",
    ]


def test_a_file_that_became_a_link_to_its_like_is_gone(folder: Path, tmp_path: Path) -> None:
    sign(folder)
    shutil.move(folder / "a.png", tmp_path / "a.png")
    (folder / "a.png").symlink_to(tmp_path / "a.png")
    assert told(verified(folder))[Status.COLLECTION_HASH_INCORRECT_FILE_COUNT] == [
        "'a.png' is not there"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    sign(folder)
    assert told(verified(folder))[Status.COLLECTION_HASH_NOT_COVERED] == [
        "'pipe' is not a regular file"
    ]


def test_a_folder_may_be_renamed_with_its_sidecar(folder: Path, tmp_path: Path) -> None:
    sign(folder)
    folder.rename(tmp_path / "other")
    (tmp_path / "data.v1.c2pa").rename(tmp_path / "other.c2pa")
    assert verified(tmp_path / "other").state == "Trusted"


def test_the_manifest_may_lie_in_the_folder(folder: Path, tmp_path: Path) -> None:
    sign(folder)
    shutil.move(tmp_path / "data.v1.c2pa", folder / "about.c2pa")
    report = verified(folder)
    assert report.state == "Trusted"
    assert told(report) == {Status.COLLECTION_HASH_MATCH: [""]}


def test_a_signed_folder_is_signed_again(folder: Path, tmp_path: Path) -> None:
    sign(folder)
    (folder / "more.txt").write_text("more")
    definition = {"thumbnail": False, "actions": [{"action": "c2pa.edited"}]}
    again = tmp_path / "again.c2pa"
    provenance.sign(folder, again, definition, signer=signer(), sidecar=True)
    report = provenance.verify(folder, manifest=again)
    assert len(report.manifests) == 2
    assert "more.txt" in uris(report)


def test_uris_may_count_from_where_the_sidecar_lies(folder: Path, tmp_path: Path) -> None:
    above = tmp_path / "above"
    (above / "inner").mkdir(parents=True)
    shutil.move(folder, above / "data")
    sign(above)  # URIs: data/a.png …
    shutil.move(tmp_path / "above.c2pa", above / "data.c2pa")
    report = verified(above / "data")
    assert [uri.partition("/")[0] for uri in uris(report)] == ["data"] * len(URIS)
    assert report.state == "Trusted"


def test_a_sidecar_of_a_picture_is_not_of_the_folder_with_its_name(tmp_path: Path) -> None:
    named(tmp_path, "holiday.png")
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "a").write_text("a")
    provenance.sign(tmp_path / "holiday.png", None, MADE, signer=signer(), sidecar=True)
    assert sidecar.paired(tmp_path / "holiday") is None
    assert verified(tmp_path / "holiday").state is None
    assert verified(tmp_path / "holiday.png").state == "Trusted"


def test_a_folder_without_files_is_not_signed(tmp_path: Path) -> None:
    (tmp_path / "none" / "inner").mkdir(parents=True)
    with pytest.raises(DefinitionError, match="holds no file"):
        sign(tmp_path / "none")
    assert not (tmp_path / "none.c2pa").exists()


def test_a_folder_takes_no_manifest_into_itself(folder: Path) -> None:
    with pytest.raises(SigningError, match="put it beside"):
        sign(folder, folder / "m.c2pa")
    with pytest.raises(UnsupportedFormatError, match="sidecar"):
        provenance.sign(folder, folder.parent / "out", MADE, signer=signer())


def test_a_folder_without_a_manifest_has_none(folder: Path) -> None:
    report = verified(folder)
    assert (report.state, report.errors) == (None, ())


def test_more_files_than_the_limit_are_refused(folder: Path) -> None:
    with pytest.raises(LimitError, match="more than 3 files"):
        sign(folder, limits=Limits(container_items=3))


def test_a_thousand_files_are_each_found(tmp_path: Path) -> None:
    for number in range(1000):
        place = tmp_path / "many" / f"{number % 7}" / f"{number:04}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"%d" % number)
    sign(tmp_path / "many")
    for number in range(0, 1000, 5):
        (tmp_path / "many" / f"{number % 7}" / f"{number:04}").write_bytes(b"changed")
    found = told(verified(tmp_path / "many"))[Status.COLLECTION_HASH_MISMATCH]
    assert len(found) == 101
    assert found[-1] == "and 100 more"


def test_a_file_that_cannot_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(folder)
    real = os.open

    def refusing(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith("a.png"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refusing)
    assert told(verified(folder))[Status.COLLECTION_HASH_MISMATCH] == [
        "'a.png' cannot be read (permission denied)"
    ]


def test_a_file_that_changes_while_it_is_signed_stops_that(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def growing(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith("c d.txt"):
            (folder / "b" / "c d.txt").write_text("longer than before")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", growing)
    with pytest.raises(provenance.ProvenanceError, match="changed while it was read"):
        sign(folder)
    assert not (folder.parent / "data.v1.c2pa").exists()
