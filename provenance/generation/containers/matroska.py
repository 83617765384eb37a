"""Matroska and WebM: the tags, under their names in lower case.

    EBML: id, 1 to 4 bytes | size, 1 to 8 bytes | content
    Segment ⊃ Tags ⊃ Tag ⊃ SimpleTag ⊃ TagName, TagString

Clusters of known size are stepped over; behind one of unknown size nothing is looked for.
Source: RFC 8794 §4 to §6; RFC 9559 §5.1.8.
"""

from collections.abc import Iterator
from typing import NamedTuple

from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["texts"]

_SEGMENT, _TAGS, _TAG, _SIMPLE = 0x18538067, 0x1254C367, 0x7373, 0x67C8
_NAME, _STRING = 0x45A3, 0x4487
_MOST = 100_000  # elements
_DEEP = 8  # simple tags may hold such


class _Element(NamedTuple):
    id: int
    body: int
    end: int


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The tags of all segments."""
    budget = [min(_MOST, limits.container_items)]
    for top in _elements(source, 0, source.size, budget):
        if top.id == _SEGMENT:
            for element in _elements(source, top.body, top.end, budget):
                if element.id == _TAGS:
                    for tag in _elements(source, element.body, element.end, budget):
                        yield from _simple_tags(source, tag, budget, limits, 0)


def _simple_tags(
    source: ByteSource, around: _Element, budget: list[int], limits: Limits, depth: int
) -> Iterator[Text]:
    for element in _elements(source, around.body, around.end, budget):
        if element.id != _SIMPLE or depth > _DEEP:
            continue
        name, value = "", None
        for part in _elements(source, element.body, element.end, budget):
            if part.id in (_NAME, _STRING):
                length = part.end - part.body
                if length > limits.text_bytes:
                    yield Text("matroska", "tag", None)
                elif part.id == _NAME:
                    name = decoded(source.read(part.body, min(length, 200)))
                else:
                    value = decoded(source.read(part.body, length).rstrip(b"\0"))
        if name and value is not None:
            yield Text("matroska:tag", name.lower(), value)
        yield from _simple_tags(source, element, budget, limits, depth + 1)


def _elements(source: ByteSource, at: int, end: int, budget: list[int]) -> Iterator[_Element]:
    while at + 2 <= end and budget[0] > 0:
        budget[0] -= 1
        head = source.read(at, min(12, end - at))
        wide = 9 - head[0].bit_length()
        if wide > 4 or wide >= len(head):
            return
        id_ = int.from_bytes(head[:wide])
        first = head[wide]
        long = 9 - first.bit_length()
        if long > 8 or wide + long > len(head):
            return
        size = int.from_bytes(head[wide : wide + long]) & ((1 << 7 * long) - 1)
        body = at + wide + long
        unknown = size == (1 << 7 * long) - 1
        if unknown and id_ != _SEGMENT:
            return
        at = end if unknown or body + size > end else body + size
        yield _Element(id_, body, at)
