"""The draft: a manifest with everything in it but the hash of the asset and the signature.

Source: C2PA 2.2 §10.3.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provenance.build import datasets, ingredients, kinds, models, prompts, story
from provenance.build.contributions import Met, contribution, party_of, says_anything
from provenance.build.definition import (
    AiDisclosureDefinition,
    AssetReference,
    ManifestDefinition,
    ModelReference,
)
from provenance.build.ingredients import Brought, Judge
from provenance.build.merge import Merged, MergedStore
from provenance.build.shelf import Shelf, Shelved, hashed_part
from provenance.build.statements import state
from provenance.build.terms import licence_of
from provenance.build.thumbnail import make_thumbnail
from provenance.digests import HashAlg
from provenance.errors import DefinitionError, MalformedError
from provenance.jumbf import JumbfUri
from provenance.model import labels
from provenance.model.assertions import actions, ai_disclosure, asset_type
from provenance.model.assertions import ingredient as ingredient_assertion
from provenance.model.assertions.ai_disclosure import AiDisclosure
from provenance.model.assertions.asset_type import AssetType
from provenance.model.assertions.contribution import CONTRIBUTION, Contributor
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.source import Asset, open_source
from provenance.version import NAME, SPEC_VERSION, VERSION

__all__ = ["Draft", "draft", "new_claim"]


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
    signer: str = "",
) -> Draft:
    """Turn a description into assertions and a claim.

    Args:
        asset: what will be signed; a manifest store it has becomes its parent's.
        definition: how it was made.
        judge: by what the manifests of ingredients are validated.
        has_past: has the asset a manifest store already, in it or beside it?
        alg: the hash algorithm of the claim.
        compress: compress the manifests of ingredients, as far as nothing else refers to them.
        signer: the name in the signer's certificate.

    Raises:
        DefinitionError: the definition contradicts itself, or a validator would reject it.
        ProvenanceError, OSError: an ingredient cannot be read.
    """
    merged = MergedStore()
    definition = kinds.settled(definition, asset)
    drafted = _draft(asset, definition, judge, merged, has_past=has_past, alg=alg, signer=signer)
    if compress and merged.compressible:
        # Only now it is known which of them stand inside others as well.
        again = MergedStore(merged.compressible)
        drafted = _draft(asset, definition, judge, again, has_past=has_past, alg=alg, signer=signer)
    return drafted


def _draft(
    asset: Asset,
    definition: ManifestDefinition,
    judge: Judge,
    merged: MergedStore,
    *,
    has_past: bool,
    alg: HashAlg,
    signer: str,
) -> Draft:
    desk = _Desk(Shelf(alg), merged, definition, judge, signer)
    label = labels.new_manifest_urn()
    parent = desk.parent(asset, has_past=has_past)
    inputs = [*desk.models(), *desk.prompt(), *desk.sources()]
    components = [*desk.components(), *desk.files(asset)]
    if len(desk.merged.manifests) >= judge.limits.manifests:
        raise DefinitionError(
            "manifest definition",
            f"{len(desk.merged.manifests)} manifests would come along, of which a reader takes "
            f"{judge.limits.manifests - 1}; sign folders of fewer files, and name them as datasets",
        )
    told = story.tell(definition, parent=parent, inputs=inputs, components=components)
    desk.shelf.cbor(actions.LABEL, told.to_cbor())
    disclosure = _disclosure(definition)
    if disclosure is not None:
        desk.shelf.cbor(ai_disclosure.LABEL, disclosure.to_cbor())
    state(desk.shelf, definition, signer)
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

    def __init__(
        self,
        shelf: Shelf,
        merged: MergedStore,
        definition: ManifestDefinition,
        judge: Judge,
        signer: str,
    ) -> None:
        self.shelf = shelf
        self.merged = merged
        self.committed: dict[str, prompts.Commitment] = {}
        self._definition = definition
        self._judge = judge
        self._signer = signer
        self._met: list[Met] = []
        self._authors: list[Contributor] = []

    def parent(self, asset: Asset, *, has_past: bool) -> HashedUri | None:
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
            return self._file(given, relationship)
        if not has_past and story.begins_here(self._definition):
            return None
        brought = ingredients.bring_asset(asset, relationship, self._judge, identify=False)
        path = Path(asset) if isinstance(asset, (str, Path)) else None
        return self._put(brought, path, "edited")

    def models(self) -> Iterator[HashedUri]:
        """Models that made it, models that it was made of, and what it was trained on."""
        definition = self._definition
        base = kinds.relation_to_base(definition.kind)
        models = [(model, "generatedBy") for model in definition.models]
        models += [(model, base) for model in definition.bases]
        for model, relation in models:
            brought = ingredients.bring_model(model, self._judge)
            yield self._put(brought, model.path, relation, name=model.name)
        relation = kinds.relation_to_dataset(definition.kind)
        for reference in definition.datasets:
            brought = ingredients.bring_dataset(reference, self._judge)
            yield self._put(brought, reference.path, relation)

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

    def sources(self) -> Iterator[HashedUri]:
        for reference in self._definition.sources:
            yield self._file(reference, Relationship.INPUT_TO)

    def components(self) -> list[HashedUri]:
        components = self._definition.components
        return [self._file(reference, Relationship.COMPONENT_OF) for reference in components]

    def _file(self, reference: AssetReference, relationship: Relationship) -> HashedUri:
        if reference.path is None:
            return self._put(ingredients.bring_named(reference, relationship))
        brought = ingredients.bring_asset(
            reference.path,
            relationship,
            self._judge,
            reference=reference,
            thumbnail=bool(self._definition.thumbnail) and reference.thumbnail,
        )
        relation = "edited" if relationship is Relationship.PARENT_OF else "composed"
        return self._put(brought, reference.path, relation)

    def files(self, asset: Asset) -> list[HashedUri]:
        """The signed files of a dataset; the authors of others become parties.

        What the dataset is due is divided by weight, where there is a table of authors. The part
        of files without a manifest stays with the dataset, and so with those who made them.
        """
        table, folder = self._definition.authors, _folder(asset)
        if table is not None and folder is None:
            raise DefinitionError("manifest definition.authors", "is for a folder that is signed")
        if folder is None or (table is None and self._definition.kind != "dataset"):
            return []
        limits = self._judge.limits
        met = {one.path.resolve() for one in self._met if one.path is not None}
        files = datasets.files_in(folder, limits)
        rows = datasets.read_authors(table, files) if table is not None else ()
        if rows:
            self.shelf.cbor(datasets.LABEL, {"v": 1, "files": [one.to_dict() for one in rows]})
        rates = datasets.rates(rows)
        signed = [
            (name, brought)
            for name, path in files.items()
            if not (met and path.resolve() in met)
            and datasets.is_signed(path, limits)
            and (brought := self._signed(path)) is not None
        ]
        self._name_authors(rows, {name for name, _ in signed})
        weights = Counter[str]()
        for one in rows:
            weights[one.path] += one.weight
        return [
            self._put(
                brought,
                files[name],
                "composed",
                units=weights.get(name),
                rate_ppm=rates.get(name),
            )
            for name, brought in signed
        ]

    def _signed(self, path: Path) -> Brought | None:
        """A file that has a manifest store; None if that is none which could be kept."""
        relationship = Relationship.COMPONENT_OF
        try:
            brought = ingredients.bring_asset(path, relationship, self._judge, identify=False)
        except MalformedError:
            return None
        return brought if brought.store is not None else None

    def _name_authors(self, rows: Iterable[datasets.Authored], signed: set[str]) -> None:
        """Name all of them; a file that speaks for itself has its part already."""
        named = (
            Contributor(
                id=party_of(one.author, self._signer),
                name=one.author,
                weight=0 if one.path in signed else one.weight,
                payee=one.payee,
            )
            for one in rows
        )
        self._authors = list(datasets.summed(named))

    def contribution(self) -> None:
        """Who had a part, and what is owed onward, if anybody said so."""
        if says_anything(self._definition):
            told = contribution(self._definition, self._met, self._authors, signer=self._signer)
            self.shelf.cbor(CONTRIBUTION, told.to_cbor())

    def _put(
        self,
        brought: Brought,
        path: Path | None = None,
        relation: str = "composed",
        *,
        units: int | None = None,
        rate_ppm: int | None = None,
        name: str | None = None,
    ) -> HashedUri:
        reference = self._shelved(brought)
        store = brought.store
        licence = licence_of(store, self._judge.limits) if store is not None else None
        self._met.append(Met(path, reference, relation, licence, units, rate_ppm, name))
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


def _folder(asset: Asset) -> Path | None:
    is_folder = isinstance(asset, (str, Path)) and Path(asset).is_dir()
    return Path(asset) if is_folder and isinstance(asset, (str, Path)) else None


def _thumbnail_of(asset: Asset) -> bytes | None:
    with open_source(asset) as source:
        return make_thumbnail(source)


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
