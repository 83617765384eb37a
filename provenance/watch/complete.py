"""Which files of a folder are there in full.

A file counts as complete when its size and its time have not changed for a while, or are older
than that when it is first seen. A writer that rests for longer is taken for one that has finished.
"""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provenance.watch.memory import Memory, Seen

__all__ = ["Complete", "Waiting"]

_MOST_WAITING = 10_000  # files; the others are looked at when some of these are done
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download")
_OURS = (".salts.json", ".c2pa")


@dataclass(frozen=True, slots=True)
class Complete:
    """A file that is there in full."""

    name: str  # relative to the folder
    seen: Seen


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The files of a folder that are not dealt with yet, and since when each has not changed."""

    folder: Path
    settle: float  # seconds
    recursive: bool = False
    but: Path | None = None  # a folder in it that is none of ours to look into
    _since: dict[str, tuple[Seen, float]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Those that have been seen, and may still be written."""
        return tuple(self._since)

    def again(self, name: str, seen: Seen) -> None:
        """A file changed after all: wait for it to come to rest."""
        self._since[name] = (seen, time.monotonic())

    def complete(self, memory: Memory) -> Iterator[Complete]:
        """Look once: what is complete now and was not dealt with, by name within each folder.

        Raises:
            OSError: the folder cannot be read.
        """
        found: list[Complete] = []
        there = set()
        for name, status in self._files(self.folder, ""):
            seen = Seen.of(status)
            if memory.knows(name, seen):
                continue
            there.add(name)
            if self._is_settled(name, seen, status.st_mtime):
                found.append(Complete(name, seen))
            if len(there) >= _MOST_WAITING:
                break
        for name in [one for one in self._since if one not in there]:
            del self._since[name]
        found.sort(key=lambda one: (one.seen.mtime_ns, one.name))
        for one in found:
            self._since.pop(one.name, None)
            yield one

    def _is_settled(self, name: str, seen: Seen, mtime: float) -> bool:
        now = time.monotonic()
        before = self._since.get(name)
        if before is None or before[0] != seen:
            self._since[name] = (seen, now)
            # A file from the future tells nothing by its time: clocks of other machines differ.
            old = before is None and time.time() - mtime >= self.settle
            return old and seen.size > 0
        return seen.size > 0 and now - before[1] >= self.settle

    def _files(self, folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if self.recursive and not self._is_left_out(Path(entry.path)):
                        yield from self._inside(Path(entry.path), f"{name}/")
                    continue
                if entry.name.lower().endswith((*_UNFINISHED, *_OURS)):
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield name, status

    def _inside(self, folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
        try:
            yield from self._files(folder, prefix)
        except OSError:
            return  # it is gone, or closed to us: the others are not

    def _is_left_out(self, folder: Path) -> bool:
        return self.but is not None and self.but.exists() and folder.samefile(self.but)
