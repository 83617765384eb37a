"""What a signing run keeps in its output folder, so that the next one signs only what is missing.

    begun   before a file is signed: from what, and by which settings
    done    when it is in its place: the label of its manifest, size and time of the file

These are rows in `OUT/.provenance-sign.db`, which names no place outside of OUT. One that was begun
and not done is what a killed run leaves: whatever stands at its place is looked at, not believed.
Half-written files lie in a folder of their own beside it, which the next run takes away.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import scrypt
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import uuid4

from provenance.batch.index_write import stored
from provenance.batch.sign_task import Stamp
from provenance.batch.walk import Mark, Place
from provenance.errors import ProvenanceError

__all__ = ["From", "Journal", "JournalError", "Made"]

_NAME = ".provenance-sign.db"
_STAGING = ".provenance-sign.tmp"
_APPLICATION = 0x43325053  # "C2PS"
_VERSION = 1
_TABLES = """
CREATE TABLE about (salt BLOB NOT NULL);
CREATE TABLE done (
    output PRIMARY KEY,           -- below the folder, BLOB where the name is no Unicode
    source BLOB NOT NULL,         -- digest of the input's path
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, beside TEXT NOT NULL,
    settings BLOB NOT NULL,       -- digest of who signs what
    label TEXT NOT NULL, made_size INTEGER NOT NULL, made_mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE begun (
    output PRIMARY KEY, source BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, beside TEXT NOT NULL,
    settings BLOB NOT NULL
) WITHOUT ROWID;
"""
_CLAIMED = "CREATE TEMP TABLE claimed (output PRIMARY KEY, source NOT NULL) WITHOUT ROWID"


class JournalError(ProvenanceError):
    """What an output folder remembers cannot be used."""


class From(NamedTuple):
    """What an output is made from."""

    source: bytes  # digest of the input's path
    mark: Mark
    settings: bytes


class Made(NamedTuple):
    """An output that was done."""

    origin: From
    label: str
    stamp: Stamp


class Journal:
    """See above; one process has it at a time."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, salt: bytes) -> None:
        self.folder = folder
        self.staging = folder / _STAGING / uuid4().hex[:8]
        self.place = Place.of(os.stat(folder))
        self._connection = connection
        self._salt = salt

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """The journal of an output folder, which is made if need be.

        Raises:
            JournalError: another run is at work there, or it is damaged.
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _NAME
        with suppress(FileExistsError):  # not for others: it says something of prompts
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with _sentences(path):
            connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            with _sentences(path):
                salt = _prepare(connection, path)
                journal = cls(folder, connection, salt)
                _take_away(folder)
                journal.staging.mkdir(parents=True)
            try:
                yield journal
            finally:
                _take_away(folder)
                with _sentences(path):
                    journal.commit()
        finally:
            connection.close()

    def digest(self, words: bytes) -> bytes:
        """A digest that tells nothing of what it is of, even to somebody who can guess it.

        A prompt that is committed to is among the settings, and a list of likely ones is quickly
        gone through; with a digest that takes its time it is not.
        """
        return scrypt(words, salt=self._salt, n=1 << 14, r=8, p=1, dklen=16)

    def claim(self, output: str, source: str) -> str | None:
        """Take a place for a file, in this run; whose it is already, if it is."""
        with self._sentences():
            sql = "SELECT source FROM claimed WHERE output = ?"
            row = self._connection.execute(sql, (stored(output),)).fetchone()
            if row is not None:
                return os.fsdecode(row[0])
            rows = (stored(output), stored(source))
            self._connection.execute("INSERT INTO claimed VALUES (?, ?)", rows)
        return None

    def made(self, output: str) -> Made | None:
        """What was done at a place."""
        row = self._row("done", output)
        if row is None:
            return None
        _, source, *mark, settings, label, size, mtime_ns = row
        return Made(From(source, Mark(*mark), settings), label, Stamp(size, mtime_ns))

    def begun(self, output: str) -> From | None:
        """What an earlier run was about to do there when it ended."""
        row = self._row("begun", output)
        return None if row is None else From(row[1], Mark(*row[2:6]), row[6])

    def begin(self, output: str, origin: From) -> None:
        """A file will be signed."""
        row = (stored(output), origin.source, *origin.mark, origin.settings)
        self._change("INSERT OR REPLACE INTO begun VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def done(self, output: str, label: str, made: Stamp) -> None:
        """What was begun is in its place."""
        sql = "INSERT OR REPLACE INTO done SELECT *, ?, ?, ? FROM begun WHERE output = ?"
        self._change(sql, (label, *made, stored(output)))
        self.dropped(output)

    def dropped(self, output: str) -> None:
        """What was begun was not done."""
        self._change("DELETE FROM begun WHERE output = ?", (stored(output),))

    def _row(self, table: str, output: str) -> Any:
        with self._sentences():
            sql = f"SELECT * FROM {table} WHERE output = ?"  # noqa: S608  # one of two names
            return self._connection.execute(sql, (stored(output),)).fetchone()

    def _change(self, sql: str, row: tuple[object, ...]) -> None:
        with self._sentences():
            self._connection.execute(sql, row)

    def commit(self) -> None:
        """From here on it stands, also when this process is killed."""
        with self._sentences():
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def start(self) -> None:
        """What follows is kept together, until `commit`."""
        with self._sentences():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN")

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        with _sentences(self.folder / _NAME):
            yield


def _prepare(connection: sqlite3.Connection, path: Path) -> bytes:
    """Lock it, and see that the tables are there; the salt."""
    one = connection.execute
    one("PRAGMA locking_mode = EXCLUSIVE")  # also spares WAL the shared memory it cannot have
    one("PRAGMA journal_mode = WAL")  # on network file systems
    one("PRAGMA synchronous = NORMAL")
    one("BEGIN EXCLUSIVE")
    if not one("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        for sql in filter(str.strip, _TABLES.split(";")):
            one(sql)
        one("INSERT INTO about VALUES (?)", (os.urandom(16),))
        one(f"PRAGMA application_id = {_APPLICATION}")
        one(f"PRAGMA user_version = {_VERSION}")
    found = one("PRAGMA application_id").fetchone()[0], one("PRAGMA user_version").fetchone()[0]
    if found != (_APPLICATION, _VERSION):
        raise JournalError(str(path), "is none of this version; remove it to sign all anew")
    (salt,) = one("SELECT salt FROM about").fetchone()
    one("COMMIT")
    one(_CLAIMED)
    return bytes(salt)


def _take_away(folder: Path) -> None:
    """What a run leaves that was killed; its workers, if any are left, find nothing to go on with.

    The name is changed first: that is one step, and a worker that is about to rename a finished
    file into its place does it before, or not at all.
    """
    staging = folder / _STAGING
    if not os.path.lexists(staging):
        return
    for run in list(staging.iterdir()):
        away = run.with_name(f"{run.name}.old")
        os.rename(run, away)
        shutil.rmtree(away)
    staging.rmdir()


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            told = "another run is signing into this folder"
            raise JournalError(str(path.parent), told) from error
        raise JournalError(str(path), f"cannot be written ({error})") from error
    except sqlite3.DatabaseError as error:
        told = f"is damaged ({error}); remove it to sign all anew"
        raise JournalError(str(path), told) from error
