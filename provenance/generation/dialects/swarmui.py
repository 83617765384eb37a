"""SwarmUI: `parameters` or UserComment as JSON with `sui_image_params`.

    {"sui_image_params": {"prompt", "model", …}, "sui_models": [{"name", "param", "hash"}], …}

The graph that ran may be there too; these are the settings it was made from.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.generation.dialects.models_in_prompt import distinct
from provenance.generation.record import GenerationRecord, Model, ModelKind
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, obj, rows, size, text

__all__ = ["read"]

_MODELS: tuple[tuple[str, ModelKind], ...] = (
    ("model", "checkpoint"),
    ("refinermodel", "refiner"),
    ("vae", "vae"),
    ("controlnetmodel", "controlnet"),
    ("ipadaptermodel", "ip_adapter"),
    ("clipvisionmodel", "clip_vision"),
    ("clipgmodel", "text_encoder"),
    ("cliplmodel", "text_encoder"),
    ("t5xxlmodel", "text_encoder"),
)
_KEEP = ("images", "refinerupscale", "refinercontrolpercentage", "initimagecreativity")


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    for found in ("parameters", "UserComment", "comment"):
        data = texts.object(found)
        if data is not None and isinstance(data.get("sui_image_params"), dict):
            return _record(data["sui_image_params"], rows(data.get("sui_models")))
    return None


def _record(params: Mapping[str, Any], listed: list[dict[str, Any]]) -> GenerationRecord:
    method = text(params.get("refinerupscalemethod")) or ""
    upscaler = method.removeprefix("model-") if method.startswith("model-") else ""
    return GenerationRecord(
        family="swarmui",
        generator="SwarmUI",
        version=text(params.get("swarm_version")),
        prompt=text(params.get("prompt")),
        negative_prompt=text(params.get("negativeprompt")),
        seed=integer(params.get("seed")),
        steps=integer(params.get("steps")),
        sampler=text(params.get("sampler", params.get("comfyuisampler"))),
        scheduler=text(params.get("scheduler", params.get("comfyuischeduler"))),
        cfg=number(params.get("cfgscale")),
        size=size(params.get("width"), params.get("height")),
        models=distinct(_models(params, listed)),
        models_optional=(Model(kind="upscaler", name=base_name(upscaler)),) if upscaler else (),
        extra={key: params[key] for key in _KEEP if number(params.get(key)) is not None},
    )


def _models(params: Mapping[str, Any], listed: list[dict[str, Any]]) -> Iterator[Model]:
    hashes = [(str(obj(row).get("param")), row) for row in listed]
    for key, kind in _MODELS:
        if is_named(params.get(key)):
            name = base_name(params[key])
            digest = next((text(row.get("hash")) for param, row in hashes if param == key), None)
            yield Model(kind=kind, name=name, hash=digest or None)
    names, weights = _listed(params.get("loras")), _listed(params.get("loraweights"))
    digests = [text(row.get("hash")) for param, row in hashes if param == "loras"]
    for at, lora in enumerate(names):
        yield Model(
            kind="lora",
            name=base_name(lora),
            hash=(digests[at] if at < len(digests) else None) or None,
            weight=number(weights[at]) if at < len(weights) else None,
        )


def _listed(value: Any) -> list[str]:
    found = value if isinstance(value, list) else str(value or "").split(",")
    return [str(one).strip() for one in found if str(one).strip()][:1000]
