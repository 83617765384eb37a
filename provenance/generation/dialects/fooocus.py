"""Fooocus and its forks: JSON (or AUTOMATIC1111's text) with `fooocus_scheme`; RuinedFooocus.

PNG `parameters`, `fooocus_scheme` (FooocusPlus: `Comment`); EXIF UserComment with the scheme in
MakerNote and the version in Software. FooocusPlus spells keys `Base Model`, others `base_model`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provenance.generation.dialects import a1111
from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, items, number, size, text

__all__ = ["read"]

_SCHEMES = ("fooocus", "a1111", "simple")
_KEEP = ("styles", "performance", "full_prompt", "sharpness", "clip_skip")
_RUINED = re.compile(r"\s*([+-]?[\d.]+)\s*-\s*(.+)")


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    data = texts.object("parameters", "UserComment", "Comment", "comment")
    if data is not None and "Prompt" in data and "software" in data:
        return _ruined(data)
    scheme = texts.get("fooocus_scheme", "MakerNote")
    software = texts.get("Software", carrier="exif")
    if data is not None:
        row = {str(key).lower().replace(" ", "_"): value for key, value in data.items()}
        if "base_model" in row and ("full_prompt" in row or "metadata_scheme" in row):
            return _fooocus(row, text(row.get("version")) or software)
    if scheme in _SCHEMES:
        record = a1111.from_text(texts.get("parameters", "UserComment") or "", "fooocus")
        return replace(record, generator=record.generator or "Fooocus") if record else None
    return None


def _fooocus(row: Mapping[str, Any], version: str | None) -> GenerationRecord:
    name = re.split(r"\s+v?\d", (version or "Fooocus")[:100])[0].strip()
    digest = text(row.get("base_model_hash")) or None
    return GenerationRecord(
        family="fooocus",
        generator=name or "Fooocus",
        version=version,
        prompt=text(row.get("prompt")),
        negative_prompt=text(row.get("negative_prompt")),
        seed=integer(row.get("seed")),
        steps=integer(row.get("steps")),
        sampler=text(row.get("sampler")),
        scheduler=text(row.get("scheduler")),
        cfg=number(row.get("guidance_scale")),
        size=size(row.get("resolution")),
        models=(
            Model(kind="checkpoint", name=base_name(row.get("base_model")), hash=digest),
            *_others(row),
        ),
        extra={key: row[key] for key in _KEEP if row.get(key) is not None},
    )


def _others(row: Mapping[str, Any]) -> Iterator[Model]:
    for one in items(row.get("loras")):
        parts = [*items(one), None, None, None]
        if is_named(parts[0]):
            name, digest = base_name(parts[0]), text(parts[2]) or None
            yield Model(kind="lora", name=name, hash=digest, weight=number(parts[1]))
    if is_named(row.get("refiner_model")):
        digest = text(row.get("refiner_model_hash")) or None
        yield Model(kind="refiner", name=base_name(row["refiner_model"]), hash=digest)
    if is_named(row.get("vae")):
        yield Model(kind="vae", name=base_name(row["vae"]))


def _ruined(data: Mapping[str, Any]) -> GenerationRecord:
    name, digest = base_name(data.get("base_model_name")), text(data.get("base_model_hash"))
    loras = []
    for one in items(data.get("loras")):
        parts = [*items(one), None, None]
        found = _RUINED.fullmatch(parts[1][:500]) if isinstance(parts[1], str) else None
        if found:
            hashed = text(parts[0]) or None
            weight = number(found[1])
            loras.append(Model(kind="lora", name=base_name(found[2]), hash=hashed, weight=weight))
    return GenerationRecord(
        family="fooocus",
        generator=text(data.get("software")),
        version=text(data.get("version")),
        prompt=text(data.get("Prompt")),
        negative_prompt=text(data.get("Negative")),
        seed=integer(data.get("seed")),
        steps=integer(data.get("steps")),
        sampler=text(data.get("sampler_name")),
        scheduler=text(data.get("scheduler")),
        cfg=number(data.get("cfg")),
        size=size(data.get("width"), data.get("height")),
        models=(Model(kind="checkpoint", name=name, hash=digest or None), *loras),
    )
