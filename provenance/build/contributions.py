"""What a work says of its contributors: who they are, and what is owed to what it was made of.

Ingredients are met while the manifest is put together; what is owed to them is written once all
are there, with the hash that the claim lists. Source: contributors' data model, docs/lineage.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provenance.build.definition import NAMED, ManifestDefinition, OwedDefinition
from provenance.errors import DefinitionError
from provenance.model.assertions.contribution import MILLION, Contribution, Contributor, Owed
from provenance.model.hashed_uri import HashedUri

__all__ = ["Met", "contribution", "creators_of", "party_of", "says_anything"]

_WHAT = "manifest definition.owes"
_CREATOR = "cawg.creator"


@dataclass(frozen=True, slots=True)
class Met:
    """An ingredient as it stands in the manifest.

    `name` is that of a model which is no file here. `units` are its part in a dataset; `rate_ppm`
    what it is owed without anybody saying so.
    """

    path: Path | None
    reference: HashedUri
    relation: str
    licence: bytes | None = None  # hash of its terms
    units: int | None = None
    rate_ppm: int | None = None
    name: str | None = None


def says_anything(definition: ManifestDefinition) -> bool:
    """Does a definition say anything of shares?"""
    return bool(
        definition.contributors
        or definition.owes
        or definition.authors
        or definition.completeness is not None
    )


def creators_of(definition: ManifestDefinition) -> tuple[str, ...]:
    """The names of all creators, each once: those without a weight first."""
    weighed = (one.name for one in definition.contributors if _full(one.role) == _CREATOR)
    return tuple(dict.fromkeys((*definition.creators, *weighed)))


def party_of(name: str, signer: str) -> str:
    """The id of somebody who is only named: whoever is called as the signer is, signs here."""
    return "self" if signer and name.casefold() == signer.casefold() else f"name:{name}"


def contribution(
    definition: ManifestDefinition,
    met: Iterable[Met],
    authors: Iterable[Contributor] = (),
    *,
    signer: str = "",
) -> Contribution:
    """The assertion.

    Args:
        definition: what the user said.
        met: the ingredients.
        authors: parties besides those that the definition names.
        signer: the name in the signer's certificate.

    Raises:
        DefinitionError: something is owed to no ingredient, to one twice, or over 100 %.
    """
    ingredients = tuple(met)
    stated: dict[int, OwedDefinition] = {}
    places = _Places.of(ingredients)
    for owed in definition.owes:
        if stated.setdefault(places.meant(owed), owed) is not owed:
            raise DefinitionError(_WHAT, "two rates for one file")
    edges = tuple(
        _owed(one, stated.get(at))
        for at, one in enumerate(ingredients)
        if at in stated or one.units is not None or one.rate_ppm is not None
    )
    total = sum(one.rate_ppm for one in edges)
    if total > MILLION:
        raise DefinitionError(_WHAT, f"{total / 10_000:g} % in all, of which there is 100")
    return Contribution(
        parties=_parties(definition, tuple(authors), signer),
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


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each ingredient stands in their order, by its file or by its name."""

    by_path: dict[Path, int]
    by_name: dict[str, int]
    names: tuple[str, ...]  # of all, for people

    @classmethod
    def of(cls, met: Sequence[Met]) -> "_Places":
        named = [(f"{NAMED}{one.name}", at) for at, one in enumerate(met) if one.name]
        paths = [(one.path, at) for at, one in enumerate(met) if one.path]
        return cls(
            by_path={path.resolve(): at for path, at in reversed(paths)},
            by_name=dict(reversed(named)),
            names=(*(path.name for path, _ in paths), *(name for name, _ in named)),
        )

    def meant(self, owed: OwedDefinition) -> int:
        named = str(owed.path)
        at = self.by_name.get(named) if named.startswith(NAMED) else None
        at = self.by_path.get(owed.path.resolve()) if at is None else at
        if at is None:
            known = ", ".join(self.names[:12]) or "none"
            more = ", …" if len(self.names) > 12 else ""
            raise DefinitionError(
                _WHAT, f"{owed.path} is none of the files named here: {known}{more}"
            )
        return at


def _full(role: str) -> str:
    return role if "." in role else f"cawg.{role}"


def _parties(
    definition: ManifestDefinition, authors: Sequence[Contributor], signer: str
) -> tuple[Contributor, ...]:
    """Those named with a weight, then the creators who are named alone, then authors of files.

    Beside authors, who are due what the dataset keeps, a curator without a weight gets the rest;
    and the signer is one where nobody else is named.
    """
    weighed = [
        Contributor(
            id=one.id or party_of(one.name, signer),
            name=one.name,
            role=_full(one.role),
            weight=one.weight,
            payee=one.payee,
            aliases=one.aliases,
        )
        for one in definition.contributors
    ]
    known = {one.name for one in weighed}
    rest = int(not any(one.weight for one in authors))
    alone = [
        Contributor(id=party_of(name, signer), name=name, weight=rest)
        for name in definition.creators
        if name not in known
    ]
    if authors and not weighed and not alone:
        alone = [Contributor(id="self", name=signer or "the signer", weight=rest)]
    return (*weighed, *alone, *authors)
