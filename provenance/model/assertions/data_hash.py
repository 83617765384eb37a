"""`c2pa.hash.data`: one digest of the asset's bytes, some spans left out.

Source: C2PA 2.2 §18.5.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue, Fixed32, Fixed64
from provenance.model.fields import Fields
from provenance.spans import Span

__all__ = ["LABEL", "DataHash"]

LABEL = "c2pa.hash.data"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHash:
    """Spans are kept as signed, even when wrong: judging them is validation's work."""

    hash: bytes | None
    alg: str | None = None  # None: that of the claim
    exclusions: tuple[Span, ...] = ()
    name: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: a field of another type, or a span without start or length.
        """
        fields = Fields(value, "c2pa.hash.data")
        return cls(
            hash=fields.data("hash"),
            alg=fields.text("alg"),
            exclusions=fields.each("exclusions", _span),
            name=fields.text("name"),
        )

    def to_cbor(self, *, wide: bool = False) -> dict[str, CborValue]:
        """As a map for `cbor.encode`; numbers take 32 bits, so that the size stays the same.

        Args:
            wide: they take 64 bits, for an asset over 4 GiB.
        """
        number = Fixed64 if wide else Fixed32
        row: dict[str, CborValue] = {"alg": self.alg, "hash": self.hash, "pad": b""}
        if self.exclusions:
            row["exclusions"] = [
                {"start": number(span.start), "length": number(span.length)}
                for span in self.exclusions
            ]
        if self.name is not None:
            row["name"] = self.name
        return row


def _span(value: CborValue) -> Span:
    fields = Fields(value, "exclusion")
    return Span(fields.need_integer("start"), fields.need_integer("length"))
