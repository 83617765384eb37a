"""What an index holds, as one page of HTML: rows as they come from SQLite, thumbnails first.

    files by what to look at first ─▶ thumbnails, by workers ─┐
    files by path ─▶ rows ────────────────────────────────────┼─▶ provenance.report.index_html
    files by path ─▶ manifests, ingredients, people ──────────┘

It is read in one transaction, so that a run which writes to the index meanwhile changes nothing.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, TypeVar

from provenance.batch import index_values as values
from provenance.batch.index import Index
from provenance.batch.index_pictures import Draw, Drawn, Lack
from provenance.batch.index_report_rows import Reading
from provenance.batch.index_schema import IndexFileError, named_errors
from provenance.batch.index_select import Filters
from provenance.batch.many import FEW
from provenance.batch.task import Engine, Inline
from provenance.batch.workers import Local
from provenance.report.escape import clean
from provenance.report.index_html import Head, write
from provenance.report.index_thumbnails import Sheet
from provenance.report.steps import Fact

__all__ = ["THUMBNAILS", "Made", "Stopped", "write_page"]

T = TypeVar("T")

THUMBNAILS = 2_000
_STEPS = 100_000  # of SQLite, some milliseconds, after which it looks whether to stop
_TERMS = 5  # that are told
_PLACES = {"under": "a folder", "made_from": "a work"}


class Stopped(Exception):
    """The work was to end before it was done; there is no page."""


@dataclass
class Made:
    """What is on the page."""

    files: int = 0
    pictures: int = 0  # files that have one
    lacking: Counter[Lack] = field(default_factory=Counter)
    undecoded: str | None = None  # the first file whose picture could not be decoded


def write_page(
    index: Index,
    stream: BinaryIO,
    filters: Filters | None = None,
    *,
    title: str | None = None,
    thumbnails: int = THUMBNAILS,
    jobs: int | None = None,
    stop: Event | None = None,
    tell: Callable[[], None] | None = None,
) -> Made:
    """Write the page of an index.

    Args:
        index: an index that is open.
        stream: gets the page in pieces, UTF-8.
        filters: of which files; all unless said.
        title: what to call it; as the folder that all these files lie in when absent.
        thumbnails: files that get one at the most: those to look at first, then by path.
        jobs: processes that make them; as many as there are cores when absent.
        stop: ends it early.
        tell: called for each file of which a thumbnail was tried.

    Raises:
        IndexFileError: the index cannot be read.
        Stopped: `stop` was set.
        OSError: the stream cannot be written.
    """
    made = Made()

    def going(steps: Iterable[T]) -> Iterator[T]:
        for one in steps:
            if stop is not None and stop.is_set():
                raise Stopped
            yield one

    with _reading(index, filters, stop) as reading, Sheet() as sheet:
        subjects = list(reading.subjects(thumbnails)) if thumbnails else []
        engine: Engine = Inline() if jobs is None and len(subjects) <= FEW else Local(jobs)
        for drawn in engine.run(Draw(), subjects, stop=stop):
            _keep(drawn, sheet, reading.pictures, made)
            if tell is not None:
                tell()
        write(
            stream,
            _head(reading, title or _name(reading, index), made, thumbnails),
            going(reading.blocks()),
            sheet,
            going(reading.details()),
        )
        made.files = reading.files
    return made


@contextmanager
def _reading(index: Index, filters: Filters | None, stop: Event | None) -> Iterator[Reading]:
    connection = index.connection
    with named_errors(index.name, "cannot be read"):
        connection.execute("BEGIN")
        try:
            if stop is not None:
                connection.set_progress_handler(stop.is_set, _STEPS)
            yield Reading(index, filters)
        except (sqlite3.OperationalError, IndexFileError) as error:
            if stop is None or not stop.is_set():
                raise
            raise Stopped from error
        finally:
            connection.set_progress_handler(None, 0)
            if connection.in_transaction:  # SQLite ends it itself when it is stopped
                connection.execute("ROLLBACK")  # the table of files that were chosen, too


def _keep(drawn: Drawn, sheet: Sheet, pictures: dict[int, int], made: Made) -> None:
    if drawn.picture is not None:
        pictures[drawn.subject.number] = sheet.add(drawn.picture)
        made.pictures += 1
        return
    lack = drawn.lack or Lack.NONE_IN_IT
    pictures[drawn.subject.number] = lack
    made.lacking[lack] += 1
    if lack is Lack.UNDECODED and made.undecoded is None:
        made.undecoded = drawn.subject.path


def _name(reading: Reading, index: Index) -> str:
    return os.path.basename(reading.root) or Path(index.name).stem


def _head(reading: Reading, title: str, made: Made, thumbnails: int) -> Head:
    counts: Counter[str] = Counter()
    for number, count in reading.counts.items():
        counts[reading.outcomes[number].state] += count
    return Head(
        title,
        counts.total(),
        dict(counts),
        tuple(_facts(reading, counts.total(), made, thumbnails)),
        _part(reading, counts.total()) if reading.part else None,
    )


def _part(reading: Reading, files: int) -> str:
    """How many files are told of, and which; where they lie is not said."""
    told = []
    for one in fields(Filters):
        if given := getattr(reading.filters, one.name):
            if isinstance(given, datetime):
                words = f"{given:%Y-%m-%d %H:%M %Z}"
            else:
                words = _PLACES.get(one.name) or " or ".join(given)
            told.append(f"{one.name.replace('_', ' ')} {words}")
    many = reading.count(interesting=True)
    return clean(f"{files:,} of {many:,} files of an index: {'; '.join(told)}", 1000)


def _facts(reading: Reading, files: int, made: Made, thumbnails: int) -> Iterator[Fact]:
    folders, first, last, size = reading.extent
    yield Fact("Files", f"{files:,} in {folders:,} folders, {size:,} bytes")
    if not reading.part and (passed := reading.count(interesting=False)):
        yield Fact("Passed over", f"{passed:,} files of other formats, or texts without a manifest")
    if files:
        yield Fact("Checked", " to ".join(dict.fromkeys(map(_moment, (first, last)))))
    terms = reading.terms
    for words, count in terms[:_TERMS]:
        told = f" ({count:,} files)" if len(terms) > 1 else ""
        yield Fact("Judged by", clean(words) + told)
    yield Fact("Thumbnails", f"{made.pictures:,}{_of(thumbnails, files)}")


def _moment(at: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(values.real(at) or 0, UTC):%Y-%m-%d %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return "at no time that there is"


def _of(thumbnails: int, files: int) -> str:
    return f"; made of the first {thumbnails:,} files" if thumbnails < files else ""
