"""All rows, printed as they come; exit code 1 if a bar is missed."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import process, speed
from benchmarks.folders import folders
from benchmarks.hooks import hooks
from benchmarks.lineage import lineage
from benchmarks.material import Material
from benchmarks.table import Row, lines
from benchmarks.video import video

__all__: list[str] = []


def rows(material: Material) -> Iterator[Row]:
    """Everything that is measured."""
    yield from speed.verifying(material)
    yield from speed.signing(material)
    yield from process.memory(material)
    yield from process.start_up(material)
    yield from video(material)
    yield from hooks(material)
    yield from lineage(material.folder)
    yield from folders(material.folder / "folders")


def main() -> int:
    """Print the table."""
    missed = False

    def watched(found: Iterator[Row]) -> Iterator[Row]:
        nonlocal missed
        for row in found:
            missed |= row.fails
            yield row

    with TemporaryDirectory() as folder:
        for line in lines(watched(rows(Material.make(Path(folder))))):
            print(line, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
