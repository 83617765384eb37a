"""Settings in one form only, so that equal ones have the same digest in every process."""

from dataclasses import fields, is_dataclass
from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """A settings value: sets and mappings in order, objects by their fields. For `repr`."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        return name, *((one.name, plain(getattr(value, one.name))) for one in fields(value))
    if isinstance(value, (set, frozenset)):
        return "set", *sorted(map(repr, map(plain, value)))
    if isinstance(value, dict):
        return "map", *sorted(repr((key, plain(item))) for key, item in value.items())
    if isinstance(value, (tuple, list)):
        return tuple(map(plain, value))
    return value if not isinstance(value, memoryview) else bytes(value)
