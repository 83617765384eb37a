"""Reading the fields of a decoded CBOR map, and the sentence for each that is not as it must be."""

from collections.abc import Callable
from typing import Any, TypeVar

from provenance.cbor import CborValue, Tag
from provenance.errors import MalformedError

__all__ = ["Fields", "tag0"]

T = TypeVar("T")


class Fields:
    """A map whose fields are asked for by name and type.

    A field that is absent, or null, is `None` from `text`, `data` … and an error from `need_…`.
    """

    __slots__ = ("_map", "_what")

    def __init__(self, value: CborValue, what: str) -> None:
        if not isinstance(value, dict):
            raise MalformedError(what, f"is {_kind(value)}, not a map")
        self._map: dict[Any, Any] = value
        self._what = what

    @property
    def map(self) -> dict[Any, Any]:
        """All fields, as decoded."""
        return self._map

    def _get(self, key: str, kind: type | tuple[type, ...], name: str) -> Any:
        value = self._map.get(key)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise MalformedError(self._what, f"{key} is {_kind(value)}, not {name}")
        return value

    def _need(self, key: str, value: T | None) -> T:
        if value is None:
            raise MalformedError(self._what, f"has no {key}")
        return value

    def text(self, key: str) -> str | None:
        """A text field."""
        value: str | None = self._map.get(key)
        return value if isinstance(value, str) else self._get(key, str, "text")

    def need_text(self, key: str) -> str:
        """A text field that must be there."""
        value = self._map.get(key)
        return value if isinstance(value, str) else self._need(key, self.text(key))

    def data(self, key: str) -> bytes | None:
        """A byte-string field."""
        value: bytes | None = self._get(key, bytes, "a byte string")
        return value

    def need_data(self, key: str) -> bytes:
        """A byte-string field that must be there."""
        return self._need(key, self.data(key))

    def integer(self, key: str) -> int | None:
        """An integer field."""
        value: int | None = self._get(key, int, "an integer")
        return value

    def need_integer(self, key: str) -> int:
        """An integer field that must be there."""
        return self._need(key, self.integer(key))

    def boolean(self, key: str) -> bool | None:
        """A true/false field."""
        value: bool | None = self._get(key, bool, "true or false")
        return value

    def date(self, key: str) -> str | None:
        """A date: text under tag 0, or the bare text that older files have."""
        value: Tag | str | None = self._get(key, (Tag, str), "a date")
        if isinstance(value, Tag):
            return value.value if value.number == 0 and isinstance(value.value, str) else None
        return value

    def each(self, key: str, read: Callable[[CborValue], T]) -> tuple[T, ...]:
        """A list field, each item read by `read`; absent is empty."""
        value = self._get(key, list, "a list")
        return () if value is None else tuple(read(item) for item in value)

    def some(self, key: str, read: Callable[[CborValue], T]) -> tuple[T, ...]:
        """A list field that must be there and hold something."""
        if not self._need(key, self._get(key, list, "a list")):
            raise MalformedError(self._what, f"{key} is empty")
        return self.each(key, read)

    def one(self, key: str, read: Callable[[CborValue], T]) -> T | None:
        """A field that `read` makes a value of."""
        value = self._map.get(key)
        return None if value is None else read(value)


def tag0(date: str) -> Tag:
    """A date as CBOR writes it."""
    return Tag(0, date)


def _kind(value: CborValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case bytes():
            return "a byte string"
        case list():
            return "a list"
        case dict():
            return "a map"
        case _:
            return "a tagged value"
