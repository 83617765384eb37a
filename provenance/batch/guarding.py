"""Files before and after a change: paired, examined, compared.

    revision    what git says has changed between it and the work tree, renamed files as such
    folder      the same names in a folder of what was before

A sidecar is part of its file: where only that changed, or has gone, the file is looked at.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from provenance.batch.examining import look_at, of_no_interest
from provenance.batch.look import Terms
from provenance.batch.revision import Blob, GitError, Revision
from provenance.batch.task import Loss
from provenance.batch.walk import EVERYTHING, Named, Wanted, batches, is_walked
from provenance.errors import LimitError, os_sentence
from provenance.report.guard import Change, Comparison, Side, compare
from provenance.validate.results import VerificationReport

__all__ = ["Guarding", "Judge", "Pair", "changed_since", "in_folders"]

_SIDECAR = ".c2pa"

Judge = Callable[[Comparison, VerificationReport | None], Comparison]  # sets what it is worth


class Pair(NamedTuple):
    """A file and what it was."""

    path: str  # as the user is told of it
    new: str | None  # where it is; None: it has gone
    old: str | None  # where it was: below the top of a repository, or a path; None: it is new
    was: str | None = None  # its name before, if that was another


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarding:
    """The task for an engine: see `provenance.batch.task`. None: of no interest before and after.

    Args:
        terms: by what to judge; a policy is for what is there now.
        judge: what each comparison is worth; it travels to other processes.
        revision: where the old files are; None: they are paths.
    """

    terms: Terms
    judge: Judge
    revision: Revision | None = None

    def start(self) -> Callable[[Pair], Comparison | None]:
        """See `Task`."""
        return self._compare

    def lost(self, item: Pair, loss: Loss) -> Comparison | None:
        """See `Task`."""
        return self._unreadable(item, loss.why)

    def _compare(self, pair: Pair) -> Comparison | None:
        try:
            before = self._before(pair.old) if pair.old is not None else None
        except (GitError, LimitError) as error:
            return self._unreadable(pair, str(error))
        except OSError as error:
            return self._unreadable(pair, os_sentence(error))
        after = None
        if pair.new is not None:
            after = look_at(Named(pair.new), self.terms).report
        if all(one is None or of_no_interest(one) for one in (before, after)):
            return None
        found = Comparison(
            path=pair.path,
            was=pair.was,
            change=compare(before, after),
            before=Side.of(before) if before else None,
            after=Side.of(after) if after else None,
        )
        return self.judge(found, after)

    def _unreadable(self, pair: Pair, why: str) -> Comparison:
        side = Side(None, None, error=why)
        found = Comparison(path=pair.path, was=pair.was, change=Change.UNREADABLE, before=side)
        return self.judge(found, None)

    def _before(self, name: str) -> VerificationReport | None:
        """What it was, or None if there was no such file."""
        plain = replace(self.terms, policy=None)
        if self.revision is None:
            return look_at(Named(name), plain).report if os.path.lexists(name) else None
        there = self.revision.blobs(*_with_sidecars(name))
        if name not in there:
            return None
        with tempfile.TemporaryDirectory() as folder:
            for blob in there.values():
                self.revision.write(blob, Path(folder, _base(blob)))
            return look_at(Named(os.path.join(folder, os.path.basename(name))), plain).report


def _base(blob: Blob) -> str:
    return PurePosixPath(blob.name).name


def _with_sidecars(name: str) -> tuple[str, ...]:
    stem = str(PurePosixPath(name).with_suffix(_SIDECAR))
    return tuple(dict.fromkeys((name, f"{name}{_SIDECAR}", stem)))


def changed_since(revision: Revision, paths: Sequence[str] = ()) -> Iterator[Pair]:
    """What has changed since a revision, each file once.

    Args:
        revision: what was before.
        paths: files and folders that count; none: all of the work tree.

    Raises:
        GitError: git fails, or a path lies outside of its work tree.
    """
    kept = [_below_top(path, revision.top) for path in paths]
    seen: set[str] = set()
    for one in revision.changed():
        names = [(one.old, one.new)]
        if (one.new or one.old or "").endswith(_SIDECAR):
            names = _owners(revision, one.old, one.new) or names
        for old, new in names:
            name = new or old or ""
            if name in seen or not any(_counts(each, kept) for each in (old, new) if each):
                continue
            seen.add(name)
            yield Pair(
                path=_shown(os.path.join(revision.top, name)),
                new=os.path.join(revision.top, new) if new is not None else None,
                old=old,
                was=old if old is not None and new is not None and old != new else None,
            )


def _below_top(path: str, top: str) -> str:
    full = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    below = os.path.relpath(os.path.join(full, os.path.basename(os.path.abspath(path))), top)
    if below.split(os.sep)[0] == os.pardir:
        if os.path.realpath(path) == os.path.realpath(top):
            return os.curdir
        raise GitError(path, f"lies outside of {top}")
    return below.replace(os.sep, "/")


def _counts(name: str, kept: Sequence[str]) -> bool:
    return not kept or any(one == os.curdir or f"{name}/".startswith(f"{one}/") for one in kept)


def _shown(path: str) -> str:
    """A path as it is seen from here, if it lies below."""
    below = os.path.relpath(path)
    return path if below.split(os.sep)[0] == os.pardir else below


def _owners(
    revision: Revision, old: str | None, new: str | None
) -> list[tuple[str | None, str | None]]:
    """The files that a sidecar belongs to, which need not have changed themselves."""
    name = new or old or ""
    folder, _, base = name.rpartition("/")
    lead = f"{folder}/" if folder else ""
    stem = base.removesuffix(_SIDECAR)
    try:
        here = {one.name for one in os.scandir(os.path.join(revision.top, folder)) if one.is_file()}
    except OSError:
        here = set()
    there = set(revision.names_in(folder))
    mine = sorted(
        one
        for one in here & there
        if one != base and (one == stem or PurePosixPath(one).stem == stem)
    )
    return [(f"{lead}{one}", f"{lead}{one}") for one in mine if not one.endswith(_SIDECAR)]


def in_folders(base: str, paths: Iterable[str], wanted: Wanted = EVERYTHING) -> Iterator[Pair]:
    """Files, and what lies in folders, with what a folder of the same form holds.

    Args:
        base: what was before; of a path that is a file, it holds one of that name.
        paths: what there is now.
        wanted: which files of a folder.
    """
    for path in paths:
        if not is_walked(path):
            yield Pair(path, path, os.path.join(base, os.path.basename(path)))
            continue
        root = os.path.join(path, "")
        for batch in batches((path,), wanted):
            for named in batch.files:
                yield Pair(named.path, named.path, os.path.join(base, named.path[len(root) :]))
        old = os.path.join(base, "")
        for batch in batches((base,), wanted):
            for named in batch.files:
                here = os.path.join(path, named.path[len(old) :])
                if not os.path.lexists(here):
                    yield Pair(here, None, named.path)
