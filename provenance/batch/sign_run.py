"""Many files to sign: each with its place, what stands there known, and the rest to an engine.

    DIR/a/b.jpg     ─▶ OUT/a/b.jpg
    LIST: x/b.jpg   ─▶ OUT/x/b.jpg
    b.jpg, named    ─▶ wherever the caller says; nothing is remembered of it

An input is unchanged when size, time, inode and the same of its sidecar are. A place that is taken
by what no run has written, or by another file of this run, is not written to.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from threading import Event

from provenance.batch.many import chosen
from provenance.batch.sign_journal import From, Journal
from provenance.batch.sign_task import (
    Done,
    Job,
    SignFiles,
    SignOutcome,
    SignStatus,
    Stamp,
    stamp_of,
)
from provenance.batch.task import Engine, Loss
from provenance.batch.walk import (
    EVERYTHING,
    Named,
    Place,
    Wanted,
    batches,
    globbed,
    is_walked,
    mark_of,
)
from provenance.errors import os_sentence
from provenance.remote.address import is_address, shown

__all__ = ["Inputs", "SignRun", "sign_jobs"]

_TOGETHER = 32  # places that are looked at before the first of them is signed
_OFTEN = 0.5  # seconds after which what was done is written down
_SIDECAR = ".c2pa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What to sign: folders and files, and where each goes below the output folder.

    Args:
        paths: folders, files and patterns.
        listed: from here on they come from a list, and keep the folders they are named with.
        wanted: which files of a folder.
    """

    paths: Iterable[str] = ()
    listed: Iterable[str] = ()
    wanted: Wanted = EVERYTHING

    def placed(self, output: Path, place: Place) -> Iterator[tuple[Named, str | SignOutcome]]:
        """Each file with its place below the output folder, or why it has none."""
        wanted = Wanted(self.wanted.include, self.wanted.exclude, place)
        for path in self.paths:
            for one in (path,) if is_address(path) else globbed(path):
                yield from _below(one, "", wanted, output)
        for path in self.listed:
            yield from _below(path, path, wanted, output)


def _below(
    path: str, kept: str, wanted: Wanted, output: Path
) -> Iterator[tuple[Named, str | SignOutcome]]:
    if is_address(path):
        told = f"{shown(path)}: lies elsewhere, and files of this machine are signed"
        yield Named(path), _failed(shown(path), told, "definition")
        return
    if not is_walked(path):
        yield from _alone(Named(path), kept)
        return
    if Path(path).resolve().is_relative_to(output.resolve()):
        told = f"{path}: lies in {output}, which signed files go to"
        yield Named(path), _failed(path, told, "definition")
        return
    lead = "" if not kept else f"{os.path.normpath(kept)}{os.sep}"
    root = os.path.join(path, "")
    for batch in batches((path,), wanted):
        for named in batch.files:
            if os.path.isdir(named.path) and not os.path.islink(named.path):
                yield named, _folder(named.path)
            elif lead and (why := _outside(lead)):
                yield named, _failed(named.path, why, "definition")
            else:
                yield named, _root_less(lead + named.path[len(root) :])


def _alone(named: Named, kept: str) -> Iterator[tuple[Named, str | SignOutcome]]:
    """A file that was named, and whatever else is no folder that is walked."""
    if os.path.isdir(named.path):
        yield named, _folder(named.path, named=True)
        return
    name = os.path.normpath(kept) if kept else os.path.basename(named.path)
    why = _outside(name)
    yield named, _failed(named.path, why, "definition") if why else _root_less(name)


def _root_less(name: str) -> str:
    return os.path.splitdrive(name)[1].lstrip(os.sep)


def _outside(name: str) -> str | None:
    if name.split(os.sep)[0] == os.pardir:
        return f"{name}: leads out of this folder, and so would its place"
    return None


def _folder(path: str, *, named: bool = False) -> SignOutcome:
    """A folder that the walk did not enter: it is one asset, or cannot be looked into."""
    try:
        with os.scandir(path):
            pass
    except OSError as error:
        return _failed(path, os_sentence(error), "io")
    told = "is a folder that is signed as one"
    if named:
        return _failed(path, f"{path}: {told}; sign it so, with --sidecar", "definition")
    return SignOutcome(path=path, status=SignStatus.PASSED_OVER, message=told)


def _failed(path: str, why: str, kind: str) -> SignOutcome:
    return SignOutcome(path=path, status=SignStatus.FAILED, message=why, kind=kind)


def sign_jobs(
    task: SignFiles,
    items: Iterable[Job | SignOutcome],
    *,
    jobs: int | None = None,
    engine: Engine | None = None,
    stop: Event | None = None,
) -> Generator[tuple[Job | SignOutcome, Done]]:
    """Have jobs done, as they come; each answer with its item. Ends after one that is fatal."""
    rest = iter(items)
    for item in rest:  # while all is known nobody need be started
        if stop is not None and stop.is_set():
            return
        if isinstance(item, Job):
            rest = chain((item,), rest)
            break
        yield item, Done(item)
    else:
        return
    left: Iterable[Item] = rest
    if engine is None:
        engine, left = chosen(left, jobs)
    for item, done in engine.run(_Paired(task), left, stop=stop):
        yield item, done
        if done.outcome.fatal:
            return


Item = Job | SignOutcome


@dataclass(frozen=True, slots=True)
class _Paired:
    """The same task; its answers come with the item, since they come in any order."""

    task: SignFiles

    def start(self) -> Callable[[Item], tuple[Item, Done]]:
        """See `Task`."""
        work = self.task.start()
        return lambda item: (item, work(item))

    def lost(self, item: Item, loss: Loss) -> tuple[Item, Done]:
        """See `Task`."""
        return item, self.task.lost(item, loss)


@dataclass(slots=True, kw_only=True)
class SignRun:
    """A run over inputs into an output folder, which goes on where an earlier one ended."""

    inputs: Inputs
    output: Path
    task: SignFiles
    settings: bytes  # all that the signed file depends on besides the input
    overwrite: bool = False
    jobs: int | None = None
    engine: Engine | None = None
    stop: Event | None = None
    _digest: bytes = field(default=b"", init=False)
    _kept: float = field(default=0.0, init=False)  # when what was done was last written down
    _number: int = field(default=0, init=False)  # of files that were begun

    def outcomes(self) -> Generator[SignOutcome]:
        """What becomes of each file, as it is done.

        Raises:
            JournalError: another run is signing into the folder, or what it remembers is damaged.
            OSError: the folder cannot be written, or no process can be started.
        """
        with Journal.opened(self.output) as journal:
            self._digest = journal.digest(self.settings)
            answers = sign_jobs(
                self.task,
                self._items(journal),
                jobs=self.jobs,
                engine=self.engine,
                stop=self.stop,
            )
            with closing(answers):
                for item, done in answers:
                    self._keep(journal, item, done)
                    yield done.outcome

    def _items(self, journal: Journal) -> Iterator[Job | SignOutcome]:
        files = self.inputs.placed(self.output, journal.place)
        while batch := list(islice(files, _TOGETHER)):
            journal.start()
            items = [
                item
                for named, place in batch
                if (item := self._item(journal, named, place)) is not None
            ]
            journal.commit()  # what is begun must stand before it begins
            yield from items

    def _item(
        self, journal: Journal, named: Named, place: str | SignOutcome
    ) -> Job | SignOutcome | None:
        """What there is to do for a file; None for one that was named before."""
        if isinstance(place, SignOutcome):
            return place
        name = f"{place}{_SIDECAR}" if self._beside else place
        target = self.output / name
        full = os.path.abspath(named.path)
        taken = journal.claim(name, full)
        if taken is not None:
            told = f"{named.path}: would be written to {target}, where {taken} goes"
            return None if taken == full else _failed(named.path, told, "exists")
        try:
            there = stamp_of(target)
        except OSError as error:
            return _failed(named.path, os_sentence(error), "io")
        mark = named.mark if named.mark is not None else mark_of(named.path)
        source = sha256(os.fsencode(full)).digest()[:16]
        origin = None if mark is None else From(source, mark, self._digest)
        return self._job(journal, named, name, origin, there)

    def _job(
        self,
        journal: Journal,
        named: Named,
        name: str,
        origin: From | None,
        there: Stamp | None,
    ) -> Job | SignOutcome:
        target, made, begun = self.output / name, journal.made(name), journal.begun(name)
        if there is None or (made is not None and made.stamp == there):
            begun = None  # of which nothing is to be seen
        known = begun or (made.origin if made is not None else None)
        current = known is not None and origin is not None and known[1:] == origin[1:]
        size = origin.mark.size if origin is not None else 0
        if made is not None and made.stamp == there and current:
            return SignOutcome(
                path=named.path,
                status=SignStatus.UNCHANGED,
                output=None if self._beside else target,
                sidecar=target if self._beside else None,
                manifest=made.label,
                size=size,
            )
        moved = known is not None and origin is not None and known.source != origin.source
        if there is not None and moved and not current and not self.overwrite:
            return _failed(named.path, f"{target}: was made from another file", "exists")
        if origin is not None:
            journal.begin(name, origin)
        self._number += 1
        return Job(
            path=named.path,
            target=target,
            found=named.found,
            name=name,
            staged=journal.staging / str(self._number),
            known=made.label if made is not None else None,
            begun=begun is not None,
            current=current,
            stands=there is not None and (made is None or made.stamp != there),
            overwrite=self.overwrite,
            size=size,
        )

    @property
    def _beside(self) -> bool:
        return bool(self.task.how.get("sidecar"))

    def _keep(self, journal: Journal, item: Job | SignOutcome, done: Done) -> None:
        """Note what became of a file; kept when the next are begun."""
        if not isinstance(item, Job):
            return
        outcome = done.outcome
        journal.start()
        if done.stamp is not None and outcome.manifest is not None:
            journal.done(item.name, outcome.manifest, done.stamp)
        elif not done.lost:  # a process that died may have come so far
            journal.dropped(item.name)
        if time.monotonic() - self._kept > _OFTEN:
            journal.commit()
            self._kept = time.monotonic()
