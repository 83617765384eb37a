"""InvokeAI: `invokeai_metadata` since version 3, `sd-metadata` and a `Dream` command before.

The graph beside the metadata is a template with seeds of its own and is not looked at.

    sd-metadata  {"model_weights", "model_hash", "app_id", "image": {"prompt": [{…}], "seed", …}}
    Dream        "a prompt [and what not]" -s 50 -S 42 -W512 -H512 -C7.5 -Ak_lms
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provenance.generation.record import GenerationRecord, Input, Model, ModelKind
from provenance.generation.texts import Texts, well_formed
from provenance.generation.values import base_name, integer, items, number, obj, rows, size, text

__all__ = ["read"]

_BRACKETS = re.compile(r"(?<!\\)\[([^\[\]]*)(?<!\\)\]")
_CONCEPT = re.compile(r"<([^\W_][\w.-]{0,100})>")
_FLAG = re.compile(r"(?<!\S)-([sSWHCAIV])[ \t]*(\S+)")
_FIRST_FLAG = re.compile(r"\s-{1,2}[A-Za-z]")
_POSTPROCESSED = ("tool", "type", "strength", "fidelity", "scale")  # and no command with its paths
_APPS = {"invoke-ai/InvokeAI": "InvokeAI"}


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    data = texts.object("invokeai_metadata")
    if data is not None:
        return _metadata(data)
    old = texts.object("sd-metadata")
    if old is not None and ("image" in old or "images" in old or "app_id" in old):
        return _sd_metadata(old)
    dream = texts.get("Dream")
    return _dream(dream) if dream else None


def _metadata(data: Mapping[str, Any]) -> GenerationRecord:
    mode = text(data.get("generation_mode"))
    return GenerationRecord(
        family="invokeai",
        generator="InvokeAI",
        version=text(data.get("app_version")),
        prompt=text(data.get("positive_prompt")),
        negative_prompt=text(data.get("negative_prompt")),
        seed=integer(data.get("seed")),
        steps=integer(data.get("steps")),
        sampler=text(data.get("scheduler")),
        cfg=number(data.get("cfg_scale", data.get("guidance"))),
        size=size(data.get("width"), data.get("height")),
        models=tuple(_models(data)),
        inputs=tuple(_inputs(data)),
        extra={"generation_mode": mode} if mode else {},
    )


def _model(kind: ModelKind, value: Any, weight: Any = None) -> Iterator[Model]:
    row = obj(value)
    name = base_name(row.get("name", row.get("model_name")))
    if not name and isinstance(value, str):
        name = base_name(value)
    digest = text(row.get("hash")) or None
    if name or digest:
        yield Model(kind=kind, name=name or None, hash=digest, weight=number(weight))


_SINGLE: tuple[tuple[str, ModelKind], ...] = (
    ("model", "checkpoint"),
    ("vae", "vae"),
    ("refiner_model", "refiner"),
    ("clip_embed_model", "text_encoder"),
    ("t5_encoder", "text_encoder"),
    ("qwen3_encoder", "text_encoder"),
)
_LISTED: tuple[tuple[str, ModelKind, tuple[str, ...], str], ...] = (
    ("loras", "lora", ("model", "lora"), "weight"),
    ("controlnets", "controlnet", ("control_model",), "control_weight"),
    ("t2iAdapters", "controlnet", ("t2i_adapter_model",), "weight"),
    ("ipAdapters", "ip_adapter", ("ip_adapter_model",), "weight"),
)


def _models(data: Mapping[str, Any]) -> Iterator[Model]:
    for key, kind in _SINGLE:
        yield from _model(kind, data.get(key))
    for key, kind, names, weight in _LISTED:
        for row in rows(data.get(key)):
            found = next((row[name] for name in names if name in row), None)
            yield from _model(kind, found, row.get(weight))
    for row in rows(data.get("ref_images")):
        config = obj(row.get("config"))
        yield from _model("ip_adapter", config.get("model"), config.get("weight"))


def _inputs(data: Mapping[str, Any]) -> Iterator[Input]:
    for key, role in (("controlnets", "control"), ("t2iAdapters", "control")):
        for row in rows(data.get(key)):
            yield from _image(row.get("image"), role)
    for row in rows(data.get("ipAdapters")):
        yield from _image(row.get("image"), "ip_adapter")
    for row in rows(data.get("ref_images")):
        image = obj(obj(row.get("config")).get("image"))
        inner = obj(obj(image.get("original")).get("image"))
        yield from _image(inner or image, "reference")
    for key in ("init_image", "initial_image_name"):
        yield from _image(data.get(key), "init_image")


def _image(value: Any, role: str) -> Iterator[Input]:
    name = base_name(value if isinstance(value, str) else obj(value).get("image_name"))
    if name:
        yield Input(name=name, role=role)


def _sd_metadata(data: Mapping[str, Any]) -> GenerationRecord:
    image = obj(data.get("image")) or next(iter(rows(data.get("images"))), {})
    prompts = [text(one.get("prompt")) or "" for one in rows(image.get("prompt"))]
    if isinstance(image.get("prompt"), str):
        prompts = [image["prompt"]]
    whole, negative = _parted(" ".join(prompts))
    app = text(data.get("app_id"))
    name = base_name(data.get("model_weights", data.get("model_id"))) or None
    digest = text(data.get("model_hash")) or None
    model = [Model(kind="checkpoint", name=name, hash=digest)] if name or digest else []
    init, hashed = base_name(image.get("init_img")), text(image.get("orig_hash")) or None
    return GenerationRecord(
        family="invokeai",
        generator=_APPS.get(app, app) if app else None,
        version=text(data.get("app_version")),
        prompt=whole,
        negative_prompt=negative,
        seed=integer(image.get("seed")),
        steps=integer(image.get("steps")),
        sampler=text(image.get("sampler")),
        cfg=number(image.get("cfg_scale")),
        size=size(image.get("width"), image.get("height")),
        models=(*model, *_concepts(whole)),
        inputs=(Input(name=init, role="init_image", hash=hashed),) if init else (),
        prompt_parts=tuple(prompts) if len(prompts) > 1 else (),
        extra=_extra(data, image, hashed),
    )


def _extra(data: Mapping[str, Any], image: Mapping[str, Any], hashed: str | None) -> dict[str, Any]:
    after = [
        {key: one[key] for key in _POSTPROCESSED if isinstance(one.get(key), (str, int, float))}
        for one in rows(image.get("postprocessing"))
    ]
    extra = {
        "type": text(image.get("type")),
        "strength_steps": number(image.get("strength_steps")),
        "postprocessing": after or None,
        "orig_hash": hashed,
        "facetool": text(image.get("facetool")),
        "model_family": text(data.get("model")),
        "app_id": text(data.get("app_id")),
    }
    return {key: value for key, value in extra.items() if value is not None}


def _parted(prompt: str) -> tuple[str | None, str | None]:
    """A prompt, and what stood in brackets: what not to show."""
    negatives = [found.strip() for found in _BRACKETS.findall(prompt)]
    plain = well_formed(_BRACKETS.sub("", prompt)) if negatives else well_formed(prompt)
    return plain or None, ", ".join(negatives) if negatives else None


def _concepts(prompt: str | None) -> Iterator[Model]:
    for name in dict.fromkeys(_CONCEPT.findall(prompt or "")):
        yield Model(kind="embedding", name=name)


def _dream(command: str) -> GenerationRecord | None:
    command = command.strip()
    flags = dict(_FLAG.findall(command))
    if command.startswith(("!", "<too lazy")) or not flags.keys() & {"s", "S"}:
        return None
    if command.startswith('"') and command.count('"') > 1:
        prompt = command[1 : command.rindex('"')]
    else:
        start = _FIRST_FLAG.search(command)
        prompt = command[: start.start()] if start else command
    whole, negative = _parted(prompt)
    init = base_name(flags.get("I"))
    variations = [
        [integer(one.partition(",")[0]), number(one.partition(",")[2])]
        for one in flags.get("V", "").split(";")
        if one
    ]
    return GenerationRecord(
        family="invokeai",
        prompt=whole,
        negative_prompt=negative,
        seed=integer(flags.get("S")),
        steps=integer(flags.get("s")),
        sampler=flags.get("A"),
        cfg=number(flags.get("C")),
        size=size(flags.get("W"), flags.get("H")),
        models=tuple(_concepts(whole)),
        inputs=(Input(name=init, role="init_image"),) if init else (),
        extra={"variations": variations} if items(variations) else {},
    )
