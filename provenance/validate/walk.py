"""From the active manifest along the ingredients: which manifests belong to the asset's chain.

Manifests that nothing refers to are ignored; cycles and depth are bounded.
Source: C2PA 2.2 §15.11.3.
"""

from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri
from provenance.limits import Limits
from provenance.model.store import Manifest, ManifestStore
from provenance.validate.reading import Reading, read_manifest

__all__ = ["Chain", "target_label", "walk"]


@dataclass(frozen=True, slots=True)
class Chain:
    """The manifests reached, the active one first, and what their claims redact."""

    readings: dict[str, Reading]
    redacted: frozenset[str]


def target_label(url: str) -> str | None:
    """The label of the manifest that a URI leads into."""
    try:
        uri = JumbfUri.parse(url)
    except MalformedError:
        return None
    return uri.labels[0] if uri.labels else None


def walk(store: ManifestStore, active: Manifest, limits: Limits) -> Chain:
    """Read every manifest on the way, each once, breadth first.

    Raises:
        LimitError: the chain is deeper than we follow.
    """
    readings: dict[str, Reading] = {}
    redacted: set[str] = set()
    level = [active]
    depth = 0
    while level:
        if depth > limits.ingredient_depth:
            raise LimitError("ingredients", f"nested deeper than {limits.ingredient_depth}")
        for manifest in level:
            readings[manifest.label] = read_manifest(manifest, limits)
        level = _below(level, readings, store, redacted)
        depth += 1
    return Chain(readings, frozenset(redacted))


def _below(
    level: list[Manifest], readings: dict[str, Reading], store: ManifestStore, redacted: set[str]
) -> list[Manifest]:
    found: dict[str, Manifest] = {}
    for manifest in level:
        reading = readings[manifest.label]
        redacted.update(reading.redacts)
        for typed in reading.ingredients:
            reference = typed.content.active_manifest if typed.content else None
            label = target_label(reference.url) if reference else None
            target = store.manifest(label) if label else None
            if target is not None and target.label not in readings:
                found[target.label] = target
    return list(found.values())
