"""The watch itself: look, sign what is complete, remember it, rest, look again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any

from provenance.errors import LimitError, MalformedError, ProvenanceError, UnsupportedFormatError
from provenance.watch.complete import Complete, Waiting
from provenance.watch.memory import Memory, Seen

__all__ = ["Outcome", "OutcomeStatus", "Watch"]

_TRIES = 5  # of a file whose signer, or whose disk, did not answer
_PAUSE = 5.0  # seconds before the second try; each further one waits twice as long
_PATIENCE = 60.0  # seconds that `once` gives files which are still being written
_SHARE = 10  # of the time at most one part in so many goes into looking


class OutcomeStatus(StrEnum):
    """What became of a file."""

    SIGNED = "signed"
    SKIPPED = "skipped"
    FAILED = "failed"
    RETRIED = "retried"  # it failed, and is tried again
    UNFINISHED = "unfinished"  # it does not come to rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A file of the watched folder, and what became of it."""

    path: Path
    status: OutcomeStatus
    output: Path | None = None  # where the signed file is
    message: str | None = None  # why it was not signed

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": "provenance/watch-outcome/1",
            "path": str(self.path),
            "status": self.status.value,
            "output": str(self.output) if self.output else None,
            "message": self.message,
        }


@dataclass(slots=True, kw_only=True)
class Watch:
    """A folder under watch. An error of one file does not stop the others."""

    folder: Path
    output: Path | None  # a folder; None: each file in its place
    sign: Callable[[Path, Path | None], str | None]  # see `Signing.sign`
    settle: float = 2.0  # seconds
    interval: float = 1.0  # seconds between two looks
    recursive: bool = False
    stop: Event = field(default_factory=Event)  # set it, and the watch ends after the file at hand
    _tries: dict[str, tuple[int, float]] = field(default_factory=dict)  # how often, and when again

    def outcomes(self, *, once: bool = False) -> Iterator[Outcome]:
        """Watch, and tell what becomes of each file.

        Args:
            once: end when all that is there was dealt with; files that are still being written
                are waited for, a minute at the most.

        Raises:
            ProvenanceError: another watch is at work on the folder.
            OSError: the folder cannot be read, or the memory not be written.
        """
        waiting = Waiting(
            folder=self.folder, settle=self.settle, recursive=self.recursive, but=self.output
        )
        until = time.monotonic() + max(_PATIENCE, 2 * self.settle)
        with Memory.opened(self.folder, self.output) as memory:
            while not self.stop.is_set():
                began = time.monotonic()
                ready = list(waiting.complete(memory))
                looked = time.monotonic() - began
                for one in ready:
                    if self.stop.is_set():
                        return
                    if self._is_due(one.name):
                        outcome = self._deal_with(one, memory, waiting, once=once)
                        if outcome is not None:
                            yield outcome
                if once and not waiting.names:
                    return
                if once and time.monotonic() >= until:
                    yield from map(self._unfinished, waiting.names)
                    return
                pause = min(self.interval, self.settle / 2) if waiting.names else self.interval
                self.stop.wait(max(0.01, pause, looked * _SHARE))

    def _deal_with(
        self, one: Complete, memory: Memory, waiting: Waiting, *, once: bool
    ) -> Outcome | None:
        path = self.folder / one.name
        output = None if self.output is None else self.output / one.name
        try:
            reason = self.sign(path, output)
            now = Seen.of(path.stat())
        except (ProvenanceError, OSError) as error:
            return self._failed(one, memory, error, once=once)
        self._tries.pop(one.name, None)
        if now != one.seen and (output is not None or reason is not None):
            waiting.again(one.name, now)  # what was signed is replaced when it rests
            return None
        memory.keep(one.name, now)
        if reason is not None:
            return Outcome(path=path, status=OutcomeStatus.SKIPPED, message=reason)
        return Outcome(path=path, status=OutcomeStatus.SIGNED, output=output or path)

    def _failed(
        self, one: Complete, memory: Memory, error: ProvenanceError | OSError, *, once: bool
    ) -> Outcome:
        path, told = self.folder / one.name, str(error)
        if isinstance(error, FileNotFoundError) and not path.exists():
            self._tries.pop(one.name, None)
            return Outcome(path=path, status=OutcomeStatus.SKIPPED, message="is gone")
        tries = self._tries.get(one.name, (0, 0.0))[0] + 1
        of_the_file = isinstance(error, (MalformedError, LimitError, UnsupportedFormatError))
        if of_the_file or once or tries >= _TRIES:
            self._tries.pop(one.name, None)
            memory.keep(one.name, one.seen, failed=True)
            return Outcome(path=path, status=OutcomeStatus.FAILED, message=told)
        self._tries[one.name] = (tries, time.monotonic() + _PAUSE * 2 ** (tries - 1))
        return Outcome(path=path, status=OutcomeStatus.RETRIED, message=told)

    def _is_due(self, name: str) -> bool:
        return time.monotonic() >= self._tries.get(name, (0, 0.0))[1]

    def _unfinished(self, name: str) -> Outcome:
        told = "is still being written"
        return Outcome(path=self.folder / name, status=OutcomeStatus.UNFINISHED, message=told)
