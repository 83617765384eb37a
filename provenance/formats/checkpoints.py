"""Text that only grows: each part of it ends with a line that seals what came before.

    -----BEGIN C2PA CHECKPOINT----- reference -----END C2PA CHECKPOINT-----
    {"c2pa:checkpoint": "reference"}                                          where lines are JSON

The last of these lines counts; those before are reached from it. A reference is as in structured
text. Source: C2PA 2.5 §A.3.17, §14.5.2.5.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provenance.errors import LimitError
from provenance.formats._base64 import encoded_length
from provenance.formats._text_scan import find_all, line_end, line_start
from provenance.formats.armour import Reference, reference
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["BEGIN", "KEY", "Sentinel", "is_promised", "last_sentinel", "read_sentinel"]
__all__ += ["sentinel_among"]

BEGIN, _END = b"-----BEGIN C2PA CHECKPOINT-----", b"-----END C2PA CHECKPOINT-----"
KEY = b'"c2pa:checkpoint"'
_NAME = "c2pa:checkpoint"
_ALONE = re.compile(rb'\s*\{\s*"c2pa:checkpoint"\s*:\s*"([^"\\]*+)"\s*\}\s*')
_JSON_BYTES = 1 << 20
_AROUND = 4096  # bytes of a line of JSON before its key


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A checkpoint's line; spans in bytes of the file."""

    span: Span  # its line break included
    text: Span  # the reference
    reference: Reference


def last_sentinel(source: ByteSource, limits: Limits) -> Sentinel | None:
    """The active checkpoint of a text; None: it has none, or it is broken."""
    return sentinel_among(source, find_all(source, (BEGIN, KEY), limits.container_items), limits)


def sentinel_among(
    source: ByteSource, places: Mapping[bytes, Sequence[int]], limits: Limits
) -> Sentinel | None:
    """The last of the lines that hold one of the marks, if it is a checkpoint's."""
    at = max((*places[BEGIN][-1:], *places[KEY][-1:]), default=None)
    if at is None:
        return None
    start = line_start(source, at, _AROUND)
    most = 2 * encoded_length(min(limits.store_bytes, limits.text_bytes)) + _AROUND
    end = line_end(source, at, most)
    if start is None:
        return None
    if end is None:
        raise LimitError("C2PA checkpoint", f"a line of more than {most} bytes", offset=start)
    return read_sentinel(source, Span.between(start, end), limits)


def read_sentinel(source: ByteSource, span: Span, limits: Limits) -> Sentinel | None:
    """The checkpoint whose line lies at a span; None: it is no such line."""
    line = source.read(span.start, span.length)
    if not line.endswith(b"\n"):
        return None  # "a complete line"
    text = line.rstrip(b"\r\n")
    if text.startswith(BEGIN) and text.endswith(_END):
        found = text[len(BEGIN) : -len(_END)].strip(b" \t")
    else:
        value = _json(text)
        if value is None:
            return None
        found = value.strip().encode("utf-8", "replace")
    at = line.find(found)
    inside = Span(span.start + max(at, 0), len(found) if at >= 0 else 0)
    return Sentinel(span, inside, reference(found, limits))


def _json(line: bytes) -> str | None:
    alone = _ALONE.fullmatch(line)
    if alone:
        return alone[1].decode("utf-8", "replace")
    if not line.lstrip().startswith(b"{") or len(line) > _JSON_BYTES:
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = value.get(_NAME) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def is_promised(source: ByteSource, places: Mapping[bytes, Sequence[int]]) -> bool:
    """Does a line begin as a checkpoint's does?"""
    return any(line_start(source, at, 1) == at for at in places[BEGIN])
