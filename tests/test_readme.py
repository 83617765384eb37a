"""What the README shows is run, in the order it stands there, and prints what it says."""

import re
import shlex
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
RUN = {
    "python": [sys.executable],
    "provenance": [sys.executable, "-c", "from provenance.cli import main; main()"],
}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def steps() -> list[tuple[str, list[str]]]:
    """Each command of the console blocks with the lines shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    name, *arguments = shlex.split(command)
    done = subprocess.run(
        [*RUN[name], *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def holds(shown: list[str], printed: list[str]) -> bool:
    """Do the shown lines stand in what was printed, in order? `…` is anything, lines included."""
    if not shown:
        return True
    first, *rest = shown
    if first.strip() == "…":
        return any(holds(rest, printed[skip:]) for skip in range(len(printed) + 1))
    pattern = re.sub(r"([\[\]?*])", r"[\1]", first).replace("…", "*")
    return bool(printed) and fnmatchcase(printed[0], pattern) and holds(rest, printed[1:])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the console blocks were run, one after another."""
    place = tmp_path_factory.mktemp("readme")
    code, expected = 0, 0
    for command, shown in steps():
        if command == "echo $?":
            expected = int(shown[0])
            assert code == expected
            code = 0
            continue
        assert code == 0, "a command ended badly, and the README does not say so"
        code, printed = run(command, place)
        assert holds(shown, printed), f"$ {command}\n" + "\n".join(printed)
    assert code == 0
    return place


def test_the_console_blocks_run_and_print_what_they_show(folder: Path) -> None:
    assert (folder / "signed.png").is_file()
    assert len(steps()) >= 6


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_blocks_run_after_them(folder: Path, block: str) -> None:
    done = subprocess.run(
        [sys.executable, "-"],
        input=block,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "urn:c2pa:" in done.stdout


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    missing = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert not missing


def test_the_table_of_formats_is_what_the_command_prints() -> None:
    command = [*RUN["provenance"], "formats", "--format", "markdown"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed in README
