"""A file system of the tests' own, `counted://`: `memory://` that notes what is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import fsspec
from fsspec.implementations.memory import MemoryFileSystem

__all__ = ["BROKEN", "Asked", "CountedFiles", "counted"]


@dataclass
class Asked:
    """What was asked for since the last `clear`."""

    ranges: list[tuple[int, int]] = field(default_factory=list)
    infos: int = 0
    lists: int = 0

    @property
    def bytes(self) -> int:
        return sum(end - start for start, end in self.ranges)

    @property
    def requests(self) -> int:
        return len(self.ranges) + self.infos + self.lists

    def clear(self) -> None:
        self.ranges.clear()
        self.infos = self.lists = 0


ASKED = Asked()
BROKEN: dict[str, Exception] = {}  # by path: what reading it raises


class CountedFiles(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    protocol = "counted"
    store: dict[str, Any] = {}  # noqa: RUF012  # as its parent has it
    pseudo_dirs = [""]  # noqa: RUF012

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return f"/{path.removeprefix('counted://').strip('/')}".rstrip("/")

    def info(self, path: str, **kwargs: Any) -> Any:
        ASKED.infos += 1
        if path in BROKEN:
            raise BROKEN[path]
        return super().info(path, **kwargs)

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> Any:
        ASKED.lists += 1
        if path in BROKEN:
            raise BROKEN[path]
        return super().ls(path, detail=detail, **kwargs)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **kwargs: Any) -> bytes:
        if path in BROKEN:
            raise BROKEN[path]
        with super().open(path, "rb") as stream:
            data = bytes(stream.read())
        assert start is not None
        assert end is not None
        ASKED.ranges.append((start, end))
        return data[start:end]


@contextmanager
def counted(**files: bytes) -> Iterator[Asked]:
    """The file system with some files in it, by path below its root."""
    fsspec.register_implementation("counted", CountedFiles, clobber=True)
    held = fsspec.filesystem("counted")
    for path, data in files.items():
        held.pipe_file(f"/{path}", data)
    ASKED.clear()
    BROKEN.clear()
    try:
        yield ASKED
    finally:
        CountedFiles.store.clear()
        CountedFiles.pseudo_dirs[:] = [""]
        BROKEN.clear()
