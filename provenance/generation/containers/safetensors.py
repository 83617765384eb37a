"""SafeTensors: the header's metadata, and its tensors as far as they tell what it is.

    header length u64, little-endian | header, JSON | tensors

Source: SafeTensors format, "Format" (keys must be unique).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provenance.errors import LimitError, MalformedError
from provenance.formats._safetensors_header import Header
from provenance.generation.texts import well_formed
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["SafeTensors", "read", "sniff"]

_START = 8
_LONGEST = 100_000_000


@dataclass(frozen=True, slots=True)
class SafeTensors:
    """What the header says."""

    metadata: Mapping[str, str] | None  # None: there is none
    tensors: tuple[str, ...]  # names, in order
    shapes: Mapping[str, Any]  # of the first few
    data: int  # where the tensors start


def sniff(source: ByteSource) -> bool:
    """Does it look like one? Eight bytes of a length, then JSON with a key or nothing."""
    head = source.read(0, min(64, source.size))
    length = int.from_bytes(head[:_START], "little")
    start = head[_START + 1 :].lstrip(b" \t\r\n")[:1]
    return len(head) > 9 and length >= 2 and head[_START:9] == b"{" and start in (b'"', b"}")


def read(source: ByteSource, limits: Limits) -> SafeTensors:
    """Read the header.

    Raises:
        MalformedError: longer than the file, no JSON of the known shape, or a key twice.
        LimitError: longer than `text_bytes`.
    """
    length = int.from_bytes(source.read(0, _START), "little")
    left = source.size - _START
    if length > left or length > _LONGEST:
        raise MalformedError("SafeTensors header", f"{length} bytes long, {left} left", offset=0)
    if length > limits.text_bytes:
        raise LimitError("SafeTensors header", f"{length} bytes, we read {limits.text_bytes}")
    header = Header.read(source.read(_START, length), limits)
    _check_unique("tensor", (one.key for one in header.members))
    metadata: dict[str, str] | None = None
    if header.metadata:
        entries = header.metadata[0].entries
        _check_unique("metadata key", (one.key for one in entries))
        metadata = {}
        for one in entries:
            value = _json(header.text[one.value : one.end])
            metadata[one.key.decode("utf-8", "replace")] = well_formed(str(value))
    members = [one for one in header.members if one.key != b"__metadata__"]
    shapes = {}
    for one in members[:8]:
        row = _json(header.text[one.value : one.end])
        shapes[one.key.decode("utf-8", "replace")] = (
            row.get("shape") if isinstance(row, dict) else None
        )
    names = tuple(one.key.decode("utf-8", "replace") for one in members)
    return SafeTensors(metadata, names, shapes, _START + length)


def _check_unique(what: str, keys: Any) -> None:
    key, count = next(iter(Counter(keys).most_common(1)), (b"", 0))
    if count > 1:
        name = key[:60].decode("utf-8", "replace")
        raise MalformedError("SafeTensors header", f"{what} {name!r} stands {count} times")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return ""
