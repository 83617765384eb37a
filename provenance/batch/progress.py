"""How far a run has come: how many files of how many, how fast, how long to go.

    {"event": "progress", "done": 1200, "total": 10000, "bytes": …, "rate": 640.2, "eta": 13.7, …}

`total` and `eta` are null until all folders have been counted. Rates are of the last few seconds.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Thread

from provenance.batch.walk import EVERYTHING, Wanted, batches

__all__ = ["Event", "Meter"]

_OFTEN = 0.25  # seconds between two events
_RECENT = 20  # events that the rate is taken over


@dataclass(frozen=True, slots=True)
class Event:
    """Where a run stands."""

    done: int  # files, those passed over included
    total: int | None  # None: not counted yet
    bytes: int
    bad: int  # invalid, or could not be read
    seconds: float
    rate: float  # files a second
    finished: bool = False

    @property
    def eta(self) -> float | None:
        """Seconds to go, if one can tell."""
        if self.total is None or not self.rate:
            return None
        return max(0.0, (self.total - self.done) / self.rate)

    def to_dict(self) -> dict[str, object]:
        """As a line of JSON."""
        return {
            "event": "done" if self.finished else "progress",
            "done": self.done,
            "total": self.total,
            "bytes": self.bytes,
            "bad": self.bad,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
            "eta": None if self.eta is None else round(self.eta, 1),
        }

    def words(self) -> str:
        """One line for a person."""
        total = "" if self.total is None else f" of {self.total:,}"
        eta = "" if self.eta is None else f", {_clock(self.eta)} to go"
        bad = f", {self.bad:,} bad" if self.bad else ""
        return f"{self.done:,}{total} files, {self.rate:,.0f}/s{eta}{bad}"


class Meter:
    """Counts, and tells now and then.

    Args:
        tell: gets each event.
        clock: seconds; for tests.
    """

    def __init__(
        self, tell: Callable[[Event], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell, self._clock = tell, clock
        self._begun = self._told = clock()
        self._recent = deque([(self._begun, 0)], _RECENT)
        self._done = self._bytes = self._bad = 0
        self._total: int | None = None

    def count(self, paths: Iterable[str], wanted: Wanted = EVERYTHING) -> None:
        """Count what there will be to do, beside the work."""

        def counted() -> None:
            self._total = sum(len(batch.files) for batch in batches(paths, wanted))

        Thread(target=counted, daemon=True).start()

    def add(self, size: int, count: int = 1, *, bad: bool) -> None:
        """One file is done, or several alike."""
        self._done += count
        self._bytes += size
        self._bad += count * bad
        now = self._clock()
        if now - self._told >= _OFTEN:
            self._told = now
            self._recent.append((now, self._done))
            self._tell(self._event(now))

    def finish(self) -> None:
        """All are done."""
        self._total = self._done
        now = self._clock()
        self._recent = deque([(self._begun, 0), (now, self._done)])
        self._tell(self._event(now, finished=True))

    def _event(self, now: float, *, finished: bool = False) -> Event:
        then, before = self._recent[0]
        rate = (self._done - before) / (now - then) if now > then else 0.0
        return Event(
            self._done,
            self._total,
            self._bytes,
            self._bad,
            now - self._begun,
            rate,
            finished,
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
