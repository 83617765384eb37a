"""IPTC IIM: captions and credits, in Photoshop's resources of a JPEG or on their own.

    'Photoshop 3.0' 00 | resource …      resource: '8BIM' | id u16 | name | size u32 | data
    dataset: 1C | record u8 | number u8 | length u16 | text

Source: IPTC IIM 4.2 §1.5; Photoshop file formats, "Image Resource Blocks".
"""

import struct
from collections.abc import Iterator

from provenance.generation.texts import Text, decoded

__all__ = ["datasets", "resources"]

_SIGNATURE = b"Photoshop 3.0\0"
_IIM = 0x0404
_MOST = 10_000
_WANTED = frozenset((5, 55, 65, 70, 80, 110, 115, 116, 120))


def resources(data: bytes) -> Iterator[Text]:
    """The texts of an APP13 segment."""
    at = len(_SIGNATURE)
    if not data.startswith(_SIGNATURE):
        return
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        (kind,) = struct.unpack_from(">H", data, at + 4)
        name = data[at + 6] + 1
        at += 6 + name + name % 2
        if at + 4 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, at)
        if kind == _IIM:
            yield from datasets(data[at + 4 : at + 4 + size])
        at += 4 + size + size % 2


def datasets(data: bytes) -> Iterator[Text]:
    """The texts of the second record, under keys such as `2:120`."""
    at = 0
    for _ in range(_MOST):
        if at + 5 > len(data) or data[at] != 0x1C:
            return
        record, number, length = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5])
        at += 5
        if length & 0x8000:  # extended: as many bytes of length as the rest says
            wide = length & 0x7FFF
            if wide > 4:
                return
            length, at = int.from_bytes(data[at : at + wide]), at + wide
        if record == 2 and number in _WANTED:
            yield Text("iptc", f"2:{number}", decoded(data[at : at + length]))
        at += length
