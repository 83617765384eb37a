"""The wheel: one for every platform, `provenance` alone at the top, nothing left behind."""

import shutil
import subprocess
import sys
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

from provenance.version import VERSION

ROOT = Path(__file__).parents[1]
MAPPED = {"cli": "provenance/cli", "schemas": "provenance/schemas"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing an earlier build left lying about gets in."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("provenance", *MAPPED):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", "dist", "."]
    subprocess.run(command, cwd=copy, check=True)
    (built,) = (copy / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_runs_on_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_only_provenance_is_at_the_top(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"provenance"}


def test_every_module_and_schema_is_in_it(names: set[str]) -> None:
    wanted = {"provenance/py.typed"}
    for top, place in {"provenance": "provenance", **MAPPED}.items():
        for path in (ROOT / top).rglob("*"):
            if path.suffix in (".py", ".json", ".j2", ".css") and "__pycache__" not in path.parts:
                wanted.add(f"{place}/{path.relative_to(ROOT / top).as_posix()}")
    assert not wanted - names, "add these to pyproject.toml"
    assert any(name.startswith("provenance/schemas/") and name.endswith(".json") for name in names)


def test_it_names_its_licence_and_its_command(wheel: Path, names: set[str]) -> None:
    (info,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    with zipfile.ZipFile(wheel) as archive:
        metadata = BytesParser().parsebytes(archive.read(f"{info}/METADATA"))
        commands = archive.read(f"{info}/entry_points.txt").decode()
        licence = archive.read(f"{info}/licenses/LICENSE")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Version"] == VERSION
    assert b"Apache License" in licence
    assert "provenance = provenance.cli:main" in commands
