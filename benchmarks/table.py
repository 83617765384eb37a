"""A row of the table, and how it is printed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Bar", "Row", "lines"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must keep to: at least, or less than."""

    limit: float
    at_least: bool

    def holds(self, figure: float) -> bool:
        """Does the figure keep to it?"""
        return figure >= self.limit if self.at_least else figure < self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<'} {self.limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure with its unit, the bar it is held to if any, and what was measured."""

    name: str
    figure: float
    unit: str
    bar: Bar | None = None
    note: str = ""

    @property
    def fails(self) -> bool:
        """Is there a bar, and is it missed?"""
        return self.bar is not None and not self.bar.holds(self.figure)


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The rows, printed one by one as they come."""
    yield f"{'what':<49} {'figure':>12}  {'bar':<7} {'':<14} note"
    for row in rows:
        verdict = "" if row.bar is None else "DOES NOT HOLD" if row.fails else "holds"
        figure = f"{row.figure:.2f} {row.unit}"
        yield f"{row.name:<49} {figure:>12}  {row.bar or '-'!s:<7} {verdict:<14} {row.note}"
