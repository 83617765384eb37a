"""One file on the web, by range where its server gives ranges; else whole, if it is not large.

The user named the address, so it may be a host of this network; what it leads on to is as
`provenance.fetch` has it.
"""

import errno
import re

from provenance.fetch import Door, Fetched, FetchError
from provenance.remote.address import RemoteFile, shown

__all__ = ["WebRanges"]

_FIRST = 1 << 18  # bytes
_WHOLE = 64 << 20  # bytes of a file whose server gives no ranges
_SECONDS = 60.0  # for one range
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class WebRanges:
    """A file at an address. See `provenance.remote.source.Ranges`.

    Raises:
        OSError: it cannot be read.
    """

    at_once = 2

    def __init__(self, file: RemoteFile) -> None:
        self.name = file.url
        if shown(file.url) != file.url:
            told = "has a password in it, which would be shown"
            raise OSError(errno.EINVAL, told, shown(file.url))
        first = self._get(0, _FIRST, _WHOLE)
        self.version = first.version
        self._whole = not first.part
        self._head = first.data
        self.size = len(first.data) if self._whole else self._total(first, 0, _FIRST)

    def fetch(self, start: int, end: int) -> bytes:
        """See `Ranges`."""
        if end <= len(self._head):
            return self._head[start:end]
        if start < len(self._head):
            return self._head[start:] + self.fetch(len(self._head), end)
        found = self._get(start, end, end - start)
        if self._total(found, start, end) != self.size or found.version != self.version:
            raise OSError(errno.EIO, "changed while it was read", self.name)
        return found.data

    def _get(self, start: int, end: int, most: int) -> Fetched:
        door = Door(seconds=_SECONDS, max_bytes=most, plain=True, private=True)
        try:
            return door.part(self.name, start, end)
        except FetchError as error:
            raise OSError(errno.EIO, error.problem, self.name) from error

    def _total(self, found: Fetched, start: int, end: int) -> int:
        """The length of the file, as the answer to a range tells."""
        told = _RANGE.fullmatch(found.part)
        if told is not None:
            first, last, total = map(int, told.groups())
            if first == start and last + 1 == min(end, total) == start + len(found.data):
                return total
        raise OSError(errno.EIO, "its server answers another range than was asked for", self.name)
