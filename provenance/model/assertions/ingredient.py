"""`c2pa.ingredient.v3`: what the asset was made of. Versions 1 and 2 are read too.

Source: C2PA 2.2 §18.15.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.assertions.asset_type import AssetType
from provenance.model.fields import Fields
from provenance.model.hashed_uri import ExternalUri, HashedUri

__all__ = ["LABEL", "NAME", "Ingredient", "RecordedResults", "RecordedStatus", "Relationship"]

NAME = "c2pa.ingredient"
LABEL = "c2pa.ingredient.v3"


class Relationship(StrEnum):
    """What an ingredient is to the asset."""

    PARENT_OF = "parentOf"
    COMPONENT_OF = "componentOf"
    INPUT_TO = "inputTo"


_RELATIONSHIPS = frozenset(Relationship)  # of str: `in` takes any text, in Python 3.11 too


@dataclass(frozen=True, slots=True)
class RecordedStatus:
    """A status code as the maker of an ingredient assertion saw it."""

    code: str
    url: str | None = None
    explanation: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a `status-map`."""
        fields = Fields(value, "validation status")
        return cls(fields.need_text("code"), fields.text("url"), fields.text("explanation"))

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map; what is absent stays out."""
        row = {"code": self.code, "url": self.url, "explanation": self.explanation}
        return {key: value for key, value in row.items() if value}


_LISTS = ("success", "informational", "failure")


@dataclass(frozen=True, kw_only=True)
class RecordedResults:
    """Three lists of codes for the ingredient, and the same for each of its own ingredients."""

    success: tuple[RecordedStatus, ...] = ()
    informational: tuple[RecordedStatus, ...] = ()
    failure: tuple[RecordedStatus, ...] = ()
    deltas: "tuple[tuple[str, RecordedResults], ...]" = ()

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a `validation-results-map`."""
        fields = Fields(value, "validationResults")
        active = Fields(fields.map.get("activeManifest") or {}, "validationResults")
        lists = {name: active.each(name, RecordedStatus.read) for name in _LISTS}
        return cls(**lists, deltas=fields.each("ingredientDeltas", cls._delta))

    @classmethod
    def _delta(cls, value: CborValue) -> "tuple[str, RecordedResults]":
        fields = Fields(value, "ingredientDeltas")
        inner = {"activeManifest": fields.map.get("validationDeltas")}
        return fields.need_text("ingredientAssertionURI"), cls.read(inner)

    def all(self) -> Iterator[RecordedStatus]:
        """Every code recorded, in the deltas too."""
        for name in _LISTS:
            yield from getattr(self, name)
        for _, delta in self.deltas:
            yield from delta.all()

    @cached_property
    def keys(self) -> frozenset[tuple[str, str | None]]:
        """What is on record: code and URL of each."""
        return frozenset((one.code, one.url) for one in self.all())

    def _lists(self) -> dict[str, CborValue]:
        return {name: [one.to_cbor() for one in getattr(self, name)] for name in _LISTS}

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`; the three lists are always there."""
        row: dict[str, CborValue] = {"activeManifest": self._lists()}
        if self.deltas:
            row["ingredientDeltas"] = [
                {"ingredientAssertionURI": uri, "validationDeltas": delta._lists()}
                for uri, delta in self.deltas
            ]
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """An ingredient. `active_manifest` is `c2pa_manifest` in versions 1 and 2."""

    version: int
    relationship: str
    title: str | None = None
    format: str | None = None
    instance_id: str | None = None
    document_id: str | None = None
    active_manifest: HashedUri | None = None
    claim_signature: HashedUri | None = None
    results: RecordedResults | None = None
    data: HashedUri | ExternalUri | None = None
    types: tuple[AssetType, ...] = ()
    thumbnail: HashedUri | None = None
    description: str | None = None
    informational_uri: str | None = None
    digital_source_type: str | None = None

    @classmethod
    def read(cls, value: CborValue, version: int) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: no relationship or an unknown one, or a field of another type.
        """
        fields = Fields(value, "c2pa.ingredient")
        old = version < 3
        relationship = fields.need_text("relationship")
        if relationship not in _RELATIONSHIPS:
            raise MalformedError("c2pa.ingredient", f"relationship is {relationship[:40]!r}")
        return cls(
            version=version,
            relationship=relationship,
            title=fields.text("dc:title"),
            format=fields.text("dc:format"),
            instance_id=fields.text("instanceID"),
            document_id=fields.text("documentID"),
            active_manifest=fields.one(
                "c2pa_manifest" if old else "activeManifest", HashedUri.read
            ),
            claim_signature=None if old else fields.one("claimSignature", HashedUri.read),
            results=_old_results(fields)
            if old
            else fields.one("validationResults", RecordedResults.read),
            data=fields.one("data", _data),
            types=fields.each("data_types" if old else "dataTypes", AssetType.read),
            thumbnail=fields.one("thumbnail", HashedUri.read),
            description=fields.text("description"),
            informational_uri=fields.text("informational_URI" if old else "informationalURI"),
            digital_source_type=fields.text("digitalSourceType"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As version 3, for `cbor.encode`."""
        row: dict[str, Any] = {
            "dc:title": self.title,
            "dc:format": self.format,
            "relationship": self.relationship,
            "instanceID": self.instance_id,
            "activeManifest": self.active_manifest and self.active_manifest.to_cbor(),
            "claimSignature": self.claim_signature and self.claim_signature.to_cbor(),
            "validationResults": self.results and self.results.to_cbor(),
            "data": self.data and self.data.to_cbor(),
            "dataTypes": [one.to_cbor() for one in self.types] or None,
            "thumbnail": self.thumbnail and self.thumbnail.to_cbor(),
            "description": self.description,
            "informationalURI": self.informational_uri,
            "digitalSourceType": self.digital_source_type,
        }
        return {key: item for key, item in row.items() if item is not None}


def _data(value: CborValue) -> HashedUri | ExternalUri:
    url = Fields(value, "data").need_text("url")
    return HashedUri.read(value) if url.startswith("self#") else ExternalUri.read(value)


def _old_results(fields: Fields) -> RecordedResults | None:
    if "validationStatus" not in fields.map and "validationResults" in fields.map:
        return fields.one("validationResults", RecordedResults.read)
    found = fields.each("validationStatus", RecordedStatus.read)
    # Success and failure stood in one list; only the code tells them apart, and only for readers.
    return RecordedResults(failure=found) if found else None
