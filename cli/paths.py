"""Paths on the command line: files, folders with all that lies in them, `-` for standard input.

A folder that was signed as one asset counts as a file: its sidecar tells.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from provenance.formats import sidecar

__all__ = ["STDIN", "Named", "is_walked", "spread"]

STDIN = "-"
_SIDECAR = ".c2pa"


@dataclass(frozen=True, slots=True)
class Named:
    """A file to look at; `found` in a folder, not named by the user."""

    path: str
    found: bool = False


def spread(paths: Iterable[str]) -> Iterator[Named]:
    """Every file, folders walked in order of name; links to folders and pipes are passed over."""
    for path in paths:
        if is_walked(path):
            yield from _walk(path)
        else:
            yield Named(path)


def is_walked(path: str) -> bool:
    """Is it a folder whose files are assets of their own?"""
    return path != STDIN and os.path.isdir(path) and not _is_signed(Path(path))


def _walk(folder: str) -> Iterator[Named]:
    shut: list[str] = []  # folders that cannot be looked into; reading them will tell why
    for at, folders, names in os.walk(folder, onerror=lambda error: shut.append(error.filename)):
        signed = sorted(name for name in folders if _is_signed(Path(at, name)))
        folders[:] = sorted(set(folders).difference(signed))
        yield from (Named(str(Path(at, name)), found=True) for name in signed)
        assets = [name for name in names if not name.endswith(_SIDECAR)]
        owners = {*assets, *signed, *(Path(name).stem for name in assets)}
        for name in sorted(names):
            # The sidecar of a file beside it is read with that file.
            if name.endswith(_SIDECAR) and name.removesuffix(_SIDECAR) in owners:
                continue
            path = Path(at, name)
            if not _waits(path):
                yield Named(str(path), found=True)
    yield from (Named(path, found=True) for path in shut)


def _is_signed(folder: Path) -> bool:
    try:
        return sidecar.paired(folder) is not None
    except OSError:
        return False


def _waits(path: Path) -> bool:
    """Is it a pipe, a socket or a device, which holds nothing, and for which one might wait?"""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False  # reading it will tell what is wrong
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
