"""Rows of a run as Parquet parts in a folder, here or elsewhere.

    part-00000.parquet, part-00001.parquet …

A part is complete when its name is there, and never touched again. A run that was killed has lost
what was in no part yet, and nothing else: the next one, told to go on, passes over every file that
stands in a part, so that no row is lost and none is there twice. One run at a time.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from provenance.batch.parquet import read_column, write_parquet
from provenance.batch.record import COLUMNS, FileRecord
from provenance.errors import ProvenanceError
from provenance.remote.address import is_address, shown

__all__ = ["ROWS", "Parts", "PartsError"]

ROWS = 20_000  # of a part
_CHARACTERS = 64 << 20  # of the reports in a part: what waits is held in memory
_NAME = re.compile(r"part-(\d{5,})\.parquet")
_LEFT = re.compile(r"\.part-\d{5,}\.parquet\..*\.tmp")  # by a run that was killed


class PartsError(ProvenanceError):
    """Parts cannot be written into a folder, or those in it cannot be read."""


class Parts:
    """A folder of parts that is written.

    Args:
        folder: a path or an address; made when it is not there.
        rows: of a part.
        resume: go on where another run stopped; else the folder must hold no parts.

    Raises:
        PartsError: it holds parts, or one that cannot be read.
        UnsupportedFormatError: pyarrow is not there.
        OSError: the folder cannot be made or listed.
    """

    def __init__(self, folder: str, *, rows: int = ROWS, resume: bool = False) -> None:
        self._folder, self._most = folder.rstrip("/") or folder, rows
        self._waiting: list[FileRecord] = []
        self._characters = 0
        names = self._names()
        held = sorted(int(found[1]) for one in names if (found := _NAME.fullmatch(one)))
        if held and not resume:
            told = "holds parts of another run; name another folder, or --resume to go on with it"
            raise PartsError(folder, told)
        self._next = held[-1] + 1 if held else 0
        self._done = {key for number in held for key in self._keys(self._place(number))}
        for one in names:
            if _LEFT.fullmatch(one):
                os.unlink(os.path.join(self._folder, one))

    @property
    def known(self) -> int:
        """How many files stand in parts that were there before."""
        return len(self._done)

    def has(self, path: str) -> bool:
        """Does a file stand in a part that was there before?"""
        return bool(self._done) and _key(path) in self._done

    def add(self, row: FileRecord) -> None:
        """One more row; when there are enough, a part.

        Raises:
            OSError: it cannot be written.
        """
        self._waiting.append(row)
        self._characters += len(row.report or "")
        if len(self._waiting) >= self._most or self._characters >= _CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as a part of its own.

        Raises:
            OSError: it cannot be written.
        """
        if not self._waiting:
            return
        place = self._place(self._next)
        if is_address(place):
            from provenance.remote.writing import put_file

            with tempfile.TemporaryDirectory() as near:
                file = os.path.join(near, "part")
                write_parquet(file, COLUMNS, self._waiting)
                put_file(file, place)
        else:
            write_parquet(place, COLUMNS, self._waiting)
        self._next += 1
        self._waiting, self._characters = [], 0

    def _place(self, number: int) -> str:
        return f"{self._folder}/part-{number:05}.parquet"

    def _names(self) -> list[str]:
        if not is_address(self._folder):
            Path(self._folder).mkdir(parents=True, exist_ok=True)
            return os.listdir(self._folder)
        from provenance.remote.files import listed

        try:
            return [one.name for one in listed(self._folder) if not one.folder]
        except FileNotFoundError:  # a prefix is there when something lies in it
            return []

    def _keys(self, place: str) -> Iterator[bytes]:
        try:
            with _opened(place) as stream:
                yield from map(_key, read_column(stream, "path"))
        except ValueError as error:  # as pyarrow has it
            raise PartsError(place, "is no part of such a run") from error


@contextmanager
def _opened(place: str) -> Iterator[BinaryIO]:
    if is_address(place):
        from provenance.remote.writing import open_file

        with open_file(place) as far:
            yield far
        return
    with open(place, "rb") as near:
        yield near


def _key(path: str) -> bytes:
    # As a report has it, `./a` is `a`; and texts of a table are Unicode, names need not be.
    name = shown(path) if is_address(path) else str(Path(path))
    return blake2b(name.encode("utf-8", "backslashreplace"), digest_size=12).digest()
