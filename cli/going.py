"""Progress on standard error, and an end that comes when Ctrl-C is pressed."""

import json
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType

import click

from provenance.batch import progress
from provenance.batch.walk import Wanted

__all__ = ["Going", "interruptible"]


@contextmanager
def interruptible(*, at_once: bool = False) -> Iterator[Event]:
    """An event that the first Ctrl-C sets, so that the work ends in order; the second stops it.

    Args:
        at_once: the first stops it, too.
    """
    stop = Event()
    if current_thread() is not main_thread():
        yield stop
        return

    def asked(number: int, frame: FrameType | None) -> None:
        ends = at_once or stop.is_set()
        stop.set()
        if ends:
            signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class Going:
    """How far the work has come, for a person or for a program.

    Args:
        how: auto, json or none.
        wanted: for `auto`: is there enough to do?
    """

    def __init__(self, how: str, *, wanted: bool) -> None:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._json = how == "json"
        self._line = how == "auto" and wanted and terminal
        self._shown = False
        on = self._json or self._line
        self._meter = progress.Meter(self._tell) if on else None

    def count(self, paths: Iterable[str], wanted: Wanted) -> None:
        """Find out how much there is to do, meanwhile."""
        if self._meter is not None:
            self._meter.count(paths, wanted)

    def add(self, size: int, count: int = 1, *, bad: bool) -> None:
        """One file is done, or several alike."""
        if self._meter is not None:
            self._meter.add(size, count, bad=bad)

    def finish(self) -> None:
        """All are done."""
        self.clear()
        if self._meter is not None:
            self._meter.finish()

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False

    def _tell(self, event: progress.Event) -> None:
        if self._json:
            click.echo(json.dumps(event.to_dict()), err=True)
        elif not event.finished:
            click.echo(f"\r\x1b[K{event.words()}", nl=False, err=True)
            self._shown = True
