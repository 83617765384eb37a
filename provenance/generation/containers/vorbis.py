"""FLAC and Ogg (Opus, Vorbis): the comments.

    FLAC: 'fLaC' | last? 1 bit, type 7 bits, length u24 | data | …      type 4: comments
    Ogg:  page … ; the second packet of a stream: 'OpusTags' or 03 'vorbis', then comments
    comments: vendor length u32, text | count u32 | (length u32, NAME=text) …

Source: RFC 9639 §8.6; RFC 7845 §5.2; Vorbis I §5.2.1.
"""

import struct
from collections.abc import Iterator

from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["flac", "ogg"]

_COMMENTS = 4
_MOST = 10_000
_PAGE = 27  # bytes of a page's header
_MARKS = (b"OpusTags", b"\x03vorbis")


def flac(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The comments of a FLAC file."""
    at = 4
    for _ in range(_MOST):
        if at + 4 > source.size:
            return
        head = source.read(at, 4)
        length = int.from_bytes(head[1:])
        if head[0] & 0x7F == _COMMENTS:
            if length > limits.text_bytes:
                yield Text("flac", "comments", None)
            else:
                data = source.read(at + 4, min(length, source.size - at - 4))
                yield from _comments(data, "flac")
        if head[0] & 0x80:
            return
        at += 4 + length


def ogg(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The comments of the first stream."""
    pieces: list[bytes] = []
    packets, at, length, serial = 0, 0, 0, b""
    for _ in range(_MOST):
        if at + _PAGE > source.size:
            return
        head = source.read(at, _PAGE)
        if head[:4] != b"OggS" or at + _PAGE + head[26] > source.size:
            return
        serial = serial or head[14:18]
        laces = source.read(at + _PAGE, head[26])
        body = at + _PAGE + len(laces)
        at = body + sum(laces)
        if head[14:18] != serial:
            continue
        for lace in laces:
            if packets == 1:
                length += lace
                if length > limits.text_bytes or body + lace > source.size:
                    yield Text("ogg", "comments", None)
                    return
                pieces.append(source.read(body, lace))
            body += lace
            if lace < 255:
                packets += 1
                if packets == 2:
                    packet = b"".join(pieces)
                    for mark in _MARKS:
                        if packet.startswith(mark):
                            yield from _comments(packet[len(mark) :], "ogg")
                    return


def _comments(data: bytes, carrier: str) -> Iterator[Text]:
    if len(data) < 4:
        return
    at = 4 + struct.unpack_from("<I", data)[0]
    if at + 4 > len(data):
        return
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    for _ in range(min(count, _MOST)):
        if at + 4 > len(data):
            return
        (length,) = struct.unpack_from("<I", data, at)
        name, _, value = data[at + 4 : at + 4 + length].partition(b"=")
        yield Text(f"{carrier}:comment", decoded(name).lower(), decoded(value))
        at += 4 + length
