"""A plan's output as a source: to be read, and hashed, before or while it is written."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO

from provenance.errors import MalformedError
from provenance.formats.base import Keep, New, Piece, Plan, Slot
from provenance.source import ByteSource, FileSource
from provenance.spans import Span

__all__ = ["PlannedSource", "PouringSource"]

_MOST_AT_ONCE = 1 << 30  # bytes


class PlannedSource:
    """What a plan makes of an asset and a store. Offsets are those of the output."""

    def __init__(self, plan: Plan, source: ByteSource, store: bytes = b"") -> None:
        self.size = plan.size
        self.name = source.name
        self.shared = source.shared
        self.path = getattr(source, "path", None)  # of a folder
        self._source = source
        placed = tuple(plan.placed())
        self._starts = tuple(at for at, _ in placed)
        self._pieces = tuple(_filled(piece, store) for _, piece in placed)

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        return b"".join(self.blocks(Span(start, length)))

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`. What is kept is not copied."""
        if span.start < 0 or span.length < 0 or span.end > self.size:
            left = max(0, self.size - span.start)
            raise MalformedError("asset", f"{span.length} bytes wanted, {left} left", offset=0)
        at = max(0, bisect_right(self._starts, span.start) - 1)
        while at < len(self._pieces) and self._starts[at] < span.end:
            yield from self._piece(at, span)
            at += 1

    def _piece(self, at: int, span: Span) -> Iterator[memoryview]:
        start, piece = self._starts[at], self._pieces[at]
        length = len(piece) if isinstance(piece, bytes) else piece.length
        first, last = max(span.start - start, 0), min(span.end - start, length)
        if first >= last:
            return
        if isinstance(piece, bytes):
            yield memoryview(piece)[first:last]
        else:
            yield from self._source.blocks(Span.between(piece.start + first, piece.start + last))

    def copy_to(self, out: BinaryIO) -> None:
        """Write all of it to a file; what is kept of another file need not pass through here."""
        for start, piece in zip(self._starts, self._pieces, strict=True):
            if isinstance(piece, bytes):
                out.write(piece)
            elif not self._copied(piece, start, out):
                for block in self._source.blocks(piece):
                    out.write(block)
        out.flush()

    def _copied(self, span: Span, at: int, out: BinaryIO) -> bool:
        """Have the system copy a span to a place in a file; False where it does not."""
        if not isinstance(self._source, FileSource) or not hasattr(os, "sendfile"):
            return False
        out.seek(at)  # which empties the stream's buffer
        done = 0
        try:
            while done < span.length:
                count = min(span.length - done, _MOST_AT_ONCE)
                got = os.sendfile(out.fileno(), self._source.handle, span.start + done, count)
                if not got:
                    return False  # the asset has shrunk: reading it will say so
                done += got
        except OSError:  # not to such a file, on this system
            return False
        finally:
            out.seek(at + (done if done == span.length else 0))
        return True


def _filled(piece: Piece, store: bytes) -> Span | bytes:
    match piece:
        case Keep(span):
            return span
        case New(data):
            return data
        case Slot(length, wrap):
            return wrap(store) if store else bytes(length)


class PouringSource:
    """A planned output that is written to a stream as it is read for its hash: one pass for both.

    What is asked for in blocks, in order, is written on the way; what was skipped is written
    before what follows it. Single reads, of headers, write nothing.
    """

    shared = False  # what is read is written, in order

    def __init__(self, planned: PlannedSource, out: BinaryIO) -> None:
        self.size = planned.size
        self.name = planned.name
        self._planned = planned
        self._out = out
        self._written = 0

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        return self._planned.read(start, length)

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`."""
        if span.start < self._written:  # a second look
            again = min(span.end, self._written)
            yield from self._planned.blocks(Span.between(span.start, again))
            span = Span.between(again, span.end)
        self._write_up_to(span.start)
        for block in self._planned.blocks(span):
            self._out.write(block)
            self._written += len(block)
            yield block

    def finish(self) -> None:
        """Write what is left."""
        self._write_up_to(self.size)

    def _write_up_to(self, end: int) -> None:
        for block in self._planned.blocks(Span.between(self._written, max(end, self._written))):
            self._out.write(block)
        self._written = max(end, self._written)
