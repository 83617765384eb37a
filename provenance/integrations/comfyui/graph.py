"""What a running ComfyUI knows of a picture: the graph above a node, and the files it names."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from provenance.generation.read import from_texts
from provenance.generation.record import GenerationRecord, Model
from provenance.generation.texts import Text, Texts
from provenance.pipeline.lookup import FindInput, inputs_in

__all__ = ["above", "input_file", "model_file", "record_of"]

# The folders where ComfyUI keeps each kind, new names before old ones.
_FOLDERS = {
    "checkpoint": ("checkpoints",),
    "refiner": ("checkpoints",),
    "unet": ("diffusion_models", "unet"),
    "vae": ("vae",),
    "text_encoder": ("text_encoders", "clip"),
    "lora": ("loras",),
    "embedding": ("embeddings",),
    "hypernetwork": ("hypernetworks",),
    "controlnet": ("controlnet",),
    "ip_adapter": ("ipadapter",),
    "clip_vision": ("clip_vision",),
    "gligen": ("gligen",),
    "style_model": ("style_models",),
    "upscaler": ("upscale_models",),
}


def above(graph: Mapping[str, Any], node: str) -> dict[str, Any]:
    """The part of a graph that a node depends on; all of it when the node is not in it."""
    if node not in graph:
        return dict(graph)
    found: dict[str, Any] = {}
    waiting = [node]
    while waiting:
        name = waiting.pop()
        row = graph.get(name)
        if name in found or not isinstance(row, Mapping):
            continue
        found[name] = row
        inputs = row.get("inputs")
        for value in inputs.values() if isinstance(inputs, Mapping) else ():
            if isinstance(value, list) and len(value) == 2:  # a link: a node, and which output
                waiting += [str(value[0])]
    return found


def record_of(graph: Any, node: str, drawn: Any) -> GenerationRecord | None:
    """The record of what a node gets, as it would be read from a picture saved by it.

    Args:
        graph: the graph that runs, ComfyUI's hidden PROMPT.
        node: the node's own number.
        drawn: the workflow as it is drawn, if there is one.
    """
    if not isinstance(graph, Mapping):
        return None
    texts = [Text("png:tEXt", "prompt", json.dumps(above(graph, node), default=str))]
    if drawn is not None:
        texts.append(Text("png:tEXt", "workflow", json.dumps(drawn, default=str)))
    return from_texts(Texts(tuple(texts)))


def model_file(full_path: Callable[[str, str], str | None]) -> Callable[[Model], Path | None]:
    """Find a model's file as ComfyUI does, by `folder_paths.get_full_path`."""

    def find(model: Model) -> Path | None:
        for folder in _FOLDERS.get(model.kind, ()):
            try:
                path = full_path(folder, model.name or "")
            except (KeyError, FileNotFoundError):  # no such kind in this version of ComfyUI
                continue
            if path:
                return Path(path)
        return None

    return find


def input_file(folders: list[str]) -> FindInput:
    """Find an input picture in ComfyUI's own folders."""
    return inputs_in(folders)
