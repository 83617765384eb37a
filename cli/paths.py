"""Paths on the command line: files, folders with all that lies in them, `-` for standard input."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["STDIN", "Named", "spread"]

STDIN = "-"
_SIDECAR = ".c2pa"


@dataclass(frozen=True, slots=True)
class Named:
    """A file to look at; `found` in a folder, not named by the user."""

    path: str
    found: bool = False


def spread(paths: Iterable[str]) -> Iterator[Named]:
    """Every file, folders walked in order of name; links to folders are not followed."""
    for path in paths:
        if path != STDIN and Path(path).is_dir():
            yield from _walk(path)
        else:
            yield Named(path)


def _walk(folder: str) -> Iterator[Named]:
    for at, folders, names in os.walk(folder):
        folders.sort()
        assets = [name for name in names if not name.endswith(_SIDECAR)]
        owners = {*assets, *(Path(name).stem for name in assets)}
        for name in sorted(names):
            # The sidecar of a file beside it is read with that file.
            if not (name.endswith(_SIDECAR) and name.removesuffix(_SIDECAR) in owners):
                yield Named(str(Path(at, name)), found=True)
