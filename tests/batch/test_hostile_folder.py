"""A folder of every forgery and every damaged file there is: a line each, and the run ends.

Forgeries are those of tests/attacks; damaged files are made of a signed one of each format; what
the corpus calls malformed or invalid joins them where it is at hand.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import provenance
from provenance.errors import ProvenanceError
from provenance.formats.registry import handlers
from tests.attacks import test_attacks
from tests.attacks.expect import ATTACKS
from tests.build.workshop import MADE, signer
from tests.corpus.conftest import CORPUS, entries
from tests.formats.samples import sample
from tests.processes import COMMAND

_MEGABYTES = 700  # of the largest of all processes
_SECONDS = 300
BAD = ("malformed", "invalid", "unsupported", "legacy")


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str
    megabytes: int


def forgeries(place: Path) -> None:
    """All of them; those that take time are bombs."""
    for one in ATTACKS:
        made = test_attacks.expected(one)
        folder = place / one.make.__module__.rpartition(".")[2] / one.make.__name__
        folder.mkdir(parents=True)
        (folder / "asset.bin").write_bytes(made.asset)
        if made.manifest is not None:
            (folder / "asset.bin.c2pa").write_bytes(made.manifest)
        for number, data in enumerate(made.fragments):
            (folder / f"{number}.m4s").write_bytes(data)
        for name, data in made.beside.items():
            if "/" not in name:
                (folder / name).write_bytes(data)


def damaged(place: Path) -> None:
    """A signed file of each format: cut, with bytes changed at its head and in its middle."""
    place.mkdir()
    source = place / "source"
    for number, handler in enumerate(handlers()):
        if not handler.can_embed:
            continue
        suffix = handler.suffixes[0]
        source.write_bytes(sample(handler))
        whole = place / f"{number}-whole{suffix}"
        try:
            provenance.sign(source, whole, MADE, signer=signer(), verify_after=False)
        except ProvenanceError:  # a sample that is no whole file of its format
            continue
        data = whole.read_bytes()
        (place / f"{number}-cut{suffix}").write_bytes(data[: len(data) // 3])
        (place / f"{number}-short{suffix}").write_bytes(data[:-7])
        for name, at in (("head", 9), ("middle", len(data) // 2)):
            changed = bytearray(data)
            changed[at : at + 4] = b"\xff\xff\xff\xff"
            (place / f"{number}-{name}{suffix}").write_bytes(changed)
        whole.unlink()
    source.unlink()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hostile") / "all"
    forgeries(place)
    damaged(place / "damaged")
    (place / "empty.png").write_bytes(b"")
    bad = [row for row in entries() if row["class"] in BAD]
    for number, row in enumerate(bad):
        name = Path(row["file"])
        target = place / "corpus" / f"{number}{name.suffix}"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(CORPUS / name, target)
    return place


def run(cwd: Path, *words: str) -> Ended:
    """The command; with how much memory the largest of its processes took."""
    watching = (
        "import resource, subprocess, sys;"
        "code = subprocess.run(sys.argv[1:]).returncode;"
        "most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "print('', code, most, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watching, *COMMAND, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    *err, last = done.stderr.splitlines()
    code, most = map(int, last.split())
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Ended(code, done.stdout, "\n".join(err), most // unit)


def files(folder: Path) -> set[str]:
    """What is an asset of its own: no sidecar of another."""
    every = {str(one.relative_to(folder.parent)) for one in folder.rglob("*") if one.is_file()}
    owned = {f"{one}.c2pa" for one in every} | {
        str(Path(one).with_suffix(".c2pa")) for one in every if not one.endswith(".c2pa")
    }
    return every - owned


def passed_over(err: str) -> int:
    found = [line for line in err.splitlines() if line.endswith("of other formats passed over")]
    return int(found[0].split()[1]) if found else 0


pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="memory is measured as POSIX has it"
)


def check(ended: Ended, paths: list[str], folder: Path) -> None:
    """One answer for each file, the verdict of the worst, and within bounds."""
    assert ended.code == 4
    assert len(paths) == len(set(paths))
    assert set(paths) <= files(folder)
    assert len(paths) + passed_over(ended.err) == len(files(folder))
    assert len(paths) > 0.8 * len(files(folder))
    assert "Traceback" not in ended.err
    assert ended.megabytes < _MEGABYTES


def said(ended: Ended) -> list[str]:
    return [json.loads(line)["asset"]["path"] for line in ended.out.splitlines()]


def test_a_line_of_json_for_each(folder: Path) -> None:
    ended = run(folder.parent, "verify", "all", "--format", "ndjson")
    check(ended, said(ended), folder)


def test_a_line_of_text_for_each(folder: Path) -> None:
    ended = run(folder.parent, "verify", "all", "--quiet", "--ordered")
    paths = [line.partition(": ")[0] for line in ended.out.splitlines()]
    assert len(paths) > 0.8 * len(files(folder))
    assert (ended.code, len(set(paths))) == (4, len(paths))
    assert set(paths) <= files(folder)
    assert not set(ended.out) & set("\x1b\x07\u202e\x9b\r")


def test_a_line_for_each_that_is_named_whatever_it_is(folder: Path) -> None:
    names = sorted(files(folder))
    (folder.parent / "list").write_text("".join(f"{name}\n" for name in names))
    ended = run(folder.parent, "verify", "--files-from", "list", "--format", "ndjson")
    assert sorted(said(ended)) == names
    assert ended.code == 1  # among them are files of no format that we know
    assert ended.megabytes < _MEGABYTES


@pytest.mark.slow
def test_an_index_says_the_same_of_each_twice(folder: Path, tmp_path: Path) -> None:
    words = ("verify", "all", "--index", str(tmp_path / "i.db"), "--format", "ndjson")
    first, second = run(folder.parent, *words), run(folder.parent, *words)
    for ended in (first, second):
        check(ended, [path.removeprefix(f"{folder.parent}/") for path in said(ended)], folder)
    states = [
        sorted(json.loads(line)["validation_state"] or "" for line in one.out.splitlines())
        for one in (first, second)
    ]
    assert states[0] == states[1]
    assert "unchanged since they were indexed" in second.err
