"""Models that the nodes of a ComfyUI graph load, and the pictures, films and sounds they open."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from provenance.generation.dialects.comfy_graph import Graph, Node
from provenance.generation.dialects.models_in_prompt import tagged
from provenance.generation.record import Input, Model, ModelKind
from provenance.generation.values import base_name, is_named, number

__all__ = ["loaded", "pictures"]

_KEYS: tuple[tuple[str, ModelKind], ...] = (
    (r"(?:base_)?ckpt_name|checkpoint(?:_name)?", "checkpoint"),
    (r"refiner_ckpt_name", "refiner"),
    (r"unet_name(?:_\d+)?|diffusion_model(?:_name)?", "unet"),
    (r"vae_name", "vae"),
    (r"clip_name\d*|text_encoder(?:_name)?\d*|t5_name", "text_encoder"),
    (r"lora_name(?:_?\d+)?", "lora"),
    (r"hypernetwork_name", "hypernetwork"),
    (r"control_net_name(?:_?\d+)?|controlnet_name", "controlnet"),
    (r"ipadapter_file", "ip_adapter"),
    (r"clip_vision_name", "clip_vision"),
    (r"gligen_name", "gligen"),
    (r"style_model_name", "style_model"),
    (r"upscale_model(?:_name)?", "upscaler"),
)
_BY_CLASS: tuple[tuple[str, ModelKind], ...] = (
    (r"upscale", "upscaler"),
    (r"detector|^sam", "detector"),
    (r"lora", "lora"),
    (r"controlnet", "controlnet"),
    (r"ip.?adapter", "ip_adapter"),
    (r"clip.?vision", "clip_vision"),
    (r"vae", "vae"),
    (r"t5|text.?encoder|clip", "text_encoder"),
    (r"dit|unet|diffusion.?model|transformer|wanvideo|nunchaku", "unet"),
    (r"checkpoint|diffusers", "checkpoint"),
)
_LOADER = re.compile(r"load|provider|select", re.IGNORECASE)
_NAME_KEYS = ("model_name", "model_path", "model")
_WEIGHTS = ("strength_model", "lora_weight", "strength", "model_strength", "lora_wt")
_PICTURES = ("image", "video", "audio", "file", "images", "mask")
_OPENS = re.compile(r"load.?(?:image|video|audio|mask|gif|latent)|(?:image|video).?load", re.I)
_MARKS = (" [input]", " [output]", " [temp]")
_ROLES = (
    (re.compile(r"control.?net|instructpix|canny|depth|pose|apply.?adapter", re.I), "control"),
    (re.compile(r"ip.?adapter", re.I), "ip_adapter"),
    (re.compile(r"clip.?vision|style.?model|unclip|reference", re.I), "reference"),
    (re.compile(r"inpaint|mask", re.I), "mask"),
    (re.compile(r"vae.?encode|image.?to.?video|i2v", re.I), "init_image"),
)
_STEPS = 50  # nodes looked at for the role of a picture


def loaded(graph: Graph) -> Iterator[Model]:
    """The models of the nodes that ran."""
    for node in graph.ran:
        yield from _of_node(graph, node)


@lru_cache(4096)
def _kind_of(key: str) -> ModelKind | None:
    return next((kind for pattern, kind in _KEYS if re.fullmatch(pattern, key)), None)


def _of_node(graph: Graph, node: Node) -> Iterator[Model]:
    known = False
    for key, value in node.inputs.items():
        if isinstance(value, dict):
            yield from _switched_on(value)
            continue
        kind = _kind_of(key)
        if kind is None:
            continue
        known = True
        name = graph.value(value, key)
        if kind == "text_encoder" and re.search(r"clip.?vision", node.kind, re.IGNORECASE):
            kind = "clip_vision"
        if is_named(name):
            yield _model(kind, name, _weight(graph, node, key) if kind == "lora" else None)
    if not known and _LOADER.search(node.kind):
        kind = next(
            (kind for pattern, kind in _BY_CLASS if re.search(pattern, node.kind, re.I)), None
        )
        names = (graph.value(node.inputs.get(key)) for key in _NAME_KEYS)
        name = next((one for one in names if is_named(one)), None)
        if kind is not None and name is not None:
            yield _model(kind, name)
    if re.search(r"prompt|wildcard", node.kind, re.IGNORECASE):
        for value in node.inputs.values():
            if isinstance(value, str) and "<lora:" in value:
                yield from tagged(value)


def _model(kind: ModelKind, name: str, weight: Any = None) -> Model:
    air = name if name.startswith("urn:air:") else None
    return Model(kind=kind, name=base_name(name), weight=number(weight), ref=air)


def _switched_on(row: Mapping[str, Any]) -> Iterator[Model]:
    """One row of a stack of LoRAs: `{"on": true, "lora": "name", "strength": 0.8}`."""
    if is_named(row.get("lora")) and row.get("on", True) is True:
        yield _model("lora", row["lora"], row.get("strength"))


def _weight(graph: Graph, node: Node, key: str) -> Any:
    number_ = re.search(r"\d+$", key)
    for name in _WEIGHTS:
        for one in (f"{name}_{number_[0]}" if number_ else name, name):
            if one in node.inputs:
                return graph.value(node.inputs[one])
    return None


def pictures(graph: Graph) -> Iterator[Input]:
    """What the nodes that ran opened, each once, with the role of its first reader."""
    seen: set[str] = set()
    for node in graph.ran:
        if not _OPENS.search(node.kind):
            continue
        for key in _PICTURES:
            value = graph.value(node.inputs.get(key))
            name = base_name(_unmarked(value)) if isinstance(value, str) else None
            if name and name not in seen:
                seen.add(name)
                yield Input(name=name, role=_role(graph, node))


def _unmarked(name: str) -> str:
    """A name without the word for the folder that it is in."""
    for mark in _MARKS:
        name = name.removesuffix(mark)
    return name


def _role(graph: Graph, node: Node) -> str:
    waiting, seen = [node.id], {node.id}
    for at in waiting:  # grows, nearest readers first
        for key, reader in graph.readers.get(at, ()):
            words = f"{reader.kind} {key}"
            role = next((role for pattern, role in _ROLES if pattern.search(words)), None)
            if key in ("start_image", "end_image"):
                role = "init_image"
            if role is not None:
                return role
            if reader.id not in seen and len(seen) < _STEPS:
                seen.add(reader.id)
                waiting.append(reader.id)
    return "image"
