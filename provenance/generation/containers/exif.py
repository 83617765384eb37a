"""EXIF: text tags of a TIFF's first directory and of its Exif directory.

    'II' 2A 00 or 'MM' 00 2A | offset u32 → count u16 | entry …
    entry: tag u16 | type u16 | count u32 | value, or its offset, 4 bytes

Tags are read wherever they stand: some tools put UserComment and MakerNote into the first
directory, where they do not belong. No chain is followed, so nothing can go round in circles.
Source: TIFF 6.0 §2; EXIF 2.32 §4.6.
"""

import struct
from collections.abc import Iterator

from provenance.errors import MalformedError
from provenance.generation.containers import iptc, xmp
from provenance.generation.texts import Text, decoded, user_comment
from provenance.source import ByteSource

__all__ = ["texts"]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 9: 4, 13: 4, 129: 1}
_NAMES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x927C: "MakerNote",
    0x9286: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0xA420: "ImageUniqueID",
}
_POINTER, _XMP, _IPTC = 0x8769, 0x02BC, 0x83BB
_MOST = 1000  # entries of a directory
_LONGEST = 16 << 20


def texts(source: ByteSource) -> Iterator[Text]:
    """The texts of a TIFF block, or of a TIFF file."""
    head = source.read(0, min(14, source.size))
    base = 6 if head.startswith(b"Exif\0\0") else 0
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[base : base + 4])
    if order is None or len(head) < base + 8:
        return
    (first,) = struct.unpack_from(order + "I", head, base + 4)
    waiting = [first]
    try:
        for offset in waiting:  # grows by the Exif directory
            for tag, kind, count, value in _entries(source, base, offset, order):
                if tag == _POINTER and len(waiting) == 1:
                    waiting.append(struct.unpack(order + "I", value)[0])
                else:
                    yield from _text(source, base, order, tag, kind, count, value)
    except MalformedError:
        return  # what came before is kept


def _entries(
    source: ByteSource, base: int, offset: int, order: str
) -> Iterator[tuple[int, int, int, bytes]]:
    (count,) = struct.unpack(order + "H", source.read(base + offset, 2))
    count = min(count, _MOST, (source.size - base - offset - 2) // 12)
    data = source.read(base + offset + 2, 12 * count)
    for at in range(0, len(data), 12):
        tag, kind, many = struct.unpack_from(order + "HHI", data, at)
        yield tag, kind, many, data[at + 8 : at + 12]


def _text(
    source: ByteSource, base: int, order: str, tag: int, kind: int, count: int, value: bytes
) -> Iterator[Text]:
    name = _NAMES.get(tag)
    length = count * _SIZES.get(kind, 0)
    if not length or (name is None and tag not in (_XMP, _IPTC)):
        return
    if length > 4:
        (at,) = struct.unpack(order + "I", value)
        if length > _LONGEST:
            yield Text("exif", name or "XMP", None)
            return
        if base + at + length > source.size:
            return
        value = source.read(base + at, length)
    else:
        value = value[:length]
    if tag == _XMP:
        yield from xmp.texts(value)
    elif tag == _IPTC:
        yield from iptc.datasets(value)
    elif tag == 0x9286:
        yield Text("exif", "UserComment", user_comment(value, big=order == ">"))
    elif name and name.startswith("XP"):
        yield Text("exif", name, value.decode("utf-16-le", "replace").rstrip("\0"))
    elif name:
        yield Text("exif", name, decoded(value.strip(b"\0")))
