"""What to call things: a manifest, an ingredient, a prompt. All escaped."""

from collections.abc import Mapping
from typing import Any

from provenance.model.labels import OWN_NAMESPACE
from provenance.report.escape import clean
from provenance.validate.results import IngredientReport, ManifestReport

__all__ = ["PROMPT", "as_map", "prompt_of", "relation", "title_of"]

PROMPT = "prompt"

_RELATIONS = {"parentOf": "parent", "componentOf": "component", "inputTo": "input"}
_HIDDEN_PROMPT = f"{OWN_NAMESPACE}.prompt"
_PROMPT_LENGTH = 2000  # characters shown of a disclosed prompt


def relation(ingredient: IngredientReport) -> str:
    """What an ingredient is to the asset, in a word."""
    if ingredient.relationship == "inputTo":
        if any(kind.startswith("c2pa.types.model") for kind in ingredient.types):
            return "model"
        if any(kind.startswith("c2pa.types.generator.prompt") for kind in ingredient.types):
            return PROMPT
    return _RELATIONS.get(ingredient.relationship, clean(ingredient.relationship, 20))


def title_of(manifest: ManifestReport, otherwise: str | None = None) -> str:
    """What to call the thing a manifest is about.

    Args:
        manifest: with a title, or without.
        otherwise: what to call it then, as the user or the ingredient does.
    """
    title = manifest.claim.title if manifest.claim else None
    return clean(title or otherwise or manifest.label, 100)


def prompt_of(one: IngredientReport, manifest: ManifestReport) -> str:
    """The words of a prompt that is disclosed; else how much is known of it."""
    by_label = {assertion.label: as_map(assertion.value) for assertion in manifest.assertions}
    hidden = by_label.get(_HIDDEN_PROMPT, {})
    content = by_label.get(_last(one.uri), {})
    stored = by_label.get(_last(as_map(content.get("data")).get("url")), {})
    if isinstance(stored.get("text"), str):
        return f"disclosed: {clean(stored['text'], _PROMPT_LENGTH)}"
    if PROMPT in as_map(hidden.get("fields")):
        return "committed to, not disclosed; its salt file proves it later"
    return "left out" if hidden.get("omitted") else "not disclosed"


def _last(uri: Any) -> str:
    return uri.rpartition("/")[2] if isinstance(uri, str) else ""


def as_map(value: Any) -> Mapping[Any, Any]:
    """A map as it is, anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}
