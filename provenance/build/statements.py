"""What a manifest states of its asset besides how it was made: kind, people, terms, the rest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provenance.build.contributions import creators_of
from provenance.build.definition import ManifestDefinition, PermissionDefinition
from provenance.build.shelf import Shelf
from provenance.errors import DefinitionError
from provenance.model.assertions import asset_type, contribution, rights, training_mining
from provenance.model.assertions.asset_type import AssetType, AssetTypes
from provenance.model.assertions.rights import Rights
from provenance.model.assertions.training_mining import Permission, TrainingMining

__all__ = ["state"]

_OWN = (
    *("c2pa.actions", "c2pa.ingredient", "c2pa.hash.", "c2pa.claim", "c2pa.signature"),
    "cawg.identity",
    contribution.CONTRIBUTION,  # its hashes of ingredients are known to the library alone
)
_WHAT = "manifest definition"


def state(shelf: Shelf, definition: ManifestDefinition, signer: str) -> None:
    """What the asset is, who made it, what may be done with it; and anything else.

    Args:
        shelf: where the assertions go.
        definition: what the user said.
        signer: the name in the signer's certificate.

    Raises:
        DefinitionError: terms and permissions that contradict each other, metadata that is no
            JSON-LD, or an assertion that the library writes.
    """
    if definition.asset_types:
        types = tuple(AssetType(*one) for one in definition.asset_types)
        shelf.cbor(asset_type.LABEL, AssetTypes(types).to_cbor())
    names = creators_of(definition)
    if names:
        shelf.json("cawg.metadata", _credits(names))
    if definition.metadata is not None:
        shelf.json("c2pa.metadata", _checked_metadata(definition.metadata))
    if definition.rights is not None:
        licensor = definition.rights.licensor or next(iter(names), signer) or "the signer"
        shelf.cbor(rights.LABEL, replace(definition.rights, licensor=licensor).to_cbor())
    permissions = _permissions(definition.training_mining, definition.rights)
    if permissions:
        shelf.cbor(training_mining.LABEL, TrainingMining(permissions).to_cbor())
    for one in definition.assertions:
        if one.label.startswith(_OWN):
            raise DefinitionError(f"{_WHAT}.assertions", f"{one.label} is written by the library")
        put = shelf.json if one.kind == "json" else shelf.cbor
        put(one.label, one.data, created=one.created)


def _credits(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
        "dc:creator": list(names),
    }


def _checked_metadata(row: Any) -> Any:
    if "@context" not in row:
        raise DefinitionError(f"{_WHAT}.metadata", "has no @context: it is JSON-LD")
    return dict(row)


def _permissions(
    given: Mapping[str, PermissionDefinition], terms: Rights | None
) -> Mapping[str, Permission]:
    """What is said of training and mining; terms say it, too, and the two agree."""
    said = {
        name if "." in name else f"cawg.{name}": Permission(one.use, one.constraint)
        for name, one in given.items()
    }
    if terms is None:
        return said
    followed = training_mining.agreeing(terms)
    for name, ours in training_mining.AI_USES.items():
        if name in said and said[name].use != followed[name].use:
            raise DefinitionError(
                f"{_WHAT}.training_mining.{name}",
                f"is {said[name].use}, but ai.{ours} of the rights is {followed[name].use}",
            )
    return {**followed, **said}
