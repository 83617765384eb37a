"""`verify_many`: any number of files, all cores, bounded memory."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from provenance.batch.look import Answer, Look, Terms
from provenance.batch.task import Engine, Inline
from provenance.batch.walk import EVERYTHING, Named, Wanted, spread
from provenance.batch.workers import Local
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.trust.settings import TrustSettings

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.policy import Policy
    from provenance.validate.results import VerificationReport

__all__ = ["FEW", "chosen", "run", "verify_many"]

I = TypeVar("I")  # noqa: E741  # an item
R = TypeVar("R")

FEW = 24  # files that one process is done with before others have started


def verify_many(
    paths: Iterable[str | Path],
    *,
    jobs: int | None = None,
    ordered: bool = False,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    trust: TrustSettings | None = None,
    at: datetime | None = None,
    policy: "Policy | None" = None,
    limits: Limits = DEFAULT_LIMITS,
    online: "bool | Door" = False,
    engine: Engine | None = None,
) -> "Iterator[VerificationReport]":
    """Check files, and folders with all that lies in them: a report for each, as they come.

    What `verify` says of one file is said of each. One that cannot be read, or over which a
    process dies, is a report with an error. Files of unknown formats, and texts without a
    manifest store, are passed over where they were found in a folder.

    Args:
        paths: files, folders and patterns, in any number; read as the work goes on.
        jobs: processes; as many as there are cores when absent, and none for a few files.
        ordered: in the order of the files, and of names within a folder; else as they come.
        include: patterns of names; in a folder only files that fit one are looked at.
        exclude: patterns of names, or of paths below the folder, that are not.
        trust: whom to trust; without anchors nobody is, and integrity is judged all the same.
        at: the moment to judge certificates by; the start when absent. Needs a time zone.
        policy: what each file must satisfy.
        limits: how much untrusted input to read of each.
        online: fetch what files name.
        engine: what does the work, in place of `jobs` processes.

    Raises:
        WorkerError: no process can be started.
    """
    from provenance.batch.packed import Packer, unpack

    terms = Terms(
        trust=trust or TrustSettings(),
        at=at or datetime.now(UTC),
        limits=limits,
        online=online,
        policy=policy,
    )
    wanted = Wanted(tuple(include), tuple(exclude))
    files = spread(map(str, paths), wanted if not wanted.all else EVERYTHING)
    for answer in run(Look(terms, Packer()), files, jobs=jobs, ordered=ordered, engine=engine):
        if answer.value is not None:
            yield unpack(answer.value)


def run(
    task: Look[R],
    files: Iterable[Named],
    *,
    jobs: int | None = None,
    ordered: bool = False,
    engine: Engine | None = None,
    stop: Event | None = None,
) -> Iterator[Answer[R]]:
    """Look at files by an engine, or by the one that suits them."""
    if engine is None:
        engine, files = chosen(files, jobs)
    return engine.run(task, files, ordered=ordered, stop=stop)


def chosen(items: Iterable[I], jobs: int | None) -> tuple[Engine, Iterable[I]]:
    """The engine for so many items, and the items, of which it had to take the first.

    A number of jobs that was asked for is kept to; otherwise a few items are done right here.
    """
    if jobs is not None:
        return Local(jobs), items
    rest = iter(items)
    first = list(islice(rest, FEW + 1))
    return (Inline() if len(first) <= FEW else Local()), chain(first, rest)
