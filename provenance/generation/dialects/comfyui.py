"""ComfyUI: the graph that ran, walked from its outputs to loaders, samplers and pictures.

    prompt    {"3": {"class_type": "KSampler", "inputs": {"seed": 42, "model": ["4", 0], …}}, …}
    workflow  the same as it is drawn; it does not say what ran, and is not read

A graph is looked for under every key that a saver is known to use, with or without a word before it
(`prompt:`, `Prompt: `), and inside of an object that holds both. A graph without a sampler does not
prove a generation: then a text beside it, such as AUTOMATIC1111's, knows the settings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provenance.generation.dialects import a1111
from provenance.generation.dialects.comfy_graph import Graph
from provenance.generation.dialects.comfy_models import loaded, pictures
from provenance.generation.dialects.comfy_passes import prompts_of, sampled, size_of
from provenance.generation.dialects.models_in_prompt import OPTIONAL, distinct, embedded
from provenance.generation.record import GenerationRecord
from provenance.generation.texts import Texts, as_json

__all__ = ["from_graph", "graphs", "read"]

_PLACES: tuple[str, ...] = (
    "prompt",
    "Model",
    "Make",
    "UserComment",
    "metadata",
    "comment",
    "ImageDescription",
    "XPComment",
    "parameters",
    "exif:UserComment",
    "description",
)
_DRAWN = ("workflow", "Make", "ImageDescription", "metadata", "UserComment", "comment")
_WORD = re.compile(r"\s*(?:prompt|workflow)\s*:\s*(?=\{)", re.IGNORECASE)
_AIR = "urn:air:"


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    graph = next(graphs(texts), None)
    if graph is None:
        if next(_drawings(texts), None) is None:
            return None
        return _beside(texts, GenerationRecord(family="comfyui", generator="ComfyUI"))
    record = from_graph(graph)
    if record.passes or record.prompt is not None:
        return _single(record)
    return _beside(texts, record)


def graphs(texts: Texts) -> Iterator[Mapping[str, Any]]:
    """The graphs that ran, as found."""
    for found in texts.each(*_PLACES):
        whole = _whole(texts, found)
        for one in (whole, whole.get("prompt") if isinstance(whole, dict) else None):
            if isinstance(one, str):
                one = as_json(one, texts.json_bytes)
            if isinstance(one, dict) and Graph.is_one(one):
                yield one
                break


def _whole(texts: Texts, found: str) -> Any:
    """A text as JSON, be there a word before it or not."""
    word = _WORD.match(found)
    return as_json(found[word.end() :], texts.json_bytes) if word else texts.parsed(found)


def from_graph(raw: Mapping[str, Any]) -> GenerationRecord:
    """What a graph says; with all its passes, be it a single one."""
    graph = Graph.read(raw)
    passes = sampled(graph)
    base = passes[0] if passes else None
    words = dict.fromkeys(said.text for one in passes for said in prompts_of(one))
    models = distinct((*loaded(graph), *(model for text in words for model in embedded(text))))
    hosted = "extraMetadata" in raw or any(_AIR in (one.name or "") for one in models)
    return GenerationRecord(
        family="comfyui",
        generator="Civitai" if hosted else "ComfyUI",
        prompt=base.record.prompt if base else None,
        negative_prompt=base.record.negative_prompt if base else None,
        seed=base.record.seed if base else None,
        steps=base.record.steps if base else None,
        sampler=base.record.sampler if base else None,
        scheduler=base.record.scheduler if base else None,
        cfg=base.record.cfg if base else None,
        size=size_of(graph, base) if base else None,
        models=tuple(one for one in models if one.kind not in OPTIONAL),
        models_optional=tuple(one for one in models if one.kind in OPTIONAL),
        inputs=tuple(pictures(graph)),
        prompt_parts=base.parts if base and len(base.parts) > 1 else (),
        passes=tuple(one.record for one in passes),
        workflow=raw,
    )


def _single(record: GenerationRecord) -> GenerationRecord:
    """A single pass is what the plain fields say already."""
    return record if len(record.passes) > 1 else replace(record, passes=())


def _beside(texts: Texts, record: GenerationRecord) -> GenerationRecord:
    """What a text beside the graph knows, when the graph does not tell of a generation."""
    words = a1111.read(texts)
    if words is None:
        return record
    return replace(
        words,
        family="comfyui",
        generator=words.generator or record.generator,
        inputs=words.inputs or record.inputs,
        workflow=record.workflow,
    )


def _drawings(texts: Texts) -> Iterator[Mapping[str, Any]]:
    for found in texts.each(*_DRAWN):
        whole = _whole(texts, found)
        for one in (whole, whole.get("workflow") if isinstance(whole, dict) else None):
            if isinstance(one, dict) and isinstance(one.get("nodes"), list):
                yield one
                break
