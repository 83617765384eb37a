"""The draft: a manifest with everything in it but the hash of the asset and the signature.

Source: C2PA 2.2 §10.3.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provenance.build import datasets, ingredients, kinds, models, prompts, story
from provenance.build.contributions import Met, contribution, licence_of, says_anything
from provenance.build.definition import (
    AiDisclosureDefinition,
    AssetReference,
    ManifestDefinition,
    ModelReference,
    PermissionDefinition,
)
from provenance.build.ingredients import Brought, Judge
from provenance.build.merge import Merged, MergedStore
from provenance.build.shelf import Shelf, Shelved, hashed_part
from provenance.build.thumbnail import make_thumbnail
from provenance.digests import HashAlg
from provenance.errors import DefinitionError
from provenance.jumbf import JumbfUri
from provenance.model import labels
from provenance.model.assertions import actions, ai_disclosure, asset_type, rights, training_mining
from provenance.model.assertions import ingredient as ingredient_assertion
from provenance.model.assertions.ai_disclosure import AiDisclosure
from provenance.model.assertions.asset_type import AssetType, AssetTypes
from provenance.model.assertions.contribution import CONTRIBUTION, Contributor
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.assertions.training_mining import Permission, TrainingMining
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.source import Asset, open_source
from provenance.version import NAME, SPEC_VERSION, VERSION

__all__ = ["Draft", "draft", "new_claim", "state"]

_OWN = (
    *("c2pa.actions", "c2pa.ingredient", "c2pa.hash.", "c2pa.claim", "c2pa.signature"),
    "cawg.identity",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A manifest waiting for its hard binding and its signature."""

    label: str
    shelved: tuple[Shelved, ...]
    manifests: tuple[Merged, ...]  # of the ingredients, in order
    claim: Claim  # lists nothing yet
    alg: HashAlg
    salts: prompts.Salts | None  # of what was committed to


def draft(
    asset: Asset,
    definition: ManifestDefinition,
    judge: Judge,
    *,
    has_past: bool,
    alg: HashAlg = "sha256",
    compress: bool = False,
) -> Draft:
    """Turn a description into assertions and a claim.

    Args:
        asset: what will be signed; a manifest store it has becomes its parent's.
        definition: how it was made.
        judge: by what the manifests of ingredients are validated.
        has_past: has the asset a manifest store already, in it or beside it?
        alg: the hash algorithm of the claim.
        compress: compress the manifests of ingredients, as far as nothing else refers to them.

    Raises:
        DefinitionError: the definition contradicts itself, or a validator would reject it.
        ProvenanceError, OSError: an ingredient cannot be read.
    """
    merged = MergedStore()
    definition = kinds.settled(definition, asset)
    drafted = _draft(asset, definition, judge, merged, has_past=has_past, alg=alg)
    if compress and merged.compressible:
        # Only now it is known which of them stand inside others as well.
        again = MergedStore(merged.compressible)
        drafted = _draft(asset, definition, judge, again, has_past=has_past, alg=alg)
    return drafted


def _draft(
    asset: Asset,
    definition: ManifestDefinition,
    judge: Judge,
    merged: MergedStore,
    *,
    has_past: bool,
    alg: HashAlg,
) -> Draft:
    desk = _Desk(Shelf(alg), merged, definition)
    label = labels.new_manifest_urn()
    parent = desk.parent(asset, judge, has_past=has_past)
    inputs = [*desk.models(judge), *desk.prompt(), *desk.sources(judge)]
    components = [*desk.components(judge), *desk.authored(asset, judge)]
    told = story.tell(definition, parent=parent, inputs=inputs, components=components)
    desk.shelf.cbor(actions.LABEL, told.to_cbor())
    disclosure = _disclosure(definition)
    if disclosure is not None:
        desk.shelf.cbor(ai_disclosure.LABEL, disclosure.to_cbor())
    state(desk.shelf, definition)
    desk.contribution()
    desk.thumbnail(asset)
    shelved = _actions_first(desk.shelf.items)
    return Draft(
        label=label,
        shelved=shelved,
        manifests=desk.merged.manifests,
        claim=new_claim(definition, label, alg),
        alg=alg,
        salts=prompts.Salts(label, desk.committed) if desk.committed else None,
    )


def _actions_first(items: list[Shelved]) -> tuple[Shelved, ...]:
    # The first actions assertion of the claim holds the inception; so it comes first of all.
    first = [one for one in items if one.label == actions.LABEL]
    return (*first, *(one for one in items if one not in first))


def new_claim(definition: ManifestDefinition, label: str, alg: HashAlg) -> Claim:
    """A claim that lists nothing yet."""
    own = {"name": NAME, "version": VERSION}
    given = definition.claim_generator_info
    info: dict[str, Any] = given.to_dict() if given else own
    return Claim(
        version=2,
        instance_id=f"xmp:iid:{uuid.uuid4()}",
        signature=JumbfUri((label, labels.SIGNATURE), absolute=True).text,
        created=(),
        generator_info=({**info, "specVersion": SPEC_VERSION},),
        title=definition.title,
        alg=alg,
    )


class _Desk:
    """Where one manifest is put together, in the order of `draft`."""

    def __init__(self, shelf: Shelf, merged: MergedStore, definition: ManifestDefinition) -> None:
        self.shelf = shelf
        self.merged = merged
        self.committed: dict[str, prompts.Commitment] = {}
        self._definition = definition
        self._met: list[Met] = []
        self._authors: list[Contributor] = []

    def parent(self, asset: Asset, judge: Judge, *, has_past: bool) -> HashedUri | None:
        """The parent: the one named, or the asset's own past when it was not created here."""
        given = self._definition.parent
        relationship = Relationship.PARENT_OF
        if given is not None and has_past:
            raise DefinitionError(
                "manifest definition.parent",
                "the asset has a manifest store of its own, and that is its parent's; "
                "name the other file under 'sources' or 'components'",
            )
        if given is not None:
            if given.path is None:
                raise DefinitionError(
                    "manifest definition.parent", "needs a path: an edit has its original at hand"
                )
            return self._file(given, relationship, judge)
        if not has_past and story.begins_here(self._definition):
            return None
        brought = ingredients.bring_asset(asset, relationship, judge, identify=False)
        path = Path(asset) if isinstance(asset, (str, Path)) else None
        return self._put(brought, path, "edited")

    def models(self, judge: Judge) -> Iterator[HashedUri]:
        """Models that made it, models that it was made of, and what it was trained on."""
        for model in self._definition.models:
            yield self._put(ingredients.bring_model(model, judge), model.path, "generatedBy")
        relation = kinds.relation_to_base(self._definition.kind)
        for model in self._definition.bases:
            yield self._put(ingredients.bring_model(model, judge), model.path, relation)
        for reference in self._definition.datasets:
            brought = ingredients.bring_dataset(reference, judge)
            yield self._put(brought, reference.path, "trainedOn")

    def prompt(self) -> Iterator[HashedUri]:
        given = self._definition.prompt
        if given is None:
            return
        data = None
        if given.mode == "open" and given.text is not None:
            data = self.shelf.file(
                "c2pa.embedded-data", "text/plain; charset=utf-8", given.text.encode()
            )
        stated = prompts.state(given)
        if stated is not None:
            self.committed.update(stated.committed)
            self.shelf.cbor(prompts.LABEL, stated.to_cbor())
        if given.text is None:
            return
        content = Ingredient(
            version=3,
            relationship=Relationship.INPUT_TO,
            title=prompts.PROMPT,
            format="text/plain",
            data=data,
            types=(AssetType(asset_type.PROMPT),),
            description={"commit": "committed to", "omit": "omitted"}.get(given.mode),
        )
        yield self._put(Brought(content))

    def sources(self, judge: Judge) -> Iterator[HashedUri]:
        for reference in self._definition.sources:
            yield self._file(reference, Relationship.INPUT_TO, judge)

    def components(self, judge: Judge) -> list[HashedUri]:
        return [
            self._file(reference, Relationship.COMPONENT_OF, judge)
            for reference in self._definition.components
        ]

    def _file(
        self, reference: AssetReference, relationship: Relationship, judge: Judge
    ) -> HashedUri:
        if reference.path is None:
            return self._put(ingredients.bring_named(reference, relationship))
        brought = ingredients.bring_asset(
            reference.path,
            relationship,
            judge,
            reference=reference,
            thumbnail=bool(self._definition.thumbnail) and reference.thumbnail,
        )
        relation = "edited" if relationship is Relationship.PARENT_OF else "composed"
        return self._put(brought, reference.path, relation)

    def authored(self, asset: Asset, judge: Judge) -> list[HashedUri]:
        """The signed files of a dataset; the authors of others become parties.

        What the dataset is due is divided by weight. The part of files without a manifest stays
        with the dataset, and so with those who are named for them.
        """
        table = self._definition.authors
        if table is None:
            return []
        if not isinstance(asset, (str, Path)) or not Path(asset).is_dir():
            raise DefinitionError("manifest definition.authors", "is for a folder that is signed")
        rows = datasets.read_authors(table, Path(asset))
        self.shelf.cbor(datasets.LABEL, {"v": 1, "files": [one.to_dict() for one in rows]})
        files = [(one, Path(asset) / one.path) for one in rows]
        brought = [
            (one, path, ingredients.bring_asset(path, Relationship.COMPONENT_OF, judge))
            for one, path in files
        ]
        rates = datasets.rates(rows)
        for one, _, held in brought:
            if held.store is None:
                self._authors.append(
                    Contributor(
                        id=f"name:{one.author}",
                        name=one.author,
                        weight=one.weight,
                        payee=one.payee,
                    )
                )
        self._authors = list(datasets.summed(self._authors))
        return [
            self._put(
                held,
                path,
                "composed",
                units=one.weight,
                rate_ppm=rates[one.path],
            )
            for one, path, held in brought
            if held.store is not None
        ]

    def contribution(self) -> None:
        """Who had a part, and what is owed onward, if anybody said so."""
        if says_anything(self._definition):
            told = contribution(self._definition, self._met, self._authors)
            self.shelf.cbor(CONTRIBUTION, told.to_cbor())

    def _put(
        self,
        brought: Brought,
        path: Path | None = None,
        relation: str = "composed",
        *,
        units: int | None = None,
        rate_ppm: int | None = None,
    ) -> HashedUri:
        reference = self._shelved(brought)
        licence = licence_of(brought.store)
        self._met.append(Met(path, reference, relation, licence, units, rate_ppm))
        return reference

    def _shelved(self, brought: Brought) -> HashedUri:
        content = brought.ingredient
        if brought.store is not None:
            content = self._refer(content, self.merged.add(brought.store))
        if brought.thumbnail is not None:
            picture = self.shelf.file("c2pa.thumbnail.ingredient", "image/jpeg", brought.thumbnail)
            content = replace(content, thumbnail=picture)
        return self.shelf.cbor(ingredient_assertion.LABEL, content.to_cbor())

    def _refer(self, content: Ingredient, manifest: Merged) -> Ingredient:
        """Point at the ingredient's active manifest, and at its signature for later redactions."""
        alg = self.shelf.alg
        at = JumbfUri((manifest.label,), absolute=True)
        signature = manifest.signature
        return replace(
            content,
            active_manifest=HashedUri.of(at.text, hashed_part(manifest.box), alg),
            claim_signature=HashedUri.of(
                JumbfUri((manifest.label, labels.SIGNATURE), absolute=True).text,
                signature.hashed,
                alg,
            )
            if signature is not None
            else None,
        )

    def thumbnail(self, asset: Asset) -> None:
        given = self._definition.thumbnail
        if given:
            picture = given if isinstance(given, bytes) else _thumbnail_of(asset)
            if picture is not None:
                self.shelf.file("c2pa.thumbnail.claim", "image/jpeg", picture)


def _thumbnail_of(asset: Asset) -> bytes | None:
    with open_source(asset) as source:
        return make_thumbnail(source)


def state(shelf: Shelf, definition: ManifestDefinition) -> None:
    """What the asset is, who made it, what may be done with it; and anything else."""
    if definition.asset_types:
        types = tuple(AssetType(*one) for one in definition.asset_types)
        shelf.cbor(asset_type.LABEL, AssetTypes(types).to_cbor())
    names = (*definition.creators, *(one.name for one in definition.contributors))
    if names:
        shelf.json("cawg.metadata", _credits(tuple(dict.fromkeys(names))))
    if definition.metadata is not None:
        shelf.json("c2pa.metadata", _checked_metadata(definition.metadata))
    if definition.rights is not None:
        shelf.cbor(rights.LABEL, definition.rights.to_cbor())
    if definition.training_mining:
        shelf.cbor(training_mining.LABEL, _permissions(definition.training_mining).to_cbor())
    for one in definition.assertions:
        if one.label.startswith(_OWN):
            raise DefinitionError(
                "manifest definition.assertions", f"{one.label} is written by the library"
            )
        put = shelf.json if one.kind == "json" else shelf.cbor
        put(one.label, one.data, created=one.created)


def _disclosure(definition: ManifestDefinition) -> AiDisclosure | None:
    if definition.ai_disclosure is None and not story.is_generated(definition):
        return None
    given = definition.ai_disclosure or AiDisclosureDefinition()
    model = definition.models[0] if definition.models else ModelReference()
    guided = "prompt_guided" if definition.prompt and definition.prompt.text else None
    return AiDisclosure(
        model_type=given.model_type or model.type or models.model_type(model.path),
        model_name=given.model_name or model.name or (model.path.name if model.path else None),
        model_identifier=given.model_identifier or model.uri,
        human_oversight=given.human_oversight or guided,
    )


def _credits(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
        "dc:creator": list(names),
    }


def _checked_metadata(row: Any) -> Any:
    if "@context" not in row:
        raise DefinitionError("manifest definition.metadata", "has no @context: it is JSON-LD")
    return dict(row)


def _permissions(rows: Any) -> TrainingMining:
    def full(name: str) -> str:
        return name if "." in name else f"cawg.{name}"

    given: dict[str, PermissionDefinition] = dict(rows)
    return TrainingMining(
        {full(name): Permission(one.use, one.constraint) for name, one in given.items()}
    )
