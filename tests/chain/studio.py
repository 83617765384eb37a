"""A studio: works by several people, properly signed, each with what it says of the others.

studio.work("photo", "ada", rights=…)
studio.png("remix", "eve", Used(photo, "parentOf", rate=100_000))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from provenance.chain.credits import key_id
from provenance.jumbf import uuids
from provenance.model.assertions.contribution import (
    ACCEPTANCE,
    CONTRIBUTION,
    Acceptance,
    Contribution,
    Contributor,
    Owed,
)
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.model.assertions.rights import Rights
from provenance.model.hashed_uri import HashedUri
from provenance.spans import Span
from provenance.trust.devpki import DevPki
from provenance.trust.settings import TrustSettings
from tests.attacks.forge import (
    NOW,
    Binding,
    Built,
    Cose,
    Credential,
    Edit,
    Forge,
    Item,
    Recipe,
    action_on,
    actions,
    cbor,
    digest,
    digest_outside,
    hard_binding,
    hashed_of,
    ingredient,
    json,
    local,
    nothing,
    picture,
)

__all__ = ["Says", "Studio", "Used", "accepts", "the_studio", "work_id"]

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
MODEL, DATASET = "c2pa.types.model", "c2pa.types.dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """An ingredient, and what is owed for it."""

    made: Built | None = None
    relationship: str = "inputTo"
    types: tuple[str, ...] = ()
    rate: int | None = None  # ppm
    relation: str = "composed"
    units: int | None = None
    licence: bytes | None = None
    edit: Edit = nothing
    records: Sequence[tuple[str, str]] = ()
    owed: Callable[[Owed], Owed] = lambda owed: owed  # before it is signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What a manifest says besides."""

    source: str = CAPTURED
    types: tuple[str, ...] = ()
    parties: tuple[Contributor, ...] = ()
    rights: Rights | None = None
    creators: tuple[str, ...] = ()
    accepts: tuple[Acceptance, ...] = ()
    completeness: str = "complete"
    items: tuple[Item, ...] = ()
    claim: Edit = nothing
    after: Callable[[bytes], bytes] = field(default=lambda box: box)  # of the contribution, signed


def work_id(built: Built) -> str:
    """The id that a work must have, worked out by hand."""
    content = built.find("c2pa.signature").first(b"cbor")
    assert content is not None
    return f"claim:sha256:{sha256(content.payload).hexdigest()}"


def accepts(child: Built, parent: Built, rate: int, **more: Any) -> Acceptance:
    """An acceptance of an edge."""
    row: dict[str, Any] = {"licence": None, "issued_at": "2024-01-01T00:00:00Z", **more}
    return Acceptance(child=work_id(child), parent=work_id(parent), rate_ppm=rate, **row)


class Studio:
    """Five people and more, each with a key under a root of their own."""

    def __init__(self, names: Sequence[str]) -> None:
        self.forge = Forge()
        pkis = {name: DevPki.generate(("es256",), now=NOW) for name in names}
        self.trust = TrustSettings(anchors=tuple(one.root for one in pkis.values()))
        self.people = {
            name: Credential(
                alg="es256", key=one.credentials["es256"].key, chain=one.credentials["es256"].chain
            )
            for name, one in pkis.items()
        }

    def key(self, who: str) -> str:
        """A person's id."""
        found = key_id(self.people[who].chain[0])
        assert found is not None
        return found

    def recipe(self, title: str, who: str, *used: Used, says: Says = Says()) -> Recipe:
        """A manifest to be."""
        items = [self._ingredient(at, one) for at, one in enumerate(used)]
        told = [_opened(items, used, says), hard_binding(), *items, *says.items]
        if says.types:
            rows = [{"type": one} for one in says.types]
            told.append(cbor("c2pa.asset-type.v2", {"types": rows}))
        if says.creators:
            names = ", ".join(f'"{one}"' for one in says.creators)
            text = '{"@context":{"dc":"http://purl.org/dc/elements/1.1/"},"dc:creator":[%s]}'
            told.append(json("cawg.metadata", (text % names).encode()))
        if says.rights is not None:
            told.append(cbor(RIGHTS, says.rights.to_cbor()))
        owed = [_owed(item, one) for item, one in zip(items, used, strict=True)]
        edges = tuple(one for one in owed if one is not None)
        if edges or says.parties:
            content = Contribution(
                parties=says.parties, edges=edges, completeness=says.completeness
            )
            told.append(cbor(CONTRIBUTION, content.to_cbor(), after=says.after))
        for at, one in enumerate(says.accepts):
            told.append(cbor(_numbered(ACCEPTANCE, at), one.to_cbor()))

        def claim(row: dict[Any, Any]) -> None:
            row["dc:title"] = title
            says.claim(row)

        return Recipe(items=told, claim=claim, cose=Cose(credential=self.people[who]))

    def work(self, title: str, who: str, *used: Used, says: Says = Says()) -> Built:
        """A finished manifest of something that is not at hand; each of its own content."""
        bound = Binding((), digest(title.encode()))
        return self.forge.build(self.recipe(title, who, *used, says=says), bound)

    def png(self, title: str, who: str, *used: Used, says: Says = Says(), **how: Any) -> bytes:
        """A picture, with the stores of all that it was made of."""
        before = how.pop("before", None) or closure(used)
        how.setdefault("picture", picture(colour=sum(title.encode()) % 200))
        return self.forge.png(self.recipe(title, who, *used, says=says), *before, **how)

    def bound(self, title: str, who: str, *used: Used, says: Says = Says()) -> Built:
        """The manifest of the forge's picture, which an update may follow."""
        recipe, bare = self.recipe(title, who, *used, says=says), self.forge.picture
        held = self.forge.png(recipe)
        start, size = held.index(b"caBX") - 4, len(held) - len(bare)
        spans = (Span(start, size),)
        blank = bare[:start] + bytes(size) + bare[start:]
        return self.forge.build(recipe, Binding(spans, digest_outside(blank, spans)))

    def update(self, who: str, parent: Built, *before: Built, says: Says, **how: Any) -> bytes:
        """A picture whose manifest was updated."""
        recipe = self.recipe("", who, Used(made=parent, relationship="parentOf"), says=says)
        items = [one for one in recipe.items if not one.label.startswith(("c2pa.hash", "c2pa.act"))]
        recipe = replace(recipe, items=items, kind=uuids.UPDATE_MANIFEST)
        return self.forge.png(recipe, *before, parent, **how)

    def _ingredient(self, at: int, used: Used) -> Item:
        def edit(row: dict[Any, Any]) -> None:
            row["dc:title"] = f"ingredient {at}"
            if used.types:
                row["dataTypes"] = [{"type": one} for one in used.types]
            used.edit(row)

        return ingredient(
            used.made,
            used.relationship,
            label=_numbered("c2pa.ingredient.v3", at),
            edit=edit,
            records=used.records,
        )


def closure(used: Sequence[Used]) -> tuple[Built, ...]:
    """The manifests of all ingredients; what lies behind them has to be told."""
    found = [one.made for one in used if one.made is not None]
    return tuple(dict.fromkeys(found))


def _numbered(label: str, at: int) -> str:
    return f"{label}__{at}" if at else label


def _opened(items: Sequence[Item], used: Sequence[Used], says: Says) -> Item:
    parents = [
        item.label for item, one in zip(items, used, strict=True) if one.relationship == "parentOf"
    ]
    placed = [
        action_on("c2pa.placed", item.label)
        for item, one in zip(items, used, strict=True)
        if one.relationship == "componentOf"
    ]
    first = (
        action_on("c2pa.opened", parents[0])
        if parents
        else {"action": "c2pa.created", "digitalSourceType": says.source}
    )
    return actions(first, *placed)


def _owed(item: Item, used: Used) -> Owed | None:
    if used.rate is None:
        return None
    hashed = digest(hashed_of(item.box(Binding())))
    owed = Owed(
        ingredient=HashedUri(local(item.label), hashed),
        relation=used.relation,
        rate_ppm=used.rate,
        units=used.units,
        licence_alg="sha256" if used.licence else None,
        licence=used.licence,
    )
    return used.owed(owed)


@lru_cache(maxsize=1)
def the_studio() -> Studio:
    """One for all tests: making keys takes time."""
    return Studio(("ada", "bo", "curator", "tuner", "prompter", "remixer", "mallory"))
