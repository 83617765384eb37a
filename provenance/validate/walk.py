"""From the active manifest along the ingredients: which manifests belong to the asset's chain.

Manifests that nothing refers to are ignored; cycles and depth are bounded.
Source: C2PA 2.2 §15.11.3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri
from provenance.limits import Limits
from provenance.model.store import Manifest, ManifestKind, ManifestStore
from provenance.validate.reading import Reading, read_manifest

__all__ = ["Chain", "down", "target_label", "walk"]

_MOST_STEPS = 1_000_000  # over the ways of a chain; beyond, a redaction is not counted


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


def walk(
    store: ManifestStore,
    active: Manifest,
    limits: Limits,
    read: Callable[[Manifest, Limits], Reading] = read_manifest,
) -> Chain:
    """Read every manifest on the way, each once, breadth first.

    Raises:
        LimitError: the chain is deeper than we follow.
    """
    readings: dict[str, Reading] = {}
    leads: dict[str, tuple[str, ...]] = {}
    level = [active]
    depth = 0
    while level:
        if depth > limits.ingredient_depth:
            raise LimitError("ingredients", f"nested deeper than {limits.ingredient_depth}")
        for manifest in level:
            readings[manifest.label] = read(manifest, limits)
        found: dict[str, Manifest] = {}
        for manifest in level:
            below = tuple(_ingredients(readings[manifest.label], store))
            leads[manifest.label] = tuple(one.label for one in below)
            found |= {one.label: one for one in below if one.label not in readings}
        level = list(found.values())
        depth += 1
    return Chain(readings, frozenset(_redactions(readings, leads)))


def _ingredients(reading: Reading, store: ManifestStore) -> Iterator[Manifest]:
    for typed in reading.ingredients:
        reference = typed.content.active_manifest if typed.content else None
        label = target_label(reference.url) if reference else None
        target = store.manifest(label) if label else None
        if target is not None:
            yield target


def _redactions(readings: dict[str, Reading], leads: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """What may count as redacted: a claim speaks for itself and for what lies below it, only.

    Otherwise whoever makes a component could empty the manifests of its neighbours. That a claim
    must not redact its own assertions is for another check to say.
    """
    steps = 0
    for label, reading in readings.items():
        if not reading.redacts:
            continue
        below, waiting = {label}, [label]
        while waiting and steps < _MOST_STEPS:
            for one in leads[waiting.pop()]:
                steps += 1
                if one not in below:
                    below.add(one)
                    waiting.append(one)
        yield from (url for url in reading.redacts if target_label(url) in below)


def down(store: ManifestStore, limits: Limits) -> Iterator[Reading]:
    """The active manifest, and what it updates; the one that is no update comes last."""
    at, seen = store.active, set[str]()
    while at is not None and at.label not in seen:
        seen.add(at.label)
        reading = read_manifest(at, limits)
        yield reading
        at = _updated(reading, store) if at.kind is ManifestKind.UPDATE else None


def _updated(reading: Reading, store: ManifestStore) -> Manifest | None:
    for typed in reading.ingredients:
        reference = typed.content.active_manifest if typed.content else None
        label = target_label(reference.url) if reference else None
        if label is not None:
            return store.manifest(label)
    return None
