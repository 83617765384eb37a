"""An index that a verb asks: opened for reading, and Ctrl-C ends the longest question."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provenance.cli.common import Exit, say, sentences
from provenance.cli.going import interruptible

if TYPE_CHECKING:
    from provenance.batch.index import Index

__all__ = ["asked"]

_STEPS = 100_000  # of SQLite, some milliseconds, after which Python may see that a key was pressed


@contextmanager
def asked(index: str) -> "Iterator[Index]":
    """Open an index. What is wrong with it is one sentence; so is Ctrl-C, with code 130."""
    from provenance.batch.index import Index
    from provenance.batch.index_schema import IndexFileError

    with sentences(), interruptible(at_once=True) as stop:
        try:
            with Index.open(index, reading=True) as held:
                held.connection.set_progress_handler(lambda: 0, _STEPS)
                yield held
        except (KeyboardInterrupt, IndexFileError):  # what SQLite makes of the former in a function
            if not stop.is_set():
                raise
            say("provenance: interrupted")
            sys.exit(Exit.INTERRUPTED)
