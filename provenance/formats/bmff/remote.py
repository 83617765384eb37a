"""XMP in an ISO base media file, for the address of a manifest store that lies elsewhere.

    uuid BE7ACFCB-97A9-42E8-9C71-999491E3AFAC    video and audio: a root box
    meta | iinf | infe: mime, application/rdf+xml    HEIF and AVIF: an item
    moov | udta | XMP_                            QuickTime

Source: XMP specification, part 3; ISO 14496-12 §8.11.6; C2PA 2.2 §11.5.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.iloc import Item, ItemTable
from provenance.formats.bmff.tree import BmffBox, children, scan
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["XMP", "remote_url"]

XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_TYPE = b"application/rdf+xml"
_MOST = 16  # packets: a real file has one
_ENTRY = 512  # bytes of an item's entry: longer than any with names as they are in use


def remote_url(source: ByteSource, boxes: Sequence[BmffBox], limits: Limits) -> str | None:
    """The web address that a file's XMP gives; None when there is none or it is broken.

    Args:
        boxes: root boxes that may hold XMP.
    """
    try:
        packets = (
            source.read(span.start, span.length)
            for box in boxes
            for span in _packets(source, box, limits)
            if span.length <= limits.text_bytes
        )
        urls = (remote_manifest(packet, limits) for packet in islice(packets, _MOST))
        return next((url for url in urls if url is not None), None)
    except (MalformedError, LimitError):
        return None


def _packets(source: ByteSource, box: BmffBox, limits: Limits) -> Iterator[Span]:
    if box.usertype == XMP:
        yield Span.between(box.body + 16, box.end)
    elif box.type == b"meta":
        yield from _items(source, children(source, box, limits), limits)
    elif box.type == b"moov":
        for inner in children(source, box, limits):
            if inner.type == b"udta":
                for data in children(source, inner, limits):
                    if data.type == b"XMP_":
                        yield Span.between(data.body, data.end)


def _items(source: ByteSource, inside: Sequence[BmffBox], limits: Limits) -> Iterator[Span]:
    """Where the XMP items of a `meta` box lie; an item in several parts is passed over."""
    found = {box.type: box for box in inside}
    info, location = found.get(b"iinf"), found.get(b"iloc")
    if info is None or location is None:
        return
    wanted = frozenset(_xmp_items(source, info, limits))
    if not wanted:
        return
    table, within = ItemTable.read(source, location), found.get(b"idat")
    for item in table.items():
        if item.id in wanted:
            yield from _one(table, item, within, source.size)


def _one(table: ItemTable, item: Item, within: BmffBox | None, size: int) -> Iterator[Span]:
    spans = table.spans(item)
    if len(spans) != 1 or item.reference:
        return
    if item.method == 1 and within is not None:
        spans = [Span(within.body + spans[0].start, spans[0].length)]
    elif item.method:
        return
    if spans[0].end <= size:
        yield spans[0]


def _xmp_items(source: ByteSource, info: BmffBox, limits: Limits) -> Iterator[int]:
    """The numbers of the items that are XMP.

    infe, version 2 or 3: flags | id u16 or u32 | protection u16 | type 4 | name 00 | media type 00
    """
    wide = 2 if source.read(info.body, 1) == b"\0" else 4
    for box in scan(source, info.body + 4 + wide, info.end, limits):
        data = source.read(box.body, min(box.end - box.body, _ENTRY))
        if box.type != b"infe" or data[:1] not in (b"\2", b"\3"):
            continue
        at = 6 if data[:1] == b"\2" else 8
        _name, _, rest = data[at + 6 :].partition(b"\0")
        if data[at + 2 : at + 6] == b"mime" and rest.split(b"\0")[0].lower() == _TYPE:
            yield int.from_bytes(data[4:at])
