"""`cawg.training-mining`: whether the asset may be used to train or to be mined.

The older `c2pa.training-mining` has the same shape with `c2pa.` names and is read as well.
Source: CAWG training and data mining 1.1; C2PA 1.4 §17.21.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.assertions.rights import Rights
from provenance.model.fields import Fields

__all__ = ["AI_USES", "LABEL", "NAMES", "USES", "Permission", "TrainingMining", "agreeing"]

LABEL = "cawg.training-mining"
NAMES = frozenset((LABEL, "c2pa.training-mining"))
USES = ("allowed", "notAllowed", "constrained")

# The uses that terms of ours (`rights`) know too, by the name that they have there.
AI_USES: Mapping[str, str] = {
    "cawg.ai_training": "train",
    "cawg.ai_generative_training": "generative",
    "cawg.ai_inference": "inference",
}
_MINING = "cawg.data_mining"  # goes with training


@dataclass(frozen=True, slots=True)
class Permission:
    """One use: allowed, not allowed, or constrained by what `constraint` says."""

    use: str
    constraint: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read an entry.

        Raises:
            MalformedError: a `use` that is none of the three.
        """
        fields = Fields(value, LABEL)
        use = fields.need_text("use")
        if use not in USES:
            raise MalformedError(LABEL, f"use is {use[:40]!r}, not one of {', '.join(USES)}")
        return cls(use, fields.text("constraint_info") or fields.text("constraints_info"))


@dataclass(frozen=True, slots=True)
class TrainingMining:
    """The assertion: a permission for each kind of use, under its full name."""

    entries: Mapping[str, Permission]

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion."""
        outer = Fields(value, LABEL).map
        rows = Fields(outer.get("entries", outer), LABEL).map  # an early draft had no `entries`
        return cls({str(name): Permission.read(row) for name, row in rows.items()})

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        rows: dict[str, CborValue] = {}
        for name, permission in self.entries.items():
            rows[name] = {"use": permission.use}
            if permission.constraint is not None:
                rows[name]["constraint_info"] = permission.constraint
        return {"entries": rows}


def agreeing(rights: Rights) -> Mapping[str, Permission]:
    """Entries that say what terms say."""
    uses = {name: str(getattr(rights.ai, ours)) for name, ours in AI_USES.items()}
    rows = {_MINING: rights.ai.train, **uses}
    return {name: _permission(use, rights) for name, use in rows.items()}


def _permission(use: str, rights: Rights) -> Permission:
    if use != "constrained":
        return Permission(use)
    # Without information `constrained` counts as not allowed.
    known = next((one for one in (rights.uri, rights.spdx, rights.flavour) if one), None)
    return Permission(use, f"as the terms allow: {known}") if known else Permission("notAllowed")
