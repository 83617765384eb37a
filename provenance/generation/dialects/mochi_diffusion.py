"""Mochi Diffusion: `Include in Image: …; Exclude from Image: …; Model: …; Generator: …`.

EXIF ImageDescription and IPTC 2:120 hold the same text.
"""

import re

from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, size, text

__all__ = ["read"]

_KEYS = (
    "Include in Image|Exclude from Image|Model|Steps|Guidance Scale|Seed|Size|Scheduler|"
    "Upscaler|Upscaling Model|ML Compute Unit|Generator|Date|ControlNet"
)
_PAIR = re.compile(rf"(?:^|;\s*)({_KEYS}):\s*")
_APP = re.compile(r"(Mochi Diffusion)(?:\s+(\S+))?")
_LONGEST = 1 << 20


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    for found in texts.each("ImageDescription", "2:120", "dc:description", "Description"):
        app = _APP.search(found)
        if app is None or "Include in Image:" not in found or len(found) > _LONGEST:
            continue
        pieces = _PAIR.split(found.strip())[1:]
        said = dict(zip(pieces[::2], pieces[1::2], strict=False))
        model, upscaler = said.get("Model"), said.get("Upscaler", said.get("Upscaling Model"))
        return GenerationRecord(
            family="mochi-diffusion",
            generator=app[1],
            version=app[2],
            prompt=text(said.get("Include in Image")),
            negative_prompt=text(said.get("Exclude from Image")),
            seed=integer(said.get("Seed")),
            steps=integer(said.get("Steps")),
            sampler=text(said.get("Scheduler")),
            cfg=number(said.get("Guidance Scale")),
            size=size(said.get("Size")),
            models=(Model(kind="checkpoint", name=base_name(model)),) if is_named(model) else (),
            models_optional=(Model(kind="upscaler", name=base_name(upscaler)),)
            if is_named(upscaler)
            else (),
        )
    return None
