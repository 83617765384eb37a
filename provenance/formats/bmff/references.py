"""Which data a track or an item has in this file, and which in others.

    dinf | dref: version, flags u32 | count u32 | url, urn, alis …: version u8, flags u24 | …
    the lowest flag of an entry: the data is in this file

Source: ISO 14496-12 §8.7.1, §8.7.2; QuickTime File Format, "Data reference atoms".
"""

from provenance.errors import LimitError
from provenance.formats.bmff.tree import BmffBox, children, scan
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["in_this_file"]

_MOST = 1000  # entries: a real file has one


def in_this_file(source: ByteSource, holder: BmffBox, limits: Limits) -> tuple[bool, ...]:
    """For each data reference of a `minf` or `meta` box: does it mean this file?

    Raises:
        MalformedError: broken boxes.
        LimitError: more than a thousand references.
    """
    found: list[bool] = []
    for box in _within(source, holder, b"dinf", limits):
        for table in _within(source, box, b"dref", limits):
            for entry in scan(source, min(table.body + 8, table.end), table.end, limits):
                flags = source.read(entry.body, min(4, entry.end - entry.body))
                found.append(len(flags) == 4 and bool(flags[3] & 1))
                if len(found) > _MOST:
                    raise LimitError("dref box", f"over {_MOST} references", offset=table.start)
    return tuple(found)


def _within(
    source: ByteSource, holder: BmffBox, kind: bytes, limits: Limits
) -> tuple[BmffBox, ...]:
    return tuple(box for box in children(source, holder, limits) if box.type == kind)
