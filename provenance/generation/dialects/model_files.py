"""Model files: what trainers and mergers wrote into the header, unsigned.

    safetensors   kohya `ss_*`, `modelspec.*`, `sshs_*`; merges `sd_merge_recipe`,
                  `sd_merge_models`; cloneofsimo `text_encoder:0:rank`, `<s1>`
    GGUF          key/values            ONNX   producer, opsets, metadata_props

The record names the model itself, by the name and kind that its header gives. Its parents (base
model, merged models, data sets) stand in `model_metadata`: edges to import, not truth.
"""

import re
from collections.abc import Mapping
from typing import Any

from provenance.generation.containers import gguf, onnx, safetensors
from provenance.generation.containers.safetensors import SafeTensors
from provenance.generation.record import GenerationRecord, Model, ModelKind
from provenance.generation.texts import as_json
from provenance.generation.values import base_name, integer, number, obj, rows, text
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["read"]

_EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_CONCEPT = re.compile(r"<[^<>]{1,100}>")
_LORA_TENSOR = re.compile(r"lora_(?:down|up|A|B)|lora_unet|lora_te|hada_w|lokr_w")
_KEEP: tuple[str, ...] = (
    "general.architecture",
    "general.name",
    "general.file_type",
    "general.author",
    "general.license",
    "general.version",
    "general.basename",
    "general.size_label",
    "general.base_model.count",
    "general.description",
    "general.url",
    "general.repo_url",
)
_MOST = 1000  # merged models, data sets


def read(source: ByteSource, limits: Limits) -> GenerationRecord | None:
    """The record of a model file; None for any other file.

    Raises:
        MalformedError: its header is broken.
        LimitError: its header is longer than we read.
    """
    if source.read(0, min(4, source.size)) == b"GGUF":
        return _gguf(source, limits)
    if safetensors.sniff(source):
        return _safetensors(safetensors.read(source, limits))
    if onnx.sniff(source):
        return GenerationRecord(family="model-file", model_metadata=_onnx(source, limits))
    return None


def _gguf(source: ByteSource, limits: Limits) -> GenerationRecord:
    found = gguf.read(source, limits)
    pairs = {key: value for key, value in found.pairs.items() if key in _KEEP}
    pairs |= {
        key: value
        for key, value in found.pairs.items()
        if key.startswith("general.base_model.") and len(pairs) < 100
    }
    name = base_name(found.pairs.get("general.name")) or None
    return GenerationRecord(
        family="model-file",
        models=(Model(kind="model", name=name),),
        model_metadata={"version": found.version, "tensor_count": found.tensors, "kv": pairs},
    )


def _onnx(source: ByteSource, limits: Limits) -> Mapping[str, Any]:
    said = onnx.read(source, limits)
    return {key: None if value == "" else value for key, value in said.items()}


def _safetensors(found: SafeTensors) -> GenerationRecord:
    said = found.metadata or {}
    tool, kind, facts = _trained(said) or _merged(said) or _pivotal(said) or _bare(found)
    row = ({"tool": tool} if tool else {}) | _model_spec(said) | facts
    name = base_name(said.get("ss_output_name") or said.get("modelspec.title")) or None
    return GenerationRecord(
        family="model-file",
        models=(Model(kind=kind, name=name),) if kind else (),
        model_metadata={key: value for key, value in row.items() if value is not None} or None,
    )


_Told = tuple[str | None, ModelKind | None, dict[str, Any]]


def _trained(said: Mapping[str, str]) -> _Told | None:
    """A network or a model that sd-scripts trained."""
    if not any(key.startswith("ss_") for key in said):
        return None
    module = said.get("ss_network_module")
    facts = {
        "network_module": module,
        "network_dim": number(said.get("ss_network_dim")),
        "network_alpha": number(said.get("ss_network_alpha")),
        "base_model": _base(said),
        "new_sd_model_hash": _digest(said.get("ss_new_sd_model_hash")) if not module else None,
        "dataset": _dataset(said),
        "sshs_model_hash": _digest(said.get("sshs_model_hash")),
        "sshs_legacy_hash": said.get("sshs_legacy_hash"),
    }
    return "kohya-ss/sd-scripts", "lora" if module else "checkpoint", facts


def _base(said: Mapping[str, str]) -> dict[str, Any] | None:
    base = {
        "name": base_name(said.get("ss_sd_model_name")),
        "sha256": _digest(said.get("ss_new_sd_model_hash")),
        "legacy_hash": said.get("ss_sd_model_hash"),
    }
    return base if any(base.values()) else None


def _dataset(said: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """The folders that it was trained on, by their names."""
    folders = obj(as_json(said.get("ss_dataset_dirs", "")))
    found = [
        {
            "name": base_name(name),
            "n_repeats": integer(obj(row).get("n_repeats")),
            "img_count": integer(obj(row).get("img_count")),
        }
        for name, row in list(folders.items())[:_MOST]
    ]
    for part in rows(as_json(said.get("ss_datasets", ""))):
        for row in rows(part.get("subsets")):
            name = base_name(row.get("image_dir") or row.get("metadata_file"))
            if name and len(found) < _MOST and all(one["name"] != name for one in found):
                repeats, count = integer(row.get("num_repeats")), integer(row.get("img_count"))
                found.append({"name": name, "n_repeats": repeats, "img_count": count})
    return found or None


def _merged(said: Mapping[str, str]) -> _Told | None:
    recipe = as_json(said.get("sd_merge_recipe", ""))
    models = as_json(said.get("sd_merge_models", ""))
    if not isinstance(recipe, dict) and not isinstance(models, dict):
        return None
    kind = obj(recipe).get("type")
    tool = "AUTOMATIC1111 checkpoint merger" if kind == "webui" else text(kind)
    facts = {"sd_merge_recipe": recipe, "sd_merge_models": dict(list(obj(models).items())[:_MOST])}
    return tool, "checkpoint", facts


def _pivotal(said: Mapping[str, str]) -> _Told | None:
    """A LoRA by cloneofsimo's scripts: which modules, and which words it was given."""
    if not any(re.fullmatch(r"(?:unet|text_encoder):\d+:rank", key) for key in said):
        return None
    modules = {
        part: as_json(said[part])
        for part in ("text_encoder", "unet")
        if as_json(said.get(part, ""))
    }
    words = [key for key in said if _CONCEPT.fullmatch(key)]
    return "cloneofsimo/lora", "lora", {"target_modules": modules, "embeddings": words}


def _bare(found: SafeTensors) -> _Told:
    """No words at all: what it is, its tensors may tell."""
    names = found.tensors
    if "emb_params" in names or {"clip_g", "clip_l"} & set(names[:4]):
        return None, "embedding", {"tensors": dict(found.shapes)}
    if any(_LORA_TENSOR.search(name) for name in names[:200]):
        return None, "lora", {}
    return None, None, {}


def _model_spec(said: Mapping[str, str]) -> dict[str, Any]:
    keys = ("architecture", "title", "author", "license", "date", "merged_from", "hash_sha256")
    row = {key: said.get(f"modelspec.{key}") for key in keys}
    return {key: value for key, value in row.items() if value}


def _digest(value: str | None) -> str | None:
    """A hash; that of nothing at all, which a trainer once wrote, is none."""
    plain = (value or "").lower().removeprefix("0x")
    return value if plain and plain != _EMPTY_HASH else None
