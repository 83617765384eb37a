"""What a generator recorded of one run: the record that every dialect ends in.

`None` means not recorded, an empty text recorded as empty. Models and inputs keep the order in
which they were found; what a dialect could not tell is left out, never guessed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

__all__ = ["GenerationRecord", "Input", "Model", "ModelKind", "Number", "Pass"]

Number = int | float

ModelKind = Literal[
    "checkpoint",
    "unet",
    "vae",
    "text_encoder",
    "lora",
    "embedding",
    "hypernetwork",
    "controlnet",
    "ip_adapter",
    "clip_vision",
    "gligen",
    "refiner",
    "style_model",
    "upscaler",
    "detector",
    "model",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that took part. `name` is as recorded, an absolute path cut to its last part.

    `hash` is what the writer recorded: hashes of different writers are taken over different bytes,
    see `provenance.generation.hash_models`.
    """

    kind: ModelKind
    name: str | None = None
    hash: str | None = None
    weight: Number | str | None = None
    ref: str | None = None  # a name in somebody's catalogue, such as "civitai-version:691639"

    def to_dict(self) -> dict[str, Any]:
        """As JSON: `kind`, `name` and `hash` always, the rest where recorded."""
        row: dict[str, Any] = {"kind": self.kind, "name": self.name, "hash": self.hash}
        rest = {"weight": self.weight, "ref": self.ref}
        return row | {key: value for key, value in rest.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A picture, film or sound that went in: by its file name, its hash, or only that it was."""

    name: str | None = None
    role: str = "image"  # init_image, control, reference, ip_adapter, mask, image
    hash: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        row: dict[str, Any] = {"name": self.name, "role": self.role}
        return row | ({"hash": self.hash} if self.hash else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One sampling pass."""

    node: str
    class_type: str
    seed: int | None = None
    steps: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    cfg: Number | None = None
    denoise: Number | None = None
    start_at_step: int | None = None
    end_at_step: int | None = None
    prompt: str | None = field(default=None, repr=False)
    negative_prompt: str | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the two bounds only where recorded."""
        row = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("start_at_step", "end_at_step"):
            if row[name] is None:
                del row[name]
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRecord:
    """What one file says of its making. The plain settings are those of the base pass.

    `family` names the dialect that was read. `workflow` is the graph, parsed and unscrubbed:
    nothing of it may be stored before `provenance.generation.scrub` went over it.
    """

    family: str
    generator: str | None = None
    version: str | None = None
    prompt: str | None = field(default=None, repr=False)
    negative_prompt: str | None = field(default=None, repr=False)
    seed: int | None = None
    steps: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    cfg: Number | None = None
    size: tuple[int, int] | None = None  # as asked for, width and height in pixels
    models: tuple[Model, ...] = ()
    models_optional: tuple[Model, ...] = ()  # that worked on the result: upscalers, detectors
    inputs: tuple[Input, ...] = ()
    prompt_parts: tuple[str, ...] = field(default=(), repr=False)  # several that were combined
    passes: tuple[Pass, ...] = ()
    model_metadata: Mapping[str, Any] | None = None  # of a model file
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    workflow: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def generated(self) -> bool:
        """Does it tell of a run, and not only of a program that had the file in its hands?"""
        settings = (self.prompt, self.seed, self.steps, self.sampler)
        hosted = self.family == "c2pa" and self.generator is not None
        return hosted or any(one is not None for one in settings) or bool(self.prompt_parts)

    @property
    def words(self) -> tuple[str, ...]:
        """All that a person typed, each once: what is not to be told unless asked."""
        every = [self.prompt, self.negative_prompt, *self.prompt_parts]
        every += (text for one in self.passes for text in (one.prompt, one.negative_prompt))
        return tuple(dict.fromkeys(filter(None, every)))

    def to_dict(self) -> dict[str, Any]:
        """As JSON, of the form of `schemas/generation.schema.json`."""
        row: dict[str, Any] = {
            "generator": self.generator,
            "version": self.version,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "seed": self.seed,
            "steps": self.steps,
            "sampler": self.sampler,
            "scheduler": self.scheduler,
            "cfg": self.cfg,
            "size": list(self.size) if self.size else None,
            "models": [one.to_dict() for one in self.models],
            "inputs": [one.to_dict() for one in self.inputs],
        }
        more: dict[str, Any] = {
            "models_optional": [one.to_dict() for one in self.models_optional],
            "prompt_parts": list(self.prompt_parts),
            "passes": [one.to_dict() for one in self.passes],
            "model_metadata": self.model_metadata,
            "extra": self.extra,
        }
        return row | {key: _plain(value) for key, value in more.items() if value}


def _plain(value: Any) -> Any:
    """A value that JSON can hold: numbers that it cannot become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
