"""The rows of an index as a page holds them: by column, each value once, numbers for the rest.

    facet     what one may filter by: its values, and groups of them that files have
    block     so many rows: a list of numbers or texts for each column

A hundred thousand files have few outcomes, signers and generators between them, so a row is its
name and some small numbers. Texts go through `clean`: what hides in them is seen.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from provenance.report.escape import clean

__all__ = ["BLOCK", "STATES", "Facet", "Rows", "State", "TableOutcome", "TableRow", "embedded"]
__all__ += ["rank"]

BLOCK = 2_000  # rows
_TEXT = 200  # characters of a value
_PATH = 1_000
NO_PICTURE = -1


@dataclass(frozen=True, slots=True)
class State:
    """A way in which a file can come out, in the order of what to look at first."""

    name: str
    words: str
    tone: str


STATES = (
    State("invalid", "invalid", "bad"),
    State("unread", "could not be read", "bad"),
    State("valid", "valid", "warn"),
    State("trusted", "valid, signer trusted", "good"),
    State("none", "no Content Credentials", "none"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOutcome:
    """What came of a file, as of many others."""

    state: str  # a name of `STATES`
    words: str
    tone: str  # good, warn, bad, none
    signer: str | None = None
    format: str | None = None
    policy: str | None = None  # in words: whether it holds
    refused: bool = False  # by it
    failed: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A file."""

    folder: str
    name: str
    outcome: TableOutcome
    title: str | None = None
    generator: str | None = None
    models: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # digital source types
    agents: tuple[str, ...] = ()  # what its actions were done with
    signed_at: float | None = None  # seconds since 1970
    attested: bool = False
    checked_at: float = 0.0
    size: int = 0  # bytes
    picture: int = NO_PICTURE  # a number; negative: there is none


@dataclass
class Facet:
    """What one may filter by."""

    name: str
    column: str
    values: dict[str, int] = field(default_factory=dict)
    groups: dict[tuple[int, ...], int] = field(default_factory=dict)

    def ids(self, texts: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers of values; equal after cleaning is equal."""
        names = dict.fromkeys(clean(one, _TEXT) for one in texts)
        return tuple(self.values.setdefault(one, len(self.values)) for one in names)

    def group(self, texts: tuple[str, ...]) -> int:
        """The number of a group of values."""
        return self.groups.setdefault(self.ids(texts), len(self.groups))

    def to_dict(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "name": self.name,
            "column": self.column,
            "values": list(self.values),
            "groups": [list(one) for one in self.groups],
        }


_OF_OUTCOME: dict[str, Callable[[TableOutcome], tuple[str, ...]]] = {
    "state": lambda one: (one.state,),
    "signer": lambda one: (one.signer,) if one.signer else (),
    "format": lambda one: (one.format,) if one.format else (),
    "policy": lambda one: (one.policy,) if one.policy else (),
    "failed": lambda one: one.failed,
    "code": lambda one: one.codes,
}
_OF_ROW: dict[str, Callable[[TableRow], tuple[str, ...]]] = {
    "generator": lambda one: (one.generator,) if one.generator else (),
    "model": lambda one: one.models,
    "contributor": lambda one: one.contributors,
    "source": lambda one: one.sources,
    "agent": lambda one: one.agents,
}


class Rows:
    """Rows become blocks; what they have in common is told at the end."""

    def __init__(self) -> None:
        self.count = 0
        self._of_row = {name: Facet(name, name) for name in _OF_ROW}
        self._of_outcome = {name: Facet(name, "outcome") for name in _OF_OUTCOME}
        # Groups of these are outcomes: their number is the outcome's.
        self._groups: dict[str, list[tuple[int, ...]]] = {name: [] for name in _OF_OUTCOME}
        self._outcomes: dict[TableOutcome, int] = {}
        self._folders: dict[str, int] = {}

    def block(self, rows: list[TableRow]) -> dict[str, list[Any]]:
        """The columns of some rows."""
        self.count += len(rows)
        columns: dict[str, list[Any]] = {
            "name": [clean(one.name, _PATH) for one in rows],
            "title": [_title(one) for one in rows],
            "folder": [self._folder(one.folder) for one in rows],
            "outcome": [self._outcome(one.outcome) for one in rows],
            "signed": [None if one.signed_at is None else int(one.signed_at) for one in rows],
            "attested": [int(one.attested) for one in rows],
            "checked": [int(one.checked_at) for one in rows],
            "size": [one.size for one in rows],
            "picture": [one.picture for one in rows],
        }
        for name, texts in _OF_ROW.items():
            columns[name] = [self._of_row[name].group(texts(one)) for one in rows]
        return columns

    def shared(self) -> dict[str, Any]:
        """What the numbers mean, once all rows are told."""
        facets = {name: facet.to_dict() for name, facet in self._of_row.items()}
        for name, facet in self._of_outcome.items():
            facets[name] = {**facet.to_dict(), "groups": list(map(list, self._groups[name]))}
        return {
            "count": self.count,
            "folders": list(self._folders),
            "outcomes": [
                [one.words, one.tone, rank(one.state, one.refused)] for one in self._outcomes
            ],
            "states": {one.name: one.words for one in STATES},
            "facets": facets,
        }

    def _folder(self, path: str) -> int:
        return self._folders.setdefault(clean(path, _PATH), len(self._folders))

    def _outcome(self, one: TableOutcome) -> int:
        if one not in self._outcomes:
            self._outcomes[one] = len(self._outcomes)
            for name, texts in _OF_OUTCOME.items():
                self._groups[name].append(self._of_outcome[name].ids(texts(one)))
        return self._outcomes[one]


def rank(state: str, refused: bool) -> int:
    """In which order to look at files: the worst first."""
    place = next(place for place, one in enumerate(STATES) if one.name == state)
    return min(place, 1) if refused else place


def _title(row: TableRow) -> str:
    title = clean(row.title, _TEXT) if row.title else ""
    return "" if title == row.name else title


def embedded(value: Any) -> Markup:
    """A value as JSON that may stand in a script element: no markup, no odd line ends."""
    return htmlsafe_json_dumps(value, dumps=json.dumps, separators=(",", ":"))
