"""An engine on Ray: workers on this machine, or on all of a cluster.

    chunks of items ─▶ an actor for each core ─▶ answers, counted off by chunk number

What is lost with a worker or a node is given out again by the one who drives, item by item, and
not by Ray (`max_restarts`, `max_task_retries` are 0): Ray would begin a chunk anew without end, and
could not tell which item it is that ends processes. A chunk is answered when all of it is at hand
here, and only then; so nothing is answered twice. What is under way or waiting is bounded.

Nothing of Ray is told to anybody: usage statistics and the dashboard are off. A cluster that we
start listens on the network, as any does, but only to who knows its token: whoever may speak to
Ray may run what he likes.
"""

import logging
import math
import os
import secrets
import socket
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from typing import Any, Generic, TypeVar

from provenance.batch.ray_serve import Serving, packed
from provenance.batch.task import Loss, Task
from provenance.batch.workers import CHUNK, WorkerError, cores
from provenance.version import VERSION

__all__ = ["RayEngine"]

I = TypeVar("I")  # noqa: E741  # an item
R = TypeVar("R")

_AHEAD = 2  # chunks that a worker has: one at work, one waiting
_WINDOW = 16  # chunks for each worker that may be answered before the first of them is
_WATCHED = 0.2  # seconds between looks at whether to stop
_REACHED = 10.0  # seconds in which a cluster must answer
_COUNTED = 10.0  # seconds between looks at how large the cluster is
_DEATHS = 3  # of processes over one item
_STORE = 256 << 20  # bytes of shared memory of a cluster of our own: answers are small
_STILLBORN = 3
# Read when Ray is imported. What it says of workers that died would go to our standard output.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}


@dataclass(frozen=True)
class RayEngine:
    """An engine: workers of a Ray cluster. All of them must find the files under their names.

    Args:
        address: of the cluster; `local` starts one on this machine, `auto` is the one that runs
            here. When absent, what `RAY_ADDRESS` names, else `local`. A program that is connected
            to one already stays so.
        jobs: workers; as many as the cluster has cores when absent.
        chunk: items that are handed over at once.
    """

    address: str | None = None
    jobs: int | None = None
    chunk: int = CHUNK

    def run(
        self, task: Task[I, R], items: Iterable[I], *, ordered: bool = False, stop: Event | None
    ) -> Iterator[R]:
        """See `Engine`.

        Raises:
            WorkerError: Ray is not installed, there is no such cluster, or no worker can begin.
        """
        with _connected(self.address, self.jobs) as ray:
            run: _Run[I, R] = _Run(ray, task, iter(items), self.jobs, self.chunk, stop)
            try:
                yield from run.answers(ordered=ordered)
            finally:
                run.end()


@contextmanager
def _connected(address: str | None, jobs: int | None) -> Iterator[Any]:
    """The module, connected to a cluster."""
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if where == "local" and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    try:
        import ray
    except ImportError as error:
        told = "the engine ray needs Ray: pip install 'provenance-c2pa[ray]'"
        raise WorkerError(0, told) from error
    if ray.is_initialized():
        yield ray
        return
    options: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": logging.ERROR,
        "include_dashboard": False,
    }
    if where == "local":
        options |= {"num_cpus": jobs or cores(), "object_store_memory": _STORE}
    try:
        _reach(where)
        ray.init(address=where, **options)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or _first(error)
        raise WorkerError(0, f"no Ray cluster at {where!r}: {why}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _first(error: Exception, *, line: int = 0) -> str:
    """The first sentence of a line of what Ray says."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[line].partition(". ")[0].strip()[:200]


def _reach(where: str) -> None:
    """Does anybody listen there? Ray itself asks for a quarter of an hour.

    Raises:
        OSError: nobody does.
    """
    host, mark, port = where.rpartition("://")[2].rpartition(":")
    if mark and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACHED).close()


@dataclass(slots=True)
class _Open(Generic[I, R]):
    """A chunk that is not answered yet."""

    items: list[I]
    answers: dict[int, R] = field(default_factory=dict)  # by place in the chunk


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a worker gets: a chunk, or one item of it after something went wrong."""

    number: int
    places: range
    deaths: int = 0  # processes that ended over it


@dataclass(slots=True, eq=False)
class _Worker:
    """An actor."""

    actor: Any
    begins: Any  # what comes when it is ready
    node: str | None = None  # None: not ready
    work: "dict[Any, _Piece]" = field(default_factory=dict)  # by reference, in order


class _Run(Generic[I, R]):
    """The work in progress."""

    def __init__(
        self,
        ray: Any,
        task: Task[I, R],
        items: Iterator[I],
        jobs: int | None,
        chunk: int,
        stop: Event | None,
    ) -> None:
        self._ray, self._task, self._items = ray, task, items
        self._asked, self._size, self._stop = jobs, chunk, stop
        self._told = ray.put(packed(task))
        self._workers: list[_Worker] = []
        self._again: deque[_Piece] = deque()
        self._open: dict[int, _Open[I, R]] = {}
        self._next = 0  # number of the next chunk
        self._exhausted = False
        self._stillborn = 0
        self._jobs, self._cores, self._counted = 1, 0.0, -math.inf

    def answers(self, *, ordered: bool) -> Iterator[R]:
        """Answers by chunk: in order, or as chunks are done."""
        done: dict[int, list[R]] = {}  # that wait for those before
        first = 0
        self._count()
        while len(self._again) < self._jobs and (piece := self._cut()) is not None:
            self._again.append(piece)  # before there are workers, so that there are not too many
        self._feed()
        while self._open and not self._stopping():
            for number in self._settle():
                answered = self._open.pop(number).answers
                row = [answered[place] for place in sorted(answered)]
                if not ordered:
                    yield from row
                    continue
                done[number] = row
                while first in done:
                    yield from done.pop(first)
                    first += 1
            self._feed()

    def _settle(self) -> list[int]:
        """Wait for what comes next: the numbers of the chunks that are answered by it."""
        owed = {
            ref: one for one in self._workers for ref in (one.work if one.node else [one.begins])
        }
        if not owed:
            time.sleep(_WATCHED)
            return []
        ready, _ = self._ray.wait(list(owed), num_returns=1, timeout=_WATCHED)
        more, _ = self._ray.wait(list(owed), num_returns=len(owed), timeout=0)
        changed: list[int] = []
        for ref in dict.fromkeys((*ready, *more)):
            worker = owed[ref]
            if worker not in self._workers:
                continue  # it died over what came before
            if worker.node is None:
                self._begin(worker)
            else:
                changed += self._take(worker, ref)
        return [
            number
            for number in dict.fromkeys(changed)
            if len(self._open[number].answers) == len(self._open[number].items)
        ]

    def _begin(self, worker: _Worker) -> None:
        errors = self._ray.exceptions
        try:
            version, worker.node = self._ray.get(worker.begins)
        except (errors.RayError, ImportError) as error:
            self._workers.remove(worker)
            self._stillborn += 1
            if self._stillborn >= _STILLBORN:
                told = f"no worker of the Ray cluster can begin: {_first(error, line=-1)}"
                raise WorkerError(0, told) from error
            return
        if version != VERSION:
            told = f"the workers of the Ray cluster have version {version}, not {VERSION}"
            raise WorkerError(0, told)
        self._stillborn = 0

    def _take(self, worker: _Worker, ref: Any) -> Iterator[int]:
        """What came of a piece: the numbers of the chunks of which something is answered."""
        errors = self._ray.exceptions
        piece = worker.work[ref]
        try:
            answers = self._ray.get(ref)
        except errors.RayTaskError as error:  # a bug of ours, and it shall be seen
            sys.stderr.write(f"{error}\n")
            del worker.work[ref]
            yield from self._failed(piece, Loss("the code that read it failed"))
        except (errors.ObjectLostError, errors.OwnerDiedError):  # its node went when it was done
            del worker.work[ref]
            self._again.append(piece)
        except errors.RayError as error:
            yield from self._bury(worker, error)
        else:
            del worker.work[ref]
            self._open[piece.number].answers.update(zip(piece.places, answers, strict=True))
            yield piece.number

    def _bury(self, worker: _Worker, error: Exception) -> Iterator[int]:
        """A worker has gone, by itself or with its node: see to what it owed."""
        self._workers.remove(worker)
        self._ray.kill(worker.actor)  # if it only cannot be reached, it shall not go on
        memory = isinstance(error, self._ray.exceptions.OutOfMemoryError)
        gone = not any(one["NodeID"] == worker.node and one["Alive"] for one in self._ray.nodes())
        # It does them in order: over the first it died, the others it had not begun with.
        for place, piece in enumerate(worker.work.values()):
            if place or gone:
                self._again.append(piece)
            else:
                words = "the process that read it ended before it was done, time and again"
                yield from self._failed(piece, Loss(words, memory=memory))

    def _failed(self, piece: _Piece, loss: Loss) -> Iterator[int]:
        """Try it again, item by item; answer for the one that ends every process."""
        if len(piece.places) > 1 or piece.deaths + 1 < _DEATHS:
            self._again.extend(
                _Piece(piece.number, range(at, at + 1), piece.deaths + 1) for at in piece.places
            )
            return
        held = self._open[piece.number]
        for at in piece.places:
            held.answers[at] = self._task.lost(held.items[at], loss)
        yield piece.number

    def _feed(self) -> None:
        """See that everybody has something to do, as long as there is anything."""
        self._count()
        while not self._stopping():
            if (self._again or not self._exhausted) and len(self._workers) < self._wanted():
                self._hire()
                continue
            ready = [one for one in self._workers if one.node is not None]
            idle = min(ready, key=lambda one: len(one.work), default=None)
            if idle is None or len(idle.work) >= _AHEAD:
                return
            piece = self._again.popleft() if self._again else self._cut()
            if piece is None:
                return
            items = [self._open[piece.number].items[at] for at in piece.places]
            idle.work[idle.actor.answer.remote(items)] = piece

    def _count(self) -> None:
        """How many workers there may be: clusters grow and shrink."""
        if time.monotonic() - self._counted > _COUNTED:
            self._cores = float(self._ray.cluster_resources().get("CPU", 0))
            self._jobs = self._asked or max(1, int(self._cores))
            self._counted = time.monotonic()

    def _wanted(self) -> int:
        """No more than there is work for, as far as one knows."""
        return self._jobs if not self._exhausted else min(self._jobs, len(self._open))

    def _cut(self) -> _Piece | None:
        before = min(self._open, default=self._next)
        if self._exhausted or self._next - before >= _WINDOW * self._jobs:
            return None
        items = list(islice(self._items, self._size))
        if not items:
            self._exhausted = True
            return None
        number, self._next = self._next, self._next + 1
        self._open[number] = _Open(items)
        return _Piece(number, range(len(items)))

    def _hire(self) -> None:
        share = min(1.0, self._cores / self._jobs) if self._cores else 1.0
        kind = self._ray.remote(Serving).options(
            num_cpus=share, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD"
        )
        actor = kind.remote(self._told)
        self._workers.append(_Worker(actor, actor.begin.remote()))

    def _stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def end(self) -> None:
        """Let go of all workers; whatever they are at is of no use any more."""
        for worker in self._workers:
            self._ray.kill(worker.actor)
        self._workers.clear()
