"""Draw Things: JSON in a UserComment, in XMP for PNG and in EXIF for JPEG.

{"c": prompt, "uc": negative, "model", "sampler", "seed", "scale", "steps", "size": "WxH",
 "v2": {"loras": [{file, weight}], "controls": […], "refinerModel", …}}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, obj, rows, size, text

__all__ = ["read"]

_APP = "Draw Things"


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    for data in (texts.object("UserComment"), texts.object("exif:UserComment", carrier="xmp")):
        if data is not None and "c" in data and "uc" in data and "model" in data:
            return _record(data)
    return None


def _record(data: Mapping[str, Any]) -> GenerationRecord:
    more = obj(data.get("v2"))
    upscaler = more.get("upscaler", data.get("upscaler"))
    extra = {
        "strength": number(data.get("strength")),
        "seed_mode": text(data.get("seed_mode")),
        "clip_skip": integer(more.get("clipSkip")),
        "shift": number(data.get("shift")),
    }
    return GenerationRecord(
        family="draw-things",
        generator=_APP,
        prompt=text(data.get("c")),
        negative_prompt=text(data.get("uc")),
        seed=integer(data.get("seed")),
        steps=integer(data.get("steps")),
        sampler=text(data.get("sampler")),
        cfg=number(data.get("scale")),
        size=size(data.get("size")),
        models=tuple(_models(data, more)),
        models_optional=(Model(kind="upscaler", name=base_name(upscaler)),)
        if is_named(upscaler)
        else (),
        extra={key: value for key, value in extra.items() if value is not None},
    )


def _models(data: Mapping[str, Any], more: Mapping[str, Any]) -> Iterator[Model]:
    if is_named(data.get("model")):
        yield Model(kind="checkpoint", name=base_name(data["model"]))
    if is_named(more.get("refinerModel")):
        yield Model(kind="refiner", name=base_name(more["refinerModel"]))
    for row in rows(more.get("loras")) or rows(data.get("lora")):
        yield Model(
            kind="lora",
            name=base_name(row.get("file", row.get("model"))),
            weight=number(row.get("weight")),
        )
    for row in rows(more.get("controls")) or rows(data.get("control")):
        yield Model(
            kind="controlnet", name=base_name(row.get("file")), weight=number(row.get("weight"))
        )
