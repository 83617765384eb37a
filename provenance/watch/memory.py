"""What a watch has done already, in a small file that outlives it.

A row is a file as it was when it was dealt with: its size and its time. When either changes, it is
another file. The memory lies in the user's data folder, and one watch holds it at a time.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from provenance.digests import digest
from provenance.errors import ProvenanceError
from provenance.trust.installed import data_folder

__all__ = ["Memory", "Seen"]

_TABLE = """CREATE TABLE IF NOT EXISTS file (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, failed INTEGER NOT NULL
) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was at some moment."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        """From what the system says."""
        return cls(stat.st_size, stat.st_mtime_ns)


class Memory:
    """See above. Names are relative to the folder that is watched."""

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._database = database
        self._path = path

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, output: Path | None) -> Iterator[Self]:
        """The memory of a watch, held while the context lasts.

        Args:
            folder: what is watched.
            output: where the signed files go; another place has another memory.

        Raises:
            ProvenanceError: another watch holds it, or it is damaged.
            OSError: the data folder cannot be written.
        """
        key = f"{folder.resolve()}\0{output.resolve() if output else ''}"
        name = digest(os.fsencode(key), "sha256").hex()[:32]
        path = data_folder() / "watch" / f"{name}.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            database = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise OSError(errno.EIO, str(error), str(path)) from error
        try:
            memory = cls(database, path)
            with memory._readable():
                database.execute("PRAGMA locking_mode = EXCLUSIVE")
                database.execute("BEGIN EXCLUSIVE")
                database.execute(_TABLE)
                database.execute("DELETE FROM file WHERE failed")  # a new start tries again
                database.execute("COMMIT")
            memory._forget_what_is_gone(folder)
            yield memory
        finally:
            database.close()

    def knows(self, name: str, seen: Seen) -> bool:
        """Was this file dealt with, as it is now?"""
        with self._readable():
            row = self._database.execute(
                "SELECT size, mtime_ns FROM file WHERE path = ?", (name,)
            ).fetchone()
        return row is not None and Seen(*row) == seen

    def keep(self, name: str, seen: Seen, *, failed: bool = False) -> None:
        """Remember that it was dealt with; what failed is forgotten at the next start."""
        with self._readable():
            self._database.execute(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
                (name, seen.size, seen.mtime_ns, failed),
            )

    def _forget_what_is_gone(self, folder: Path) -> None:
        with self._readable():
            rows = self._database.execute("SELECT path FROM file")
            gone = [(name,) for (name,) in rows if not os.path.lexists(folder / name)]
            self._database.executemany("DELETE FROM file WHERE path = ?", gone)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise ProvenanceError("watch", "another one is at work on this folder") from error
            raise OSError(errno.EIO, str(error), str(self._path)) from error
        except sqlite3.DatabaseError as error:
            raise ProvenanceError(str(self._path), "is damaged; remove it") from error
