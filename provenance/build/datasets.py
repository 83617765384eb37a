"""The authors of a dataset's files: who made which, from a table beside the folder.

    path,author,weight,payee,rights
    sea/1.jpg,Ada,2,,cc-by

A file that its author has signed comes along with its manifest, and its share goes where that
leads. Of a file without one the author is a party of the dataset, as the curator says.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provenance.errors import DefinitionError
from provenance.model.assertions.contribution import MILLION, Contributor
from provenance.source import read_small

__all__ = ["LABEL", "Authored", "rates", "read_authors", "summed"]

LABEL = "org.provenance-c2pa.authors"  # the table, as it was signed
_COLUMNS = ("path", "author", "weight", "payee", "rights")
_MOST_BYTES = 64 << 20
_MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """A row: a file of the folder, and who made it."""

    path: str  # relative to the folder, with /
    author: str
    weight: int = 1
    payee: str | None = None
    rights: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """For the assertion that keeps the table."""
        row: dict[str, Any] = {"path": self.path, "author": self.author, "weight": self.weight}
        more = {"payee": self.payee, "rights": self.rights}
        return row | {key: value for key, value in more.items() if value}


def read_authors(table: Path, folder: Path) -> tuple[Authored, ...]:
    """Read a table of authors, CSV or JSON (a list of objects with the same names).

    Args:
        table: the file.
        folder: the dataset that it is about.

    Raises:
        DefinitionError: no such form, a file that is not in the folder or is listed twice.
        OSError: the folder cannot be read.
    """
    data = read_small(table, _MOST_BYTES, DefinitionError)
    rows = tuple(_rows(table, data))
    if len(rows) > _MOST_ROWS:
        raise DefinitionError(str(table), f"{len(rows)} rows, of which we read {_MOST_ROWS}")
    seen: set[str] = set()
    for row in rows:
        parts = row.path.split("/")
        if row.path in seen:
            raise DefinitionError(str(table), f"{row.path[:80]!r} is listed twice")
        if not row.path or ".." in parts or row.path.startswith("/"):
            raise DefinitionError(str(table), f"{row.path[:80]!r} is no path inside the folder")
        if not (folder / row.path).is_file():
            raise DefinitionError(str(table), f"{row.path[:80]!r} is not in {folder}")
        seen.add(row.path)
    return rows


def rates(rows: Sequence[Authored]) -> dict[str, int]:
    """Each file's part by weight, in parts of a million that add up to all of it."""
    total = sum(one.weight for one in rows)
    before, found = 0, {}
    for one in rows:
        after = before + one.weight
        found[one.path] = after * MILLION // total - before * MILLION // total if total else 0
        before = after
    return found


def summed(authors: Iterable[Contributor]) -> Iterator[Contributor]:
    """Each author once, with the weight of all their files."""
    found: dict[tuple[str, str | None], Contributor] = {}
    for one in authors:
        held = found.get((one.id, one.payee))
        weight = one.weight + (held.weight if held else 0)
        found[one.id, one.payee] = replace(one, weight=weight)
    yield from found.values()


def _rows(table: Path, data: bytes) -> Iterator[Authored]:
    try:
        text = data.decode("utf-8-sig")
        if table.suffix.lower() == ".json":
            given = json.loads(text)
        else:
            reader = csv.DictReader(io.StringIO(text, newline=""))
            given = list(reader)
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise DefinitionError(str(table), f"cannot be read: {str(error)[:120]}") from error
    if not isinstance(given, list):
        raise DefinitionError(str(table), "is no list of objects")
    for number, row in enumerate(given, 2):
        yield _row(table, number, row)


def _row(table: Path, number: int, row: Any) -> Authored:
    where = f"{table} row {number}"
    if not isinstance(row, dict):
        raise DefinitionError(where, "is no object")
    unknown = [key for key in row if key not in _COLUMNS]
    if unknown:
        raise DefinitionError(
            where, f"unknown column {str(unknown[0])[:40]!r}; known: {', '.join(_COLUMNS)}"
        )
    path, author = row.get("path"), row.get("author")
    if not isinstance(path, str) or not isinstance(author, str) or not author.strip():
        raise DefinitionError(where, "needs a path and an author")
    weight = row.get("weight") or 1
    try:
        units = int(str(weight))
    except ValueError:
        units = -1
    if units < 0:
        raise DefinitionError(where, f"weight {str(weight)[:40]!r} is no whole number")
    return Authored(
        path=path.replace("\\", "/").removeprefix("./"),
        author=author.strip(),
        weight=units,
        payee=row.get("payee") or None,
        rights=row.get("rights") or None,
    )
