"""A worker of a Ray cluster: it hears a task, then chunks of items, and answers them in order."""

import pickle
import sys
from collections.abc import Callable
from typing import Any

from provenance.batch.task import Loss, Task
from provenance.version import VERSION

__all__ = ["Serving", "packed"]


def packed(task: Task[Any, Any]) -> tuple[str, list[str], bytes]:
    """What a worker must hear first."""
    return VERSION, [place for place in sys.path if place], pickle.dumps(task)


class Serving:
    """The actor.

    Args:
        told: see `packed`.
    """

    def __init__(self, told: tuple[str, list[str], bytes]) -> None:
        self._told = told
        self._task: Task[Any, Any] | None = None
        self._work: Callable[[Any], Any] | None = None

    def begin(self) -> tuple[str, str]:
        """Make ready: the version of this library here, and the node."""
        import ray

        version, places, task = self._told
        if version == VERSION:  # else what comes is not for us
            # Behind what this node has: there a place may hold something else.
            sys.path.extend(place for place in places if place not in sys.path)
            self._task = pickle.loads(task)  # noqa: S301  # of the one who started us
            self._work = self._task.start()
        return VERSION, str(ray.get_runtime_context().get_node_id())

    def answer(self, items: list[Any]) -> list[Any]:
        """The answers to a chunk."""
        task, work = self._task, self._work
        if task is None or work is None:
            raise RuntimeError("asked before it was ready")
        answers = []
        for item in items:
            try:
                answers.append(work(item))
            except MemoryError:
                answers.append(task.lost(item, Loss("there is not enough memory", memory=True)))
        return answers
