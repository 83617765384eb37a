"""Easy Diffusion: one PNG text for each setting, or one JSON object in a UserComment.

The app is not named; its keys are known, in either of two spellings. Values went through Python's
`str`: `None`, `False` and `['a', 'b']` are words.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.generation.record import GenerationRecord, Model, ModelKind
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, size, text

__all__ = ["read"]

_MARKS = ("use_stable_diffusion_model", "Stable Diffusion model")
_LABELS = {
    "prompt": "Prompt",
    "negative_prompt": "Negative Prompt",
    "seed": "Seed",
    "use_stable_diffusion_model": "Stable Diffusion model",
    "clip_skip": "Clip Skip",
    "use_controlnet_model": "ControlNet model",
    "use_vae_model": "VAE model",
    "sampler_name": "Sampler",
    "scheduler_name": "Scheduler",
    "width": "Width",
    "height": "Height",
    "num_inference_steps": "Steps",
    "guidance_scale": "Guidance Scale",
    "distilled_guidance_scale": "Distilled Guidance",
    "use_lora_model": "LoRA model",
    "lora_alpha": "LoRA Strength",
    "use_embeddings_model": "Embedding models",
    "use_hypernetwork_model": "Hypernetwork model",
    "hypernetwork_strength": "Hypernetwork Strength",
    "use_upscale": "Use Upscaling",
}
_KINDS: tuple[tuple[str, ModelKind, str], ...] = (
    ("use_stable_diffusion_model", "checkpoint", ""),
    ("use_vae_model", "vae", ""),
    ("use_controlnet_model", "controlnet", ""),
    ("use_lora_model", "lora", "lora_alpha"),
    ("use_embeddings_model", "embedding", ""),
    ("use_hypernetwork_model", "hypernetwork", "hypernetwork_strength"),
)


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    row: Mapping[str, Any] | None = texts.object("UserComment")
    if row is None or not any(mark in row for mark in _MARKS):
        if texts.get(*_MARKS) is None:
            return None
        row = {one.key: one.value for one in texts.all}
    said = {key: _value(row.get(key, row.get(label))) for key, label in _LABELS.items()}
    upscaler, guidance = said["use_upscale"], number(said["distilled_guidance_scale"])
    return GenerationRecord(
        family="easy-diffusion",
        generator="Easy Diffusion",
        prompt=text(said["prompt"]),
        negative_prompt=text(said["negative_prompt"]),
        seed=integer(said["seed"]),
        steps=integer(said["num_inference_steps"]),
        sampler=text(said["sampler_name"]),
        scheduler=text(said["scheduler_name"]),
        cfg=number(said["guidance_scale"]),
        size=size(said["width"], said["height"]),
        models=tuple(_models(said)),
        models_optional=(Model(kind="upscaler", name=base_name(upscaler)),)
        if is_named(upscaler)
        else (),
        extra={"distilled_guidance": guidance} if guidance is not None else {},
    )


def _value(value: Any) -> Any:
    return None if value in ("None", "False", False) else value


def _models(said: Mapping[str, Any]) -> Iterator[Model]:
    for key, kind, strength in _KINDS:
        weights = _listed(said.get(strength))
        for at, name in enumerate(_listed(said[key])):
            if is_named(name):
                weight = number(weights[at]) if at < len(weights) else None
                yield Model(kind=kind, name=base_name(name), weight=weight)


def _listed(value: Any) -> list[Any]:
    """One value or several, also when they were printed as a list."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        value = [one.strip().strip("'\"") for one in value[1:-1].split(",")]
    return value if isinstance(value, list) else [value]
