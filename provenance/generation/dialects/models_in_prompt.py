"""Models named in a prompt: `<lora:name:0.8>`, `<hypernet:name:1>`, `embedding:name.pt`."""

import re
from collections.abc import Iterable, Iterator

from provenance.generation.record import Model, ModelKind
from provenance.generation.values import base_name, number

__all__ = ["OPTIONAL", "distinct", "embedded", "tagged"]

OPTIONAL: frozenset[ModelKind] = frozenset(("upscaler", "detector"))
_TAG = re.compile(r"<(lora|lyco|hypernet):([^:<>]{1,300})(?::([^<>]{0,300}))?>", re.IGNORECASE)
_EMBEDDING = re.compile(r"\bembedding:([^\s,:;()\[\]{}<>|]{1,300})", re.IGNORECASE)
_MOST = 1000


def tagged(prompt: str | None) -> Iterator[Model]:
    """The networks that tags of a prompt load; a weight by blocks stays a text."""
    for count, found in enumerate(_TAG.finditer(prompt or "")):
        if count >= _MOST:
            return
        first = (found[3] or "").split(":")[0]
        weight = number(first)
        kind: ModelKind = "hypernetwork" if found[1].lower() == "hypernet" else "lora"
        yield Model(
            kind=kind,
            name=base_name(found[2]),
            weight=weight if weight is not None else (found[3] or None),
        )


def embedded(prompt: str | None) -> Iterator[Model]:
    """The embeddings that a ComfyUI prompt names."""
    for count, found in enumerate(_EMBEDDING.finditer(prompt or "")):
        if count >= _MOST:
            return
        yield Model(kind="embedding", name=base_name(found[1].rstrip(".")))


def distinct(models: Iterable[Model]) -> tuple[Model, ...]:
    """Each model once; one that is known by name and again by hash keeps what is known."""
    found: dict[tuple[str, str | None, str | None], Model] = {}
    for one in models:
        key = (one.kind, one.name, None if one.name else one.hash)
        known = found.get(key)
        if known is None:
            found[key] = one
        else:
            found[key] = Model(
                kind=one.kind,
                name=one.name,
                hash=known.hash or one.hash,
                weight=known.weight if known.weight is not None else one.weight,
                ref=known.ref or one.ref,
            )
    return tuple(found.values())
