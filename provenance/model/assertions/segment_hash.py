"""`c2pa.hash.segment`: a digest of what was added to a text since its last checkpoint.

Source: C2PA 2.5 §16.3.6.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.spans import Span

__all__ = ["LABEL", "Predecessor", "SegmentHash"]

LABEL = "c2pa.hash.segment"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The line of the checkpoint before: where it lies, and its digest."""

    span: Span
    hash: bytes

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the map.

        Raises:
            MalformedError: one of its three fields is missing, or a number is negative.
        """
        fields = Fields(value, "predecessorSentinel")
        span = Span(_unsigned(fields, "start"), _unsigned(fields, "length"))
        return cls(span, fields.need_data("hash"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentHash:
    """One segment; offsets are in bytes of the file."""

    hash: bytes
    segment: Span
    alg: str | None = None  # None: that of the claim
    sentinel_length: int | None = None  # None: the line holds the store itself
    predecessor: Predecessor | None = None  # None: this is the first checkpoint

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: a field is missing or of another type, the segment ends before it
                begins, or the version is another than 1.
        """
        fields = Fields(value, LABEL)
        if fields.need_integer("version") != _VERSION:
            raise MalformedError(LABEL, f"version {fields.need_integer('version')}, not {_VERSION}")
        start, end = _unsigned(fields, "segmentStart"), _unsigned(fields, "segmentEnd")
        if end < start:
            raise MalformedError(LABEL, f"its segment ends at {end}, before it begins at {start}")
        length = fields.integer("sentinelLength")
        return cls(
            hash=fields.need_data("hash"),
            segment=Span.between(start, end),
            alg=fields.text("alg"),
            sentinel_length=None if length is None else _unsigned(fields, "sentinelLength"),
            predecessor=fields.one("predecessorSentinel", Predecessor.read),
        )


def _unsigned(fields: Fields, key: str) -> int:
    value = fields.need_integer(key)
    if value < 0:
        raise MalformedError(LABEL, f"{key} is negative")
    return value
