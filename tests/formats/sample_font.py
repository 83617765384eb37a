"""Small fonts, made by hand."""

from collections.abc import Callable

__all__ = ["FONT_SAMPLES"]

FONT_SAMPLES: dict[str, Callable[[], bytes]] = {}
