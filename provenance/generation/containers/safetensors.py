"""SafeTensors: the header's metadata, and its tensors as far as they tell what it is.

    header length u64, little-endian | header, JSON | tensors

Source: SafeTensors format, "Format" (keys must be unique).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from provenance.errors import LimitError, MalformedError
from provenance.formats._safetensors_header import Header
from provenance.generation.texts import well_formed
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["SafeTensors", "read", "sniff"]

_START = 8
_LONGEST = 100_000_000
_MOST = 100_000  # tensors and metadata; the largest models have some ten thousand


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
        LimitError: longer than `text_bytes`, or of more entries than any model has.
    """
    length = int.from_bytes(source.read(0, _START), "little")
    left = source.size - _START
    if length > left or length > _LONGEST:
        raise MalformedError("SafeTensors header", f"{length} bytes long, {left} left", offset=0)
    if length > limits.text_bytes:
        raise LimitError("SafeTensors header", f"{length} bytes, we read {limits.text_bytes}")
    few = replace(limits, container_items=min(_MOST, limits.container_items))
    header = Header.read(source.read(_START, length), few)
    _check_unique("tensor", (one.key for one in header.members))
    found = [one for one in header.members if one.key == b"__metadata__"]
    metadata = _metadata(header.text[found[0].value : found[0].end], limits) if found else None
    members = [one for one in header.members if one.key != b"__metadata__"]
    shapes = {}
    for one in members[:8]:
        row = _json(header.text[one.value : one.end])
        shapes[one.key.decode("utf-8", "replace")] = (
            row.get("shape") if isinstance(row, dict) else None
        )
    names = tuple(one.key.decode("utf-8", "replace") for one in members)
    return SafeTensors(metadata, names, shapes, _START + length)


def _metadata(text: bytes, limits: Limits) -> dict[str, str]:
    if len(text) > limits.json_bytes:
        raise LimitError("__metadata__", f"{len(text)} bytes, we read {limits.json_bytes}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, str]:
        _check_unique("metadata key", (key.encode("utf-8", "replace") for key, _ in pairs))
        return {well_formed(key): well_formed(str(value)) for key, value in pairs}

    try:
        return dict(json.loads(text, object_pairs_hook=unique))
    except ValueError as error:
        raise MalformedError("__metadata__", f"is not JSON: {str(error)[:80]}") from error


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
