"""Paths that a verb is given: as arguments, and in a list."""

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from provenance.batch.walk import STDIN, listed

__all__ = ["listed_in", "named_paths"]

_FIRST = 1 << 16  # bytes that tell how the list is written


def named_paths(paths: Iterable[str], files_from: str | None) -> Iterator[str]:
    """The arguments, then what the list holds, as it comes."""
    yield from paths
    yield from listed_in(files_from)


def listed_in(files_from: str | None) -> Iterator[str]:
    """The paths of a list: a line each, or each ended by a zero byte.

    Args:
        files_from: a file, or `-` for standard input; None: no list.

    Raises:
        OSError: it cannot be read.
    """
    if files_from is None:
        return
    if files_from == STDIN:
        yield from _split(sys.stdin.buffer)
        return
    with open(files_from, "rb") as stream:
        yield from _split(stream)


def _split(stream: BinaryIO) -> Iterator[str]:
    # No path has a zero byte in it, so where there is one they end the paths.
    read = getattr(stream, "read1", stream.read)
    first = read(_FIRST)
    zeros = b"\0" in first
    rest = iter(lambda: read(_FIRST), b"")
    if zeros:
        yield from listed(_chained(first, rest), zeros=True)
    else:
        yield from listed(_lines(first, rest))


def _chained(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _lines(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    left = b""
    for block in _chained(first, rest):
        *lines, left = (left + block).split(b"\n")
        yield from lines
    if left:
        yield left
