"""What a work says of its contributors: who they are, and what is owed to what it was made of.

Ingredients are met while the manifest is put together; what is owed to them is written once all
are there, with the hash that the claim lists. Source: contributors' data model, docs/lineage.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from provenance.build.definition import ManifestDefinition, OwedDefinition
from provenance.errors import DefinitionError
from provenance.model.assertions import rights
from provenance.model.assertions.contribution import MILLION, Contribution, Contributor, Owed
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import ManifestStore

__all__ = ["Met", "contribution", "licence_of", "says_anything"]

_WHAT = "manifest definition.owes"


@dataclass(frozen=True, slots=True)
class Met:
    """An ingredient as it stands in the manifest.

    `units` are its part in a dataset; `rate_ppm` what it is owed without anybody saying so.
    """

    path: Path | None
    reference: HashedUri
    relation: str
    licence: bytes | None = None  # hash of its terms
    units: int | None = None
    rate_ppm: int | None = None


def says_anything(definition: ManifestDefinition) -> bool:
    """Does a definition say anything of shares?"""
    return bool(
        definition.contributors
        or definition.owes
        or definition.authors
        or definition.completeness is not None
    )


def licence_of(store: ManifestStore | None) -> bytes | None:
    """The SHA-256 of the terms in an ingredient's active manifest, as its assertion holds them."""
    active = store.active if store is not None else None
    for box in active.assertion_boxes if active is not None else ():
        if box.label == rights.LABEL:
            content = next(box.content, None)
            return sha256(content.payload).digest() if content is not None else None
    return None


def contribution(
    definition: ManifestDefinition, met: Iterable[Met], authors: Iterable[Contributor] = ()
) -> Contribution:
    """The assertion.

    Args:
        definition: what the user said.
        met: the ingredients.
        authors: parties besides those that the definition names.

    Raises:
        DefinitionError: something is owed to no ingredient, to one twice, or over 100 %.
    """
    ingredients = tuple(met)
    rates = {id(one): owed for owed in definition.owes for one in (_meant(owed, ingredients),)}
    if len(rates) != len(definition.owes):
        raise DefinitionError(_WHAT, "two rates for one file")
    edges = tuple(
        _owed(one, rates.get(id(one)))
        for one in ingredients
        if id(one) in rates or one.units is not None or one.rate_ppm is not None
    )
    total = sum(one.rate_ppm for one in edges)
    if total > MILLION:
        raise DefinitionError(_WHAT, f"{total / 10_000:g} % in all, of which there is 100")
    return Contribution(
        parties=(*_parties(definition), *authors),
        edges=edges,
        completeness=definition.completeness or "unknown",
    )


def _owed(one: Met, stated: OwedDefinition | None) -> Owed:
    return Owed(
        ingredient=one.reference,
        relation=one.relation,
        rate_ppm=stated.rate_ppm if stated else one.rate_ppm or 0,
        basis=stated.basis if stated else "declared",
        licence_alg="sha256" if one.licence else None,
        licence=one.licence,
        units=one.units,
    )


def _meant(owed: OwedDefinition, met: tuple[Met, ...]) -> Met:
    wanted = owed.path.resolve()
    for one in met:
        if one.path is not None and one.path.resolve() == wanted:
            return one
    names = ", ".join(one.path.name for one in met if one.path is not None) or "none"
    raise DefinitionError(_WHAT, f"{owed.path} is none of the files named here: {names}")


def _parties(definition: ManifestDefinition) -> Iterable[Contributor]:
    """Those named with a weight, then the creators who are named alone."""
    named = {one.name for one in definition.contributors}
    for one in definition.contributors:
        yield Contributor(
            id=one.id or f"name:{one.name}",
            name=one.name,
            role=one.role if "." in one.role else f"cawg.{one.role}",
            weight=one.weight,
            payee=one.payee,
        )
    for name in definition.creators:
        if name not in named:
            yield Contributor(id=f"name:{name}", name=name)
