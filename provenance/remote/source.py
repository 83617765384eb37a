"""A file elsewhere as a `ByteSource`: asked for in ranges, none of it without need.

What is looked at here and there comes in blocks of 256 KiB, more at a time when one follows the
other; a small file comes at once. What is read through, to be hashed, comes in ranges of 4 MiB,
the next of them on their way while one is used. The most that is held is some 20 MiB.
"""

import errno
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from provenance.errors import MalformedError
from provenance.remote.address import RemoteFile, is_web
from provenance.remote.blocks import BLOCK, Blocks
from provenance.spans import Span

__all__ = ["Ranges", "RemoteSource", "beside", "open_remote", "sidecars"]

_SMALL = 4  # blocks: a file that comes at once
_TOGETHER = 16  # blocks: a range at its largest
_RANGE = _TOGETHER * BLOCK
_PIECE = 1 << 20  # bytes handed out at once
_FRESH = 60.0  # seconds that a list is believed
_SUFFIX = ".c2pa"


class Ranges(Protocol):
    """Where the bytes of a file are had from."""

    @property
    def name(self) -> str:
        """Its address."""
        ...

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    @property
    def at_once(self) -> int:
        """How many ranges may be asked for at the same time."""
        ...

    def fetch(self, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`.

        Raises:
            OSError: they cannot be had.
        """
        ...


def open_remote(file: RemoteFile, kept: Blocks | None = None) -> "RemoteSource":
    """A source over a file at an address.

    Args:
        file: which. What a list told of it is asked again when the list is old.
        kept: where to keep blocks; for this file alone when absent.

    Raises:
        OSError: it cannot be read, or something must be installed first.
    """
    if is_web(file.url):
        from provenance.remote.web import WebRanges

        return RemoteSource(WebRanges(file), kept)
    from provenance.remote.files import FileRanges

    fresh = time.time() - file.seen < _FRESH
    return RemoteSource(FileRanges(file if fresh else RemoteFile(file.url)), kept)


def beside(file: RemoteFile) -> str | None:
    """The address of a file's sidecar, if it has one: see `provenance.formats.sidecar`.

    Raises:
        OSError: the file system cannot be asked.
    """
    if file.beside is not None and time.time() - file.seen < _FRESH:
        return file.beside or None
    if is_web(file.url):  # asking for what was not named is not ours there
        return None
    from provenance.remote.files import entry

    folder, _, name = file.url.rpartition("/")
    for place in sidecars(name):
        found = entry(f"{folder}/{place}")
        if found is not None and not found.folder:
            return f"{folder}/{place}"
    return None


def sidecars(name: str) -> tuple[str, ...]:
    """What the sidecar of a file may be called, the likeliest first."""
    stem, dot, _ = name.rpartition(".")
    names = (name + _SUFFIX, (stem if dot and stem else name) + _SUFFIX)
    return tuple(one for one in dict.fromkeys(names) if one != name)


class RemoteSource:
    """See the module. Not for two threads at once.

    Args:
        ranges: where the bytes come from.
        kept: see `open_remote`.
    """

    shared = False

    def __init__(self, ranges: Ranges, kept: Blocks | None = None) -> None:
        self._ranges = ranges
        self._kept = kept if kept is not None else Blocks()
        self._key = object()
        self._follows = -1  # the block after the last that came
        self._ahead = 1  # blocks that come together
        self.size = ranges.size
        self.name = ranges.name

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        return b"".join(self._pieces(self._checked(Span(start, length))))

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`."""
        self._checked(span)
        if span.length <= 2 * _RANGE:
            yield from self._pieces(span)
            return
        first, last = span.start // BLOCK, (span.end - 1) // BLOCK
        start, end = span.start, span.end  # of what is not here yet
        while start < end and self._at(first) in self._kept:
            first += 1
            start = min(first * BLOCK, end)
        while start < end and self._at(last) in self._kept:
            end = max(last * BLOCK, start)
            last -= 1
        # In two steps, for what is kept may be let go of meanwhile.
        yield from self._pieces(Span(span.start, start - span.start))
        yield from self._streamed(start, end)
        yield from self._pieces(Span(end, span.end - end))

    def _checked(self, span: Span) -> Span:
        if span.start < 0 or span.length < 0 or span.end > self.size:
            left = max(0, self.size - span.start)
            problem = f"{span.length} bytes wanted, {left} left"
            raise MalformedError("asset", problem, offset=span.start)
        return span

    def _at(self, number: int) -> tuple[object, int]:
        return self._key, number

    def _pieces(self, span: Span) -> Iterator[memoryview]:
        at = span.start
        while at < span.end:
            number, skipped = divmod(at, BLOCK)
            block = self._kept.get(self._at(number))
            if block is None:
                block = self._bring(number, (span.end - 1) // BLOCK)
            piece = memoryview(block)[skipped : skipped + span.end - at]
            yield piece
            at += len(piece)

    def _bring(self, number: int, last: int) -> bytes:
        """Ask for a block, and for those up to `last`, or more if it seems that they are wanted."""
        self._ahead = min(self._ahead * 2, _TOGETHER) if number == self._follows else 1
        total = -(-self.size // BLOCK)
        count = total if total <= _SMALL else max(self._ahead, last - number + 1)
        count = min(count, _TOGETHER, total - number)
        for more in range(1, count):
            if self._at(number + more) in self._kept:
                count = more
                break
        start = number * BLOCK
        data = self._fetch(start, min(start + count * BLOCK, self.size))
        for place in range(count):
            self._kept.put(self._at(number + place), data[place * BLOCK : (place + 1) * BLOCK])
        self._follows = number + count
        return data[:BLOCK]

    def _fetch(self, start: int, end: int) -> bytes:
        data = self._ranges.fetch(start, end)
        if len(data) != end - start:
            told = f"{len(data)} bytes came, {end - start} were asked for at byte {start}"
            raise OSError(errno.EIO, told, self.name)
        return data

    def _streamed(self, start: int, end: int) -> Iterator[memoryview]:
        """What is read through once, and not kept."""
        at = iter(range(start, end, _RANGE))
        coming: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(self._ranges.at_once) as pool:
            try:
                while True:
                    while (
                        len(coming) < self._ranges.at_once and (one := next(at, None)) is not None
                    ):
                        coming.append(pool.submit(self._fetch, one, min(one + _RANGE, end)))
                    if not coming:
                        return
                    data = memoryview(coming.popleft().result())
                    for place in range(0, len(data), _PIECE):
                        yield data[place : place + _PIECE]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
