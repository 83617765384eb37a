"""diffusers: a wrapper around any pipeline that knows, for each picture, what made it.

    pipeline = SignedPipeline(DiffusionPipeline.from_pretrained("org/model"), profile="studio")
    pipeline(prompt="a field of flax", generator=torch.Generator().manual_seed(7)).save("out.png")

What is recorded is what the call was given and what the pipeline says of itself: its class, the
model's name and revision, the SHA-256 of the weight files that its components were loaded from,
LoRAs loaded through the wrapper, pictures that were opened from files, scheduler, steps, seed. What
was changed in memory after loading nobody can see. The network is never asked.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from provenance.build.definition import AiDisclosureDefinition, ManifestDefinition
from provenance.build.sign import SignReceipt
from provenance.cose.signer import Signer
from provenance.generation.hash_models import FoundModel
from provenance.generation.record import GenerationRecord, Input, Model
from provenance.integrations.diffusers_files import Origin, components, lora_file
from provenance.integrations.pillow import save_with
from provenance.integrations.signing import OnError, Signing
from provenance.pipeline.from_metadata import definition_of
from provenance.pipeline.lookup import known_models
from provenance.pipeline.telling import Disclosure

__all__ = ["Run", "SignedPipeline"]

_PICTURES = re.compile(r"(?:.*_)?(?:image|images|video|mask)(?:_\d+)?")
_MOST = 64  # pictures of one call


class SignedPipeline:
    """A pipeline whose results can be saved signed; all else is the pipeline's own.

    Args:
        pipeline: any diffusers pipeline.
        signer: who signs; or
        profile: the name of a profile.
        on_error: `raise`, `warn` or `skip`, as `provenance.integrations.pillow.save_signed`.
        disclosure: what is told of prompt and settings; as the profile has it when absent, or else
            committed to.
        variant: of the weight files, such as `fp16`, if they were loaded by one.
        weights: further files that it was loaded from, such as a single-file checkpoint.
    """

    def __init__(
        self,
        pipeline: Any,
        *,
        signer: Signer | None = None,
        profile: str | None = None,
        on_error: OnError = "raise",
        disclosure: Disclosure | None = None,
        variant: str | None = None,
        weights: Sequence[str | Path] = (),
    ) -> None:
        self.pipeline = pipeline
        self._signing = Signing(
            signer=signer,
            profile=profile,
            on_error=on_error,
            disclosure=disclosure,
        )
        self._variant = variant
        self._weights = tuple(map(Path, weights))
        self._loras: dict[str, _Lora] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pipeline, name)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move the pipeline; the wrapper stays around it."""
        self.pipeline = self.pipeline.to(*args, **kwargs)
        return self

    def load_lora_weights(self, source: Any, adapter_name: str | None = None, **kw: Any) -> None:
        """As the pipeline's, and remember which file that was."""
        named = {"adapter_name": adapter_name} if adapter_name is not None else {}
        self.pipeline.load_lora_weights(source, **named, **kw)
        key = adapter_name or f"default_{len(self._loras)}"
        path = lora_file(source, kw.get("weight_name"), kw.get("subfolder"))
        title = path.name if path else str(source) if isinstance(source, str) else key
        self._loras[key] = _Lora(title, path)

    def set_adapters(self, adapter_names: Any, adapter_weights: Any = None) -> None:
        """As the pipeline's, and remember the weights."""
        self.pipeline.set_adapters(adapter_names, adapter_weights)
        names = [adapter_names] if isinstance(adapter_names, str) else list(adapter_names)
        weights = adapter_weights if isinstance(adapter_weights, list) else None
        for name, one in self._loras.items():
            active = name in names
            weight = weights[names.index(name)] if active and weights else adapter_weights
            plain = weight if isinstance(weight, (int, float)) else None
            self._loras[name] = replace(one, active=active, weight=plain if active else None)

    def unload_lora_weights(self, *args: Any, **kwargs: Any) -> None:
        """As the pipeline's, and forget them."""
        self.pipeline.unload_lora_weights(*args, **kwargs)
        self._loras.clear()

    def __call__(self, *args: Any, **kwargs: Any) -> "Run":
        """Run the pipeline, and keep what it was given."""
        output = self.pipeline(*args, **kwargs)
        bound = inspect.signature(self.pipeline.__call__).bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        given |= given.pop("kwargs", {})
        files: dict[Model, Path | None] = {}
        origin, found = components(self.pipeline, self._variant)
        for kind, name, path in found:
            files[Model(kind=kind, name=name, ref=origin.ref)] = path
        for path in self._weights:
            files[Model(kind="checkpoint", name=path.name)] = path
        for one in self._loras.values():
            if one.active:
                files[Model(kind="lora", name=one.title, weight=one.weight)] = one.path
        return Run(output, given, self.pipeline, self._signing, files, origin)


@dataclass(frozen=True, slots=True)
class _Lora:
    title: str
    path: Path | None
    active: bool = True
    weight: float | None = None


class Run:
    """What one call gave: the output, whose names are this one's too, and what made it."""

    def __init__(
        self,
        output: Any,
        given: Mapping[str, Any],
        pipeline: Any,
        signing: Signing,
        files: Mapping[Model, Path | None],
        origin: Origin,
    ) -> None:
        self.output = output
        self._given = given
        self._signing = signing
        self._files = files
        self._origin = origin
        self._pipeline = type(pipeline).__name__
        self._scheduler = type(getattr(pipeline, "scheduler", None)).__name__
        self._pictures = dict(_pictures(given, controlled="ControlNet" in self._pipeline))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.output, name)

    def __getitem__(self, index: Any) -> Any:
        return self.output[index]

    def record(self, index: int = 0) -> GenerationRecord:
        """What made one of the pictures."""
        each = self._given.get("num_images_per_prompt") or 1
        words = partial(_nth, index=index // each)
        first = words(self._given.get("prompt"))
        more = (words(self._given.get(name)) for name in ("prompt_2", "prompt_3", "prompt_4"))
        parts = tuple(dict.fromkeys(one for one in more if one and one != first))
        width, height = self._given.get("width"), self._given.get("height")
        return GenerationRecord(
            family="diffusers",
            generator=f"diffusers {self._pipeline}",
            version=_version(),
            prompt=first,
            negative_prompt=words(self._given.get("negative_prompt")),
            prompt_parts=(first, *parts) if parts and first else parts,
            seed=_seed(self._given.get("generator"), index),
            steps=_number(self._given.get("num_inference_steps"), int),
            sampler=self._scheduler if self._scheduler != "NoneType" else None,
            cfg=_number(self._given.get("guidance_scale"), float),
            size=(width, height) if isinstance(width, int) and isinstance(height, int) else None,
            models=tuple(self._files),
            inputs=tuple(self._pictures),
        )

    def definition(self, index: int = 0) -> ManifestDefinition:
        """What the manifest of one of the pictures says.

        Raises:
            OSError: a weight file cannot be read.
        """
        told = definition_of(
            self.record(index),
            models=self._find,
            inputs=self._pictures.get,
            disclosure=self._signing.telling(),
        )
        named = AiDisclosureDefinition(
            model_name=self._origin.name, model_identifier=self._origin.uri
        )
        return replace(told, ai_disclosure=named) if self._origin.name else told

    def save(self, path: str | Path, index: int = 0, **options: Any) -> SignReceipt | None:
        """Save one of the pictures, signed; see `provenance.integrations.pillow.save_signed`.

        Raises:
            ProvenanceError, OSError: it cannot be signed, with `on_error="raise"`.
        """
        images = self.output[0] if isinstance(self.output, tuple) else self.output.images
        tell = partial(self.definition, index)
        return save_with(self._signing, images[index], Path(path), tell, **options)

    def sign(self, path: str | Path, index: int = 0) -> SignReceipt | None:
        """Sign a file that was made of the output already, such as a film, in its place.

        Raises:
            ProvenanceError, OSError: it cannot be signed, with `on_error="raise"`.
        """
        place = Path(path)
        return self._signing.sign(place, place, partial(self.definition, index), in_place=True)

    def _find(self, model: Model, family: str) -> FoundModel | None:
        return known_models(self._files.get)(model, family)


def _nth(value: Any, index: int) -> str | None:
    """A prompt of a batch, or the one that they share."""
    if isinstance(value, (list, tuple)):
        value = value[index] if index < len(value) else None
    return value if isinstance(value, str) else None


def _number(value: Any, kind: type) -> Any:
    return kind(value) if isinstance(value, (int, float)) else None


def _seed(generator: Any, index: int) -> int | None:
    if isinstance(generator, (list, tuple)):
        generator = generator[index] if index < len(generator) else None
    ask = getattr(generator, "initial_seed", None)
    return int(ask()) if ask is not None else None


def _pictures(given: Mapping[str, Any], *, controlled: bool) -> Iterator[tuple[Input, Path | None]]:
    """Pictures among the arguments, each with its file if it was opened from one."""
    changes = "strength" in given or "mask_image" in given
    for name, value in given.items():
        if not _PICTURES.fullmatch(name) or value is None:
            continue
        role = _role(name, controlled=controlled and "control_image" not in given, changes=changes)
        flat = value if isinstance(value, (list, tuple)) else [value]
        for one in flat[:_MOST]:
            file = getattr(one, "filename", None) or (one if isinstance(one, str) else None)
            path = Path(file) if file and "://" not in str(file) else None
            there = path if path is not None and path.is_file() else None
            yield Input(name=path.name if path else None, role=role), there


def _role(name: str, *, controlled: bool, changes: bool) -> str:
    if "control" in name or (name == "image" and controlled):
        return "control"
    if "mask" in name:
        return "mask"
    if "ip_adapter" in name:
        return "ip_adapter"
    return "init_image" if name in ("image", "video") and changes else "reference"


def _version() -> str | None:
    try:
        return metadata.version("diffusers")
    except metadata.PackageNotFoundError:
        return None
