"""What an index holds, in numbers: files by state, format, code, signer, model, contributor …"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from provenance.batch.columns import moment
from provenance.batch.index import Index
from provenance.batch.index_query import Query
from provenance.batch.index_schema import named_errors
from provenance.batch.index_select import STATES, Filters, is_model
from provenance.batch.index_values import integer, real, text

__all__ = ["SCHEMA", "Counts", "Stats", "stats_of"]

SCHEMA = "provenance/index-stats/1"


@dataclass(frozen=True, slots=True)
class Counts:
    """Values of one kind by the number of files, the most frequent first."""

    rows: tuple[tuple[str, int], ...]
    distinct: int  # values in all

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"distinct": self.distinct, "files": dict(self.rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """All of it. Counts are of files, and a file counts once for each value."""

    files: int
    passed_over: int
    folders: int
    manifests: int
    bytes: int  # of all files
    index_bytes: int  # of the index, with what is not yet part of its file
    states: dict[str, int]
    formats: Counts
    failed: Counts
    codes: Counts
    signers: Counts
    generators: Counts
    agents: Counts
    source_types: Counts
    models: Counts
    contributors: Counts
    earliest: float | None  # signing of an active manifest, seconds since 1970
    latest: float | None
    checked: float | None  # the last time
    terms: Counts  # version, trust and policy

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `schemas/index-stats.schema.json`, as Python values."""
        found: dict[str, Any] = {"schema": SCHEMA}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Counts):
                value = value.to_dict()
            elif one.name in ("earliest", "latest", "checked"):
                value = None if value is None else moment(value)
            found[one.name] = value
        return found


def stats_of(index: Index, filters: Filters | None = None, *, top: int = 10) -> Stats:
    """Count.

    Args:
        index: that is open.
        filters: of which files; all unless said.
        top: how many values of each kind are told.

    Raises:
        IndexFileError: the index is damaged.
    """
    with named_errors(index.name, "cannot be read"):
        index.connection.execute("BEGIN")  # all of one moment, whoever writes meanwhile
        try:
            return _Counting(
                Query(index, filters), every=filters in (None, Filters()), top=top
            ).stats()
        finally:
            if index.connection.in_transaction:  # SQLite ends it itself when it is stopped
                index.connection.execute("ROLLBACK")  # the tables that we made, too


@dataclass(frozen=True, slots=True)
class _Counting:
    query: Query
    every: bool  # files are counted, not some
    top: int

    def stats(self) -> Stats:
        query = self.query
        query.store("chosen", "files.id AS file_id, files.outcome_id, m.id AS manifest_id")
        self._do(
            "CREATE TEMP TABLE counted AS SELECT outcome_id, count(*) AS n FROM chosen GROUP BY 1"
        )
        self._do(
            "CREATE TEMP TABLE made AS SELECT generator, source_types, agents, count(*) AS n"
            " FROM chosen JOIN manifests ON manifests.id = manifest_id GROUP BY 1, 2, 3"
        )
        (first, last) = self._one(
            "SELECT min(signed_at), max(signed_at) FROM chosen"
            " JOIN manifests ON manifests.id = manifest_id"
        )
        (files, folders, checked) = self._one(
            "SELECT count(*), count(DISTINCT folder_id), max(checked_at) FROM chosen"
            " JOIN files ON files.id = file_id"
        )
        (size,) = self._one(
            "SELECT coalesce(sum(size), 0) FROM chosen JOIN reports USING (file_id)"
        )
        (over,) = self._one(
            "SELECT count(*) FROM files JOIN outcomes ON outcomes.id = outcome_id"
            " WHERE NOT interesting"
        )
        (manifests,) = self._one(f"SELECT count(DISTINCT h.manifest_id) FROM holds h{self._held}")
        return Stats(
            files=integer(files),
            passed_over=integer(over),
            folders=integer(folders),
            manifests=integer(manifests),
            bytes=integer(size),
            index_bytes=_size(query.name),
            states=self._states(),
            formats=self._by_outcome("format"),
            failed=self._by_words("failed"),
            codes=self._by_words("codes"),
            signers=self._by_outcome("signer"),
            generators=self._by(
                "SELECT generator, sum(n) FROM made WHERE generator != '' GROUP BY 1"
            ),
            agents=self._parted("SELECT agents, n FROM made", str.splitlines),
            source_types=self._parted("SELECT source_types, n FROM made", str.split),
            models=self._by(
                "SELECT e.title, count(DISTINCT h.file_id) FROM edges e"
                f" CROSS JOIN holds h ON h.manifest_id = e.manifest_id{self._held}"
                f" WHERE e.title IS NOT NULL AND {is_model('e.')} GROUP BY 1"
            ),
            contributors=self._by(
                "SELECT p.name, count(DISTINCT h.file_id) FROM people p"
                f" CROSS JOIN holds h ON h.manifest_id = p.manifest_id{self._held} GROUP BY 1"
            ),
            earliest=real(first),
            latest=real(last),
            checked=real(checked),
            terms=self._by(
                "SELECT words, count(*) FROM chosen JOIN files ON files.id = file_id"
                " JOIN terms ON terms.id = terms_id GROUP BY 1"
            ),
        )

    @property
    def _held(self) -> str:
        """What limits `holds h` to the files that are counted: none but these hold anything."""
        return "" if self.every else " JOIN chosen ON chosen.file_id = h.file_id"

    def _states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, condition in STATES.items():
            (count,) = self._one(
                "SELECT coalesce(sum(n), 0) FROM counted"
                f" JOIN outcomes ON outcomes.id = outcome_id WHERE {condition}"
            )
            if count:
                found[name] = integer(count)
        return found

    def _by_outcome(self, column: str) -> Counts:
        return self._by(
            f"SELECT {column}, sum(n) FROM counted JOIN outcomes ON outcomes.id = outcome_id"
            f" WHERE {column} != '' GROUP BY 1"
        )

    def _by_words(self, column: str) -> Counts:
        return self._parted(
            f"SELECT {column}, sum(n) FROM counted JOIN outcomes ON outcomes.id = outcome_id"
            " GROUP BY 1",
            str.split,
        )

    def _parted(self, sql: str, parts: Callable[[str], list[str]]) -> Counts:
        """Of values of which a file has several in one text."""
        found: Counter[str] = Counter()
        for told, count in self.query.each(sql):
            for one in parts(text(told) or ""):
                found[one] += integer(count)
        return _counts(iter(found.items()), self.top)

    def _by(self, sql: str) -> Counts:
        return _counts(self.query.each(sql), self.top)

    def _one(self, sql: str) -> tuple[Any, ...]:
        return next(self.query.each(sql))

    def _do(self, sql: str) -> None:
        for _ in self.query.each(sql):
            pass


def _counts(rows: Iterator[tuple[Any, ...]], top: int) -> Counts:
    """The most frequent of any number of values."""
    from heapq import nsmallest

    distinct = 0

    def told() -> Iterator[tuple[int, str]]:
        nonlocal distinct
        for value, count in rows:
            distinct += 1
            yield -integer(count), text(value) or ""

    best = nsmallest(top, told())
    return Counts(tuple((value, -count) for count, value in best), distinct)


def _size(name: str) -> int:
    return sum(os.stat(one).st_size for one in (name, f"{name}-wal") if Path(one).is_file())
