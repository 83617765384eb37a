"""Reports as JSON text. Only ASCII is written, so that no terminal is tricked by what it shows."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["array", "dumps", "ndjson"]


def dumps(value: Mapping[str, Any]) -> str:
    """One object for people and programs: indented, without a line break at its end."""
    return json.dumps(value, indent=2, allow_nan=False)


def ndjson(value: Mapping[str, Any]) -> str:
    """One object on one line."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def array(values: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """An array in pieces, each when its object is there; joined they are the JSON text."""
    lead = "[\n"
    for value in values:
        yield lead + dumps(value)
        lead = ",\n"
    yield "[]" if lead == "[\n" else "\n]"
