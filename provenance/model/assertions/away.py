"""Assertions that name what lies outside the store, read into one kind of value.

    c2pa.cloud-data                  an assertion that is fetched when it is wanted
    c2pa.external-reference          anything, with its hash or without
    c2pa.linked-resource-integrity   what a page needs: on the web, or beside it

Source: C2PA 2.2 §18.11; 2.4 §18.24; 2.5 §16.8.
"""

from dataclasses import dataclass
from functools import partial
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields

__all__ = ["CLOUD", "EXTERNAL", "LINKED", "Resource"]

CLOUD = "c2pa.cloud-data"
EXTERNAL = "c2pa.external-reference"
LINKED = "c2pa.linked-resource-integrity"

_JUMBF = "application/jumbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something elsewhere, and what is said of it. `hash` is None for what may change."""

    kind: str  # the name of the assertion
    url: str  # relative to the asset when `beside`
    alg: str | None = None
    hash: bytes | None = None
    size: int | None = None  # bytes
    format: str | None = None  # a media type
    label: str | None = None  # of the assertion that lies there
    beside: bool = False  # no web address, but a path from the asset's folder

    @classmethod
    def each_of(cls, name: str, value: CborValue) -> tuple[Self, ...]:
        """All that an assertion names.

        Args:
            name: of the assertion, without version.
            value: its content.

        Raises:
            MalformedError: a field absent or of another type.
        """
        fields = Fields(value, name)
        if name == LINKED:
            return cls._linked(Fields(fields.map.get("resources"), name))
        where = Fields(fields.map.get("location"), name)
        format_ = where.text("dc:format")
        size = fields.integer("size") if name == CLOUD else where.integer("size")
        one = cls(
            kind=name,
            url=where.text("url") or where.need_text("uri"),  # 2.3 calls it so
            alg=where.text("alg"),
            hash=where.data("hash"),
            size=size,
            format=_JUMBF if name == CLOUD and format_ is None else format_,
            label=fields.text("label"),
        )
        return (one,)

    @classmethod
    def _linked(cls, resources: Fields) -> tuple[Self, ...]:
        shared = resources.text("alg")
        outside = resources.each("externalResources", cls._outside)
        if "relativeResources" not in resources.map:
            return outside
        if shared is None:
            raise MalformedError(LINKED, "relativeResources has no alg")
        return (*outside, *resources.each("relativeResources", partial(cls._beside, alg=shared)))

    @classmethod
    def _outside(cls, value: CborValue) -> Self:
        fields = Fields(value, LINKED)
        return cls(
            kind=LINKED,
            url=fields.need_text("url"),
            alg=fields.need_text("alg"),
            hash=fields.need_data("hash"),
            size=fields.integer("size"),
            format=fields.text("dc:format"),
        )

    @classmethod
    def _beside(cls, value: CborValue, alg: str) -> Self:
        fields = Fields(value, LINKED)
        return cls(
            kind=LINKED,
            url=fields.need_text("uri"),
            alg=alg,
            hash=fields.need_data("hash"),
            size=fields.integer("size"),
            format=fields.text("dc:format"),
            beside=True,
        )
