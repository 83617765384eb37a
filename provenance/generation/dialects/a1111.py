"""AUTOMATIC1111 and who writes its text: Forge, reForge, SD.Next, Civitai, stable-diffusion.cpp …

PNG `parameters`, EXIF UserComment, or a stealth layer. The text alone names nobody: the app is told
by `Version` or `App`, or by keys that one app alone writes.
"""

import re
from collections.abc import Iterator
from typing import Any

from provenance.generation.dialects import models_in_prompt as tags
from provenance.generation.dialects.a1111_text import Parameters, pairs_of, parse
from provenance.generation.record import GenerationRecord, Input, Model, ModelKind
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, integer, is_named, number, obj, rows, size, text

__all__ = ["from_text", "read"]

_PLACES: tuple[str, ...] = (
    "parameters",
    "Parameters",
    "UserComment",
    "exif:UserComment",
    "comment",
    "Comment",
    "ImageDescription",
    "Description",
    "dc:description",
    "2:120",
)
_APPS = (
    (re.compile(r"f\d+(?:\.\d+)+(?:v2)?-v?\d"), "reForge"),
    (re.compile(r"f\d+(?:\.\d+)+v\d"), "Forge"),
    (re.compile(r"neo(?:\b|-)"), "Forge Neo"),
    (re.compile(r"classic(?:\b|-)"), "Forge Classic"),
    (re.compile(r"v?\d+\.\d+\.\d+"), "AUTOMATIC1111"),
)
_BRACKETED = re.compile(r"(.+?)\s*[\[(]([0-9A-Fa-f]{6,64})[\])]")
_UNIT = re.compile(r"controlnet[ -]?\d*")
_OLD_UNIT = re.compile(r"controlnet(?:-\d+)? model")
_HASHED: dict[str, ModelKind] = {
    "model": "checkpoint",
    "vae": "vae",
    "lora": "lora",
    "embed": "embedding",
    "embedding": "embedding",
    "hypernet": "hypernetwork",
    "upscaler": "upscaler",
}
_RESOURCES: dict[str, ModelKind] = {
    "checkpoint": "checkpoint",
    "model": "checkpoint",
    "lora": "lora",
    "lycoris": "lora",
    "locon": "lora",
    "dora": "lora",
    "embed": "embedding",
    "textualinversion": "embedding",
    "hypernet": "hypernetwork",
    "hypernetwork": "hypernetwork",
    "vae": "vae",
    "controlnet": "controlnet",
    "upscaler": "upscaler",
    "upscale": "upscaler",
}
_EXTRA = {
    "denoising strength": "denoise",
    "clip skip": "clip_skip",
    "hires upscale": "hires_upscale",
    "hires steps": "hires_steps",
    "guidance": "guidance",
    "distilled cfg scale": "distilled_guidance",
    "eta": "eta",
}
_EXTRA_TEXTS = {"rng": "rng", "pipeline": "pipeline", "operations": "operations"}
_EXTRA_TEXTS |= {"init image hash": "init_image_hash"}


def read(texts: Texts) -> GenerationRecord | None:
    """The first text of this grammar, wherever it stands."""
    for found in texts.each(*_PLACES):
        record = from_text(found)
        if record is not None:
            return record
    return None


def from_text(words: str, family: str = "a1111") -> GenerationRecord | None:
    """The record of one text; None for one that is not of this grammar."""
    found = parse(words)
    if found is None:
        return None
    family, generator, version = _app(found, family)
    models = tags.distinct(
        (
            *_checkpoint(found),
            *_resources(found),
            *_parts(found),
            *_networks(found),
            *_control(found),
            *_hashes(found),
        )
    )
    init = text(found.get("init image hash"))
    return GenerationRecord(
        family=family,
        generator=generator,
        version=version,
        prompt=found.prompt,
        negative_prompt=found.negative_prompt,
        seed=integer(found.get("seed")),
        steps=integer(found.get("steps")),
        sampler=text(found.get("sampler")) or None,
        scheduler=text(found.get("schedule type", "scheduler")) or None,
        cfg=number(found.get("cfg scale")),
        size=size(found.get("size")),
        models=tuple(one for one in models if one.kind not in tags.OPTIONAL),
        models_optional=tuple(one for one in models if one.kind in tags.OPTIONAL),
        inputs=(Input(role="init_image", hash=init),) if init else (),
        extra=_extra(found),
    )


def _app(found: Parameters, family: str) -> tuple[str, str | None, str | None]:
    """Family, app and version, as far as the text names them."""
    version = text(found.get("version")) or None
    app = text(found.get("app")) or None
    if app:
        return "sdnext" if app == "SD.Next" else family, app, version
    if version is None:
        hosted = found.get("civitai resources", "civitai metadata") is not None
        return ("civitai", "Civitai", None) if hosted else (family, None, None)
    if version.startswith("Fooocus"):
        return "fooocus", version.split()[0], version
    if version == "stable-diffusion.cpp":
        made = obj(obj(found.get("sdcpp")).get("generator"))
        return "sd-cpp", version, text(made.get("version"))
    if version.startswith("ComfyUI"):
        return "comfyui", "ComfyUI", version.removeprefix("ComfyUI").strip() or None
    for pattern, name in _APPS:
        if pattern.match(version):
            return "a1111" if name == "AUTOMATIC1111" else "forge", name, version
    return family, None, version


def _checkpoint(found: Parameters) -> Iterator[Model]:
    name = base_name(found.get("model")) or None
    digest = text(found.get("model hash")) or None
    if name or digest:
        yield Model(kind="checkpoint", name=name, hash=digest)


def _parts(found: Parameters) -> Iterator[Model]:
    """Parts of a model that were loaded on their own."""
    simple: tuple[tuple[str, ModelKind], ...] = (
        ("unet", "unet"),
        ("vae", "vae"),
        ("te", "text_encoder"),
        ("refiner", "refiner"),
        ("hypernet", "hypernetwork"),
        ("adetailer model", "detector"),
        ("hires upscaler", "upscaler"),
    )
    for key, kind in simple:
        for value in found.all(key):
            if is_named(value) and not (kind == "upscaler" and value.startswith("Latent")):
                name, digest = _named(value)
                digest = digest or text(found.get(f"{key} hash")) or None
                yield Model(kind=kind, name=name, hash=digest)
    for key, value in found.pairs:  # Forge: what goes with a bare model
        if re.fullmatch(r"module \d+", key) and is_named(value):
            is_vae = "vae" in value.lower() or value.lower() in ("ae", "ae.safetensors")
            yield Model(kind="vae" if is_vae else "text_encoder", name=base_name(value))


def _networks(found: Parameters) -> Iterator[Model]:
    """LoRAs and embeddings: tags of the prompt with the hashes listed for them."""
    hashes = pairs_of(found.get("lora hashes"))
    weights = pairs_of(found.get("lora weights"))
    for one in tags.tagged(found.prompt):
        digest = hashes.pop(one.name or "", None) if one.kind == "lora" else None
        yield Model(kind=one.kind, name=one.name, hash=digest, weight=one.weight)
    for name, digest in hashes.items():
        yield Model(kind="lora", name=name, hash=digest or None, weight=number(weights.get(name)))
    for name, digest in pairs_of(found.get("ti hashes", "ti")).items():
        yield Model(kind="embedding", name=name, hash=digest or None)


def _control(found: Parameters) -> Iterator[Model]:
    for key, value in found.pairs:
        if _OLD_UNIT.fullmatch(key):
            model: Any = value
        elif _UNIT.fullmatch(key):
            model = pairs_of(value.replace("Model:", "model:")).get("model") if value else None
        else:
            continue
        if is_named(model):
            name, digest = _named(model)
            yield Model(kind="controlnet", name=name, hash=digest)


def _hashes(found: Parameters) -> Iterator[Model]:
    """`Hashes: {"model": h, "lora:name": h}`: names that no other key gave."""
    named = {one.kind for one in (*_checkpoint(found), *_parts(found)) if one.hash}
    listed = {
        key: digest
        for key, digest in obj(found.get("hashes")).items()
        if isinstance(digest, str) and digest
    }
    full = {key.partition(":")[0].lower() for key in listed if ":" in key}
    for key, digest in listed.items():
        part, colon, name = key.partition(":")
        kind = _HASHED.get(part.lower())
        if kind is None or (kind in named and not colon) or (not colon and part.lower() in full):
            continue
        yield Model(kind=kind, name=base_name(name) or None, hash=digest)


def _resources(found: Parameters) -> Iterator[Model]:
    for row in rows(found.get("civitai resources")):
        kind = _RESOURCES.get(str(row.get("type", "")).lower())
        version = integer(row.get("modelVersionId"))
        air = text(row.get("air")) or None
        if kind is None and air:
            kind = _RESOURCES.get((air.split(":") + [""] * 4)[3].lower())
        if kind is not None:
            yield Model(
                kind=kind,
                name=base_name(row.get("modelName")) or None,
                hash=text(row.get("hash")) or None,
                weight=number(row.get("weight")),
                ref=air if version is None else f"civitai-version:{version}",
            )


def _named(value: str) -> tuple[str | None, str | None]:
    """A name with its hash behind it in brackets."""
    found = _BRACKETED.fullmatch(value.strip()[:500])
    return (base_name(found[1]), found[2]) if found else (base_name(value), None)


def _extra(found: Parameters) -> dict[str, Any]:
    numbers = {name: number(found.get(key)) for key, name in _EXTRA.items()}
    words = {name: text(found.get(key)) for key, name in _EXTRA_TEXTS.items()}
    words["raw_prompt"] = text(found.get("raw prompt"))
    words["raw_negative_prompt"] = text(found.get("raw negative prompt"))
    return {key: value for key, value in (numbers | words).items() if value is not None}
