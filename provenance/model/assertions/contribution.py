"""`org.provenance-c2pa.contribution` and `.acceptance`: who had a part, and what is owed onward.

    contribution  {v: 1, parties: [{id, name, role, weight, payee?, aliases?}],
                   edges: [{ingredient, relation, ratePpm, licence?: {alg, hash}, basis, units?}],
                   completeness, policy: "flow/1"}
    acceptance    {v: 1, child, parent, licence, ratePpm, issuedAt, notAfter?}

An acceptance is the parent's owner countersigning one edge; `child` and `parent` are ids of works.
Integers only: rates are in parts of a million, weights count within the work.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import OWN_NAMESPACE

__all__ = [
    "ACCEPTANCE",
    "BASES",
    "COMPLETENESS",
    "CONTRIBUTION",
    "MILLION",
    "POLICY",
    "Acceptance",
    "Contribution",
    "Contributor",
    "Owed",
]

CONTRIBUTION = f"{OWN_NAMESPACE}.contribution"
ACCEPTANCE = f"{OWN_NAMESPACE}.acceptance"
BASES = ("licence", "declared", "agreement")
COMPLETENESS = ("complete", "partial", "unknown")
POLICY = "flow/1"
MILLION = 1_000_000  # parts: rates are in ppm


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A party, as whoever signs names it."""

    id: str
    name: str
    role: str = "cawg.creator"
    weight: int = 1
    payee: str | None = None
    aliases: tuple[str, ...] = ()  # other ids of the same; counts if those say so of this one too

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read an entry of `parties`.

        Raises:
            MalformedError: no id or name, a weight below 0, or a field of another type.
        """
        fields = Fields(value, CONTRIBUTION)
        weight = fields.integer("weight")
        if weight is not None and weight < 0:
            raise MalformedError(CONTRIBUTION, f"a weight of {weight}")
        return cls(
            id=fields.need_text("id"),
            name=fields.need_text("name"),
            role=fields.text("role") or "cawg.creator",
            weight=1 if weight is None else weight,
            payee=fields.text("payee"),
            aliases=fields.each("aliases", _text),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "weight": self.weight,
        }
        if self.aliases:
            row["aliases"] = list(self.aliases)
        return row if self.payee is None else row | {"payee": self.payee}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What the work owes to one of its ingredients. A rate is kept as signed, even over 100 %."""

    ingredient: HashedUri
    relation: str
    rate_ppm: int
    basis: str = "declared"
    licence_alg: str | None = None
    licence: bytes | None = None  # hash of the rights assertion's content
    units: int | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read an entry of `edges`.

        Raises:
            MalformedError: no ingredient, relation or rate, or a negative one.
        """
        fields = Fields(value, CONTRIBUTION)
        rate, units = fields.need_integer("ratePpm"), fields.integer("units")
        if rate < 0 or (units is not None and units < 0):
            raise MalformedError(CONTRIBUTION, "a negative rate, or number of units")
        basis = fields.text("basis") or "declared"
        if basis not in BASES:
            raise MalformedError(CONTRIBUTION, f"basis is {basis[:40]!r}")
        licence = fields.map.get("licence")
        held = Fields(licence, CONTRIBUTION) if licence is not None else None
        return cls(
            ingredient=HashedUri.read(fields.map.get("ingredient")),
            relation=fields.need_text("relation"),
            rate_ppm=rate,
            basis=basis,
            licence_alg=held.need_text("alg") if held else None,
            licence=held.need_data("hash") if held else None,
            units=units,
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {
            "ingredient": self.ingredient.to_cbor(),
            "relation": self.relation,
            "ratePpm": self.rate_ppm,
            "basis": self.basis,
        }
        if self.licence is not None:
            row["licence"] = {"alg": self.licence_alg or "sha256", "hash": self.licence}
        if self.units is not None:
            row["units"] = self.units
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The assertion."""

    parties: tuple[Contributor, ...] = ()
    edges: tuple[Owed, ...] = ()
    completeness: str = "unknown"
    policy: str = POLICY

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: another version, or an entry that is none.
        """
        fields = Fields(value, CONTRIBUTION)
        _check_version(fields, CONTRIBUTION)
        completeness = fields.text("completeness") or "unknown"
        if completeness not in COMPLETENESS:
            raise MalformedError(CONTRIBUTION, f"completeness is {completeness[:40]!r}")
        return cls(
            parties=fields.each("parties", Contributor.read),
            edges=fields.each("edges", Owed.read),
            completeness=completeness,
            policy=fields.text("policy") or POLICY,
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        return {
            "v": 1,
            "parties": [one.to_cbor() for one in self.parties],
            "edges": [one.to_cbor() for one in self.edges],
            "completeness": self.completeness,
            "policy": self.policy,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The parent's owner agrees to one edge."""

    child: str
    parent: str
    licence: bytes | None  # hash of the terms agreed to
    rate_ppm: int
    issued_at: str  # RFC 3339
    not_after: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: another version, a field absent or of another type, a negative rate.
        """
        fields = Fields(value, ACCEPTANCE)
        _check_version(fields, ACCEPTANCE)
        if fields.need_integer("ratePpm") < 0:
            raise MalformedError(ACCEPTANCE, "a negative rate")
        return cls(
            child=fields.need_text("child"),
            parent=fields.need_text("parent"),
            licence=fields.data("licence"),
            rate_ppm=fields.need_integer("ratePpm"),
            issued_at=fields.need_text("issuedAt"),
            not_after=fields.text("notAfter"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {
            "v": 1,
            "child": self.child,
            "parent": self.parent,
            "ratePpm": self.rate_ppm,
            "issuedAt": self.issued_at,
        }
        if self.licence is not None:
            row["licence"] = self.licence
        return row if self.not_after is None else row | {"notAfter": self.not_after}


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise MalformedError(CONTRIBUTION, "a list of texts holds something else")
    return value


def _check_version(fields: Fields, label: str) -> None:
    if fields.need_integer("v") != 1:
        raise MalformedError(label, f"version {fields.need_integer('v')}, 1 is known")
