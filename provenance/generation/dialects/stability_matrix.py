"""Stability Matrix: `parameters` as AUTOMATIC1111's text, with `smproj` and `parameters-json`.

The ComfyUI graph that ran is there too, but lacks what the program took out of the prompt.
"""

from dataclasses import replace

from provenance.generation.dialects import a1111
from provenance.generation.record import GenerationRecord
from provenance.generation.texts import Texts

__all__ = ["read"]


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    if texts.get("smproj", "parameters-json") is None:
        return None
    record = a1111.from_text(texts.get("parameters") or "")
    if record is None:
        return None
    return replace(record, family="stability-matrix", generator="Stability Matrix")
