"""GIF: comments, and XMP in its application extension.

    screen 13 bytes, colour table | 21 FE block … 00 | 2C image: 10 bytes, table, 1 byte, block … 00
    block: length u8 | bytes

Source: GIF89a §12 to §27; XMP part 3, §1.1.2.
"""

from collections.abc import Iterator

from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["texts"]

_MOST = 100_000  # blocks


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The comments, up to where the file ends."""
    head = source.read(0, min(13, source.size))
    if len(head) < 13:
        return
    at = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    budget = [_MOST]
    while at + 2 <= source.size and budget[0] > 0:
        mark, label = source.read(at, 2)
        if mark == 0x21:
            data, at = _blocks(source, at + 2, budget, limits if label == 0xFE else None)
            if label == 0xFE:
                yield Text("gif:comment", "comment", decoded(data))
        elif mark == 0x2C and at + 11 <= source.size:
            flags = source.read(at + 9, 1)[0]
            table = 3 << (flags & 7) + 1 if flags & 0x80 else 0
            _, at = _blocks(source, at + 11 + table, budget, None)
        else:
            return


def _blocks(
    source: ByteSource, at: int, budget: list[int], limits: Limits | None
) -> tuple[bytes, int]:
    pieces: list[bytes] = []
    while at < source.size and budget[0] > 0:
        budget[0] -= 1
        length = source.read(at, 1)[0]
        if not length:
            return b"".join(pieces), at + 1
        if limits and at + 1 + length <= source.size:
            pieces.append(source.read(at + 1, length))
        at += 1 + length
    return b"".join(pieces), source.size
