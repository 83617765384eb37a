"""A repository with signed files in it, and a `git` with nobody's settings but its own."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import provenance
from tests.batch.corpus import signed_picture
from tests.build.workshop import picture

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """`git` in the folder `repo`."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "T")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "t@example.org")
    place = tmp_path / "repo"
    place.mkdir()

    def said(*words: str) -> str:
        command = ["git", "-C", str(place), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    said("init", "-q", "-b", "main")
    return said


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    """Signed pictures, one with a name that is a command to GitHub's runner; and a plain one."""
    place = tmp_path / "repo"
    (place / "sub dir").mkdir()
    (place / "sub dir" / "a.png").write_bytes(signed_picture(1))
    (place / "::error::b.jpg").write_bytes(signed_picture(2, "JPEG"))
    (place / "plain.png").write_bytes(picture(3))
    (place / "code.py").write_text("print()\n")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return place


def strip(path: Path) -> None:
    """Take the manifest out."""
    provenance.strip(path, in_place=True)
