"""Two things in turn, and the median of the ratios of their times."""

import gc
import statistics
from collections.abc import Callable
from time import perf_counter

__all__ = ["median", "ratios"]

Work = Callable[[], object]


def _nothing() -> None:
    pass


def ratios(first: Work, second: Work, rounds: int, before: Work = _nothing) -> list[float]:
    """Time of the first over time of the second, once a round, after one warm-up each.

    Which goes first changes from round to round, so that neither always finds the caches warm.

    Args:
        before: done before each, and not timed: leaves both the same ground.
    """
    first()
    second()
    found = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds):
            if number % 2:
                b, a = _timed(second, before), _timed(first, before)
            else:
                a, b = _timed(first, before), _timed(second, before)
            found.append(a / b)
    finally:
        if collecting:
            gc.enable()
    return found


def _timed(work: Work, before: Work) -> float:
    before()
    started = perf_counter()
    work()
    return perf_counter() - started


def median(figures: list[float]) -> float:
    """The middle one."""
    return statistics.median(figures)
