"""Values out of an index, which anybody may have written: each is what it should be, or damage."""

import json
import math
import zlib
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from provenance.batch.index_schema import DamagedError
from provenance.batch.index_write import named_as
from provenance.remote.address import join

__all__ = [
    "chosen",
    "integer",
    "member",
    "path_of",
    "real",
    "report_of",
    "text",
    "unpacked",
    "words",
]

E = TypeVar("E", bound=Enum)
V = TypeVar("V")

_MOST = 1 << 28  # bytes of a report


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


def member(kind: type[E], value: Any) -> E | None:
    """A member of an enumeration by its value, or nothing."""
    if value is None:
        return None
    found = next((one for one in kind if one.value == value), None)
    if found is None:
        raise _other(value, f"a {kind.__name__}")
    return found


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
    path = join(named_as(folder), named_as(name))
    if "\0" in path:
        raise _other(path, "a path")
    return path


def unpacked(body: Any) -> str:
    """The JSON text of a report."""
    if not isinstance(body, bytes):
        raise _other(body, "a report")
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(body, _MOST)
        if not stream.eof:
            raise DamagedError("a report does not end")
        return data.decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise DamagedError(f"a report cannot be unpacked: {error}") from error


def report_of(body: Any) -> dict[str, Any]:
    """A report as JSON values."""
    try:
        found = json.loads(unpacked(body), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"a report is no JSON: {str(error)[:80]}") from error
    if not isinstance(found, dict) or not isinstance(found.get("asset"), dict):
        raise DamagedError("a report is no report")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _other(value: Any, wanted: str) -> DamagedError:
    return DamagedError(f"{str(value)[:60]!r} where {wanted} should be")
