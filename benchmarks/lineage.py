"""How tracing grows: deep chains, and pictures with many ingredients.

    python -m benchmarks.lineage

Each row doubles the size of the one before. Linear growth is a ratio of 2; what a chain costs is
mostly its verification, so both are printed. Memory is the peak of a fresh process.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import provenance
from benchmarks.process import peak_beyond_bare
from benchmarks.table import Bar, Row, lines
from provenance.chain.trace import trace
from provenance.limits import Limits
from tests.attacks.forge import Built
from tests.chain.studio import Says, Used, the_studio

__all__ = ["deep", "growth", "lineage", "many"]

_MB = 1 << 20
_LIMITS = Limits(lineage_depth=256)
_GROWTH = 2.6  # of twice as much: linear, and what a shared machine adds
_TRACE = """
import sys
from pathlib import Path
from provenance.chain.trace import trace
from provenance.limits import Limits
graph = trace(Path(sys.argv[1]), limits=Limits(lineage_depth=256))
assert len(graph.works) == {}, len(graph.works)
"""


def deep(length: int) -> bytes:
    """A picture, and what it was made of, one after the other."""
    studio = the_studio()
    made: list[Built] = [studio.work("0", "ada")]
    for at in range(1, length):
        used = Used(made=made[-1], relationship="parentOf", rate=100_000)
        made.append(studio.work(str(at), "bo", used))
    used = Used(made=made[-1], relationship="parentOf")
    return studio.png("top", "ada", used, before=made)


def many(count: int) -> bytes:
    """A picture with so many components, each signed and owed something."""
    studio = the_studio()
    made = [studio.work(str(at), "bo", says=Says(creators=("Bo",))) for at in range(count)]
    rate = 1_000_000 // count
    used = [Used(made=one, relationship="componentOf", rate=rate) for one in made]
    return studio.png("top", "ada", *used, before=made)


def growth(
    name: str, make: Callable[[int], bytes], sizes: tuple[int, ...], folder: Path
) -> Iterator[Row]:
    """Time of verifying and of tracing at each size, and the memory of the last."""
    before = 0.0
    path = folder / f"{name}.png"
    for size in sizes:
        path.write_bytes(make(size))
        verified = _best(lambda: provenance.verify(path))
        traced = _best(lambda: trace(path, limits=_LIMITS))
        bar = Bar(_GROWTH, at_least=False) if before else None
        yield Row(
            name=f"trace {name} {size}",
            figure=traced / before if before else 1.0,
            unit="x",
            bar=bar,
            note=f"{traced * 1000:.0f} ms; verify alone {verified * 1000:.0f} ms",
        )
        before = traced
    peak = peak_beyond_bare(_TRACE.format(sizes[-1] + 1), path) / _MB
    yield Row(
        name=f"trace {name} {sizes[-1]}, peak memory",
        figure=peak,
        unit="MB",
        bar=Bar(200, at_least=False),
        note=f"a file of {path.stat().st_size / _MB:.1f} MB",
    )


def _best(run: Callable[[], object]) -> float:
    """The shortest of three: what others do on the machine only adds."""
    times = []
    for _ in range(3):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def lineage(folder: Path) -> Iterator[Row]:
    """Tracing by depth and by number of ingredients: each doubling against the one before."""
    yield from growth("deep", deep, (25, 50, 100, 200), folder)
    yield from growth("wide", many, (125, 250, 500, 1000), folder)


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    missed = False
    with TemporaryDirectory() as folder:
        rows = list(lineage(Path(folder)))
        missed = any(row.fails for row in rows)
        for line in lines(rows):
            print(line)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
