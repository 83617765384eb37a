"""A worker's own process: `python -m provenance.batch.serve`, spoken to over its pipes.

It hears a task, then chunks of items; it answers each chunk in parts, a part when something has
taken long. It ends when nobody speaks to it any more.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from provenance.batch.pipes import receive, send
from provenance.batch.task import Loss, Task

__all__ = ["main"]

_GARBAGE = 5_000  # objects more than before, at which garbage is looked for
_PATIENCE = 0.2  # seconds that answers are kept back for company


def main() -> None:
    """Serve whoever started this process."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the one who started us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what is half written is taken away
    hear = os.fdopen(os.dup(0), "rb")
    say = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nobody's print shall come between the messages
    try:
        sys.path[:] = receive(hear)
        task: Task[Any, Any] = receive(hear)
        work = task.start()
        # What an item leaves behind is hardly ever a cycle: there is no need to look so often.
        gc.freeze()
        gc.set_threshold(_GARBAGE, 20, 20)
        send(say, None)  # ready
        while True:
            number, items = receive(hear)
            _answer(number, items, task, work, say)
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nobody is there for what Python would say at its end


def _answer(
    number: int,
    items: list[Any],
    task: Task[Any, Any],
    work: Callable[[Any], Any],
    say: BinaryIO,
) -> None:
    answers: list[Any] = []
    since = time.monotonic()
    for item in items:
        try:
            answers.append(work(item))
        except MemoryError:
            answers.append(task.lost(item, Loss("there is not enough memory", memory=True)))
        if time.monotonic() - since > _PATIENCE:
            send(say, (number, answers))
            answers, since = [], time.monotonic()
    if answers:
        send(say, (number, answers))


if __name__ == "__main__":
    main()
