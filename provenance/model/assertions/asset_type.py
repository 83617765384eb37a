"""`c2pa.asset-type.v2` and the asset types that ingredients carry: what kind of thing an asset is.

    c2pa.types.model.pytorch, c2pa.types.dataset, c2pa.types.generator.prompt …

Source: C2PA 2.2 §18.18; `asset-type.cddl`.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.model.fields import Fields

__all__ = ["DATASET", "LABEL", "MODEL", "PROMPT", "AssetType", "AssetTypes"]

LABEL = "c2pa.asset-type.v2"

MODEL = "c2pa.types.model"
DATASET = "c2pa.types.dataset"
PROMPT = "c2pa.types.generator.prompt"


@dataclass(frozen=True, slots=True)
class AssetType:
    """A type, perhaps with the version (SemVer) of what it names."""

    type: str
    version: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read an `asset-type-map`."""
        fields = Fields(value, "asset type")
        return cls(fields.need_text("type"), fields.text("version"))

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"type": self.type}
        return row if self.version is None else row | {"version": self.version}


@dataclass(frozen=True, slots=True)
class AssetTypes:
    """The assertion: the types of the asset itself."""

    types: tuple[AssetType, ...] = ()
    format: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion in version 1 or 2."""
        fields = Fields(value, "c2pa.asset-type")
        return cls(fields.each("types", AssetType.read), fields.text("dc:format"))

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"types": [one.to_cbor() for one in self.types]}
        return row if self.format is None else row | {"dc:format": self.format}
