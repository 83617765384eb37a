"""An indirect object of a PDF, read at its offset.

    7 0 obj << /Length 12 >> stream ⏎ … endstream endobj

Source: ISO 32000-1 §7.3.8, §7.3.10.
"""

import re
from dataclasses import dataclass, field

from provenance.errors import LimitError, MalformedError
from provenance.formats.pdf.syntax import (
    Array,
    Budget,
    CutShortError,
    Dictionary,
    Item,
    Parser,
    Value,
    skip_space,
)
from provenance.source import ByteSource

__all__ = ["Object", "listed", "number", "numbers", "read_object", "value_at"]

_WINDOW = 2048
_OBJECT = 8 << 20  # bytes of an object, stream data left out
_GENERATIONS = 65535
_HEADER = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj")
_WORD_AFTER = re.compile(rb"stream(\r\n|\n|\r)?")


@dataclass(frozen=True, slots=True)
class Object:
    """An indirect object: its value, and the buffer that the spans in it are of."""

    number: int
    generation: int
    item: Item
    text: bytes = field(repr=False)
    at: int | None = None  # in the file; None: within an object stream
    data_at: int | None = None  # in the file, of a stream's data
    base: int = 0  # of the buffer in the file
    update: int = 0  # how many updates came after it

    @property
    def value(self) -> Value:
        """What it is."""
        return self.item.value

    @property
    def dictionary(self) -> Dictionary | None:
        """What it is, if it is a dictionary or a stream."""
        return self.item.value if isinstance(self.item.value, Dictionary) else None


def read_object(source: ByteSource, at: int, budget: Budget) -> Object:
    """The object whose `7 0 obj` stands at an offset.

    Raises:
        MalformedError: none does.
    """
    if not 0 <= at < source.size:
        raise MalformedError("PDF object", f"said to be at {at} of {source.size} bytes")
    head = source.read(at, min(64, source.size - at))
    found = _HEADER.match(head, skip_space(head, 0))
    if found is None or int(found[2]) > _GENERATIONS:
        raise MalformedError("PDF object", f"{head[:16]!r} begins none", offset=at)
    start = at + found.end()
    item, text, data = value_at(source, start, budget)
    return Object(int(found[1]), int(found[2]), item, text, at, data, base=start)


def value_at(source: ByteSource, at: int, budget: Budget) -> tuple[Item, bytes, int | None]:
    """A value, the buffer it was read from, and where data starts if the value is of a stream."""
    left = source.size - at
    length = _WINDOW
    while True:
        budget.spend(1 + (min(length, left) >> 6))
        text = source.read(at, min(length, left))
        # What ends with the file ends with white space.
        text += b" " if length >= left else b""
        parser = Parser(text, 0, budget, at)
        try:
            item = parser.item()
            after = skip_space(text, parser.at)
            if after + 8 >= len(text) and length < left:
                raise CutShortError("PDF object", "the data ends", offset=at)
        except CutShortError:
            if length >= left:
                raise
            if length >= _OBJECT:
                raise LimitError("PDF object", f"longer than {_OBJECT} bytes", offset=at) from None
            length *= 8
            continue
        word = _WORD_AFTER.match(text, after)
        if word is None or not isinstance(item.value, Dictionary):
            return item, text, None
        return item, text, at + word.end()


def listed(value: Value) -> list[Value]:
    """The values of an array, or the one that stands there without."""
    if isinstance(value, Array):
        return [item.value for item in value]
    return [] if value is None else [value]


def number(value: Value, otherwise: int) -> int:
    """A whole number, or what counts when there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def numbers(value: Value) -> list[int]:
    """The whole numbers of an array; -1 for what is none."""
    return [number(one, -1) for one in listed(value)]
