"""GGUF: its key/values, arrays passed over.

    'GGUF' | version u32 | tensors u64 | pairs u64 | (key, type u32, value) …
    text: length u64, bytes        array: type u32, count u64, values

Source: GGUF specification (ggml), "File Structure". Version 1 had lengths of 32 bits.
"""

import struct
from dataclasses import dataclass
from typing import Any

from provenance.errors import LimitError, MalformedError
from provenance.generation.texts import decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["Gguf", "read"]

_FIXED = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MOST_PAIRS = 10_000
_MOST_STRINGS = 1_000_000  # in arrays; the largest vocabularies have a quarter of that
_LONGEST = 1 << 20  # bytes of a text that is kept
_WINDOW = 1 << 16


@dataclass(frozen=True, slots=True)
class Gguf:
    """A file's pairs; those with an array, and too long texts, are not among them."""

    version: int
    tensors: int
    pairs: dict[str, Any]


def read(source: ByteSource, limits: Limits) -> Gguf:
    """Read the pairs.

    Raises:
        MalformedError: they end too early, or a value is of an unknown type.
        LimitError: more pairs or texts than we read.
    """
    reader = _Reader(source, 4)
    (version,) = reader.unpack("<I")
    wide = "I" if version == 1 else "Q"
    tensors, count = reader.unpack(f"<{wide}{wide}")
    if count > _MOST_PAIRS:
        raise LimitError("GGUF", f"{count} key/values, we read {_MOST_PAIRS}")
    budget = [min(_MOST_STRINGS, limits.container_items)]
    pairs: dict[str, Any] = {}
    for _ in range(count):
        key = reader.string(wide)
        (kind,) = reader.unpack("<I")
        value = _value(reader, kind, wide, budget)
        if key is not None and value is not None:
            pairs[decoded(key)] = value
    return Gguf(version, tensors, pairs)


def _value(reader: "_Reader", kind: int, wide: str, budget: list[int]) -> Any:
    if kind == _STRING:
        found = reader.string(wide)
        return None if found is None else decoded(found)
    if kind == _ARRAY:
        (inner, count) = reader.unpack(f"<I{wide}")
        if inner in _FIXED:
            reader.skip(count * struct.calcsize("<" + _FIXED[inner]))
        elif inner == _STRING:
            budget[0] -= count
            if budget[0] < 0:
                raise LimitError("GGUF", "more texts in arrays than we read", offset=reader.at)
            for _ in range(count):
                reader.skip(reader.unpack(f"<{wide}")[0])
        else:
            raise MalformedError("GGUF array", f"of type {inner}", offset=reader.at)
        return None
    if kind not in _FIXED:
        raise MalformedError("GGUF value", f"of type {kind}", offset=reader.at)
    return reader.unpack("<" + _FIXED[kind])[0]


class _Reader:
    """Reads forward through a window, so that a million short texts are not as many reads."""

    def __init__(self, source: ByteSource, at: int) -> None:
        self._source = source
        self.at = at
        self._window = b""
        self._start = at

    def take(self, length: int) -> bytes:
        begin = self.at - self._start
        if begin + length > len(self._window):
            want = min(max(length, _WINDOW), max(0, self._source.size - self.at))
            if want < length:
                left = self._source.size - self.at
                raise MalformedError("GGUF", f"{length} bytes wanted, {left} left", offset=self.at)
            self._window, self._start, begin = self._source.read(self.at, want), self.at, 0
        self.at += length
        return self._window[begin : begin + length]

    def unpack(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def skip(self, length: int) -> None:
        if length > self._source.size - self.at:
            left = self._source.size - self.at
            raise MalformedError("GGUF", f"{length} bytes wanted, {left} left", offset=self.at)
        self.at += length
        if self.at - self._start > len(self._window):
            self._window, self._start = b"", self.at

    def string(self, wide: str) -> bytes | None:
        (length,) = self.unpack(f"<{wide}")
        if length > _LONGEST:
            self.skip(length)
            return None
        return self.take(length)
