"""ISO BMFF: keys of a film's metadata, EXIF and XMP items of a HEIF or AVIF picture.

    moov ⊃ [udta ⊃] meta ⊃ keys, ilst        item: size u32, number u32 of its key ⊃ data
    meta ⊃ iinf (what items are), iloc (where they lie), idat

`meta` is a full box in ISO files and a plain one in QuickTime's. Items of iTunes (`©cmt`, `----`)
count too. Source: QuickTime File Format, "Metadata"; ISO 14496-12 §8.11; ISO 23008-12, A.2.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.iloc import ItemTable
from provenance.formats.bmff.tree import BmffBox
from provenance.generation.containers import exif, xmp
from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource

__all__ = ["texts"]

_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_MOST = 20_000  # boxes looked at
_TABLE = 2 << 20  # bytes of a table of items or keys
_NAMES = {b"\xa9cmt": "comment", b"desc": "description", b"\xa9too": "encoder"}
_NAMES |= {b"\xa9nam": "title", b"\xa9des": "description"}
_XMP_TYPE = b"application/rdf+xml"


class _Box(NamedTuple):
    type: bytes
    start: int
    body: int
    end: int


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts of the film, then those of the items."""
    budget = [_MOST]
    try:
        for box in _boxes(source, 0, source.size, budget):
            if box.type == b"moov":
                for inner in _boxes(source, box.body, box.end, budget):
                    if inner.type == b"meta":
                        yield from _film(source, inner, limits, budget)
                    elif inner.type == b"udta":
                        yield from _user_data(source, inner, limits, budget)
            elif box.type == b"meta":
                yield from _items(source, box, limits, budget)
            elif box.type == b"uuid" and source.read(box.body, 16) == _XMP_UUID:
                yield from _xmp(source, box.body + 16, box.end, limits)
    except (MalformedError, LimitError):
        return  # what came before is kept


def _boxes(source: ByteSource, at: int, end: int, budget: list[int]) -> Iterator[_Box]:
    """The boxes up to one that has no sensible length."""
    while at + 8 <= end and budget[0] > 0:
        budget[0] -= 1
        length, kind = struct.unpack(">I4s", source.read(at, 8))
        body = at + 8
        if length == 1 and at + 16 <= end:
            (length,) = struct.unpack(">Q", source.read(at + 8, 8))
            body = at + 16
        elif length == 0:
            length = end - at
        if length < body - at or at + length > end:
            return
        yield _Box(kind, at, body, at + length)
        at += length


def _user_data(source: ByteSource, udta: _Box, limits: Limits, budget: list[int]) -> Iterator[Text]:
    for box in _boxes(source, udta.body, udta.end, budget):
        if box.type == b"meta":
            yield from _film(source, box, limits, budget)
        elif box.type == b"XMP_":
            yield from _xmp(source, box.body, box.end, limits)
        elif box.type in _NAMES and 4 <= box.end - box.body <= limits.text_bytes:
            data = source.read(box.body, box.end - box.body)
            length = int.from_bytes(data[:2])
            yield Text("mp4:udta", _NAMES[box.type], decoded(data[4 : 4 + length]))


def _inside(source: ByteSource, meta: _Box, budget: list[int]) -> Iterator[_Box]:
    """What a `meta` box holds, be it a full box or not."""
    full = meta.end - meta.body >= 12 and source.read(meta.body + 4, 4) != b"hdlr"
    return _boxes(source, meta.body + 4 if full else meta.body, meta.end, budget)


def _film(source: ByteSource, meta: _Box, limits: Limits, budget: list[int]) -> Iterator[Text]:
    parts = {box.type: box for box in _inside(source, meta, budget)}
    keys = _keys(source, parts[b"keys"]) if b"keys" in parts else []
    if b"ilst" not in parts:
        return
    for item in _boxes(source, parts[b"ilst"].body, parts[b"ilst"].end, budget):
        number = int.from_bytes(item.type)
        key = keys[number - 1] if 0 < number <= len(keys) else _NAMES.get(item.type, "")
        for box in _boxes(source, item.body, item.end, budget):
            length = box.end - box.body
            if box.type == b"name" and 4 <= length < 200:
                key = decoded(source.read(box.body + 4, length - 4))
            elif box.type == b"data" and key and length >= 8:
                if length > limits.text_bytes:
                    yield Text("mp4:keys", key, None)
                else:
                    yield Text("mp4:keys", key, decoded(source.read(box.body + 8, length - 8)))


def _keys(source: ByteSource, box: _Box) -> list[str]:
    """The names of a `keys` box: version u32 | count u32 | (size u32, namespace 4, name) …"""
    data = source.read(box.body, min(box.end - box.body, _TABLE))
    at, found = 8, []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size < 8:
            break
        found.append(decoded(data[at + 8 : at + size]))
        at += size
    return found


def _items(source: ByteSource, meta: _Box, limits: Limits, budget: list[int]) -> Iterator[Text]:
    parts = {box.type: box for box in _inside(source, meta, budget)}
    if b"iinf" not in parts or b"iloc" not in parts:
        return
    wanted = dict(_kinds(source, parts[b"iinf"], budget))
    where = parts[b"iloc"]
    table = ItemTable.read(source, BmffBox(where.type, where.start, where.body, where.end))
    inner = parts[b"idat"].body if b"idat" in parts else 0
    for item in table.items():
        if item.id not in wanted or item.method > 1 or item.extents > 1000:
            continue
        base = inner if item.method else 0
        spans = table.spans(item)
        if sum(span.length for span in spans) > limits.text_bytes:
            yield Text("bmff:item", wanted[item.id], None)
            continue
        data = b"".join(source.read(base + span.start, span.length) for span in spans)
        if wanted[item.id] == "xmp":
            yield from xmp.texts(data)
        else:
            skip = 4 + int.from_bytes(data[:4])  # to the TIFF header
            yield from exif.texts(BufferSource(data[skip:]))


def _kinds(source: ByteSource, box: _Box, budget: list[int]) -> Iterator[tuple[int, str]]:
    """The EXIF and XMP items of an `iinf` box, by their numbers."""
    head = source.read(box.body, min(8, box.end - box.body))
    first = box.body + (6 if head[:1] == b"\0" else 8)
    for entry in _boxes(source, first, box.end, budget):
        data = source.read(entry.body, min(entry.end - entry.body, 200))
        if len(data) < 12 or data[0] not in (2, 3):
            continue
        wide = 2 if data[0] == 2 else 4
        number, kind = int.from_bytes(data[4 : 4 + wide]), data[6 + wide : 10 + wide]
        if kind == b"Exif":
            yield number, "exif"
        elif kind == b"mime" and _XMP_TYPE in data:
            yield number, "xmp"


def _xmp(source: ByteSource, start: int, end: int, limits: Limits) -> Iterator[Text]:
    if end - start <= limits.text_bytes:
        yield from xmp.texts(source.read(start, end - start))
