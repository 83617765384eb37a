"""Whole units out of exact parts: floors, then the largest remainders, then ids.

Source: contributors' `flow/1`.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

__all__ = ["allot", "falling"]

_BITS = 128


def allot(parts: Mapping[str, Fraction], amount: int) -> dict[str, int]:
    """Whole units for exact parts of 1: floors first, what is left by largest remainder, then id.

    The parts sum to 1, and the result to the amount.
    """
    whole: dict[str, int] = {}
    rest: dict[str, _Falling] = {}
    for key, part in parts.items():
        whole[key], over = divmod(amount * part.numerator, part.denominator)
        rest[key] = _Falling(over, part.denominator)
    left = amount - sum(whole.values())
    for key in sorted(rest, key=lambda key: (rest[key], key))[:left]:
        whole[key] += 1
    return whole


class _Falling:
    """A sort key for a part of 1, the largest first.

    Parts at the end of a long chain have thousands of digits: their first bits nearly always
    tell them apart, and nothing is brought to lowest terms to find out.
    """

    __slots__ = ("bottom", "first", "top")

    def __init__(self, top: int, bottom: int) -> None:
        self.top, self.bottom = top, bottom
        # As a float would have it, with an exponent of any size: the first bit is always set.
        low = bottom.bit_length() - top.bit_length()
        bits = (top << (low + _BITS)) // bottom
        if top and not bits >> _BITS:
            low, bits = low + 1, (top << (low + 1 + _BITS)) // bottom
        self.first = (low if top else math.inf, -bits)

    def __lt__(self, other: "_Falling") -> bool:
        if self.first != other.first:
            return self.first < other.first
        return self.top * other.bottom > other.top * self.bottom

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Falling):
            return NotImplemented
        same = self.first == other.first
        return same and self.top * other.bottom == other.top * self.bottom

    __hash__ = None  # type: ignore[assignment]  # a key to sort by, and no more


def falling(part: Fraction) -> _Falling:
    """A key that sorts the largest part first."""
    return _Falling(part.numerator, part.denominator)
