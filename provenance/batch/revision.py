"""What a revision of a git repository holds, read without a work tree: names, and bytes.

`git` itself is asked, without a shell and without a network. What a name says is taken literally;
nothing that the repository's files configure is run.
"""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from provenance.errors import LimitError, ProvenanceError

__all__ = ["Blob", "Changed", "GitError", "Revision"]

_MOST = 4 << 30  # bytes of a file of the revision
_FILES = ("100644", "100755")
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_BYTES = 1024
_SAID = 300  # characters of what git says
_SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


class GitError(ProvenanceError):
    """git cannot do what it was asked, or there is no such revision."""


class Blob(NamedTuple):
    """A file of the revision."""

    name: str  # below the top of the repository
    oid: str
    size: int  # bytes


class Changed(NamedTuple):
    """A file that is not as it was."""

    old: str | None  # below the top of the repository; None: it is new
    new: str | None  # None: it has gone


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and the repository it is of. Fit to be pickled."""

    top: str  # of the work tree
    commit: str

    @classmethod
    def of(cls, name: str, *, folder: str = ".", merge_base: bool = False) -> "Revision":
        """A revision by its name.

        Args:
            name: as git has it.
            folder: where to ask.
            merge_base: rather the commit that HEAD and it have in common.

        Raises:
            GitError: git is not installed, this is no repository, or there is no such revision.
        """
        top = _said(folder, "rev-parse", "--show-toplevel")
        wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        try:
            commit = _said(top, *wanted)
        except GitError as error:
            raise GitError(f"revision {name[:80]!r}", "there is none of that name") from error
        if merge_base:
            commit = _said(top, "merge-base", commit, "HEAD")
        return cls(top, commit)

    def changed(self) -> Iterator[Changed]:
        """The files of the work tree that are not as they were; those git does not know left out.

        Raises:
            GitError: git fails.
        """
        words = ("diff", "--raw", "-z", "--no-abbrev", "-M", "--no-ext-diff", "--no-textconv")
        fields = iter(_fields(self.top, *words, "--ignore-submodules", self.commit, "--"))
        for head in fields:
            old_mode, new_mode, _, _, status = os.fsdecode(head).lstrip(":").split(" ")
            old = new = os.fsdecode(next(fields))
            if status[0] in "RC":
                new = os.fsdecode(next(fields))
            was = old if old_mode in _FILES else None
            now = new if new_mode in _FILES else None
            if was is not None or now is not None:
                yield Changed(was, now)

    def blobs(self, *names: str) -> dict[str, Blob]:
        """Those of some names that are files of the revision.

        Raises:
            GitError: git fails.
        """
        found = {}
        for row in _fields(self.top, "ls-tree", "-l", "-z", self.commit, "--", *names):
            head, _, name = os.fsdecode(row).partition("\t")
            mode, _, oid, size = head.split()
            if mode in _FILES:
                found[name] = Blob(name, oid, int(size))
        return found

    def names_in(self, folder: str) -> tuple[str, ...]:
        """The names of what lies in a folder of the revision, which may not be there.

        Raises:
            GitError: git fails.
        """
        where = (f"{folder}/",) if folder else ()
        words = ("ls-tree", "--name-only", "-z", self.commit, "--", *where)
        return tuple(os.path.basename(os.fsdecode(row)) for row in _fields(self.top, *words))

    def write(self, blob: Blob, place: Path) -> None:
        """Write a file as it was; of one that lies in Git LFS what is at hand here.

        Raises:
            GitError: it is not at hand.
            LimitError: it is too large.
            OSError: it cannot be written.
        """
        if blob.size > _MOST:
            raise LimitError(blob.name, f"{blob.size} bytes in the revision, {_MOST} are allowed")
        with place.open("wb") as out:
            _run(self.top, "cat-file", "blob", blob.oid, out=out)
        if blob.size <= _POINTER_BYTES and (data := place.read_bytes()).startswith(_POINTER):
            shutil.copyfile(self._large(blob.name, data), place)

    def _large(self, name: str, pointer: bytes) -> Path:
        rows = dict(row.split(" ", 1) for row in pointer.decode("utf-8", "replace").splitlines())
        oid = rows.get("oid", "").removeprefix("sha256:")
        if len(oid) != 64 or not oid.isalnum():
            raise GitError(name, "is a pointer of Git LFS that cannot be read")
        store = Path(self.top, _said(self.top, "rev-parse", "--git-common-dir"), "lfs", "objects")
        place = store / oid[:2] / oid[2:4] / oid
        if not place.is_file():
            raise GitError(name, "lies in Git LFS, and is not at hand: git lfs fetch")
        return place


def _said(folder: str, *words: str) -> str:
    with tempfile.TemporaryFile() as out:
        _run(folder, *words, out=out)
        out.seek(0)
        return os.fsdecode(out.read(1 << 16)).rstrip("\r\n")


def _fields(folder: str, *words: str) -> Iterator[bytes]:
    """What git says, in parts that end with zero bytes; it waits on disk."""
    with tempfile.TemporaryFile() as out:
        _run(folder, *words, out=out)
        out.seek(0)
        rest = b""
        while block := out.read(1 << 16):
            *parts, rest = (rest + block).split(b"\0")
            yield from parts


def _run(folder: str, *words: str, out: BinaryIO) -> None:
    command = ("git", "--no-optional-locks", "--literal-pathspecs", "-C", folder, *_SETTINGS)
    with _named(folder):
        done = subprocess.run(
            [*command, *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            env=_surroundings(os.environ),
            check=False,
        )
    if done.returncode:
        told = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise GitError("git", told[:_SAID] or f"ended with code {done.returncode}")


@contextmanager
def _named(folder: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder) from error
        raise GitError("git", "is not installed, and revisions are read with it") from error


def _surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Nothing is fetched, nobody is asked, and messages are in English."""
    quiet = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return {**environ, **quiet}
