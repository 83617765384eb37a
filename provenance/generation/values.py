"""Values out of other people's JSON and text: the kind that is asked for, or None.

Writers put numbers into text, `"None"` for none, and full paths for names.
"""

import math
import re
from typing import Any

from provenance.generation.record import Number
from provenance.generation.texts import well_formed

__all__ = ["base_name", "integer", "is_named", "items", "number", "obj", "rows", "size", "text"]

_INTEGER = re.compile(r"[+-]?\d{1,40}")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MOST = 1 << 128
_SIZE = re.compile(r"\(?\s*(\d{1,6})\s*(?:[x*,\u00d7]|by)\s*(\d{1,6})\s*\)?", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_HOMES = ("home", "users")
_NOTHING = frozenset(
    ("", "none", "null", "undefined", "automatic", "auto", "default", "default (model)", "false")
)
_NOTHING |= {"baked vae", "disabled", "choose", "use same choices", "built-in"}
_LONGEST = 4096  # characters of a name


def text(value: Any) -> str | None:
    """A text, stripped and with line ends of one kind; numbers and lists are none."""
    return well_formed(value) if isinstance(value, str) else None


def integer(value: Any) -> int | None:
    """An exact integer, of JSON or spelled in a text; a float only if it is a whole number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        value = int(value) if _INTEGER.fullmatch(value) else number(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 1 << 53 else None
    return value if isinstance(value, int) and abs(value) < _MOST else None


def number(value: Any) -> Number | None:
    """A finite number, of JSON or spelled in a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if _INTEGER.fullmatch(value):
            value = int(value)
        elif len(value) < 60 and _DECIMAL.fullmatch(value):
            value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) and abs(value) < _MOST else None


def obj(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A JSON array; an empty one for anything else."""
    return value if isinstance(value, list) else []


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array."""
    return [one for one in items(value) if isinstance(one, dict)]


def is_named(value: Any) -> bool:
    """Is this the name of something, and not a word for nothing?"""
    return isinstance(value, str) and value.strip().lower() not in _NOTHING


def size(width: Any, height: Any = None) -> tuple[int, int] | None:
    """Width and height: two numbers, or one text such as `512x768` or `(512, 768)`."""
    if height is None and isinstance(width, str):
        found = _SIZE.fullmatch(width.strip())
        return (int(found[1]), int(found[2])) if found else None
    wide, high = integer(width), integer(height)
    return (wide, high) if wide and high and 0 < wide < 1 << 24 and 0 < high < 1 << 24 else None


def base_name(value: Any) -> str | None:
    """A file's name as recorded; of an absolute path, one through a home folder or a URL the end.

    Folders below a model folder stay: they are part of a model's name.
    """
    name = text(value)
    if not name:
        return name
    if _URL.match(name):
        name = "/" + re.split(r"[?#]", name, maxsplit=1)[0].partition("://")[2].partition("/")[2]
    parts = re.split(r"[\\/]+", name)
    away = name.startswith(("/", "\\", "~", "file:")) or _DRIVE.match(name) or ".." in parts
    if away or any(part.lower() in _HOMES for part in parts[:-1]):
        name = next((part for part in reversed(parts) if part), "")
    return name[:_LONGEST]
