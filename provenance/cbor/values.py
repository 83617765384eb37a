"""The values CBOR can hold that Python has no literal for."""

from dataclasses import dataclass
from typing import Any

from cbor2 import CBORSimpleValue as Simple
from cbor2 import undefined as UNDEFINED  # a value, and a constant

__all__ = ["UNDEFINED", "CborValue", "Fixed32", "Fixed64", "Simple", "Tag"]

# int, float, str, bytes, bool, None, UNDEFINED, Simple, Tag, list of these, dict of these
CborValue = Any


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged value. No tag is interpreted: tag 0 holds its text, tag 37 its bytes."""

    number: int
    value: CborValue


class Fixed32(int):
    """An integer written as 32 bits, however small, so that a later value takes its place.

    C2PA 2.2 §10.4.1 allows this for the start and length of a data hash's exclusions, which are
    known only once the manifest store has its size.
    """

    __slots__ = ()


class Fixed64(int):
    """As `Fixed32`, in 64 bits: for a place beyond 4 GiB."""

    __slots__ = ()
