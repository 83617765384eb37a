"""What one file costs: the figures that `docs/scale.md` reckons with.

    python -m benchmarks.scale [COUNT]

Seconds of a core are those of all processes of a run, its start left out by a run over one file.
Requests and bytes are counted where `fsspec` is asked; the server is S3's protocol on this machine.
"""

import hashlib
import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem
from moto.server import ThreadedMotoServer

import provenance
from benchmarks.files import ANCHORS, make
from provenance.batch.task import Inline

__all__ = ["figures"]

_COUNT = 2_000
_COMMAND = [sys.executable, "-c", "from provenance.cli import main; main()", "verify"]
_KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass
class _Asked:
    infos: int = 0
    lists: int = 0
    ranges: list[int] = field(default_factory=list)


ASKED = _Asked()


class Measured(LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Files of this machine under `measured://`; what is asked of them is counted."""

    protocol = "measured"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("measured://")

    def info(self, path: Any, **kwargs: Any) -> Any:
        ASKED.infos += isinstance(path, str)
        return super().info(path, **kwargs)

    def ls(self, path: str, detail: bool = False, **kwargs: Any) -> Any:
        ASKED.lists += 1
        return super().ls(path, detail=detail, **kwargs)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **kwargs: Any) -> Any:
        ASKED.ranges.append(end - start)
        return super().cat_file(path, start=start, end=end, **kwargs)


def _spent(*arguments: str | Path) -> float:
    """Seconds of a core that a run takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*_COMMAND, *map(str, arguments), "-q"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figures(work: Path, count: int = _COUNT) -> Iterator[tuple[str, float, str]]:
    """Name, figure and unit of each.

    Args:
        work: an empty folder.
        count: of files.
    """
    folder, sources = work / "files", work / "sources"
    make(folder, count, sources=sources)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    trust = ("--trust-anchors", sources / ANCHORS, "--jobs", "1")
    yield "bytes of a file", sum(path.stat().st_size for path in files) / count, "bytes"

    start = _spent(files[0], *trust)
    here = _spent(folder, *trust) - start
    yield "local, without an index", here / count * 1000, "ms of a core"
    index = work / "i.db"
    spent = _spent(folder, *trust, "--index", index) - start
    yield "local, into an index", spent / count * 1000, "ms of a core"
    held = sum(path.stat().st_size for path in work.glob("i.db*"))
    yield "of an index", held / count, "bytes"
    spent = _spent(folder, *trust, "--index", index) - start
    yield "local, known", spent / count * 1000, "ms of a core"
    _spent(folder, *trust, "--parquet", work / "parts")
    parts = sum(path.stat().st_size for path in (work / "parts").iterdir())
    yield "of Parquet, whole report included", parts / count, "bytes"
    yield from _driven(folder, files, trust, count)
    yield "SHA-256", _hashed(), "MB in a second of a core"
    yield from _elsewhere(folder, count)
    yield from _on_s3(folder, files, trust, count, start)


def _driven(
    folder: Path, files: list[Path], trust: tuple[str | Path, ...], count: int
) -> Iterator[tuple[str, float, str]]:
    """What the one who drives a Ray cluster spends; workers are processes of another parent."""
    code = (
        "import resource, sys; from provenance.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, file=sys.stderr)"
    )
    spent = []
    for place in (files[0], folder):
        command = [sys.executable, "-c", code, "verify", place, *trust, "--engine", "ray", "-q"]
        done = subprocess.run(
            [*map(str, command), "--format", "ndjson"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        spent.append(float(done.stderr.splitlines()[-1]))
    yield "the one who drives a cluster", (spent[1] - spent[0]) / count * 1000, "ms of a core"


def _hashed() -> float:
    data = bytes(64 << 20)
    before = time.process_time()
    for _ in range(4):
        hashlib.sha256(data).digest()
    return 4 * len(data) / 1e6 / (time.process_time() - before)


def _elsewhere(folder: Path, count: int) -> Iterator[tuple[str, float, str]]:
    fsspec.register_implementation("measured", Measured, clobber=True)
    for _ in provenance.verify_many([f"measured://{folder}"], engine=Inline()):
        pass
    yield "elsewhere, ranges", len(ASKED.ranges) / count, "requests"
    yield "elsewhere, other questions", ASKED.infos / count, "requests"
    yield "elsewhere, lists in all", ASKED.lists, "requests"
    yield "elsewhere, fetched", sum(ASKED.ranges) / count, "bytes"


def _on_s3(
    folder: Path, files: list[Path], trust: tuple[str | Path, ...], count: int, start: float
) -> Iterator[tuple[str, float, str]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ.update(_KEYS, AWS_ENDPOINT_URL=f"http://{host}:{port}")
    store = fsspec.filesystem("s3")
    store.mkdir("bucket")
    for path in files:
        store.pipe_file(f"bucket/{path.relative_to(folder).as_posix()}", path.read_bytes())
    spent = _spent("s3://bucket", *trust) - start
    yield "on S3, without an index", spent / count * 1000, "ms of a core"
    server.stop()


def main() -> int:
    """Print them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _COUNT
    with TemporaryDirectory() as work:
        for name, figure, unit in figures(Path(work), count):
            print(f"{name:<36}{figure:>12,.2f} {unit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
