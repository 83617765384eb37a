"""`provenance guard`: real repositories, and what a change does to the files in them."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import provenance
from tests.batch.corpus import signed_picture
from tests.build.workshop import picture, signer
from tests.cli.conftest import Call

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository with nobody's settings but its own."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)

    def said(*words: str) -> str:
        who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(tmp_path), *who, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    said("init", "-q", "-b", "main")
    return said


def commit(git: Git) -> str:
    git("add", "-A")
    git("commit", "-q", "-m", "x")
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    """Signed, plain, broken, with a sidecar; in a folder with an odd name, too."""
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "signed.png").write_bytes(signed_picture(1))
    (tmp_path / "sub dir" / "ü.jpg").write_bytes(signed_picture(2, "JPEG"))
    (tmp_path / "plain.png").write_bytes(picture(3))
    (tmp_path / "broken.png").write_bytes(changed(signed_picture(4)))
    (tmp_path / "beside.png").write_bytes(picture(5))
    definition = {"title": "T", "thumbnail": False}
    provenance.sign(tmp_path / "beside.png", None, definition, signer=signer(), sidecar=True)
    (tmp_path / "code.py").write_text("print()\n")
    commit(git)
    return tmp_path


def changed(data: bytes) -> bytes:
    held = bytearray(data)
    held[-20] ^= 1
    return bytes(held)


def changes(call: Call, *words: str) -> tuple[int, dict[str, str]]:
    result = call("guard", *words, "--format", "ndjson", "-q")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return result.exit_code, {row["path"]: row["change"] for row in rows}


def test_nothing_changed_is_nothing_lost(call: Call, repository: Path) -> None:
    result = call("guard")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no file that has changed holds or held a manifest" in result.stderr


def strip(path: Path) -> None:
    provenance.strip(path, in_place=True)


def test_a_stripped_and_a_broken_file(call: Call, repository: Path) -> None:
    strip(repository / "signed.png")
    result = call("guard")
    assert result.exit_code == 3
    assert result.stdout.startswith("signed.png: STRIPPED: it had a manifest, signed by ")
    path = repository / "sub dir" / "ü.jpg"
    path.write_bytes(changed(path.read_bytes()))
    result = call("guard", "-q")
    assert result.exit_code == 4
    first, second = result.stdout.splitlines()
    assert first.startswith("signed.png: STRIPPED")
    assert second.startswith("sub dir/ü.jpg: BROKEN: it was valid, and is not: assertion.dataHash")


def test_what_is_lost_with_a_sidecar(call: Call, repository: Path) -> None:
    (repository / "beside.c2pa").unlink()
    assert changes(call) == (3, {"beside.png": "stripped"})
    (repository / "beside.c2pa").write_bytes(b"no store")
    assert changes(call) == (4, {"beside.png": "broken"})


def test_what_is_no_loss(call: Call, repository: Path) -> None:
    (repository / "broken.png").write_bytes(signed_picture(4))
    (repository / "plain.png").write_bytes(signed_picture(3))
    (repository / "signed.png").write_bytes(signed_picture(9))
    (repository / "code.py").write_text("changed\n")
    path = repository / "sub dir" / "ü.jpg"
    out = path.with_suffix(".new")
    provenance.sign(path, out, {"title": "T"}, signer=signer())
    out.replace(path)
    expected = {
        "broken.png": "improved",
        "plain.png": "improved",
        "signed.png": "replaced",
        "sub dir/ü.jpg": "kept",
    }
    assert changes(call) == (0, expected)
    assert changes(call, "--fail-on", "replaced")[0] == 4


def test_what_is_new_gone_or_as_bad_as_it_was(call: Call, repository: Path, git: Git) -> None:
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(out, "PNG")  # so that it is no renamed one
    provenance.sign(out.getvalue(), repository / "new.png", {"title": "T"}, signer=signer())
    (repository / "new.png").write_bytes(changed((repository / "new.png").read_bytes()))
    (repository / "plain.png").write_bytes(picture(8))
    (repository / "broken.png").write_bytes(changed(signed_picture(7)))
    (repository / "signed.png").unlink()
    git("add", "-A")
    expected = {
        "broken.png": "invalid",
        "new.png": "added",
        "plain.png": "none",
        "signed.png": "removed",
    }
    assert changes(call) == (0, expected)
    assert changes(call, "--fail-on", "invalid")[0] == 4
    assert changes(call, "--fail-on", "missing")[0] == 3
    shown = call("guard", "--fail-on", "missing", "-q").stdout
    assert shown == "plain.png: NONE: it has no manifest\n"


def test_trust_that_is_lost(call: Call, repository: Path, keys: Path, key: list[str]) -> None:
    assert call("sign", "plain.png", "-o", "now.png", *key).exit_code == 0
    Path("old").mkdir()
    Path("old/now.png").write_bytes(Path("now.png").read_bytes())
    provenance.sign("old/now.png", "again.png", {"title": "T"}, signer=signer())
    Path("again.png").replace("now.png")
    words = ("now.png", "--base-dir", "old", "--trust-anchors", str(keys / "root.pem"))
    assert changes(call, *words) == (0, {"now.png": "weakened"})
    assert changes(call, *words, "--fail-on", "untrusted")[0] == 5


def test_a_policy_is_for_what_is_there_now(call: Call, repository: Path) -> None:
    (repository / "plain.png").write_bytes(signed_picture(3))
    Path("policy.toml").write_text('trust = "required"\n')
    probe = call("verify", "plain.png", "--policy", "policy.toml", "-q")
    result = call("guard", "--policy", "policy.toml", "-q")
    assert probe.exit_code == result.exit_code != 0
    assert result.stdout.startswith("plain.png: IMPROVED")


def test_revisions_paths_and_renames(
    call: Call, repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = git("rev-parse", "HEAD")
    data = (repository / "signed.png").read_bytes()
    (repository / "signed.png").rename(repository / "moved.png")
    (repository / "moved.png").write_bytes(changed(data))
    commit(git)
    assert changes(call) == (0, {})
    code, found = changes(call, "--base", first)
    assert (code, found) == (4, {"moved.png": "broken"})
    assert "moved.png (was signed.png): BROKEN" in call("guard", "--base", first).stdout
    strip(repository / "sub dir" / "ü.jpg")
    assert changes(call, "--base", first, "sub dir") == (3, {"sub dir/ü.jpg": "stripped"})
    assert changes(call, "--base", first, "moved.png", "code.py")[0] == 4
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    assert changes(call)[0] == 4
    monkeypatch.chdir(repository / "sub dir")
    assert changes(call, "ü.jpg") == (3, {"ü.jpg": "stripped"})


def test_what_happened_elsewhere_since_the_branch_left_is_not_its_fault(
    call: Call, repository: Path, git: Git
) -> None:
    git("checkout", "-q", "-b", "side")
    (repository / "code.py").write_text("side\n")
    commit(git)
    git("checkout", "-q", "main")
    (repository / "plain.png").write_bytes(signed_picture(3))
    commit(git)
    git("checkout", "-q", "side")
    assert changes(call, "--base", "main")[0] == 3
    assert changes(call, "--base", "main", "--merge-base") == (0, {})


def test_a_file_in_lfs_is_read_where_it_is_at_hand(call: Call, repository: Path, git: Git) -> None:
    from hashlib import sha256

    data = signed_picture(7)
    oid = sha256(data).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n"
    (repository / "large.png").write_text(pointer)
    commit(git)
    (repository / "large.png").write_bytes(picture(7))
    result = call("guard")
    assert result.exit_code == 1
    assert "large.png lies in Git LFS" in result.stdout.replace(":", "")
    place = repository / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    assert changes(call) == (3, {"large.png": "stripped"})


def test_a_folder_of_what_was_before(call: Call, tmp_path: Path) -> None:
    (tmp_path / "old" / "sub").mkdir(parents=True)
    (tmp_path / "old" / "sub" / "a.png").write_bytes(signed_picture(1))
    (tmp_path / "old" / "b.png").write_bytes(signed_picture(2))
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    (tmp_path / "old" / "gone.png").write_bytes(signed_picture(3))
    (tmp_path / "new" / "notes.txt").write_text("words")
    strip(tmp_path / "new" / "sub" / "a.png")
    code, found = changes(call, "new", "--base-dir", "old")
    assert code == 3
    assert found == {"new/b.png": "kept", "new/gone.png": "removed", "new/sub/a.png": "stripped"}
    assert changes(call, "new/b.png", "--base-dir", "old") == (0, {"new/b.png": "kept"})


def test_reports_for_machines(call: Call, repository: Path) -> None:
    strip(repository / "signed.png")
    (repository / "sub dir" / "ü.jpg").write_bytes(signed_picture(9, "JPEG"))
    log = json.loads(call("guard", "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    found = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: (
            rules[one["ruleIndex"]]["id"],
            one["level"],
        )
        for one in run["results"]
    }
    assert found == {
        "signed.png": ("org.provenance-c2pa.guard.stripped", "error"),
        "sub%20dir/%C3%BC.jpg": ("org.provenance-c2pa.guard.replaced", "warning"),
    }
    suite = ElementTree.fromstring(call("guard", "--format", "junit").stdout)  # noqa: S314  # ours
    assert suite.attrib["tests"] == "2"
    assert suite.attrib["failures"] == "1"
    cases = list(suite.iter("testcase"))
    assert [len(case.findall("failure")) for case in cases] == [1, 0]
    rows = json.loads(call("guard", "--format", "json").stdout)
    assert rows[0]["before"]["validation_state"] == "Valid"
    assert rows[0]["after"]["validation_state"] is None


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--base", "nowhere"), 1, "revision 'nowhere': there is none of that name"),
        (("--base", "--output=x"), 1, "there is none of that name"),
        (("--base", "HEAD", "--base-dir", "x"), 2, "exclude each other"),
        (("--base-dir", "x"), 2, "goes with what there is now"),
        (("code.py", "--base-dir", "gone"), 1, "gone: is no folder"),
        (("/elsewhere",), 1, "lies outside of"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    call: Call, repository: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    result = call("guard", *words)
    assert (result.exit_code, told in result.stderr) == (code, True), result.stderr
    assert not (repository / "x").exists()


def test_without_a_repository_or_a_commit(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: Git
) -> None:
    result = call("guard")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there is no commit yet" in result.stderr
    shutil.rmtree(tmp_path / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    result = call("guard")
    assert result.exit_code == 1
    assert "not a git repository" in result.stderr
    monkeypatch.setenv("PATH", str(tmp_path))
    result = call("guard")
    assert result.exit_code == 1
    assert "git: is not installed" in result.stderr


def test_many_files_take_all_cores(call: Call, repository: Path, git: Git) -> None:
    for number in range(40):
        (repository / f"{number}.png").write_bytes(signed_picture(number % 4))
    commit(git)
    for number in range(40):
        (repository / f"{number}.png").write_bytes(picture(number % 4))
    code, found = changes(call, "-j", "2")
    assert (code, len(found), set(found.values())) == (3, 40, {"stripped"})
