"""The values CBOR can hold that Python has no literal for."""

from dataclasses import dataclass
from typing import Any

__all__ = ["CborValue", "Fixed32", "Tag", "Undefined"]

# int, float, str, bytes, bool, None, Tag, Undefined, list of these, dict of these
CborValue = Any


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged value. No tag is interpreted: tag 0 holds its text, tag 37 its bytes."""

    number: int
    value: CborValue


@dataclass(frozen=True, slots=True)
class Undefined:
    """The simple value 23, which is not null."""


class Fixed32(int):
    """An integer written as 32 bits, however small, so that a later value takes its place.

    C2PA 2.2 §10.4.1 allows this for the start and length of a data hash's exclusions, which are
    known only once the manifest store has its size.
    """

    __slots__ = ()
