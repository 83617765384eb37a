"""Processes of our own that share the work: a small chunk each, answers as they come.

A process that dies takes nothing with it: what it had not answered is given to others, item by
item, and one over which a process dies a second time gets the answer that there is none. What is
at work or waiting is bounded, so that memory is the same for a thousand items and a million.

Processes are started afresh, not forked, and do not run the caller's main module: whatever threads
and locks the caller has do not matter.
"""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from provenance.batch.pipes import receive, send
from provenance.batch.task import Loss, Task

__all__ = ["CHUNK", "Local", "WorkerError", "cores"]

I = TypeVar("I")  # noqa: E741  # an item
R = TypeVar("R")

CHUNK = 16  # items that are handed over at once
_AHEAD = 2  # chunks that a worker has: one at work, one waiting
_WINDOW = 16  # chunks for each worker that may be answered before the first of them is
_WATCHED = 0.2  # seconds between looks at whether to stop
_GRACE = 1.0  # seconds for a process that is asked to end
_KILLED = -9


class WorkerError(OSError):
    """Processes cannot be started, or end before they do anything."""


def cores() -> int:
    """How many of this machine's cores are ours."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


@dataclass(slots=True)
class _Chunk(Generic[I]):
    number: int  # in order of the items
    part: int  # of it, when it had to be given out again item by item
    items: list[I]
    answered: int = 0
    again: bool = False  # a process died over it before

    @property
    def left(self) -> list[I]:
        return self.items[self.answered :]


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, and the thread that listens to it."""

    process: "subprocess.Popen[bytes]"
    thread: Thread = field(default_factory=Thread)
    chunks: "deque[_Chunk[Any]]" = field(default_factory=deque)
    ready: bool = False

    def part(self) -> int:
        """Say no more to it, and wait for its end: the exit code."""
        with suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]  # a pipe
        return self.process.wait()


@dataclass(frozen=True)
class Local:
    """An engine: processes on this machine.

    Args:
        jobs: how many; as many as there are cores when absent.
    """

    jobs: int | None = None
    chunk: int = CHUNK

    def run(
        self, task: Task[I, R], items: Iterable[I], *, ordered: bool = False, stop: Event | None
    ) -> Iterator[R]:
        """See `Engine`.

        Raises:
            WorkerError: no process can be started.
        """
        run: _Run[I, R] = _Run(task, iter(items), self.jobs or cores(), self.chunk, stop)
        try:
            yield from run.in_order() if ordered else run.as_they_come()
        finally:
            run.end()


class _Run(Generic[I, R]):
    """The work in progress."""

    def __init__(
        self, task: Task[I, R], items: Iterator[I], jobs: int, chunk: int, stop: Event | None
    ) -> None:
        self._task, self._items, self._jobs, self._size = task, items, jobs, chunk
        self._stop = stop
        self._workers: list[_Worker] = []
        self._heard: SimpleQueue[tuple[_Worker, Any]] = SimpleQueue()
        self._again: deque[_Chunk[I]] = deque()
        self._next = 0  # number of the next chunk
        self._exhausted = False
        self._stillborn = 0
        self._done_before = 0  # chunks of lower number are all answered
        self._open: dict[int, int] = {}  # by chunk number: items not answered yet

    def as_they_come(self) -> Iterator[R]:
        """Answers in any order."""
        for _, _, answers in self._answers():
            yield from answers

    def in_order(self) -> Iterator[R]:
        """Answers in the order of items; those that come early wait."""
        early: dict[tuple[int, int], list[R]] = {}
        first = 0
        for number, place, answers in self._answers():
            early.setdefault((number, place), []).extend(answers)
            # All answers of a chunk are at hand when none of it is open any more.
            while first not in self._open and first < self._next:
                places = sorted(place for at, place in early if at == first)
                for one in places:
                    yield from early.pop((first, one))
                first += 1

    def _answers(self) -> Iterator[tuple[int, int, list[R]]]:
        self._feed()
        while any(worker.chunks for worker in self._workers) or self._again:
            if self._stopping():
                return
            try:
                worker, message = self._heard.get(timeout=_WATCHED)
            except Empty:
                continue
            if message is _GONE:
                yield from self._bury(worker)
            elif not worker.ready:
                worker.ready = True
            else:
                yield self._take(worker, message)
            self._feed()

    def _take(self, worker: _Worker, message: Any) -> tuple[int, int, list[R]]:
        _, answers = message
        chunk = worker.chunks[0]
        place = chunk.part + chunk.answered
        chunk.answered += len(answers)
        if not chunk.left:
            worker.chunks.popleft()
        self._count(chunk.number, len(answers))
        return chunk.number, place, answers

    def _count(self, number: int, answered: int) -> None:
        self._open[number] -= answered
        if not self._open[number]:
            del self._open[number]
        self._done_before = min(self._open, default=self._next)

    def _bury(self, worker: _Worker) -> Iterator[tuple[int, int, list[R]]]:
        """A process has ended: give out again what it owed, or answer for what killed it."""
        self._workers.remove(worker)
        code = worker.part()
        self._stillborn = 0 if worker.ready else self._stillborn + 1
        if self._stillborn > 2:
            raise WorkerError(0, f"a worker ended with code {code} before it did anything")
        for place, chunk in enumerate(worker.chunks):
            if place == 0 and chunk.again and worker.ready:
                answers = [self._task.lost(item, _loss(code)) for item in chunk.left]
                self._count(chunk.number, len(answers))
                yield chunk.number, chunk.part + chunk.answered, answers
                continue
            if place or not worker.ready:  # it had not begun with it
                self._again.append(chunk)
                continue
            first = chunk.part + chunk.answered
            self._again.extend(
                _Chunk(chunk.number, first + at, [item], again=True)
                for at, item in enumerate(chunk.left)
            )

    def _feed(self) -> None:
        """See that everybody has something to do, as long as there is anything."""
        while not self._stopping():
            worker = self._hungry()
            if worker is None:
                return
            chunk = self._again.popleft() if self._again else self._cut()
            if chunk is None:
                return
            if worker.process.poll() is not None and worker not in self._workers:
                self._again.appendleft(chunk)
                continue
            worker.chunks.append(chunk)
            with suppress(OSError):  # it has died: we shall hear of it
                send(worker.process.stdin, (chunk.number, chunk.items))  # type: ignore[arg-type]  # a pipe

    def _hungry(self) -> _Worker | None:
        """The worker with the least to do; a new one while all are busy and there may be more."""
        idle = min(self._workers, key=lambda one: len(one.chunks), default=None)
        if idle is not None and not idle.chunks:
            return idle
        more = bool(self._again) or not self._exhausted
        if more and len(self._workers) < self._jobs:
            return self._hire()
        # What waits behind an item over which a process dies is no worse for it; but one by one
        # is how the one is found.
        if idle is None or len(idle.chunks) >= _AHEAD:
            return None
        return idle

    def _cut(self) -> _Chunk[I] | None:
        if self._exhausted or self._next - self._done_before >= _WINDOW * self._jobs:
            return None
        items = list(islice(self._items, self._size))
        if not items:
            self._exhausted = True
            return None
        chunk = _Chunk(self._next, 0, items)
        self._open[self._next] = len(items)
        self._next += 1
        return chunk

    def _hire(self) -> _Worker:
        # Not from the folder one stands in, which may have a folder of our name.
        command = [sys.executable, "-P", "-m", "provenance.batch.serve"]
        apart: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_surroundings(), **apart
            )
        except OSError as error:
            raise WorkerError(error.errno or 0, f"no worker can be started: {error}") from error
        worker = _Worker(process)
        self._workers.append(worker)
        worker.thread = Thread(target=_listen, args=(worker, self._heard), daemon=True)
        worker.thread.start()
        with suppress(OSError):
            for message in (sys.path, self._task):
                send(process.stdin, message)  # type: ignore[arg-type]  # a pipe
        return worker

    def _stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def end(self) -> None:
        """Let go of all processes; whatever they are at is of no use any more.

        They are asked first, so that what one is writing is taken away.
        """
        busy = [worker.process for worker in self._workers if worker.chunks]
        for process in busy:
            process.terminate()
        until = time.monotonic() + _GRACE
        for process in busy:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        for worker in self._workers:
            worker.part()
            worker.thread.join()
        self._workers.clear()


_GONE = object()


def _listen(worker: _Worker, heard: "SimpleQueue[tuple[_Worker, Any]]") -> None:
    pipe = worker.process.stdout
    with suppress(EOFError, OSError, ValueError):
        while pipe is not None:
            heard.put((worker, receive(pipe)))  # type: ignore[arg-type]  # a pipe
    if pipe is not None:
        pipe.close()
    heard.put((worker, _GONE))


def _surroundings() -> dict[str, str]:
    """Where Python finds this package, as we did; what else it must find comes by message."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, path)))}


def _loss(code: int) -> Loss:
    if code == _KILLED:
        told = "the process that read it was killed, as happens when memory runs out"
        return Loss(told, memory=True)
    if code < 0:
        return Loss(f"the process that read it was ended by signal {-code}")
    return Loss(f"the process that read it ended with code {code}")
