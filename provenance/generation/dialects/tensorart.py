"""Tensor.Art: `generation_data` as JSON, with the graph that ran under `prompt`.

The JSON says what was asked for, seed -1 for any; only the graph knows the seed that was taken.
"""

from typing import Any

from provenance.generation.dialects import comfyui
from provenance.generation.dialects.models_in_prompt import distinct
from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, number, obj, rows, size, text

__all__ = ["read"]


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    data = texts.object("generation_data")
    if data is None:
        return None
    ran = comfyui.read(texts)
    seed = integer(data.get("seed"))
    if seed is None or seed < 0:
        seed = ran.seed if ran else None
    return GenerationRecord(
        family="tensorart",
        generator="Tensor.Art",
        prompt=text(data.get("prompt")),
        negative_prompt=text(data.get("negativePrompt")),
        seed=seed,
        steps=integer(data.get("steps")),
        sampler=text(data.get("ksamplerName", data.get("samplerName"))),
        scheduler=text(data.get("schedule")),
        cfg=number(data.get("cfgScale")),
        size=size(data.get("width"), data.get("height")),
        models=_models(data),
        inputs=ran.inputs if ran else (),
        extra=_extra(data, ran),
        workflow=ran.workflow if ran else None,
    )


def _models(data: Any) -> tuple[Model, ...]:
    base = obj(data.get("baseModel"))
    found = [
        Model(
            kind="checkpoint",
            name=base_name(base.get("modelFileName")),
            hash=text(base.get("hash")) or None,
        )
    ]
    for row in rows(data.get("models")):
        kind = str(row.get("type", "")).upper()
        if kind in ("LORA", "LYCORIS", "LOCON"):
            found.append(
                Model(
                    kind="lora",
                    name=base_name(row.get("modelFileName")),
                    hash=text(row.get("hash")) or None,
                    weight=number(row.get("weight")),
                )
            )
    return distinct(one for one in found if one.name or one.hash)


def _extra(data: Any, ran: GenerationRecord | None) -> dict[str, Any]:
    skip = integer(data.get("clipSkip"))
    names = [one.name for one in (ran.models if ran else ()) if one.kind == "checkpoint"]
    extra = {"clip_skip": skip, "comfy_ckpt_name": names[0] if names else None}
    return {key: value for key, value in extra.items() if value is not None}
