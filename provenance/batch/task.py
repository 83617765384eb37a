"""What an engine is and what it runs: a task over items, by one process or by many.

    task.start()         once in each process: what it needs for all items
    worker(item)         one item; whatever is wrong with it is part of the answer
    task.lost(item, …)   the answer for an item whose process died over it

A task travels to other processes, so it is pickled; so are items and answers.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Protocol, TypeVar

__all__ = ["Engine", "Inline", "Loss", "Task"]

I = TypeVar("I")  # noqa: E741  # an item
R = TypeVar("R")
I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Loss:
    """Why there is no answer for an item."""

    why: str
    memory: bool = False  # as when the system takes a process that needs too much


class Task(Protocol[I_contra, R_co]):
    """Work on items, none of which knows of the others."""

    def start(self) -> Callable[[I_contra], R_co]:
        """Make ready, in the process that will do it."""
        ...

    def lost(self, item: I_contra, loss: Loss) -> R_co:
        """The answer when there is none."""
        ...


class Engine(Protocol):
    """Who does the work. Every item gets one answer, whatever happens; they need not be in order.

    An engine reads no further ahead than it must, and ends early once `stop` is set: with the
    answers there are.
    """

    def run(
        self, task: Task[I, R], items: Iterable[I], *, ordered: bool = False, stop: Event | None
    ) -> Iterator[R]:
        """The answers, as they come or in the order of the items."""
        ...


class Inline:
    """This process, one item after the other: what is quickest for a few."""

    def run(
        self, task: Task[I, R], items: Iterable[I], *, ordered: bool = False, stop: Event | None
    ) -> Iterator[R]:
        """See `Engine`."""
        del ordered
        work: Callable[[I], R] | None = None
        for item in items:
            if stop is not None and stop.is_set():
                return
            work = work or task.start()
            try:
                answer = work(item)
            except MemoryError:
                answer = task.lost(item, Loss("there is not enough memory", memory=True))
            yield answer
