"""Small models, made by hand."""

from collections.abc import Callable

__all__ = ["MODEL_SAMPLES"]

MODEL_SAMPLES: dict[str, Callable[[], bytes]] = {}
