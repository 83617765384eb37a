"""Values out of an index, which anybody may have written: each is what it should be, or damage."""

import math
import os
from collections.abc import Mapping
from typing import Any, TypeVar

from provenance.batch.index_write import named_as

__all__ = ["DamagedError", "chosen", "integer", "path_of", "real", "text", "words"]

V = TypeVar("V")


class DamagedError(Exception):
    """What stands in an index is not what would have been written."""


def text(value: Any) -> str | None:
    """A text, or nothing.

    Raises:
        DamagedError: something else; so do all of these.
    """
    if value is None or isinstance(value, str):
        return value
    raise _other(value, "a text")


def words(value: Any) -> tuple[str, ...]:
    """Words with blanks between them."""
    return tuple((text(value) or "").split())


def integer(value: Any) -> int:
    """A whole number."""
    if isinstance(value, int):
        return value
    raise _other(value, "a whole number")


def real(value: Any) -> float | None:
    """A number, or nothing."""
    if value is None or (isinstance(value, (int, float)) and math.isfinite(value)):
        return value
    raise _other(value, "a number")


def chosen(known: Mapping[Any, V], value: Any) -> V:
    """What a value stands for."""
    found = known.get(value) if isinstance(value, (str, int)) else None
    if found is None:
        raise _other(value, f"one of {', '.join(map(str, known))}")
    return found


def path_of(folder: Any, name: Any) -> str:
    """The path of a file; names that are no Unicode stand there as bytes."""
    for one in (folder, name):
        if not isinstance(one, (str, bytes)):
            raise _other(one, "a path")
    path = os.path.join(named_as(folder), named_as(name))
    if "\0" in path:
        raise _other(path, "a path")
    return path


def _other(value: Any, wanted: str) -> DamagedError:
    return DamagedError(f"{str(value)[:60]!r} where {wanted} should be")
