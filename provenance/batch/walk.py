"""Paths to the files that are looked at: folders with all below them, a folder at a time.

A sidecar is read with the file beside it and is none of its own; a folder that was signed as one
asset counts as a file. Links are not followed: neither to folders nor to files. What a user names
is taken as it is. Folders that lie elsewhere are `walk_remote`'s.
"""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

from provenance.formats import sidecar
from provenance.remote.address import RemoteFile, is_address

__all__ = ["EVERYTHING", "STDIN", "Batch", "Mark", "Named", "Place", "Wanted"]
__all__ += ["batches", "globbed", "is_walked", "listed", "mark_of", "spread"]

STDIN = "-"
_SIDECAR = ".c2pa"
_WILD = "*?["


class Mark(NamedTuple):
    """By what one sees that a file has changed, without reading it."""

    size: int  # bytes
    mtime_ns: int
    inode: int
    beside: str = ""  # the same of its sidecar, or of all files of a folder


class Place(NamedTuple):
    """A folder by what does not change with the way to it."""

    device: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """From what the system says."""
        return cls(found.st_dev, found.st_ino)


class Named(NamedTuple):
    """A file to look at; `found` in a folder, not named by the user."""

    path: str
    found: bool = False
    mark: Mark | None = None  # None: nobody has looked yet
    sha256: bytes | None = None  # of the content that is known of it, if that is to be compared
    away: RemoteFile | None = None  # what a list of files elsewhere told


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one folder, in order of name."""

    folder: str
    files: tuple[Named, ...]
    whole: bool = True  # all that lies in it, and not only what the user named or wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of a walk to look at.

    A pattern without a slash is held against the name, one with a slash against the path below the
    folder that is walked; `*` takes slashes too. A folder that is excluded is not entered.
    """

    include: tuple[str, ...] = ()  # none: all
    exclude: tuple[str, ...] = ()
    without: Place | None = None  # a folder that is not entered, wherever it lies

    def file(self, path: str, name: str) -> bool:
        """Is a file wanted?"""
        if self.exclude and _fits(self.exclude, path, name):
            return False
        return not self.include or _fits(self.include, path, name)

    def folder(self, path: str, name: str) -> bool:
        """Is a folder entered?"""
        return not (self.exclude and _fits(self.exclude, path, name))

    def enters(self, entry: "os.DirEntry[str]") -> bool:
        """Is it another folder than the one that is left out?"""
        if self.without is None:
            return True
        try:
            return Place.of(os.stat(entry.path)) != self.without  # an entry lacks the device
        except OSError:
            return True  # whoever looks into it will say what is wrong

    @property
    def all(self) -> bool:
        """Is every file wanted?"""
        return not self.include and not self.exclude


EVERYTHING = Wanted()


def _fits(patterns: Iterable[str], path: str, name: str) -> bool:
    return any(fnmatchcase(path if "/" in one else name, one) for one in patterns)


def spread(paths: Iterable[str], wanted: Wanted = EVERYTHING) -> Iterator[Named]:
    """Every file, folders walked in order of name."""
    for batch in batches(paths, wanted):
        yield from batch.files


def batches(paths: Iterable[str], wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
    """Every file, by folder. A name that is no file and has `*`, `?` or `[` in it is a pattern."""
    for path in paths:
        if path == STDIN:
            yield Batch("", (Named(STDIN),), whole=False)
            continue
        for one in globbed(path):
            if is_walked(one):
                yield from _walk_remote(one, wanted) if is_address(one) else _walk(one, wanted)
            else:
                yield Batch(os.path.dirname(one), (Named(one),), whole=False)


def globbed(path: str) -> Sequence[str]:
    """The paths that a pattern stands for; a name of something is no pattern."""
    if not any(char in path for char in _WILD):
        return (path,)
    if is_address(path):
        from provenance.batch import walk_remote

        return walk_remote.globbed(path)
    if os.path.lexists(path):
        return (path,)
    return sorted(glob.glob(path, recursive=True)) or (path,)


def is_walked(path: str) -> bool:
    """Is it a folder whose files are assets of their own?"""
    if is_address(path):
        from provenance.batch import walk_remote

        return walk_remote.is_folder(path)
    return path != STDIN and os.path.isdir(path) and not _is_signed(path)


def _is_signed(folder: str) -> bool:
    try:
        return sidecar.paired(Path(folder)) is not None
    except OSError:
        return False


def listed(stream: Iterable[str | bytes], *, zeros: bool = False) -> Iterator[str]:
    """The paths of a list, one a line, or each ended by a zero byte.

    Args:
        stream: the lines; with `zeros` the blocks of it.
        zeros: as `find -print0` writes.
    """
    if not zeros:
        for line in stream:
            path = os.fsdecode(line).rstrip("\r\n")
            if path:
                yield path
        return
    rest = b""
    for block in stream:
        *paths, rest = (rest + os.fsencode(block)).split(b"\0")
        yield from (os.fsdecode(one) for one in paths if one)
    if rest:
        yield os.fsdecode(rest)


def _walk_remote(root: str, wanted: Wanted) -> Iterator[Batch]:
    from provenance.batch import walk_remote

    return walk_remote.walk(root, wanted)


def _walk(root: str, wanted: Wanted) -> Iterator[Batch]:
    # A stack of our own: a tree may be deeper than Python's, and wider than memory.
    waiting = [(root, "")]
    while waiting:
        folder, below = waiting.pop()
        batch, folders = _look_into(folder, below, wanted)
        yield batch
        waiting.extend(reversed(folders))


def _look_into(folder: str, below: str, wanted: Wanted) -> tuple[Batch, list[tuple[str, str]]]:
    """One folder: its files, and the folders in it that are walked too."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda one: one.name)
    except OSError:
        # Whoever tries to read it as a file will say what is wrong.
        return Batch(folder, (Named(folder, found=True),), whole=False), []
    files: dict[str, os.DirEntry[str]] = {}
    folders: list[os.DirEntry[str]] = []
    stores: set[str] = set()
    for one in found:
        if one.is_file(follow_symlinks=False):
            files[one.name] = one
            if one.name.endswith(_SIDECAR):
                stores.add(one.name)
        elif one.is_dir(follow_symlinks=False):
            folders.append(one)
    # Only what has a store beside it, or in it, can be signed as one.
    signed = [one for one in folders if _is_signed(one.path)]
    rows = []
    if not stores and wanted.all:  # nearly always
        rows = [Named(entry.path, True, _mark(entry)) for entry in files.values()]
    else:
        owners = {*files.keys() - stores, *(one.name for one in signed)}
        owners.update(Path(name).stem for name in files.keys() - stores)
        for name, entry in files.items():
            if name in stores and name.removesuffix(_SIDECAR) in owners:
                continue  # read with the file beside it
            if wanted.file(f"{below}{name}", name):
                rows.append(Named(entry.path, True, _mark(entry, files)))
    if signed:
        rows += [
            Named(entry.path, True, mark_of(entry.path))
            for entry in signed
            if wanted.file(f"{below}{entry.name}", entry.name)
        ]
        rows.sort(key=lambda one: one.path)
    into = [
        (one.path, f"{below}{one.name}/")
        for one in folders
        if one not in signed
        and wanted.folder(f"{below}{one.name}", one.name)
        and wanted.enters(one)
    ]
    return Batch(folder, tuple(rows), wanted.all), into


def _mark(
    entry: "os.DirEntry[str]", files: "dict[str, os.DirEntry[str]] | None" = None
) -> Mark | None:
    """The mark of a file; `files` are those beside it, if there are sidecars among them."""
    try:
        found = entry.stat(follow_symlinks=False)
        beside = ""
        if files is not None and not entry.name.endswith(_SIDECAR):
            for name in (entry.name + _SIDECAR, Path(entry.name).stem + _SIDECAR):
                if name in files:
                    beside += _printed(files[name].stat(follow_symlinks=False))
    except OSError:
        return None
    return Mark(found.st_size, found.st_mtime_ns, found.st_ino, beside)


def mark_of(path: str) -> Mark | None:
    """The mark of a file that was named; None where it cannot be had."""
    if is_address(path):
        from provenance.batch import walk_remote

        return walk_remote.mark_of(path)
    try:
        found = os.stat(path)
        beside = _of_tree(path) if stat.S_ISDIR(found.st_mode) else ""
        store = sidecar.paired(Path(path))
        if store is not None:
            beside += _printed(os.stat(store))
    except OSError:
        return None
    return Mark(found.st_size, found.st_mtime_ns, found.st_ino, beside)


def _printed(found: os.stat_result) -> str:
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino};"


def _of_tree(folder: str) -> str:
    """One word for names, sizes and times of all files in a folder."""
    hasher = sha256()
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(at, name)
            hasher.update(os.fsencode(path) + b"\0")
            hasher.update(_printed(os.lstat(path)).encode())
    return hasher.hexdigest() + ";"
