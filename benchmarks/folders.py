"""Folders of many files: against pools of the peers, with an index, and as they grow.

    python -m benchmarks.folders [COUNT]

Everything is a whole process, its start included: `provenance verify`, and a script with a pool of
two processes for each peer. All judge the same files by the same trust anchor.
"""

import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.files import ANCHORS, make
from benchmarks.table import Bar, Row, lines
from benchmarks.tree import Took, run

__all__ = ["folders"]

_MB = 1 << 20
_COUNT = 10_000
_INVALID = 4  # exit code: the folder has changed files in it
_REPORTS = """
import sys
from collections import Counter
from pathlib import Path
import provenance
if __name__ == "__main__":
    trust = provenance.TrustSettings.load(anchors=[Path(sys.argv[2])])
    print(Counter(one.state for one in provenance.verify_many([sys.argv[1]], trust=trust, jobs=2)))
"""


def folders(work: Path, count: int = _COUNT, *, rounds: int = 3) -> Iterator[Row]:
    """All rows about folders.

    Args:
        work: an empty folder for what is made.
        count: of files.
        rounds: pairs of runs against c2pa-python.
    """
    sources, folder = work / "sources", work / "files"
    make(folder, count, sources=sources)
    size = sum(path.stat().st_size for path in folder.rglob("*.*"))
    anchors = sources / ANCHORS
    script = work / "reports.py"
    script.write_text(_REPORTS)
    verify = (*_command("verify"), folder, "--trust-anchors", anchors, "--jobs", "2")
    reports = (sys.executable, "-P", script, folder, anchors)
    peer = _pool("c2pa-python", folder, anchors)
    yield from _against(peer, verify, reports, count, size, rounds)
    other = _checked(run(_pool("encypher-c2pa", folder, anchors)), 0)
    ours = _checked(run(verify))
    yield Row(
        name="  the same, encypher-c2pa, 2 processes / ours",
        figure=other.seconds / ours.seconds,
        unit="x",
        note=f"{count / other.seconds:.0f} files/s",
    )
    yield from _alone(sources, work, count)
    yield from _indexed(verify, work, count)
    yield from _growing(folder, anchors, work, count)


def _against(
    peer: Sequence[str | Path],
    verify: Sequence[str | Path],
    reports: Sequence[str | Path],
    count: int,
    size: int,
    rounds: int,
) -> Iterator[Row]:
    found: list[tuple[float, float]] = []
    speed = 0.0
    for number in range(rounds):
        turns = [lambda: _checked(run(peer), 0).seconds, lambda: _checked(run(verify)).seconds]
        turns.append(lambda: _checked(run(reports), 0).seconds)
        took = [0.0] * 3
        for place in (0, 1, 2) if number % 2 else (2, 1, 0):
            took[place] = turns[place]()
        found.append((took[0] / took[1], took[0] / took[2]))
        speed = max(speed, count / took[1])
    yield Row(
        name=f"verify {count:,} files, c2pa-python, 2 processes / ours",
        figure=statistics.median(one for one, _ in found),
        unit="x",
        bar=Bar(6, at_least=True),
        note=f"{rounds} pairs; {speed:.0f} files/s, {speed * size / count / _MB:.0f} MB/s",
    )
    yield Row(
        name="  the same, reports in Python by verify_many",
        figure=statistics.median(one for _, one in found),
        unit="x",
        note=f"{rounds} pairs",
    )


def _alone(sources: Path, work: Path, count: int) -> Iterator[Row]:
    """Files made of nothing else, so that nothing is shared but certificates."""
    folder, anchors = make(work / "alone", count, sources=sources, alone=True), sources / ANCHORS
    peer = _checked(run(_pool("c2pa-python", folder, anchors)), 0)
    verify = (*_command("verify"), folder, "--trust-anchors", anchors, "--jobs", "2")
    ours = _checked(run(verify))
    yield Row(
        name=f"  {count:,} files without ingredients, c2pa-python / ours",
        figure=peer.seconds / ours.seconds,
        unit="x",
        note=f"{count / ours.seconds:.0f} files/s",
    )


def _indexed(verify: Sequence[str | Path], work: Path, count: int) -> Iterator[Row]:
    index = work / "index.db"
    command = (*verify, "--index", index)
    first = _checked(run(command))
    again = statistics.median(_checked(run(command)).seconds for _ in range(5))
    yield Row(
        name="  with an index: first run / second run",
        figure=first.seconds / again,
        unit="x",
        bar=Bar(50, at_least=True),
        note=f"{first.seconds:.1f} s, {again * 1000:.0f} ms; "
        f"{index.stat().st_size / count:.0f} bytes a file",
    )
    index.unlink()


def _growing(folder: Path, anchors: Path, work: Path, count: int) -> Iterator[Row]:
    """Speed and memory from a hundredth of the files to ten times as many."""
    before = 0.0
    for times in (0.01, 0.1, 1, 10):
        many = round(count * times)
        place = _linked(folder, work / f"grown-{many}", many)
        took = _checked(
            run((*_command("verify"), place, "--trust-anchors", anchors, "--jobs", "2"), watch=True)
        )
        yield Row(
            name=f"  {many:,} files, peak memory of all processes",
            figure=took.peak / _MB,
            unit="MB",
            bar=Bar(400, at_least=False),
            note=f"{many / took.seconds:.0f} files/s"
            + (f"; {took.peak / before:.2f}x the row above" if before else ""),
        )
        before = took.peak


def _linked(folder: Path, place: Path, many: int) -> Path:
    """As many files as wanted, by hard links."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for number in range(many):
        source = files[number % len(files)]
        below = place / f"{number // len(files)}" / source.parent.name
        below.mkdir(parents=True, exist_ok=True)
        os.link(source, below / source.name)
    return place


def _command(verb: str) -> tuple[Path, str]:
    return Path(sys.executable).with_name("provenance"), verb


def _pool(peer: str, folder: Path, anchors: Path) -> tuple[str | Path, ...]:
    return sys.executable, Path(__file__).with_name("pools.py"), peer, folder, anchors


def _checked(took: Took, code: int = _INVALID) -> Took:
    if took.code != code:
        raise RuntimeError(f"a run ended with {took.code}, where {code} was to be expected")
    return took


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _COUNT
    missed = False
    with TemporaryDirectory() as work:

        def watched() -> Iterator[Row]:
            nonlocal missed
            for row in folders(Path(work), count):
                missed |= row.fails
                yield row

        for line in lines(watched()):
            print(line, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
