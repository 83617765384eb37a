"""Signing a folder into another: each file once, whatever happens in between."""

import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

import provenance
from provenance.batch.sign_journal import Journal, JournalError
from provenance.batch.sign_many import sign_many
from provenance.batch.sign_run import Inputs, SignRun
from provenance.batch.sign_settings import settings_of
from provenance.batch.sign_task import ByProfile, Held, Job, SignFiles, SignOutcome, Told, Who
from provenance.batch.task import Inline, Loss
from provenance.batch.walk import Wanted
from provenance.batch.workers import Local
from provenance.build.definition import ManifestDefinition
from provenance.errors import CredentialError
from provenance.profiles import Profile, load_profile
from provenance.trust.devpki import create
from tests.batch.corpus import signed_picture
from tests.build.workshop import picture, signer

Status = dict[str, str]
TELLING = ManifestDefinition(title="T", thumbnail=False)


def telling(_: str) -> Told:
    return Told(TELLING)


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    keys = tmp_path_factory.mktemp("keys")
    create(keys, now=datetime.now(UTC), algs=("es256",))
    flags = {"key": str(keys / "es256.key.pem"), "chain": str(keys / "es256.chain.pem")}
    return load_profile(flags=flags, environ={})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures, one of them broken, one signed already; and what is passed over."""
    place = tmp_path / "in"
    (place / "sub").mkdir(parents=True)
    (place / "a.png").write_bytes(picture(1))
    (place / "b.jpg").write_bytes(picture(2, "JPEG"))
    (place / "broken.png").write_bytes(picture(3)[:40])
    (place / "sub" / "a.png").write_bytes(picture(4))
    (place / "sub" / "signed.png").write_bytes(signed_picture(5))
    (place / "notes.txt").write_text("words")
    (place / "some.bin").write_bytes(bytes(100))
    return place


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def run(folder: Path, out: Path, title: str = "T", **more: object) -> list[SignOutcome]:
    who = Who(signer())
    told = ManifestDefinition(title=title, thumbnail=False)
    task = SignFiles(credentials=Held(who), told=lambda _: Told(told))
    given: dict[str, object] = {
        "inputs": Inputs(paths=[str(folder)]),
        "task": task,
        "settings": settings_of(who, told, {}),
        "engine": Inline(),
    }
    return list(SignRun(output=out, **(given | more)).outcomes())  # type: ignore[arg-type]


def statuses(outcomes: list[SignOutcome], folder: Path) -> Status:
    return {os.path.relpath(one.path, folder): one.status.value for one in outcomes}


FIRST = {
    "a.png": "signed",
    "b.jpg": "signed",
    "broken.png": "failed",
    "notes.txt": "passed-over",
    "some.bin": "passed-over",
    "sub/a.png": "signed",
    "sub/signed.png": "signed",
}
AGAIN = {name: "unchanged" if word == "signed" else word for name, word in FIRST.items()}


def tree(folder: Path) -> set[str]:
    return {
        os.path.relpath(Path(at, name), folder)
        for at, _, names in os.walk(folder)
        for name in names
    }


OUTPUTS = {"a.png", "b.jpg", "sub/a.png", "sub/signed.png"}


def test_a_folder_is_signed_once_and_mirrored(folder: Path, out: Path) -> None:
    assert statuses(run(folder, out), folder) == FIRST
    assert tree(out) == OUTPUTS | {".provenance-sign.db"}
    assert {provenance.verify(out / name).state for name in OUTPUTS} == {"Valid"}
    before = {name: (out / name).read_bytes() for name in OUTPUTS}
    assert statuses(run(folder, out), folder) == AGAIN
    assert {name: (out / name).read_bytes() for name in OUTPUTS} == before


def test_what_is_signed_already_becomes_a_parent(folder: Path, out: Path) -> None:
    run(folder, out)
    parent = provenance.verify(folder / "sub" / "signed.png").active_manifest
    (one,) = provenance.verify(out / "sub" / "signed.png").manifests[0].ingredients
    assert (one.relationship, one.manifest) == ("parentOf", parent)


def test_a_sidecar_of_an_input_becomes_a_parent_and_no_input(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture(1))
    provenance.sign(folder / "a.png", None, {"title": "T"}, signer=signer(), sidecar=True)
    assert statuses(run(folder, out), folder) == {"a.png": "signed"}
    assert len(provenance.verify(out / "a.png").manifests) == 2
    assert statuses(run(folder, out), folder) == {"a.png": "unchanged"}
    os.utime(folder / "a.c2pa", (1, 1))  # it is part of the input
    assert statuses(run(folder, out), folder) == {"a.png": "signed"}


def test_what_is_new_changed_or_missing_is_signed(folder: Path, out: Path) -> None:
    run(folder, out)
    (folder / "new.png").write_bytes(picture(6))
    (folder / "a.png").write_bytes(picture(7))
    (out / "sub" / "a.png").unlink()
    changed = {"new.png": "signed", "a.png": "signed", "sub/a.png": "signed"}
    assert statuses(run(folder, out), folder) == AGAIN | changed
    assert statuses(run(folder, out), folder) == AGAIN | {"new.png": "unchanged"}


def test_other_settings_sign_all_anew(folder: Path, out: Path) -> None:
    run(folder, out)
    assert statuses(run(folder, out, title="Other"), folder) == FIRST
    claim = provenance.verify(out / "a.png").manifests[0].claim
    assert claim is not None
    assert claim.title == "Other"


def test_a_model_that_changes_is_another_setting(tmp_path: Path) -> None:
    model = tmp_path / "m.safetensors"
    model.write_bytes(bytes(8))
    told = ManifestDefinition.from_dict({"models": [{"path": str(model)}]})
    before = settings_of(Who(signer()), told, {})
    assert settings_of(Who(signer()), told, {}) == before
    model.write_bytes(bytes(9))
    assert settings_of(Who(signer()), told, {}) != before


@pytest.mark.parametrize("data", [b"mine", None], ids=["another file", "changed"])
def test_what_others_put_at_a_place_is_left_alone(
    folder: Path, out: Path, data: bytes | None
) -> None:
    if data is None:
        run(folder, out)
        data = (out / "a.png").read_bytes()[:-1]
    out.mkdir(exist_ok=True)
    (out / "a.png").write_bytes(data)
    for _ in range(2):
        (one,) = (row for row in run(folder, out) if row.path == str(folder / "a.png"))
        assert (one.status.value, one.kind) == ("failed", "exists")
        assert (out / "a.png").read_bytes() == data
    (one, *_) = run(folder, out, overwrite=True)
    assert one.status.value == "signed"
    assert statuses(run(folder, out), folder) == AGAIN


def test_a_copied_output_folder_is_recognised(folder: Path, out: Path, tmp_path: Path) -> None:
    run(folder, out)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in tree(out):  # without their times
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(out / name, copy / name)
    assert statuses(run(folder, copy), folder) == AGAIN
    assert statuses(run(folder, copy, title="Other"), folder) == FIRST


def test_two_files_for_one_place(folder: Path, out: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.png").write_bytes(picture(9))
    both = Inputs(paths=[str(folder), str(other)])
    for overwrite in (False, True):
        found = run(folder, out, inputs=both, overwrite=overwrite)
        assert statuses(found[:-1], folder) == (AGAIN if overwrite else FIRST)
        assert (found[-1].status.value, found[-1].kind) == ("failed", "exists")
        assert f"where {folder / 'a.png'} goes" in (found[-1].message or "")
    (one,) = run(other, out)  # another run, of another folder
    assert one.message is not None
    assert one.message.endswith("was made from another file")
    kept = (out / "a.png").read_bytes()
    assert run(other, out, overwrite=True)[0].status.value == "signed"
    assert (out / "a.png").read_bytes() != kept


def test_a_folder_that_is_named_twice_is_signed_once(folder: Path, out: Path) -> None:
    twice = Inputs(paths=[str(folder), f"{folder}/"])
    assert statuses(run(folder, out, inputs=twice), folder) == FIRST


def test_an_output_folder_in_the_folder_is_not_entered(folder: Path) -> None:
    inner = folder / "signed"
    assert statuses(run(folder, inner), folder) == FIRST
    assert statuses(run(folder, inner), folder) == AGAIN
    assert tree(inner) == OUTPUTS | {".provenance-sign.db"}


def test_a_folder_in_the_output_folder_is_refused(folder: Path) -> None:
    before = tree(folder)
    (one,) = run(folder / "sub", folder)
    assert one.status.value == "failed"
    assert "which signed files go to" in (one.message or "")
    assert tree(folder) == before | {".provenance-sign.db"}


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_are_neither_followed_nor_written_through(
    folder: Path, out: Path, tmp_path: Path
) -> None:
    (folder / "link.png").symlink_to(folder / "a.png")
    (folder / "circle").symlink_to(folder)
    out.mkdir()
    before = (folder / "a.png").read_bytes()
    (out / "a.png").symlink_to(folder / "a.png")
    for overwrite in (False, True):
        found = statuses(run(folder, out, overwrite=overwrite), folder)
        assert found["a.png"] == "failed"
        assert (folder / "a.png").read_bytes() == before
        assert set(found) == set(FIRST)


def test_a_list_keeps_the_folders_of_its_files(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    names = ["in/a.png", "./in/sub/a.png", str(folder / "b.jpg"), "../x.png", "in/notes.txt"]
    found = run(folder, out, inputs=Inputs(listed=names))
    assert [one.status.value for one in found] == [*["signed"] * 3, "failed", "signed"]
    assert found[3].message == "../x.png: leads out of this folder, and so would its place"
    assert (out / "in" / "a.png").exists()
    assert (out / "in" / "sub" / "a.png").exists()
    assert (out / str(folder / "b.jpg").lstrip(os.sep)).exists()


def test_patterns_choose_and_bring_texts_in(folder: Path, out: Path) -> None:
    wanted = Inputs(paths=[str(folder)], wanted=Wanted(include=("*.txt", "sub/a*")))
    found = run(folder, out, inputs=wanted)
    assert statuses(found, folder) == {"notes.txt": "passed-over", "sub/a.png": "signed"}
    who = Who(signer())
    task = SignFiles(credentials=Held(who), told=telling, texts=True)
    found = run(folder, out, inputs=wanted, task=task)
    assert statuses(found, folder)["notes.txt"] == "signed"
    assert provenance.verify(out / "notes.txt").state == "Valid"


def test_sidecars_alone_are_named_after_all_of_the_name(folder: Path, out: Path) -> None:
    task = SignFiles(credentials=Held(Who(signer())), told=telling, how={"sidecar": True})
    (folder / "sub" / "signed.png").unlink()
    (folder / "b.png").write_bytes(picture(8))
    for word in ("signed", "unchanged"):
        found = statuses(run(folder, out, task=task), folder)
        assert [found[name] for name in ("b.jpg", "b.png", "some.bin")] == [word] * 3
    sidecar = out / "b.jpg.c2pa"
    assert provenance.verify(folder / "b.jpg", manifest=sidecar).state == "Valid"
    assert not (out / "b.jpg").exists()


def test_salts_come_along_and_are_never_written_over(folder: Path, out: Path) -> None:
    def secret(_: str) -> Told:
        row = {"prompt": {"text": "words", "mode": "commit"}, "thumbnail": False}
        return Told(ManifestDefinition.from_dict(row))

    task = SignFiles(credentials=Held(Who(signer())), told=secret)
    (one, *_) = run(folder, out, task=task)
    assert one.salts == out / "a.png.salts.json"
    kept = one.salts.read_bytes()
    assert b"words" in kept
    (folder / "a.png").write_bytes(picture(7))
    (again, *_) = run(folder, out, task=task)
    assert again.salts is not None
    assert again.salts != one.salts
    assert one.salts.read_bytes() == kept


def test_a_folder_signed_as_one_is_not_torn_apart(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "in"
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "a.png").write_bytes(picture(1))
    provenance.sign(folder / "set", None, {"title": "T"}, signer=signer(), sidecar=True)
    assert statuses(run(folder, out), folder) == {"set": "passed-over"}


# What goes wrong


def test_one_run_at_a_time(folder: Path, out: Path) -> None:
    with Journal.opened(out), pytest.raises(JournalError, match="another run is signing"):
        run(folder, out)
    assert statuses(run(folder, out), folder) == FIRST


@pytest.mark.parametrize("data", [b"no database at all" * 100, None])
def test_a_journal_that_is_none_is_refused(folder: Path, out: Path, data: bytes | None) -> None:
    out.mkdir()
    place = out / ".provenance-sign.db"
    if data is not None:
        place.write_bytes(data)
    else:
        with sqlite3.connect(place) as other:
            other.execute("CREATE TABLE t (a)")
        other.close()
    with pytest.raises(JournalError, match="remove it to sign all anew"):
        run(folder, out)
    assert tree(out) == {".provenance-sign.db"}


def test_a_journal_says_nothing_of_what_is_elsewhere(folder: Path, out: Path) -> None:
    run(folder, out)
    data = (out / ".provenance-sign.db").read_bytes()
    assert os.fsencode(folder.parent.name) not in data
    if os.name == "posix":
        assert (out / ".provenance-sign.db").stat().st_mode & 0o077 == 0


def test_an_unwritable_place_is_the_failure_of_its_file(folder: Path, out: Path) -> None:
    out.mkdir()
    (out / "sub").write_text("a file where a folder should be")
    found = statuses(run(folder, out), folder)
    assert found == FIRST | {"sub/a.png": "failed", "sub/signed.png": "failed"}
    (out / "sub").unlink()
    again = AGAIN | {"sub/a.png": "signed", "sub/signed.png": "signed"}
    assert statuses(run(folder, out), folder) == again


def test_a_full_disk_ends_the_run_and_leaves_nothing_half_done(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("provenance.build.embed.os.fsync", full)
        (one,) = run(folder, out)
    assert (one.status.value, one.fatal) == ("failed", True)
    assert one.message == f"{out / 'a.png'}: no space left on device"
    assert tree(out) == {".provenance-sign.db"}
    assert statuses(run(folder, out), folder) == FIRST


def test_a_key_that_cannot_be_opened_in_a_worker_ends_the_run(
    folder: Path, out: Path, profile: Profile
) -> None:
    gone = replace(profile, settings={**profile.settings})
    gone.settings["key"] = replace(gone.settings["key"], value="gone.pem")  # type: ignore[index]
    task = SignFiles(credentials=ByProfile(gone), told=telling)
    (one,) = run(folder, out, task=task, engine=Local(1))
    assert (one.fatal, one.kind) == (True, "credential")
    assert "gone.pem" in (one.message or "")
    assert tree(out) == {".provenance-sign.db"}


def test_a_process_that_dies_is_the_failure_of_its_file() -> None:
    task = SignFiles(credentials=Held(Who(signer())), told=telling)
    done = task.lost(Job(path="a.png", target=Path("b.png")), Loss("it died"))
    assert done.outcome.message == "a.png: it died"
    assert done.lost


def test_a_stop_ends_it_and_the_next_run_goes_on(folder: Path, out: Path) -> None:
    stop = Event()

    def stopping(_: str) -> Told:
        stop.set()
        return Told(TELLING)

    who = Who(signer())
    task = SignFiles(credentials=Held(who), told=stopping)
    settings = settings_of(who, ManifestDefinition(title="T", thumbnail=False), {})
    found = run(folder, out, task=task, stop=stop, settings=settings)
    assert statuses(found, folder) == {"a.png": "signed"}
    assert tree(out) == {"a.png", ".provenance-sign.db"}
    assert statuses(run(folder, out), folder) == FIRST | {"a.png": "unchanged"}


# A run that was killed: what a journal then says, made by hand


@pytest.mark.parametrize("title", ["T", "Other"])
def test_what_was_done_and_not_written_down_is_found(folder: Path, out: Path, title: str) -> None:
    run(folder, out)
    with sqlite3.connect(out / ".provenance-sign.db") as journal:
        journal.execute(
            "INSERT INTO begun SELECT output, source, size, mtime_ns, inode, beside, settings"
            " FROM done WHERE output = 'a.png'"
        )
        journal.execute("DELETE FROM done WHERE output = 'a.png'")
    journal.close()
    before = (out / "a.png").read_bytes()
    found = run(folder, out, title=title)
    assert statuses(found, folder) == (AGAIN if title == "T" else FIRST)
    assert ((out / "a.png").read_bytes() == before) is (title == "T")
    assert statuses(run(folder, out, title=title), folder) == AGAIN


def test_what_others_put_where_a_killed_run_was_about_to_is_left(folder: Path, out: Path) -> None:
    run(folder, out)
    with sqlite3.connect(out / ".provenance-sign.db") as journal:
        journal.execute(
            "INSERT INTO begun SELECT output, source, size, mtime_ns, inode, beside, settings"
            " FROM done WHERE output = 'a.png'"
        )
        journal.execute("DELETE FROM done WHERE output = 'a.png'")
    journal.close()
    (out / "a.png").write_bytes(picture(3))
    assert statuses(run(folder, out), folder)["a.png"] == "failed"


def test_a_worker_that_outlives_its_run_writes_no_more(folder: Path, out: Path) -> None:
    with Journal.opened(out) as journal:
        staged = journal.staging / "1"
        staged.write_bytes(b"what a worker has just signed")
        old = out.with_name("kept")
        shutil.copytree(out / ".provenance-sign.tmp", old / ".provenance-sign.tmp")
    with Journal.opened(old) as journal:
        assert not (old / staged.relative_to(out)).exists()
        assert list(journal.staging.iterdir()) == []
    assert not (old / ".provenance-sign.tmp").exists()


# From Python


def test_sign_many_signs_with_all_cores(folder: Path, out: Path, profile: Profile) -> None:
    for number in range(40):
        (folder / f"{number}.png").write_bytes(picture(number))
    found = list(sign_many([folder], out, {"title": "T"}, profile=profile, jobs=2))
    assert {one.path for one in found if one.status == "failed"} == {str(folder / "broken.png")}
    assert sum(one.status == "signed" for one in found) == 44
    reports = list(provenance.verify_many([out], ordered=True))
    assert [one.state for one in reports] == ["Valid"] * 44
    again = list(provenance.sign_many([folder], out, {"title": "T"}, profile=profile, jobs=2))
    assert sum(one.status == "unchanged" for one in again) == 44


def titled(file: str) -> dict[str, str]:
    return {"title": Path(file).name}


def test_sign_many_takes_a_function_and_a_signer(folder: Path, out: Path) -> None:
    found = list(sign_many([folder], out, titled, signer=signer(), exclude=["broken*"]))
    assert {one.status.value for one in found} == {"signed", "passed-over"}
    claim = provenance.verify(out / "b.jpg").manifests[0].claim
    assert claim is not None
    assert claim.title == "b.jpg"
    again = list(sign_many([folder], out, titled, signer=signer(), exclude=["broken*"]))
    assert {one.status.value for one in again} == {"unchanged", "passed-over"}


def test_sign_many_needs_to_know_who_signs(folder: Path, out: Path) -> None:
    with pytest.raises(CredentialError, match="a profile, or a signer"):
        sign_many([folder], out)
    assert not out.exists()


def test_memory_of_a_run_does_not_grow_with_the_files(out: Path, tmp_path: Path) -> None:
    """Places are looked at as they are needed: not the whole list at once."""
    one = tmp_path / "a.png"
    one.write_bytes(picture(1))
    taken = 0

    def names() -> object:
        nonlocal taken
        for number in range(100_000):
            taken = number
            yield f"{tmp_path}/{number}.png"

    run_ = SignRun(
        inputs=Inputs(listed=names()),  # type: ignore[arg-type]
        output=out,
        task=SignFiles(credentials=Held(Who(signer())), told=telling),
        settings=b"",
        engine=Inline(),
    )
    outcomes = run_.outcomes()
    for _ in range(50):
        next(outcomes)
    assert taken < 200
    outcomes.close()
