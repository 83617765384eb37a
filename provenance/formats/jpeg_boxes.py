"""A JPEG as the boxes that a general box hash names: SOI, APP0, DQT, SOS, RST0 … EOI.

A scan, and each restart interval in it, holds the entropy-coded data that follows its marker.
What comes after EOI is another image (MPF), or a box of its own.
Source: C2PA 2.2 §18.7.3.1; ISO 10918-1, table B.1.
"""

from collections.abc import Sequence

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import NamedBox
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["read_boxes"]

_WINDOW = 1 << 20
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_RESTARTS = range(0xD0, 0xD8)
_NAMES = {
    0x01: "TEM",
    0xC4: "DHT",
    0xC8: "JPG",
    0xCC: "DAC",
    _SOI: "SOI",
    _EOI: "EOI",
    _SOS: "SOS",
    0xDB: "DQT",
    0xDC: "DNL",
    0xDD: "DRI",
    0xDE: "DHP",
    0xDF: "EXP",
    0xFE: "COM",
}
_AFTER = "c2pa.after"


def read_boxes(
    source: ByteSource, carriers: Sequence[Span], limits: Limits
) -> tuple[NamedBox, ...]:
    """All boxes of a JPEG; the manifest store is one, named C2PA.

    Raises:
        MalformedError: a segment reaches past the end, or something else is in a marker's place.
        LimitError: too many of them.
    """
    found: list[NamedBox] = []
    stores = {span.start: span for span in carriers}
    at = 0
    while at < source.size:
        if len(found) >= limits.container_items:
            raise LimitError("JPEG", f"more than {limits.container_items} boxes", offset=at)
        if at in stores:
            found.append(NamedBox("C2PA", stores[at]))
            at = stores[at].end
            continue
        if found and found[-1].name == "EOI" and source.read(at, 1) != b"\xff":
            found.append(NamedBox(_AFTER, Span.between(at, source.size)))
            break
        marker, end = _box(source, at)
        found.append(NamedBox(_name(marker), Span.between(at, end)))
        at = end
    return tuple(found)


def _box(source: ByteSource, at: int) -> tuple[int, int]:
    """The marker at an offset, and where its box ends."""
    head = source.read(at, min(4, source.size - at))
    marker = head[1] if len(head) > 1 else 0
    if head[0] != 0xFF or marker in (0, 0xFF):
        raise MalformedError("JPEG marker", f"0x{head[:2].hex()} in its place", offset=at)
    if marker in (_SOI, _EOI, 0x01):
        return marker, at + 2
    if marker in _RESTARTS:
        return marker, _end_of_data(source, at + 2)
    if len(head) < 4:
        raise MalformedError("JPEG segment", "ends before its length", offset=at)
    end = at + 2 + int.from_bytes(head[2:4])
    if end > source.size:
        raise MalformedError(
            "JPEG segment", f"{end - at} bytes long, {source.size - at} left", offset=at
        )
    return marker, _end_of_data(source, end) if marker == _SOS else end


def _end_of_data(source: ByteSource, at: int) -> int:
    """Where entropy-coded data ends: at the next marker."""
    while at < source.size:
        window = source.read(at, min(_WINDOW, source.size - at))
        place = window.find(b"\xff")
        while 0 <= place < len(window) - 1:
            if window[place + 1] not in (0, 0xFF):
                return at + place
            place = window.find(b"\xff", place + 1)
        # A marker may stand across two windows.
        at += len(window) - 1 if place == len(window) - 1 and len(window) > 1 else len(window)
    return source.size


def _name(marker: int) -> str:
    if marker in _NAMES:
        return _NAMES[marker]
    for first, last, name in (
        (0xC0, 0xCF, "SOF"),
        (0xD0, 0xD7, "RST"),
        (0xE0, 0xEF, "APP"),
        (0xF0, 0xFD, "JPG"),
    ):
        if first <= marker <= last:
            return f"{name}{marker - first}"
    return f"RES{marker:02X}"
