"""Something that knows where files lie, such as an index; what it says is looked up in the files.

A catalogue may be old, or anybody's: it names paths, and never decides anything. What is read at a
path has to be what was looked for; where it is not, that is told.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

__all__ = ["MOST", "Catalogue", "Lookup"]

E = TypeVar("E")

MOST = 8  # files that are looked into for one thing


class Catalogue(Protocol):
    """Where files lie, the likeliest first; any number of them may be named."""

    def by_claim(self, claim: str) -> Iterable[Path]:
        """Files whose own work this is, past updates."""

    def by_reference(self, label: str, hash_: bytes | None) -> Iterable[Path]:
        """Files with a manifest of that label; those first whose manifest has the hash."""

    def by_digest(self, digest: str) -> Iterable[Path]:
        """Files with that digest, or over content with it: `sha256:…`."""

    def by_name(self, name: str) -> Iterable[Path]:
        """Files of that name."""

    def by_fingerprint(self, fingerprint: str) -> Iterable[Path]:
        """Files over the same content, one of each claim."""

    def accepting(self, claims: Iterable[str]) -> Iterable[Path]:
        """Files with an acceptance between two of these works."""


class Lookup(Generic[E]):
    """Reads what a catalogue names, each file once.

    Args:
        read: a file; None for one that is gone, or is nothing signed.
    """

    def __init__(self, read: Callable[[Path], E | None]) -> None:
        self._read = read
        self._known: dict[Path, E | None] = {}
        self.outdated: dict[Path, str] = {}  # files that are not what was said of them

    def entries(
        self, paths: Iterable[Path], fits: Callable[[E], bool], most: int = MOST
    ) -> Iterator[E]:
        """Those of the files that are what was looked for."""
        for path in islice(paths, most):
            if path not in self._known:
                self._known[path] = self._read(path)
            entry = self._known[path]
            if entry is None:
                self.outdated[path] = (
                    "is gone" if not os.path.exists(path) else "has no manifest now"
                )
            elif fits(entry):
                yield entry
            else:
                self.outdated[path] = "has changed"
