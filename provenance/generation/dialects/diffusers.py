"""Programs built on diffusers that write its arguments as JSON into `parameters`.

The library itself writes nothing, and these do not name themselves.
"""

from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, size, text

__all__ = ["read"]

_OWN = frozenset(("num_inference_steps", "guidance_scale"))


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    data = texts.object("parameters", "Parameters", "UserComment", "metadata", "comment")
    if data is None or not _OWN & data.keys() or "prompt" not in data:
        return None
    name = data.get("Model", data.get("model", data.get("model_name")))
    digest = text(data.get("Model hash")) or None
    wide = data.get("width")
    asked = size(data.get("resolution")) if wide is None else size(wide, data.get("height"))
    return GenerationRecord(
        family="diffusers",
        prompt=text(data.get("prompt")),
        negative_prompt=text(data.get("negative_prompt")),
        seed=integer(data.get("seed")),
        steps=integer(data.get("num_inference_steps")),
        sampler=text(data.get("sampler", data.get("scheduler"))),
        cfg=number(data.get("guidance_scale")),
        size=asked,
        models=(
            Model(kind="checkpoint", name=base_name(name) if is_named(name) else None, hash=digest),
        )
        if is_named(name) or digest
        else (),
    )
