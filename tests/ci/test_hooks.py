"""`.pre-commit-hooks.yaml`: of the form pre-commit wants, and run by it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from provenance.formats.registry import handlers
from tests.batch.corpus import signed_picture
from tests.ci.conftest import Git, strip

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(PLACE.read_text("utf-8"))
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")


@pytest.mark.skipif(not PRE_COMMIT.exists(), reason="pre-commit is not installed")
def test_pre_commit_accepts_them() -> None:
    subprocess.run([PRE_COMMIT, "validate-manifest", PLACE], check=True)


def test_every_format_that_carries_a_manifest_is_looked_at() -> None:
    (hook,) = (one for one in HOOKS if one["id"] == "provenance-verify")
    for handler in handlers():
        if handler.can_embed and not handler.weak:
            for suffix in handler.suffixes:
                assert re.search(hook["files"], f"sub/A{suffix}")
                assert re.search(hook["files"], f"sub/A{suffix.upper()}")
    assert not re.search(hook["files"], "code.py")
    assert not re.search(hook["files"], "png")


@pytest.mark.slow
@pytest.mark.skipif(not PRE_COMMIT.exists(), reason="pre-commit is not installed")
def test_pre_commit_runs_them(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "provenance", "cli"):
        subprocess.run(["cp", "-R", str(ROOT / name), str(source)], check=True)
    for words in (("add", "-A"), ("commit", "-q", "--allow-empty", "-m", "as it is here")):
        subprocess.run(["git", "-C", str(source), *words], check=True)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    revision = subprocess.run(
        ["git", "-C", str(source), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {revision}\n"
        "  hooks:\n  - id: provenance-verify\n  - id: provenance-not-stripped\n"
    )
    git("add", "-A")

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [PRE_COMMIT, "run", "--color=never", *words],
            cwd=repository,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    code, told = run("--all-files")
    if "No matching distribution" in told or "ConnectionError" in told:
        pytest.skip("packages cannot be fetched here")
    assert code == 0, told
    first = git("rev-parse", "HEAD")
    strip(repository / "sub dir" / "a.png")
    code, told = run()  # nothing of it is staged
    assert code == 0, told
    git("add", "-A")
    code, told = run()
    assert code == 1
    assert "sub dir/a.png: STRIPPED" in told
    git("commit", "-q", "-m", "stripped all the same")
    code, told = run()
    assert code == 0, told
    code, told = run("--from-ref", first, "--to-ref", "HEAD")
    assert code == 1
    assert "sub dir/a.png: STRIPPED" in told
    (repository / "plain.png").write_bytes(signed_picture(3)[:-30])
    git("add", "-A")
    code, told = run("provenance-verify")
    assert code == 1
    assert "plain.png: INVALID" in told
