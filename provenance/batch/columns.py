"""Columns of a table, as CSV and Parquet both have them."""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

from provenance.report import csv

__all__ = ["Column", "Kind", "as_json", "csv_lines", "fit", "moment"]

_INT64 = 1 << 63
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_800  # seconds: the years 1 to 9999
_CELL = 100_000  # characters


class Kind(Enum):
    """What stands in a column; None may stand in any."""

    TEXT = "text"
    WORDS = "words"  # a tuple of texts without blanks
    TEXTS = "texts"  # a tuple of texts
    INTEGER = "integer"  # of 64 bits
    TIME = "time"  # seconds since 1970, UTC


class Column(NamedTuple):
    """A column."""

    name: str
    kind: Kind


def fit(kind: Kind, value: Any) -> Any:
    """A value as any file can hold it: texts are Unicode, times in the years of a calendar.

    Raises:
        TypeError: it is of another kind.
    """
    if value is None:
        return None
    match kind, value:
        case Kind.TEXT, str():
            return _unicode(value)
        case ((Kind.WORDS | Kind.TEXTS), tuple()):
            return tuple(fit(Kind.TEXT, one) for one in value)
        case Kind.INTEGER, int() if -_INT64 <= value < _INT64:
            return int(value)
        case Kind.TIME, float() | int():
            return value if math.isfinite(value) and _EARLIEST <= value < _LATEST else None
        case _:
            raise TypeError(f"{type(value).__name__} where {kind.value} should be")


def _unicode(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def csv_lines(columns: Iterable[Column], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """A table as RFC 4180 has it: the names, then a line a row, each with its line break."""
    listed = tuple(columns)
    yield csv.line(one.name for one in listed)
    cells = tuple(_CELLS[one.kind] for one in listed)
    kinds = tuple(one.kind for one in listed)
    for row in rows:
        fitted = map(fit, kinds, row)
        yield csv.line(
            ("" if one is None else cell(one) for cell, one in zip(cells, fitted, strict=True)),
            limit=_CELL,
        )


def as_json(columns: Iterable[Column], row: Iterable[Any]) -> dict[str, Any]:
    """A row as JSON values: times as RFC 3339 has them, several values as a list."""
    found: dict[str, Any] = {}
    for (name, kind), value in zip(columns, row, strict=True):
        fitted = fit(kind, value)
        if fitted is not None and kind is Kind.TIME:
            fitted = moment(fitted)
        found[name] = list(fitted) if isinstance(fitted, tuple) else fitted
    return found


def moment(seconds: float) -> str:
    """A time as RFC 3339 has it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


_CELLS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.WORDS: " ".join,
    Kind.TEXTS: "; ".join,
    Kind.INTEGER: str,
    Kind.TIME: moment,
}
