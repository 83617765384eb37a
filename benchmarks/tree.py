"""A command with all processes that it starts: how long it takes, and how much memory at once.

Memory is the sum over the processes of what is in memory and not shared with others, or shared in
equal parts (PSS); it is looked at 20 times a second. Linux only: from /proc.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

__all__ = ["Took", "run"]

_OFTEN = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took."""

    seconds: float
    peak: int  # bytes, of all processes together; 0 where /proc is not
    code: int


def run(command: Sequence[str | Path], *, watch: bool = False) -> Took:
    """Run a command to its end; its output goes nowhere.

    Args:
        command: program and arguments.
        watch: look at its memory, which takes some time itself.
    """
    ended, peaks = Event(), [0]
    started = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def look() -> None:
        while not ended.wait(_OFTEN):
            peaks.append(sum(map(_memory, _family(process.pid))))

    watcher = Thread(target=look)
    if watch:
        watcher.start()
    code = process.wait()
    seconds = perf_counter() - started
    ended.set()
    if watch:
        watcher.join()
    return Took(seconds, max(peaks), code)


def _family(top: int) -> Iterator[int]:
    yield top
    with suppress(OSError):
        for task in Path(f"/proc/{top}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text().split():
                    yield from _family(int(child))


def _memory(process: int) -> int:
    with suppress(OSError):  # it may have ended meanwhile
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
