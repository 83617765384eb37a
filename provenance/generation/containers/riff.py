"""RIFF: the EXIF and XMP chunks of a WebP, the INFO list and the ID3 tag of a WAVE.

    'RIFF' size u32 'WEBP' | id 4, size u32, data, padded to two | …

Source: WebP container specification, "Metadata"; RIFF MCI §2, "INFO List Chunk".
"""

import struct
from collections.abc import Iterator

from provenance.generation.containers import exif, id3, xmp
from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource

__all__ = ["texts"]

_CHUNK = struct.Struct("<4sI")
_WANTED = frozenset((b"EXIF", b"XMP ", b"LIST", b"id3 ", b"ID3 "))
_MOST = 200_000


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts up to where the chunks end."""
    at = 12
    for _ in range(min(_MOST, limits.container_items)):
        if at + 8 > source.size:
            return
        kind, size = _CHUNK.unpack(source.read(at, 8))
        if kind in _WANTED:
            length = min(size, source.size - at - 8)
            if length > limits.text_bytes:
                yield Text("riff", kind.decode("latin-1"), None)
            else:
                yield from _of_chunk(kind, source.read(at + 8, length), limits)
        at += 8 + size + size % 2


def _of_chunk(kind: bytes, data: bytes, limits: Limits) -> Iterator[Text]:
    if kind == b"EXIF":
        yield from exif.texts(BufferSource(data))
    elif kind == b"XMP ":
        yield from xmp.texts(data)
    elif kind == b"LIST":
        yield from _info(data)
    else:
        yield from id3.texts(BufferSource(data), limits)


def _info(data: bytes) -> Iterator[Text]:
    at = 4
    while data[:4] == b"INFO" and at + 8 <= len(data):
        kind, size = _CHUNK.unpack_from(data, at)
        value = data[at + 8 : at + 8 + size].rstrip(b"\0")
        yield Text("riff:INFO", kind.decode("latin-1"), decoded(value))
        at += 8 + size + size % 2
