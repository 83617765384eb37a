"""Where we and the reference disagree on purpose: the table in docs/differences.md, and what it
must explain.

A row of the table names files by a pattern, a status code (or `state`), who says it, and the
clause that justifies us:

    | File | Code | Here | Reference | Clause |
    |---|---|---|---|---|
    | `png/openai-*.png` | `assertion.action.malformed` | no | yes | C2PA 2.2 §18.15.4: … |
    | `jpeg/old.jpg` | state | Valid | Invalid | … |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

__all__ = ["Difference", "Row", "differences", "read_table"]

TABLE = Path(__file__).parents[2] / "docs" / "differences.md"
IGNORED = {"signingCredential.ocsp.skipped"}  # says only that the network was shut


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that one side says of a file and the other does not."""

    file: str
    code: str  # a status code, or "state"
    here: str
    reference: str

    def __str__(self) -> str:
        return f"{self.file}: {self.code}: here {self.here}, reference {self.reference}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    pattern: str
    code: str
    here: str
    reference: str
    clause: str

    def explains(self, difference: Difference) -> bool:
        """Is it this that the row speaks of?"""
        same = (difference.code, difference.here, difference.reference)
        return same == (self.code, self.here, self.reference) and fnmatchcase(
            difference.file, self.pattern
        )


def read_table(path: Path = TABLE) -> tuple[Row, ...]:
    """The rows of docs/differences.md; none if it lists none."""
    rows = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 5 and cells[0] != "File" and not set(cells[0]) <= set("-: "):
            rows.append(Row(*cells))
    return tuple(rows)


def differences(entry: dict[str, Any], report: dict[str, Any]) -> Iterator[Difference]:
    """Where a report departs from an entry of expected.json.

    State, failure codes of the active manifest and failure codes of all ingredients are
    compared; codes as sets, as compare.py does.
    """
    name, state = entry["file"], report["validation_state"]
    if state != entry["validation_state"]:
        yield Difference(name, "state", str(state), str(entry["validation_state"]))
    results = report["validation_results"] or {}
    ours = results.get("activeManifest") or {}
    yield from _codes(name, "", _failures(ours), _failures(entry["status"]))
    deltas = [delta["validationDeltas"] for delta in results.get("ingredientDeltas") or ()]
    yield from _codes(
        name,
        "ingredient: ",
        set().union(*map(_failures, deltas)),
        set().union(*map(_failures, entry["ingredient_status"] or ())),
    )


def _failures(results: dict[str, Any]) -> set[str]:
    return {row["code"] for row in results.get("failure") or ()} - IGNORED


def _codes(name: str, prefix: str, here: set[str], there: set[str]) -> Iterator[Difference]:
    for code in sorted(here ^ there):
        ours, theirs = ("yes", "no") if code in here else ("no", "yes")
        yield Difference(name, prefix + code, ours, theirs)
