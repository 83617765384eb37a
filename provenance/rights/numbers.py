"""Numbers as people write them, exactly: amounts and percentages, no floats on the way."""

import re
from decimal import Decimal
from fractions import Fraction

__all__ = ["exact", "in_percent", "money"]

_DECIMAL = re.compile(r"[0-9]{1,31}(\.[0-9]{1,31})?")


def exact(text: str) -> Fraction | None:
    """A number such as 100, 12.36 or 0.5; None for anything else, negative ones included."""
    return Fraction(Decimal(text)) if _DECIMAL.fullmatch(text.strip()) else None


def in_percent(part: Fraction) -> str:
    """A part of 1, cut to a millionth: 22.5 %."""
    whole, rest = divmod(int(part * 1_000_000), 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"


def money(amount: int, decimals: int) -> str:
    """Minor units with their point: 1236 is 12.36."""
    if decimals <= 0:
        return str(amount)
    digits = str(amount).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}"
