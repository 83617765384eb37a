"""The authors of a dataset's files: who made which, from a table beside the folder.

    path,author,weight,payee,rights
    sea/1.jpg,Ada,2,,cc-by

A file that its author has signed comes along with its manifest, and its share goes where that
leads. Of a file without one the authors are parties of the dataset, as the curator says; several
share a file in as many rows.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from provenance.errors import DefinitionError, ProvenanceError
from provenance.formats import registry
from provenance.formats.sidecar import paired
from provenance.limits import Limits
from provenance.model.assertions.contribution import MILLION, Contributor
from provenance.source import open_source, read_small

__all__ = ["LABEL", "Authored", "files_in", "is_signed", "rates", "read_authors"]
__all__ += ["read_table", "summed"]

LABEL = "org.provenance-c2pa.authors"  # the table, as it was signed
_COLUMNS = ("path", "author", "weight", "payee", "rights")
_MOST_BYTES = 64 << 20
_MOST_ROWS = 100_000
_STORE = ".c2pa"
_COMPARED = 10_000  # names, to find what was likely meant


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


def files_in(folder: Path, limits: Limits) -> dict[str, Path]:
    """The files of a dataset by their path from its top, in order; links are not followed.

    Manifest stores are none of them: they belong to what lies beside them.

    Raises:
        LimitError: more files than we read.
        OSError: the folder cannot be read.
    """
    with open_source(folder) as source:
        members = registry.find(source).members(source, limits)
        found = tuple(members.files) if members is not None else ()
    return {
        one.names[0]: one.path
        for one in found
        if one.path is not None and one.path.suffix.lower() != _STORE
    }


def is_signed(path: Path, limits: Limits) -> bool:
    """Has a file a manifest store, in it or beside it?

    Raises:
        OSError: it cannot be read.
    """
    if paired(path) is not None:
        return True
    with open_source(path) as source:
        try:
            return registry.find(source, path.suffix).locate(source, limits).count > 0
        except ProvenanceError:  # nothing that we know, or damaged
            return False


def read_table(table: Path) -> tuple[Authored, ...]:
    """The rows of a table, whatever folder it is about.

    Raises:
        DefinitionError: no such form.
        OSError: it cannot be read.
    """
    rows = tuple(_rows(table, read_small(table, _MOST_BYTES, DefinitionError)))
    if len(rows) > _MOST_ROWS:
        raise DefinitionError(str(table), f"{len(rows)} rows, of which we read {_MOST_ROWS}")
    return rows


def read_authors(table: Path, files: Mapping[str, Path]) -> tuple[Authored, ...]:
    """Read a table of authors, CSV or JSON (a list of objects with the same names).

    Args:
        table: the file.
        files: those of the dataset, by their path from its top.

    Raises:
        DefinitionError: no such form, a file that is not in the folder, an author who is listed
            twice for a file.
        OSError: the table cannot be read.
    """
    rows = read_table(table)
    seen: set[tuple[str, str]] = set()
    payees: dict[str, str] = {}
    for row in rows:
        if row.path not in files:
            near = get_close_matches(row.path, list(files)[:_COMPARED], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise DefinitionError(
                str(table), f"{row.path[:80]!r} is not a file of the folder{hint}"
            )
        if (row.path, row.author) in seen:
            raise DefinitionError(
                str(table), f"{row.author[:80]!r} is listed twice for {row.path[:80]!r}"
            )
        if row.payee and payees.setdefault(row.author, row.payee) != row.payee:
            raise DefinitionError(str(table), f"{row.author[:80]!r} is to be paid in two places")
        seen.add((row.path, row.author))
    return rows


def rates(rows: Iterable[Authored]) -> dict[str, int]:
    """Each file's part by weight, in parts of a million that add up to all of it."""
    weights: Counter[str] = Counter()
    for one in rows:
        weights[one.path] += one.weight
    total = weights.total()
    before, found = 0, {}
    for path, weight in weights.items():
        after = before + weight
        found[path] = after * MILLION // total - before * MILLION // total if total else 0
        before = after
    return found


def summed(authors: Iterable[Contributor]) -> Iterator[Contributor]:
    """Each author once, with the weight of all their files."""
    found: dict[str, Contributor] = {}
    for one in authors:
        held = found.get(one.id)
        if held is not None:
            one = replace(held, weight=held.weight + one.weight, payee=held.payee or one.payee)
        found[one.id] = one
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
        near = get_close_matches(str(unknown[0]), _COLUMNS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_COLUMNS)}"
        raise DefinitionError(where, f"unknown column {str(unknown[0])[:40]!r}; {hint}")
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
        path=path.replace("\\", "/").strip().removeprefix("./"),
        author=author.strip(),
        weight=units,
        payee=row.get("payee") or None,
        rights=row.get("rights") or None,
    )
