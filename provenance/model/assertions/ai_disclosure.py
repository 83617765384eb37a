"""`c2pa.ai-disclosure`: that a model made this, and how much a person was in charge.

Source: C2PA 2.4 §18.29.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.model.fields import Fields

__all__ = ["LABEL", "OVERSIGHT", "AiDisclosure"]

LABEL = "c2pa.ai-disclosure"
OVERSIGHT = ("fully_autonomous", "prompt_guided", "human_validated")


@dataclass(frozen=True, slots=True, kw_only=True)
class AiDisclosure:
    """The assertion; `model_type` is a `c2pa.types.model.*`."""

    model_type: str
    model_name: str | None = None
    model_identifier: str | None = None
    human_oversight: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion."""
        fields = Fields(value, LABEL)
        profile = Fields(fields.map.get("contentProfile") or {}, LABEL)
        return cls(
            model_type=fields.need_text("modelType"),
            model_name=fields.text("modelName"),
            model_identifier=fields.text("modelIdentifier"),
            human_oversight=profile.text("humanOversightLevel"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {
            "modelType": self.model_type,
            "modelName": self.model_name,
            "modelIdentifier": self.model_identifier,
        }
        if self.human_oversight is not None:
            row["contentProfile"] = {"humanOversightLevel": self.human_oversight}
        return {key: value for key, value in row.items() if value is not None}
