"""`c2pa.hash.boxes`: a digest for each run of the container's own boxes, in order.

Source: C2PA 2.2 §18.7; 2.3 §18.7 for exclusions within a box.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.spans import Span

__all__ = ["C2PA_BOX", "LABEL", "BoxHash", "BoxRow"]

LABEL = "c2pa.hash.boxes"
C2PA_BOX = "C2PA"  # the row that stands for the manifest store itself


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """Some boxes that follow each other, and the digest of all their bytes."""

    names: tuple[str, ...]
    hash: bytes | None
    alg: str | None = None
    excluded: bool = False
    exclusions: tuple[Span, ...] = ()  # offsets within the run

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a row.

        Raises:
            MalformedError: no names, or a field of another type.
        """
        fields = Fields(value, LABEL)
        if "exclusions" in fields.map and not isinstance(fields.map["exclusions"], list):
            raise MalformedError(LABEL, "exclusions is not a list")
        return cls(
            names=fields.some("names", _name),
            hash=fields.data("hash"),
            alg=fields.text("alg"),
            excluded=bool(fields.boolean("excluded")),
            exclusions=fields.each("exclusions", _span),
        )


@dataclass(frozen=True, slots=True)
class BoxHash:
    """The assertion."""

    rows: tuple[BoxRow, ...]
    alg: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: no boxes, or a row that is none.
        """
        fields = Fields(value, LABEL)
        return cls(fields.some("boxes", BoxRow.read), fields.text("alg"))

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        rows: list[CborValue] = [
            {"names": list(row.names), "hash": row.hash, "pad": b""} for row in self.rows
        ]
        return {"alg": self.alg, "boxes": rows}


def _name(value: CborValue) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedError(LABEL, "a name that is no text")
    return value


def _span(value: CborValue) -> Span:
    fields = Fields(value, LABEL)
    if fields.integer("boxIndex"):
        raise MalformedError(LABEL, "an exclusion by box index is not read yet")
    return Span(fields.need_integer("start"), fields.need_integer("length"))
