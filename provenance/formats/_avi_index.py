"""The index of an AVI that goes on past its first RIFF chunk: places counted from the file's start.

    hdrl LIST → strl LIST → 'indx': type u8 at 3, entries u32 at 4
        type 0, a list of lists:  from 24 on, 16 bytes each: place u64 of an `ix…` chunk, …
        type 1, a list of frames: base u64 at 12
    `ix…` chunk: the same as type 1

When the store moves what comes after it, these places move too.
Source: OpenDML AVI File Format Extensions 1.02, 3.0.
"""

import struct
from collections.abc import Iterator

from provenance.formats._patches import Patch
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["moved"]

_HEADER = struct.Struct("<4sI")
_PLACE = struct.Struct("<Q")
_LISTS, _FRAMES = 0, 1
_FIRST_ENTRY, _ENTRY, _BASE = 24, 16, 12
_DEPTH = 4  # hdrl, strl, and some room


def moved(source: ByteSource, header: Span, start: int, shift: int, most: int) -> Iterator[Patch]:
    """The places in an AVI's index, after all from `start` on has moved by `shift` bytes.

    An index that cannot be understood, or that points past the file, stays as it is.

    Args:
        source: the AVI as it is now.
        header: the data of its hdrl LIST, list type left out.
        start: offset in bytes of what moves first.
        shift: how far; negative towards the start.
        most: entries that are looked at.
    """
    looked_at = 0
    for body in _indexes(source, header, 0):
        kind, entries = _kind(source, body)
        if kind == _FRAMES:
            yield from _place(source, body.start + _BASE, body.end, start, shift)
        if kind != _LISTS:
            continue
        for at in range(body.start + _FIRST_ENTRY, body.end - _ENTRY + 1, _ENTRY):
            if entries <= 0 or looked_at >= most:
                break
            entries, looked_at = entries - 1, looked_at + 1
            yield from _place(source, at, body.end, start, shift)
            yield from _frames(source, _PLACE.unpack(source.read(at, 8))[0], start, shift)


def _frames(source: ByteSource, at: int, start: int, shift: int) -> Iterator[Patch]:
    """The base of a chunk that lists frames."""
    if not start <= at <= source.size - 8:
        return
    name, length = _HEADER.unpack(source.read(at, 8))
    body = Span(at + 8, length)
    if name[:2] == b"ix" and body.end <= source.size and _kind(source, body)[0] == _FRAMES:
        yield from _place(source, body.start + _BASE, body.end, start, shift)


def _place(source: ByteSource, at: int, end: int, start: int, shift: int) -> Iterator[Patch]:
    if at + 8 > end:
        return
    (place,) = _PLACE.unpack(source.read(at, 8))
    if start <= place < source.size:
        yield Patch(at, _PLACE.pack(place + shift))


def _kind(source: ByteSource, body: Span) -> tuple[int, int]:
    """Type of an index and its number of entries; -1 for a broken one."""
    if body.length < 8:
        return -1, 0
    _, _, kind, entries = struct.unpack("<HBBI", source.read(body.start, 8))
    return kind, entries


def _indexes(source: ByteSource, inside: Span, depth: int) -> Iterator[Span]:
    """The data of the indx chunks in a LIST, and in those that it holds."""
    at = inside.start
    for _ in range(1024):  # an AVI has few streams
        if at + 8 > inside.end:
            return
        name, length = _HEADER.unpack(source.read(at, 8))
        body = Span(at + 8, length)
        if body.end > inside.end:
            return
        if name == b"indx":
            yield body
        elif name == b"LIST" and length >= 4 and depth < _DEPTH:
            yield from _indexes(source, Span(body.start + 4, length - 4), depth + 1)
        at = body.end + length % 2
