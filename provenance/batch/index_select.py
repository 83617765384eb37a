"""What is asked of an index, as SQL: conditions on files, and chains along ingredients.

    Filters ─▶ Selection: WITH … and WHERE … over `files`, `outcomes`, the active manifest `m`

An edge leads to the manifest with its claim; where the store did not hold that, to one that hashes
to what was signed, or to the file with that hash. Names go by `matcher`, as functions of the
connection; what comes from the user is never part of the SQL.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import translate
from functools import lru_cache
from typing import Any

from provenance.batch.index_write import below

__all__ = ["STATES", "Filters", "Made", "Selection", "downward", "is_model", "matcher", "used_by"]

# What can be asked for, and when an outcome is that.
STATES = {
    "trusted": "outcomes.state = 'Trusted'",
    "valid": "outcomes.state = 'Valid'",
    "invalid": "outcomes.state = 'Invalid'",
    "none": "(outcomes.state IS NULL AND outcomes.error IS NULL)",
    "unread": "(outcomes.state IS NULL AND outcomes.error IS NOT NULL)",
}
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Made:
    """A work by what leads to it: ids of claims, labels, digests of its file (`sha256:…`)."""

    claims: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All must hold; of several values of one, any. Names are patterns, see `matcher`.

    `signer`, `generator`, `title`, `since` and `until` are about the active manifest; `model` and
    `contributor` about every manifest that its chain of ingredients reaches.
    """

    signer: tuple[str, ...] = ()
    generator: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    media_type: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    contributor: tuple[str, ...] = ()
    state: tuple[str, ...] = ()  # of STATES
    code: tuple[str, ...] = ()  # exact
    since: datetime | None = None  # inclusive, both
    until: datetime | None = None
    under: tuple[str, ...] = ()  # absolute paths of folders
    made_from: tuple[Made, ...] = ()


def matcher(patterns: Sequence[str]) -> Callable[[Any], bool]:
    """Does a name match one of several patterns, whatever the case?

    A pattern with `*`, `?` or `[…]` is a glob over the whole name; another is looked for in it.
    """
    plain = tuple(one.casefold() for one in patterns if not _GLOB.search(one))
    globs = [re.compile(translate(one.casefold())) for one in patterns if _GLOB.search(one)]

    @lru_cache(maxsize=10_000)  # names recur in file after file
    def matches(name: Any) -> bool:
        if not isinstance(name, str):
            return False
        folded = name.casefold()
        return any(one in folded for one in plain) or any(one.match(folded) for one in globs)

    return matches


@dataclass(slots=True)
class Selection:
    """Pieces of a statement, and the values in their order; see `of`."""

    tables: list[str] = field(default_factory=list)  # common table expressions
    where: list[str] = field(default_factory=lambda: ["outcomes.interesting"])
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, filters: Filters, connection: sqlite3.Connection) -> "Selection":
        """The statement for some filters; their patterns become functions of the connection."""
        made = cls()
        for name, condition in (
            (
                "signer",
                "(m.signer_id IN (SELECT id FROM signers WHERE {0}(common_name) OR {0}(issuer)))",
            ),
            ("generator", "({0}(m.generator) OR {0}_line(m.agents))"),
            ("title", "{0}(m.title)"),
            ("media_type", "{0}(outcomes.format)"),
        ):
            if patterns := getattr(filters, name):
                made.where.append(condition.format(_function(connection, name, patterns)))
        if filters.state:
            made._any(STATES[one] for one in filters.state)
        if filters.code:
            codes = made._each("code", filters.code)
            made.where.append(
                f"outcomes.id IN (SELECT outcome_id FROM outcome_codes WHERE code IN ({codes}))"
            )
        if filters.since is not None:
            made.where.append("m.signed_at >= :since")
            made.values["since"] = filters.since.timestamp()
        if filters.until is not None:
            made.where.append("m.signed_at <= :until")
            made.values["until"] = filters.until.timestamp()
        if filters.under:
            made._any(made._below(number, one) for number, one in enumerate(filters.under))
        made._chains(filters, connection)
        return made

    @property
    def head(self) -> str:
        """`WITH …`, or nothing."""
        return f"WITH RECURSIVE {', '.join(self.tables)} " if self.tables else ""

    @property
    def condition(self) -> str:
        """`WHERE …`."""
        return f"WHERE {' AND '.join(self.where)}"

    def _any(self, conditions: Iterable[str]) -> None:
        self.where.append(f"({' OR '.join(conditions)})")

    def _each(self, name: str, given: Sequence[Any]) -> str:
        """Values, as a list of names for them."""
        names = [f"{name}_{number}" for number in range(len(given))]
        self.values |= zip(names, given, strict=True)
        return ", ".join(f":{one}" for one in names)

    def _below(self, number: int, folder: str) -> str:
        sql, values = below("path", folder)
        for at, value in enumerate(values):
            name = f"under_{number}_{at}"
            self.values[name] = value
            sql = sql.replace("?", f":{name}", 1)
        return f"files.folder_id IN (SELECT id FROM folders WHERE {sql})"

    def _chains(self, filters: Filters, connection: sqlite3.Connection) -> None:
        if filters.model:
            name = _function(connection, "model", filters.model)
            self._reach("by_model", _with_model(name))
        if filters.contributor:
            name = _function(connection, "contributor", filters.contributor)
            self._reach("by_person", f"SELECT manifest_id FROM people WHERE {name}(name)")
        if filters.made_from:
            self._made_from(filters.made_from)

    def _reach(self, table: str, seed: str) -> None:
        self.tables.append(_upward(table, seed))
        self.where.append(f"m.id IN (SELECT id FROM {table})")

    def _made_from(self, made: Sequence[Made]) -> None:
        claims = self._each("claim", [claim for one in made for claim in one.claims])
        labels = self._each("label", [label for one in made for label in one.labels])
        digests = self._each("digest", [digest for one in made for digest in one.digests])
        # The work itself: also by its file, and with what was added to it since.
        self.tables.append(
            "work (id) AS ("
            f"SELECT id FROM manifests WHERE claim IN ({claims})"
            f" UNION SELECT id FROM manifests WHERE label IN ({labels})"
            " UNION SELECT h.manifest_id FROM hashes s JOIN holds h"
            f" ON h.file_id = s.file_id AND h.place = 0 WHERE s.value IN ({digests})"
            " UNION SELECT e.manifest_id FROM work JOIN manifests w ON w.id = work.id"
            " JOIN edges e ON e.target_claim = w.claim AND e.relationship = 'parentOf'"
            " JOIN manifests u ON u.id = e.manifest_id AND u.kind = 'update')"
        )
        used = f"SELECT manifest_id FROM edges WHERE digest IN ({digests})"
        gone = f"SELECT manifest_id FROM edges WHERE target_claim IN ({claims})"
        self.tables.append(_upward("made", f"SELECT id FROM work UNION {used} UNION {gone}"))
        self.where.append("m.id IN (SELECT id FROM made) AND m.id NOT IN (SELECT id FROM work)")


def is_model(edge: str = "") -> str:
    """The condition that an edge leads to a model."""
    return f"({edge}role = 'model' OR instr({edge}types, 'c2pa.types.model'))"


def _with_model(matches: str) -> str:
    """The manifests that use such a model: by the name that they give it, or by its own."""
    named = f"(SELECT id FROM manifests WHERE title IS NOT NULL AND {matches}(title)) work"
    users = _users("work", named, f" WHERE {is_model('e.')}")
    return (
        f"SELECT manifest_id FROM edges WHERE {matches}(title) AND {is_model()}"
        f" UNION {' UNION '.join(users)}"
    )


def _users(table: str, source: str, where: str = "") -> Iterator[str]:
    """The manifests that have those of a table as ingredients, by each way that leads there."""
    manifest = f"{source} JOIN manifests t ON t.id = {table}.id"
    for joined in (
        f"{manifest} JOIN edges e ON e.target_claim = t.claim",
        f"{manifest} JOIN edges e ON e.reference = t.box",
        f"{manifest} JOIN edges e ON e.signature = t.signature",
        (
            f"{source} JOIN holds h ON h.manifest_id = {table}.id AND h.place = 0"
            " JOIN hashes s ON s.file_id = h.file_id"
            " JOIN edges e ON e.digest = s.value AND e.target IS NULL"
        ),
    ):
        yield f"SELECT e.manifest_id FROM {joined}{where}"


def used_by(source: str) -> Iterator[str]:
    """The ingredients `t` of edges `e`, as pieces of FROM, by each way that leads there."""
    yield f"{source} JOIN manifests t ON t.claim = e.target_claim"
    yield f"{source} JOIN manifests t ON t.box = e.reference"
    yield f"{source} JOIN manifests t ON t.signature = e.signature"
    yield (
        f"{source} JOIN hashes s ON s.value = e.digest AND e.target IS NULL"
        " JOIN holds h ON h.file_id = s.file_id AND h.place = 0"
        " JOIN manifests t ON t.id = h.manifest_id"
    )


def _upward(table: str, seed: str) -> str:
    """Manifests, and all that was made of them."""
    return f"{table} (id) AS ({' UNION '.join((seed, *_users(table, table)))})"


def downward(table: str, seed: str) -> str:
    """Manifests, and all that they were made of."""
    edges = f"{table} JOIN edges e ON e.manifest_id = {table}.id"
    selects = (f"SELECT t.id FROM {joined}" for joined in used_by(edges))
    return f"{table} (id) AS ({' UNION '.join((seed, *selects))})"


def _function(connection: sqlite3.Connection, name: str, patterns: Sequence[str]) -> str:
    called = f"matches_{name}"
    matches = matcher(patterns)

    def any_line(lines: Any) -> bool:
        return isinstance(lines, str) and any(map(matches, lines.splitlines()))

    connection.create_function(called, 1, matches, deterministic=True)
    connection.create_function(f"{called}_line", 1, any_line, deterministic=True)
    return called
