"""Ask an index: which files, and what of each. Rows come as SQLite finds them, in order of path."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from provenance.batch.index import Index
from provenance.batch.index_rows import Edge, ManifestRow, Outcome, SignerRow
from provenance.batch.index_schema import DamagedError, named_errors
from provenance.batch.index_select import Filters, Selection, downward, is_model, matcher, used_by
from provenance.batch.index_values import (
    integer,
    member,
    path_of,
    real,
    report_of,
    text,
    words,
)
from provenance.batch.record import POLICIES, FileRecord, record
from provenance.report import json
from provenance.validate.results import ValidationState

__all__ = ["Hit", "Person", "Query"]

_FILES = (
    "FROM files JOIN outcomes ON outcomes.id = files.outcome_id"
    " LEFT JOIN holds a ON a.file_id = files.id AND a.place = 0"
    " LEFT JOIN manifests m ON m.id = a.manifest_id"
)
_COLUMNS = (
    *("folders.path", "files.name", "files.checked_at"),
    *(f"outcomes.{name}" for name in Outcome._fields),
    *("reports.size", "reports.errors", "m.id", "m.label", "m.title", "m.generator"),
    *("m.source_types", "m.signed_at", "m.attested", "m.agents"),
    *("s.sha256", "s.common_name", "s.issuer", "s.alg"),
    "(SELECT count(*) FROM holds WHERE file_id = files.id)",
)
_NUMBER = _COLUMNS.index("m.id")
_REMEMBERED = 10_000  # manifests
_SHOWN = 20  # names of a kind that a file is found by


class Person(NamedTuple):
    """Somebody who is named in a chain."""

    name: str
    role: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A file, and by which names it was found."""

    record: FileRecord
    models: tuple[str, ...] = ()
    contributors: tuple[Person, ...] = ()


class Query:
    """One question to an index.

    Each of its methods asks it anew. What others write meanwhile is not seen within an answer.

    Raises:
        IndexFileError: by all of its methods: the index is damaged.
    """

    def __init__(self, index: Index, filters: Filters | None = None) -> None:
        self._db, self.name = index.connection, index.name
        self.filters = filters or Filters()
        with named_errors(self.name, "cannot be read"):
            self.selection = Selection.of(self.filters, self._db)
        self._parts = lru_cache(maxsize=_REMEMBERED)(self._parts_of)
        self._found = lru_cache(maxsize=_REMEMBERED)(self._found_by)

    def count(self) -> int:
        """How many files there are."""
        for (found,) in self.rows("count(*)"):
            return integer(found)
        return 0

    def paths(self, limit: int | None = None) -> Iterator[str]:
        """Their paths, absolute, in order."""
        for folder, name in self._files("folders.path, files.name", limit=limit):
            yield self._told(path_of, folder, name)

    def hits(self, limit: int | None = None) -> Iterator[Hit]:
        """Each with what led to it."""
        for row in self._files(", ".join(_COLUMNS), limit=limit):
            yield self._told(self._hit, row)

    def records(self, limit: int | None = None, *, reports: bool = True) -> Iterator[FileRecord]:
        """Each on one row; with its report, unless that is not wanted."""
        columns = (*_COLUMNS, "reports.body") if reports else _COLUMNS
        for row in self._files(", ".join(columns), limit=limit):
            yield self._told(self._record, row)

    def reports(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Each report as JSON values, with the path that leads to the file."""
        for folder, name, body in self._files(
            "folders.path, files.name, reports.body", limit=limit
        ):
            yield self._told(_reported, folder, name, body)

    def rows(self, columns: str, more: str = "", rest: str = "") -> Iterator[tuple[Any, ...]]:
        """Any columns of the files, as they stand there.

        Args:
            columns: SQL, of our own: `files`, `outcomes`, the active manifest `m`.
            more: further joins.
            rest: what comes after WHERE.
        """
        selection = self.selection
        sql = f"{selection.head}SELECT {columns} {_FILES}{more} {selection.condition}{rest}"
        yield from self.each(sql, selection.values)

    def store(self, table: str, columns: str) -> None:
        """Put columns of the files into a table of this connection alone; see `rows`."""
        selection = self.selection
        sql = f"{selection.head}SELECT {columns} {_FILES} {selection.condition}"
        with named_errors(self.name, "cannot be read"):
            self._db.execute(f"CREATE TEMP TABLE {table} AS {sql}", selection.values)
            self._db.execute(f"CREATE INDEX temp.{table}_file ON {table} (file_id)")

    def chosen(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement over the files that were asked for.

        Args:
            sql: of our own; `chosen (file_id)` are the files, `held (id)` all their manifests.
        """
        files = f"chosen (file_id) AS (SELECT files.id {_FILES} {self.selection.condition})"
        held = (
            "held (id) AS (SELECT DISTINCT holds.manifest_id FROM chosen"
            " JOIN holds ON holds.file_id = chosen.file_id)"
        )
        tables = ", ".join((*self.selection.tables, files, held))
        yield from self.each(f"WITH RECURSIVE {tables} {sql}", self.selection.values)

    def each(self, sql: str, values: Any = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of any statement of our own."""
        with named_errors(self.name, "cannot be read"):
            cursor: sqlite3.Cursor = self._db.execute(sql, values)
        while True:
            with named_errors(self.name, "cannot be read"):
                rows = cursor.fetchmany(256)
            if not rows:
                return
            yield from rows

    def _files(self, columns: str, limit: int | None) -> Iterator[tuple[Any, ...]]:
        more = (
            " JOIN folders ON folders.id = files.folder_id"
            " LEFT JOIN signers s ON s.id = m.signer_id"
            " LEFT JOIN reports ON reports.file_id = files.id"
        )
        rest = " ORDER BY folders.path, files.name"
        return self.rows(columns, more, f"{rest} LIMIT {limit:d}" if limit is not None else rest)

    def _told(self, function: Any, *values: Any) -> Any:
        """What a function makes of values; that they are damaged is said of this index."""
        with named_errors(self.name, "cannot be read"):
            return function(*values)

    def _record(self, row: tuple[Any, ...]) -> FileRecord:
        folder, name, checked, *others = row
        outcome, others = _outcome(others[: len(Outcome._fields)]), others[len(Outcome._fields) :]
        size, errors, number, *manifest = others[:10]
        signer, held, body = others[10:14], others[14], others[15:]
        path = path_of(folder, name)
        return record(
            path,
            outcome,
            self._active(number, manifest, signer),
            manifests=integer(held),
            size=None if size is None else integer(size),
            errors=tuple((text(errors) or "").splitlines()),
            checked_at=real(checked),
            report=json.ndjson(_whole(path, body[0])) if body and body[0] is not None else None,
        )

    def _hit(self, row: tuple[Any, ...]) -> Hit:
        number = row[_NUMBER]
        models, people = self._found(number) if number is not None else ((), ())
        return Hit(self._record(row), models, people)

    def _active(self, number: Any, row: Any, signer: Any) -> ManifestRow | None:
        if number is None:
            return None
        label, title, generator, source_types, signed_at, attested, agents = row
        edges, people = self._parts(number)
        sha256, common_name, issuer, alg = map(text, signer)
        return ManifestRow(
            claim="",
            box=b"",
            label=text(label) or "",
            kind="",
            title=text(title),
            generator=text(generator),
            source_types=text(source_types) or "",
            signed_at=real(signed_at),
            attested=bool(attested),
            signature=None,
            agents=text(agents) or "",
            signer=SignerRow(sha256, common_name, issuer, alg, None, None, None)
            if sha256
            else None,
            edges=edges,
            people=people,
            acceptances=(),
            state="",
        )

    def _parts_of(self, number: int) -> tuple[tuple[Edge, ...], tuple[Person, ...]]:
        """Models and people of a manifest."""
        sql = "SELECT uri, relationship, title FROM edges WHERE manifest_id = ?"
        edges = tuple(
            Edge(
                text(uri) or "", text(what) or "", "model", text(title), None, None, None, None, ""
            )
            for uri, what, title in self.each(f"{sql} AND role = 'model'", (number,))
        )
        people = self.each(
            "SELECT name, role, evidence FROM people WHERE manifest_id = ?", (number,)
        )
        return edges, tuple(Person(*(text(one) or "" for one in row)) for row in people)

    def _found_by(self, number: int) -> tuple[tuple[str, ...], tuple[Person, ...]]:
        """The names in the chain of a manifest that match what was asked for."""
        chain = f"WITH RECURSIVE {downward('chain', 'SELECT ?')} "
        models: tuple[str, ...] = ()
        people: tuple[Person, ...] = ()
        if self.filters.model:
            edges = f"chain JOIN edges e ON e.manifest_id = chain.id AND {is_model('e.')}"
            called = " UNION ".join(f"SELECT t.title FROM {one}" for one in used_by(edges))
            sql = f"{chain} SELECT e.title FROM {edges} UNION {called}"
            matches = matcher(self.filters.model)
            found = {one for (one,) in self.each(sql, (number,)) if matches(one)}
            models = tuple(sorted(found)[:_SHOWN])
        if self.filters.contributor:
            sql = (
                f"{chain} SELECT DISTINCT name, role, evidence FROM people"
                " WHERE manifest_id IN (SELECT id FROM chain) AND matches_contributor(name)"
                f" ORDER BY name, role, evidence LIMIT {_SHOWN}"
            )
            rows = self.each(sql, (number,))
            people = tuple(Person(*(text(one) or "" for one in row)) for row in rows)
        return models, people


def _outcome(row: Any) -> Outcome:
    state, location, format_, error, signer, failed, codes, policy, told, tone, interesting = row
    if policy not in range(len(POLICIES)):
        raise DamagedError(f"{str(policy)[:60]!r} where a policy's result should be")
    known = member(ValidationState, state)
    return Outcome(
        known.value if known else None,
        text(location) or "",
        text(format_),
        text(error),
        text(signer),
        " ".join(words(failed)),
        " ".join(words(codes)),
        policy,
        text(told) or "",
        text(tone) or "",
        bool(interesting),
    )


def _reported(folder: Any, name: Any, body: Any) -> dict[str, Any]:
    return _whole(path_of(folder, name), body)


def _whole(path: str, body: bytes) -> dict[str, Any]:
    found = report_of(body)
    found["asset"]["path"] = path
    return found
