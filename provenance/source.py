"""Bounded reads from an asset, be it a file, a buffer or a stream.

A source knows its size and hands out exactly what is asked for. It is the only way the library
looks at an asset: nobody reads a file whole who does not need it whole.

    BufferSource   bytes in memory
    FileSource     a file of the system, read at offsets: several threads may share it
    PathSource     such a file that is open only while it is read: for thousands at once
    StreamSource   any other seekable stream, which one thread moves about in
    FolderSource   a folder: no bytes of its own
    RemoteSource   a file at an address, `s3://…`: see `provenance.remote`

A pipe is read to its end first, into a file of its own; a device has no end, and is refused.
"""

import errno
import io
import os
import stat
import tempfile
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Protocol, cast

from provenance.errors import MalformedError, ProvenanceError
from provenance.remote.address import RemoteFile, is_address
from provenance.spans import Span

__all__ = [
    "Asset",
    "BufferSource",
    "ByteSource",
    "READS_AT_OFFSETS",
    "FileSource",
    "HeldSource",
    "PathSource",
    "StreamSource",
]
__all__ += ["FolderSource", "open_source", "read_small"]

BLOCK = 1 << 20
_READ_WHOLE = 1 << 20  # a file this small costs less as one read than as several
READS_AT_OFFSETS = hasattr(os, "preadv")  # all but Windows


class ByteSource(Protocol):
    """An asset's bytes. Offsets are those of the file."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    @property
    def name(self) -> str:
        """What to call it in a message: a path, or a word."""
        ...

    @property
    def shared(self) -> bool:
        """May several threads read it at once?"""
        ...

    def read(self, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`.

        Raises:
            MalformedError: the asset ends before.
        """
        ...

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """The bytes of a span in blocks of at most 1 MiB; a block is valid until the next.

        Raises:
            MalformedError: the asset ends before.
        """
        ...


def read_small(path: str | Path, most: int, wrong: type[ProvenanceError]) -> bytes:
    """The bytes of a file that goes with an asset: a key, a list, a policy.

    Args:
        path: where it is.
        most: bytes that such a file has at the most.
        wrong: what to raise.

    Raises:
        ProvenanceError: of the kind `wrong`; it cannot be read, or is longer than `most`.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise wrong(str(path), f"cannot be read ({reason})") from error
    if len(data) > most:
        raise wrong(str(path), f"more than {most} bytes, too long for such a file")
    return data


def _past_end(size: int, start: int, length: int) -> MalformedError:
    left = max(0, size - start)
    return MalformedError("asset", f"{length} bytes wanted, {left} left", offset=start)


def _named(error: OSError, name: str) -> OSError:
    """What the system says while a file is read does not tell of itself which file it is."""
    error.filename = error.filename or name
    return error


class BufferSource:
    """An asset that is in memory already."""

    shared = True

    def __init__(self, data: bytes | bytearray | memoryview, name: str = "<bytes>") -> None:
        self._view = memoryview(data)
        self.size = len(self._view)
        self.name = name

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        if start < 0 or length < 0 or start + length > self.size:
            raise _past_end(self.size, start, length)
        return bytes(self._view[start : start + length])

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`. Nothing is copied."""
        if span.start < 0 or span.length < 0 or span.end > self.size:
            raise _past_end(self.size, span.start, span.length)
        if span.length:
            yield self._view[span.start : span.end]


class FileSource:
    """A file of the system, read at offsets, so that no reader is in another's way.

    Args:
        handle: a file descriptor, which the caller closes.
        size: bytes of the file.
        name: see `ByteSource`.
    """

    shared = True

    def __init__(self, handle: int, size: int, name: str) -> None:
        self.handle = handle
        self.size = size
        self.name = name

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        if start < 0 or length < 0 or start + length > self.size:
            raise _past_end(self.size, start, length)
        try:
            data = os.pread(self.handle, length, start)
        except OSError as error:
            raise _named(error, self.name) from None
        if len(data) == length:  # always, but for gigabytes at once and files that shrink
            return data
        return b"".join(map(bytes, self.blocks(Span(start, length))))

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`. One buffer serves all blocks."""
        if span.start < 0 or span.length < 0 or span.end > self.size:
            raise _past_end(self.size, span.start, span.length)
        buffer = memoryview(bytearray(min(BLOCK, span.length)))
        at = span.start
        while at < span.end:
            want = buffer[: span.end - at]
            try:
                got = os.preadv(self.handle, (want,), at)
            except OSError as error:
                raise _named(error, self.name) from None
            if not got:
                raise _past_end(at, span.start, span.length)
            yield want[:got]
            at += got


class HeldSource(FileSource):
    """A file that we have written and still hold: what was hashed of it is remembered.

    Nobody else writes it meanwhile, so a digest that signing took of it is not taken again when
    the result is looked at. What is left out of a digest may change in between.
    """

    def __init__(self, handle: int, size: int, name: str) -> None:
        super().__init__(handle, size, name)
        self.digests: dict[Hashable, bytes] = {}


Asset = str | Path | bytes | BinaryIO | HeldSource | RemoteFile


class PathSource:
    """A file that is open only while it is read, so that there may be any number of them.

    Raises:
        OSError: the file cannot be read; here, or later.
    """

    shared = True

    def __init__(self, path: str | Path) -> None:
        with open(path, "rb", buffering=0) as stream:
            self.size = os.fstat(stream.fileno()).st_size
        self.name = str(path)

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        with open(self.name, "rb", buffering=0) as stream:
            return _of_file(stream, self.size, self.name).read(start, length)

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`."""
        with open(self.name, "rb", buffering=0) as stream:
            yield from _of_file(stream, self.size, self.name).blocks(span)


class StreamSource:
    """An asset behind a seekable stream. Not for two threads at once."""

    shared = False

    def __init__(self, stream: BinaryIO, name: str = "<stream>") -> None:
        self._stream = stream
        self.size = stream.seek(0, io.SEEK_END)
        self.name = name

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        if start < 0 or length < 0 or start + length > self.size:
            raise _past_end(self.size, start, length)
        self._stream.seek(start)
        data = self._stream.read(length)
        if len(data) != length:
            raise _past_end(start + len(data), start, length)
        return data

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`. One buffer serves all blocks."""
        if span.start < 0 or span.length < 0 or span.end > self.size:
            raise _past_end(self.size, span.start, span.length)
        if not span.length:
            return
        buffer = memoryview(bytearray(min(BLOCK, span.length)))
        self._stream.seek(span.start)
        left = span.length
        while left:
            want = buffer[: min(left, len(buffer))]
            got = _read_into(self._stream, want)
            if not got:
                raise _past_end(span.end - left, span.start, span.length)
            yield want[:got]
            left -= got


def _read_into(stream: BinaryIO, buffer: memoryview) -> int:
    into = getattr(stream, "readinto", None)
    if into is not None:
        return int(into(buffer) or 0)
    data = stream.read(len(buffer))
    buffer[: len(data)] = data
    return len(data)


def _of_file(stream: io.FileIO, size: int, name: str) -> ByteSource:
    if READS_AT_OFFSETS:
        return FileSource(stream.fileno(), size, name)
    return StreamSource(stream, name)


class FolderSource(BufferSource):
    """A folder whose files are one asset. It has no bytes; what they are, its handler tells."""

    def __init__(self, path: Path) -> None:
        super().__init__(b"", str(path))
        self.path = path


@contextmanager
def open_source(asset: Asset) -> Iterator[ByteSource]:
    """A source over whatever the caller has; a file we opened is closed afterwards.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(asset, HeldSource):
        yield asset
    elif isinstance(asset, (bytes, bytearray, memoryview)):
        yield BufferSource(asset)
    elif isinstance(asset, RemoteFile) or is_address(asset):
        from provenance.remote.source import open_remote

        yield open_remote(asset if isinstance(asset, RemoteFile) else RemoteFile(asset))
    elif isinstance(asset, (str, Path)) and os.path.isdir(asset):
        yield FolderSource(Path(asset))
    elif isinstance(asset, (str, Path)):
        with open(asset, "rb", buffering=0) as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
                raise OSError(errno.EINVAL, "is a device, not a file", str(asset))
            if stat.S_ISFIFO(status.st_mode):
                with tempfile.SpooledTemporaryFile(_READ_WHOLE) as kept:
                    copyfileobj(stream, kept)
                    yield StreamSource(cast(BinaryIO, kept), str(asset))
            elif status.st_size <= _READ_WHOLE:
                try:
                    data = stream.readall()
                except OSError as error:
                    raise _named(error, str(asset)) from None
                yield BufferSource(data, str(asset))
            else:
                yield _of_file(stream, status.st_size, str(asset))
    else:
        name = getattr(asset, "name", None)  # of a file without one it is a number
        yield StreamSource(asset, name if isinstance(name, str) else "<stream>")
