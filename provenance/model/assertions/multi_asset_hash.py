"""`c2pa.hash.multi-asset`: an asset of several parts, each bound by an assertion of its own.

    photo.jpg   [ JPEG with the manifest store ] [ MP4 of the motion photo ]
    parts         c2pa.hash.data.part              c2pa.hash.data.part__1, optional

It stands beside the hard binding and counts when that does not hold: a part that may be dropped
was. Source: C2PA 2.2 §18.9.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue, Fixed64
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri
from provenance.spans import Span

__all__ = ["LABEL", "PART", "MultiAssetHash", "Part"]

LABEL = "c2pa.hash.multi-asset"
PART = ".part"  # what the label of a part's own hash ends with


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: bytes of the file, or the payload of a BMFF box; just one of the two is there."""

    url: str  # of its hash assertion
    reference: HashedUri | None  # None: the assertion is named without its hash, as §18.9.3 shows
    span: Span | None = None
    bmff_box: str | None = None  # a path
    optional: bool = False

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a part.

        Raises:
            MalformedError: no place, two places, a negative one; no hash assertion.
        """
        fields = Fields(value, LABEL)
        place = Fields(fields.map.get("location"), f"{LABEL} location")
        span = None
        if "byteOffset" in place.map or "length" in place.map:
            span = Span(place.need_integer("byteOffset"), place.need_integer("length"))
            if span.start < 0 or span.length < 0:
                raise MalformedError(LABEL, f"{span.length} bytes at {span.start}")
        box = place.text("bmffBox")
        if (span is None) is (box is None):
            raise MalformedError(LABEL, "a part has byteOffset and length, or a bmffBox")
        held = fields.map.get("hashAssertion")
        reference = None if isinstance(held, str) else HashedUri.read(held)
        return cls(
            url=held if isinstance(held, str) else HashedUri.read(held).url,
            reference=reference,
            span=span,
            bmff_box=box,
            optional=bool(fields.boolean("optional")),
        )

    @staticmethod
    def to_cbor(span: Span, reference: CborValue, *, optional: bool) -> dict[str, CborValue]:
        """A part that is a span, as a map for `cbor.encode`; the same size wherever it lies."""
        row: dict[str, CborValue] = {
            "location": {"byteOffset": Fixed64(span.start), "length": Fixed64(span.length)},
            "hashAssertion": reference,
        }
        return {**row, "optional": True} if optional else row


@dataclass(frozen=True, slots=True)
class MultiAssetHash:
    """The assertion."""

    parts: tuple[Part, ...]

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: no parts, or a part that is none.
        """
        return cls(Fields(value, LABEL).some("parts", Part.read))
