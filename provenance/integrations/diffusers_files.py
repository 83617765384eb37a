"""Where a diffusers pipeline has its weights from: folders, the hub's cache, single files.

    …/models--org--name/snapshots/<revision>/unet/diffusion_pytorch_model.safetensors

A component says which folder it was loaded from. Of several files there, those of the variant asked
for are taken, safetensors before pickles, as diffusers does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.generation.record import ModelKind

__all__ = ["Origin", "components", "lora_file"]

_SNAPSHOT = re.compile(r"models--(?P<name>[^/\\]+)[/\\]snapshots[/\\](?P<revision>[0-9a-f]{40})")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_WEIGHTS = re.compile(
    r"(?:diffusion_pytorch_model|pytorch_model|model|diffusion_flax_model|flax_model)"
    r"(?:\.(?P<variant>[\w-]+?))?(?:-\d{5}-of-\d{5})?\.(?P<kind>safetensors|bin|msgpack)"
)
_KINDS: dict[str, ModelKind] = {
    "unet": "unet",
    "transformer": "unet",
    "prior": "unet",
    "vae": "vae",
    "controlnet": "controlnet",
    "text_encoder": "text_encoder",
    "image_encoder": "clip_vision",
}
_ORDER = ("unet", "transformer", "prior")


@dataclass(frozen=True, slots=True)
class Origin:
    """The model's name, and if it is on the hub the revision that was loaded."""

    name: str | None
    revision: str | None = None
    hub: bool = False

    @property
    def ref(self) -> str | None:
        """In a catalogue's words."""
        at = f"@{self.revision}" if self.revision else ""
        return f"huggingface:{self.name}{at}" if self.hub else None

    @property
    def uri(self) -> str | None:
        """Where the model can be found."""
        return f"https://huggingface.co/{self.name}" if self.hub else None


def origin_of(named: Any) -> Origin:
    """What a `name_or_path` says: of a folder its last part alone."""
    if not isinstance(named, str) or not named:
        return Origin(None)
    found = _SNAPSHOT.search(named)
    if found:
        return Origin(found["name"].replace("--", "/"), found["revision"], hub=True)
    if _REPOSITORY.fullmatch(named) and not Path(named).exists():
        return Origin(named, hub=True)
    return Origin(Path(named).name or None)


def components(
    pipeline: Any, variant: str | None
) -> tuple[Origin, list[tuple[ModelKind, str, Path | None]]]:
    """The pipeline's origin; and kind, name and file of what its components were loaded from."""
    origin = origin_of(getattr(pipeline, "name_or_path", None))
    rows: list[tuple[ModelKind, str, Path | None]] = []
    every = getattr(pipeline, "components", {})
    for name in sorted(every, key=_rank):
        if isinstance(every[name], (list, tuple)) or hasattr(every[name], "parameters"):
            nested = getattr(every[name], "nets", None)  # several ControlNets as one
            for part in nested if nested is not None else [every[name]]:
                rows += _component(name, part, origin, variant)
    return origin, rows


def _rank(name: str) -> tuple[bool, str]:
    return name.partition("_")[0] not in _ORDER, name


def _component(
    name: str, part: Any, origin: Origin, variant: str | None
) -> Iterator[tuple[ModelKind, str, Path | None]]:
    kind: ModelKind = next(
        (one for start, one in _KINDS.items() if name.startswith(start)), "model"
    )
    named = getattr(part, "name_or_path", None)
    if not isinstance(named, str) or not named:
        config = getattr(part, "config", None)
        named = getattr(config, "_name_or_path", None) or _item(config, "_name_or_path")
    own = origin_of(named)
    title = own.name if own.hub else origin.name
    prefix = f"{title or 'model'}/{name}"
    files = list(_files(named, name, variant))
    for path in files:
        yield kind, f"{prefix}/{path.name}", path
    if not files:
        yield kind, prefix, None


def _item(config: Any, key: str) -> Any:
    return config.get(key) if isinstance(config, dict) else None


def _files(named: Any, name: str, variant: str | None) -> Iterator[Path]:
    if not isinstance(named, str) or not named:
        return
    folder = Path(named)
    if not folder.is_dir():
        cached = _cached(named)
        if cached is None:
            return
        folder = cached / name if (cached / name).is_dir() else cached
    rows = [
        (found, path)
        for path in sorted(folder.iterdir())
        if (found := _WEIGHTS.fullmatch(path.name))
    ]
    for wanted in (variant, None) if variant else (None,):
        of_variant = [(found, path) for found, path in rows if found["variant"] == wanted]
        for kind in ("safetensors", "bin", "msgpack"):
            chosen = [path for found, path in of_variant if found["kind"] == kind]
            if chosen:
                yield from chosen
                return


def _cached(repository: str) -> Path | None:
    """The folder of a hub's repository in the cache of this machine."""
    if not _REPOSITORY.fullmatch(repository):
        return None
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None


def lora_file(source: Any, weight_name: Any, subfolder: Any) -> Path | None:
    """The file that a LoRA was loaded from, if that can be told."""
    if not isinstance(source, (str, Path)):
        return None
    place = Path(source)
    if place.is_file():
        return place
    if not place.is_dir():
        cached = _cached(str(source))
        if cached is None:
            return None
        place = cached
    place = place / str(subfolder) if subfolder else place
    names: Sequence[str] = (
        [str(weight_name)] if weight_name else ["pytorch_lora_weights.safetensors"]
    )
    return next((place / name for name in names if (place / name).is_file()), None)
