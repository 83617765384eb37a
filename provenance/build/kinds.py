"""What an asset is, where the user says so: its asset types, and how such a thing comes to be.

Source: C2PA 2.2 §18.20 for asset types; 2.4 for trained data.
"""

from dataclasses import replace
from pathlib import Path

from provenance.build import models
from provenance.build.definition import ManifestDefinition
from provenance.errors import DefinitionError
from provenance.model.assertions.asset_type import DATASET
from provenance.model.labels import OWN_NAMESPACE
from provenance.source import Asset

__all__ = ["relation_to_base", "relation_to_dataset", "settled"]

_REFINED = ("adapter", "merge")
_MODELS = ("model", *_REFINED)
_WHAT = "manifest definition"
_SOURCES = {
    **dict.fromkeys(("model", "adapter", "merge"), "trainedAlgorithmicData"),
    "dataset": "composite",
    "photo": "digitalCapture",
}
_RELATIONS = {"adapter": "adapterOf", "merge": "mergedFrom"}


def relation_to_base(kind: str | None) -> str:
    """What a base model is to a model of a kind."""
    return _RELATIONS.get(kind or "", "finetunedFrom")


def relation_to_dataset(kind: str | None) -> str:
    """What a dataset is to an asset of a kind."""
    return "composed" if kind == "dataset" else "trainedOn"


def settled(definition: ManifestDefinition, asset: Asset) -> ManifestDefinition:
    """A definition with what follows from the kind of asset, unless it says otherwise.

    Raises:
        DefinitionError: its ingredients are not those of such a thing.
    """
    kind = definition.kind
    _check(definition)
    if kind is None:
        return definition
    path = Path(asset) if isinstance(asset, (str, Path)) else None
    types = definition.asset_types or tuple((one, None) for one in _types(kind, path))
    source = definition.digital_source_type
    if source is None and definition.parent is None:
        source = _SOURCES.get(kind)
    return replace(definition, asset_types=types, digital_source_type=source)


def _types(kind: str, path: Path | None) -> tuple[str, ...]:
    if kind == "dataset":
        return (DATASET,)
    if kind in _MODELS:
        own = (f"{OWN_NAMESPACE}.types.{kind}",) if kind in _REFINED else ()
        return (models.model_type(path), *own)
    return ()


def _check(definition: ManifestDefinition) -> None:
    kind = definition.kind
    if definition.bases and kind not in _MODELS:
        raise DefinitionError(
            f"{_WHAT}.bases", f"are for a model: say kind {', '.join(_MODELS[:-1])} or merge"
        )
    if definition.models and kind in _MODELS:
        raise DefinitionError(f"{_WHAT}.models", f"made no {kind}: name its 'bases' instead")
    if kind == "photo" and (definition.models or definition.prompt):
        raise DefinitionError(f"{_WHAT}.kind", "is photo, which no model makes; say image")
