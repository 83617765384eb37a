"""Two things in turn, and the median of the ratios of their times."""

import gc
import statistics
from collections.abc import Callable
from time import perf_counter

__all__ = ["median", "ratios"]

Work = Callable[[], object]


def ratios(first: Work, second: Work, rounds: int) -> list[float]:
    """Time of the first over time of the second, once a round, after one warm-up each.

    Which goes first changes from round to round, so that neither always finds the caches warm.
    """
    first()
    second()
    found = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds):
            if number % 2:
                b, a = _timed(second), _timed(first)
            else:
                a, b = _timed(first), _timed(second)
            found.append(a / b)
    finally:
        if collecting:
            gc.enable()
    return found


def _timed(work: Work) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def median(figures: list[float]) -> float:
    """The middle one."""
    return statistics.median(figures)
