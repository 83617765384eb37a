"""All that an index holds, as one page of HTML: rows as they come from SQLite, thumbnails first.

    files by what to look at first ─▶ thumbnails, by workers ─┐
    files by path ─▶ rows ────────────────────────────────────┼─▶ provenance.report.index_html
    files by path ─▶ manifests, ingredients, people ──────────┘

It is read in one transaction, so that a run which writes to the index meanwhile changes nothing.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, TypeVar

from provenance.batch import index_values as values
from provenance.batch.index import Index
from provenance.batch.index_pictures import Draw, Drawn, Lack
from provenance.batch.index_report_rows import Reading
from provenance.batch.index_schema import named_errors
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
_TERMS = 5  # that are told


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
        title: what to call it; as the folder that all files lie in when absent.
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

    with _reading(index) as reading, Sheet() as sheet:
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
def _reading(index: Index) -> Iterator[Reading]:
    with named_errors(index.name, "cannot be read"):
        index.connection.execute("BEGIN")
        try:
            yield Reading(index.connection)
        finally:
            index.connection.execute("ROLLBACK")


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
    )


def _facts(reading: Reading, files: int, made: Made, thumbnails: int) -> Iterator[Fact]:
    folders, first, last, size = reading.one(
        "SELECT count(DISTINCT folder_id), min(checked_at), max(checked_at), sum(size)"
        " FROM files JOIN outcomes ON outcomes.id = outcome_id WHERE interesting"
    )
    (passed,) = reading.one(
        "SELECT count(*) FROM files JOIN outcomes ON outcomes.id = outcome_id WHERE NOT interesting"
    )
    yield Fact("Files", f"{files:,} in {folders:,} folders, {size or 0:,} bytes")
    if passed:
        yield Fact("Passed over", f"{passed:,} files of other formats, or texts without a manifest")
    if files:
        yield Fact("Checked", " to ".join(dict.fromkeys(map(_moment, (first, last)))))
    terms = reading.all(
        "SELECT words, count(*) FROM files JOIN terms ON terms.id = terms_id"
        " GROUP BY words ORDER BY 2 DESC"
    )
    for words, count in terms[:_TERMS]:
        told = f" ({count:,} files)" if len(terms) > 1 else ""
        yield Fact("Judged by", clean(values.text(words)) + told)
    yield Fact("Thumbnails", f"{made.pictures:,}{_of(thumbnails, files)}")


def _moment(at: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(values.real(at) or 0, UTC):%Y-%m-%d %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return "at no time that there is"


def _of(thumbnails: int, files: int) -> str:
    return f"; made of the first {thumbnails:,} files" if thumbnails < files else ""
