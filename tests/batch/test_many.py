"""`verify_many`: for each file what `verify` says of it, whoever does the work."""

import dataclasses
import os
import pickle
from pathlib import Path

import pytest

import provenance
from provenance.batch.walk import Wanted, listed, spread
from provenance.validate.results import ValidationState
from tests.batch.corpus import COUNT, fill
from tests.build.workshop import trust


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("many") / "all")


@pytest.mark.parametrize("jobs", [None, 2])
def test_it_says_of_each_file_what_verify_says(folder: Path, jobs: int | None) -> None:
    found = list(provenance.verify_many([folder], jobs=jobs, ordered=True, trust=trust()))
    names = [os.path.relpath(one.asset.path or "", folder) for one in found]
    assert names == ["a.png", "c.png", "e.png", "f.png", "lone.c2pa", "inner/b.jpg", "inner/d.png"]
    for one in found:
        alone = provenance.verify(one.asset.path or "", trust=trust(), at=one.judged_at)
        assert one == alone
        assert one.state == alone.state
        assert one.to_dict() == alone.to_dict()
        assert pickle.loads(pickle.dumps(one)) == alone
        assert repr(one) == repr(alone)


def test_a_report_is_unpacked_only_when_asked_for_more(folder: Path) -> None:
    (one,) = provenance.verify_many([folder / "a.png"], trust=trust())
    assert isinstance(one, provenance.VerificationReport)
    assert one.state is ValidationState.TRUSTED
    assert one.asset.path == str(folder / "a.png")
    assert one.ok
    kept = pickle.loads(pickle.dumps(one))
    assert kept.manifests == one.manifests
    assert kept == one


def test_what_is_not_there_is_a_report_too(tmp_path: Path) -> None:
    (one,) = provenance.verify_many([tmp_path / "gone.png"])
    assert one.state is None
    assert "no such file" in one.errors[0].message


def test_a_named_file_of_no_interest_is_not_passed_over(folder: Path) -> None:
    found = list(provenance.verify_many([folder / "notes.txt", folder / "g.png"]))
    assert len(found) == 2


def paths(folder: Path, *patterns: str, wanted: Wanted = Wanted()) -> set[str]:  # noqa: B008
    found = spread([str(folder / one) for one in patterns] or [str(folder)], wanted)
    return {os.path.relpath(one.path, folder) for one in found}


def test_patterns_choose_files_and_keep_out_of_folders(folder: Path) -> None:
    assert paths(folder, wanted=Wanted(include=("*.jpg",))) == {"inner/b.jpg"}
    assert paths(folder, wanted=Wanted(include=("inner/*",))) == {"inner/b.jpg", "inner/d.png"}
    assert "inner/b.jpg" not in paths(folder, wanted=Wanted(exclude=("inner",)))
    assert "a.png" not in paths(folder, wanted=Wanted(exclude=("*.png",)))
    assert paths(folder, "*.png") == {"a.png", "c.png", "e.png", "f.png", "g.png"}
    assert paths(folder, "**/*.jpg") == {"inner/b.jpg"}


def test_a_name_with_stars_in_it_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "a*.png").write_bytes(b"x")
    (tmp_path / "ab.png").write_bytes(b"x")
    assert paths(tmp_path, "a*.png") == {"a*.png"}
    assert paths(tmp_path, "z*.png") == {"z*.png"}  # and is said to be missing


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_in_a_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "to_folder").symlink_to(folder)
    (tmp_path / "to_file").symlink_to(folder / "a.png")
    (tmp_path / "circle").symlink_to(tmp_path)
    assert paths(tmp_path) == set()
    assert len(list(spread([str(tmp_path / "to_file")]))) == 1


def test_a_deep_tree_is_walked(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "x.png").write_bytes(b"x")
    assert len(list(spread([str(tmp_path)]))) == 1


@pytest.mark.parametrize("data", [b"a\0b c\n\0", b"a\0b c\n"])
def test_a_list_of_names_is_read_with_zero_bytes(data: bytes) -> None:
    assert list(listed([data[:2], data[2:]], zeros=True)) == ["a", "b c\n"]
    assert list(listed([b"a\n", b"\r\n", b"b c\r\n"])) == ["a", "b c"]


def test_a_report_from_another_process_can_be_changed_into_another(folder: Path) -> None:
    one = next(provenance.verify_many([folder / "a.png"], jobs=1, trust=trust()))
    other = dataclasses.replace(one, remote_url="https://example.org/a.c2pa")
    assert other != one
    assert (other.state, other.remote_url) == ("Trusted", "https://example.org/a.c2pa")
    assert dataclasses.replace(other, remote_url=None) == one


def test_a_folder_that_is_called_as_we_are_is_in_nobodys_way(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = tmp_path / "provenance"
    stray.mkdir()
    (stray / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    found = list(provenance.verify_many([folder], jobs=1, trust=trust()))
    assert len(found) == COUNT
