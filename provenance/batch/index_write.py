"""Rows into an index, many files in a transaction: all of a file, or nothing of it."""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

from provenance.batch.index_rows import ManifestRow, Outcome, Row, SignerRow
from provenance.batch.walk import Named
from provenance.remote.address import absolute, split

__all__ = ["Known", "Writer", "base", "below", "named_as", "stored"]

# Name, the four of its mark, SHA-256, outcome, row id, terms, until.
Known = tuple[str | bytes, int, int, int, str, bytes | None, int, int, int, float]

_REMEMBERED = 50_000  # ids of shared rows


def stored(path: str) -> str | bytes:
    """A path as a column holds it: text, or the bytes of a name that is no Unicode."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def base(path: str) -> str:
    """The name of a file or folder within its folder, however its path is spelled."""
    return split(absolute(path))[1]


def below(column: str, folder: str) -> tuple[str, tuple[str | bytes, ...]]:
    """A condition on a column with absolute paths: it is the folder, or lies in it."""
    top = folder.rstrip("/")
    first, end = f"{top}/", f"{top}0"  # "0" comes after "/"
    sql = f"({column} = ? OR ({column} >= ? AND {column} < ?) OR ({column} >= ? AND {column} < ?))"
    # Names that are no Unicode stand behind all texts, and are compared with bytes alone.
    return sql, (
        stored(folder),
        stored(first),
        stored(end),
        os.fsencode(first),
        os.fsencode(end),
    )


def named_as(value: str | bytes) -> str:
    """A path as it was before `stored`."""
    return os.fsdecode(value)


class Writer:
    """Keeps rows back, and writes them together.

    Args:
        connection: to the index.
        digest: of the terms of this run.
        words: the same for people.
        at: the moment of it.
    """

    def __init__(
        self, connection: sqlite3.Connection, digest: str, words: str, at: datetime
    ) -> None:
        self._db, self._at = connection, at.timestamp()
        self._rows: list[tuple[Named, Row | None, float]] = []
        self._gone: list[int] = []
        self._folders: dict[str | bytes, int] = {}
        self._shared: dict[Any, int] = {}
        self._dropped = False
        self.written: set[int] = set()  # folders, by row
        self.terms = self._terms_id(digest, words)

    def _terms_id(self, digest: str, words: str) -> int:
        self._db.execute(
            "INSERT OR IGNORE INTO terms (digest, words) VALUES (?, ?)", (digest, words)
        )
        (found,) = self._db.execute("SELECT id FROM terms WHERE digest = ?", (digest,)).fetchone()
        return int(found)

    @property
    def waiting(self) -> int:
        """Files that are not written yet."""
        return len(self._rows)

    def rows_of(
        self, folder: str, whole: bool, files: Iterable[Named]
    ) -> tuple[int, dict[str | bytes, Known]] | None:
        """What is known of a folder's files, by name; None for a folder nobody has seen.

        Args:
            folder: its absolute path.
            whole: all of its files; else only those given.
            files: in it.
        """
        found = self._db.execute(
            "SELECT id FROM folders WHERE path = ?", (stored(folder),)
        ).fetchone()
        if found is None:
            return None
        sql = (
            "SELECT name, size, mtime_ns, inode, beside, sha256, outcome_id, id, terms_id,"
            " CAST(until AS REAL) FROM files WHERE folder_id = ?"
        )
        if whole:
            rows = self._db.execute(sql, found)
        else:
            names = [stored(base(one.path)) for one in files]
            marks = ",".join("?" * len(names))
            rows = self._db.execute(f"{sql} AND name IN ({marks})", (*found, *names))
        return found[0], {row[0]: row for row in rows}

    def put(self, named: Named, row: Row, until: float) -> None:
        """A file was looked at."""
        self._rows.append((named, row, until))

    def touch(self, named: Named) -> None:
        """A file looks changed, and its content is the same."""
        self._rows.append((named, None, 0.0))

    def forget(self, numbers: Iterable[int]) -> None:
        """Files that have gone."""
        self._gone.extend(numbers)

    def forget_folders(self, root: str, visited: Collection[int]) -> None:
        """Folders below a root that were not met on a walk of all of it."""
        sql, values = below("path", root)
        found = self._db.execute(f"SELECT id FROM folders WHERE {sql}", values).fetchall()  # noqa: S608
        lost = [one for one in found if one[0] not in visited and one[0] not in self.written]
        if lost:
            self._folders.clear()
            self._dropped = True
            with self._transaction():
                self._db.executemany("DELETE FROM files WHERE folder_id = ?", lost)
                self._db.executemany("DELETE FROM folders WHERE id = ?", lost)

    def sweep(self) -> None:
        """Manifests that no file holds any more."""
        if self._dropped:
            self._shared.clear()
            self._db.execute(
                "DELETE FROM manifests WHERE NOT EXISTS"
                " (SELECT 1 FROM holds WHERE manifest_id = manifests.id)"
            )
            self._dropped = False

    def flush(self) -> None:
        """Write what waits, in one transaction."""
        if not self._rows and not self._gone:
            return
        rows, gone, self._rows, self._gone = self._rows, self._gone, [], []
        with self._transaction():
            self._db.executemany("DELETE FROM files WHERE id = ?", ((one,) for one in gone))
            self._dropped |= bool(gone)
            for named, row, until in rows:
                self._write(named, row, until)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it is written, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        with ExitStack() as undo:
            undo.callback(self._roll_back)
            yield
            undo.pop_all()
        self._db.execute("COMMIT")

    def _roll_back(self) -> None:
        self._db.execute("ROLLBACK")
        self._folders.clear()  # what they named may not be there
        self._shared.clear()

    def _write(self, named: Named, row: Row | None, until: float) -> None:
        folder = self._folder(split(absolute(named.path))[0])
        self.written.add(folder)
        name, mark = stored(base(named.path)), named.mark
        key = (folder, name)
        if row is None:
            if mark is not None:
                self._db.execute(
                    "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, beside = ?"
                    " WHERE folder_id = ? AND name = ?",
                    (*mark, *key),
                )
            return
        gone = self._db.execute("DELETE FROM files WHERE folder_id = ? AND name = ?", key)
        self._dropped |= gone.rowcount > 0
        if mark is None:
            return  # it is not there to be found again
        outcome = self._outcome(row.outcome)
        number = self._db.execute(
            "INSERT INTO files (folder_id, name, size, mtime_ns, inode, beside, sha256, terms_id,"
            " until, outcome_id, checked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *mark, row.sha256, self.terms, until, outcome, self._at),
        ).lastrowid
        if row.body is not None:
            self._db.execute(
                "INSERT INTO reports VALUES (?, ?, ?, ?, ?)",
                (number, row.body, row.details, row.size, row.errors),
            )
        if row.manifests:
            self._db.executemany(
                "INSERT INTO holds VALUES (?, ?, ?, ?)",
                [
                    (number, place, self._manifest(one), one.state)
                    for place, one in enumerate(row.manifests)
                ],
            )
        if row.hashes:
            self._db.executemany(
                "INSERT OR IGNORE INTO hashes VALUES (?, ?, ?)",
                [(number, *one) for one in row.hashes],
            )

    def _folder(self, path: str) -> int:
        return self._id(self._folders, stored(path), "folders", "path", (stored(path),), ("path",))

    def _outcome(self, one: Outcome) -> int:
        if one in self._shared:
            return self._shared[one]
        digest = sha256(repr(tuple(one)).encode()).digest()
        columns = (*Outcome._fields, "digest")
        number = self._id(self._shared, one, "outcomes", "digest", (*one, digest), columns)
        self._db.executemany(
            "INSERT OR IGNORE INTO outcome_codes VALUES (?, ?)",
            [(code, number) for code in one.codes.split()],
        )
        return number

    def _signer(self, one: SignerRow) -> int:
        return self._id(self._shared, one, "signers", "sha256", tuple(one), SignerRow._fields)

    def _manifest(self, one: ManifestRow) -> int:
        key = (one.claim, one.box)
        if key in self._shared:
            return self._shared[key]
        columns = (
            "claim, box, label, kind, title, generator, source_types, signed_at, attested,"
            " signature, agents"
        )
        signer = self._signer(one.signer) if one.signer else None
        made = self._db.execute(
            f"INSERT OR IGNORE INTO manifests ({columns}, signer_id)"  # noqa: S608  # our own words
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*one[:11], signer),
        )
        fresh = made.rowcount == 1
        (number,) = self._db.execute(
            "SELECT id FROM manifests WHERE claim = ? AND box = ?", key
        ).fetchone()
        if fresh:
            self._db.executemany(
                "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(number, *edge) for edge in one.edges],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?)",
                [(number, *person) for person in one.people],
            )
            self._db.executemany(
                "INSERT INTO acceptances VALUES (?, ?, ?)",
                [(number, *pair) for pair in one.acceptances],
            )
        return self._remember(self._shared, key, int(number))

    def _id(
        self,
        known: dict[Any, int],
        key: Any,
        table: str,
        unique: str,
        values: tuple[Any, ...],
        columns: tuple[str, ...],
    ) -> int:
        """The row of a table whose rows are told apart by one column; made when it is new."""
        if key in known:
            return known[key]
        marks = ", ".join("?" * len(columns))
        self._db.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            values,
        )
        (number,) = self._db.execute(
            f"SELECT id FROM {table} WHERE {unique} = ?",  # noqa: S608  # our own words
            (values[columns.index(unique)],),
        ).fetchone()
        return self._remember(known, key, int(number))

    def _remember(self, known: dict[Any, int], key: Any, number: int) -> int:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[key] = number
        return number
