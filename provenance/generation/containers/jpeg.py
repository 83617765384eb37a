"""JPEG: EXIF and XMP in APP1, IPTC in APP13, and comments, all before the pixels.

    FF D8 | FF marker u8 | length u16, with itself | data | … | FF DA, pixels

Source: ISO 10918-1, B.1; EXIF 2.32 §4.7.2; XMP part 3, §1.1.3.
"""

from collections.abc import Iterator

from provenance.generation.containers import exif, iptc, xmp
from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource

__all__ = ["texts"]

_APP1, _APP13, _COMMENT = 0xE1, 0xED, 0xFE
_PIXELS, _END = 0xDA, 0xD9
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF = b"Exif\0\0"
_MOST = 20_000  # segments


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts up to the pixels, or to where the segments end too early."""
    at = 2
    photoshop: list[bytes] = []
    for _ in range(min(_MOST, limits.container_items)):
        head = source.read(at, min(4, source.size - at))
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_PIXELS, _END):
            break
        if head[1] in _ALONE or head[1] == 0xFF:
            at += 1 if head[1] == 0xFF else 2
            continue
        length = int.from_bytes(head[2:4])
        if length < 2 or at + 2 + length > source.size:
            break
        if head[1] in (_APP1, _APP13, _COMMENT):
            data = source.read(at + 4, length - 2)
            if head[1] == _COMMENT:
                yield Text("jpeg:COM", "comment", decoded(data.rstrip(b"\0")))
            elif head[1] == _APP13:
                photoshop.append(data)
            elif data.startswith(_EXIF):
                yield from exif.texts(BufferSource(data))
            elif data.startswith(_XMP):
                yield from xmp.texts(data[len(_XMP) :])
        at += 2 + length
    for data in photoshop:
        yield from iptc.resources(data)
