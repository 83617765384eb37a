"""MFLUX: JSON in the UserComment of a PNG's EXIF, with the full paths of what went in.

Source: mflux, `metadata_builder`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.generation.record import GenerationRecord, Input, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, items, number, size, text

__all__ = ["read"]

_INPUTS = (
    ("image_paths", "image"),
    ("image_path", "image"),
    ("controlnet_image_path", "control"),
    ("depth_image_path", "control"),
    ("masked_image_path", "mask"),
    ("redux_image_paths", "reference"),
)
_KEEP = ("quantize", "controlnet_strength", "image_strength", "created_at")


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    data = texts.object("UserComment")
    if data is None or "mflux_version" not in data:
        return None
    return GenerationRecord(
        family="mflux",
        generator="MFLUX",
        version=text(data.get("mflux_version")),
        prompt=text(data.get("prompt")),
        negative_prompt=text(data.get("negative_prompt")),
        seed=integer(data.get("seed")),
        steps=integer(data.get("steps")),
        cfg=number(data.get("guidance")),
        size=size(data.get("width"), data.get("height")),
        models=tuple(_models(data)),
        inputs=tuple(_inputs(data)),
        extra={key: data[key] for key in _KEEP if isinstance(data.get(key), (str, int, float))},
    )


def _models(data: Mapping[str, Any]) -> Iterator[Model]:
    if is_named(data.get("model")):
        yield Model(kind="checkpoint", name=base_name(data["model"]))
    scales = items(data.get("lora_scales"))
    for at, path in enumerate(items(data.get("lora_paths"))):
        weight = number(scales[at]) if at < len(scales) else None
        yield Model(kind="lora", name=base_name(path), weight=weight)


def _inputs(data: Mapping[str, Any]) -> Iterator[Input]:
    seen: set[str] = set()
    for key, role in _INPUTS:
        value = data.get(key)
        for path in value if isinstance(value, list) else [value]:
            name = base_name(path)
            if name and str(path) not in seen:
                seen.add(str(path))
                yield Input(name=name, role=role)
