"""NovelAI: Title, Description, Software, Source and a JSON Comment, as PNG texts or in EXIF.

PNG    Software = NovelAI | Source = <model> <8 hex> | Comment = {"prompt", "uc", "steps", …}
WebP   UserComment = {"Comment": text or object, "Source", …}; Software = the source
2022   Comment has no prompt: it stands in Description; director tools: only {"req_type"}
"""

import re
from collections.abc import Mapping
from typing import Any

from provenance.generation.record import GenerationRecord, Input, Model
from provenance.generation.texts import Texts, as_json
from provenance.generation.values import integer, number, obj, rows, size, text

__all__ = ["read"]

_SOURCE = re.compile(r"(.+?)\s+([0-9A-Fa-f]{8})")
_OWN = frozenset(("uc", "scale", "req_type", "request_type", "signed_hash", "v4_prompt"))
_KEEP = ("cfg_rescale", "request_type", "req_type", "sm", "sm_dyn", "strength", "noise")


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    whole = texts.object("UserComment") or {}
    raw = whole.get("Comment") if "Comment" in whole else texts.get("Comment")
    comment = raw if isinstance(raw, dict) else as_json(raw) if isinstance(raw, str) else None
    source = text(whole.get("Source")) or texts.get("Source")
    software = text(whole.get("Software")) or texts.get("Software")
    named = software == "NovelAI" or "NovelAI" in (software or "")
    if not isinstance(comment, dict) or not (named or (source and _OWN & comment.keys())):
        return None
    if not source and software and software != "NovelAI":
        source = software
    described = text(whole.get("Description"))
    if described is None:
        described = text(texts.get("Description", "ImageDescription"))
    return _record(comment, text(source), described)


def _record(
    comment: Mapping[str, Any], source: str | None, described: str | None
) -> GenerationRecord:
    found = _SOURCE.fullmatch(source) if source and len(source) < 300 else None
    name = found[1] if found else source
    prompt = text(comment.get("prompt"))
    asked = "req_type" not in comment or "seed" in comment
    if prompt is None and asked:
        prompt = described
    kind = text(comment.get("request_type")) or ""
    return GenerationRecord(
        family="novelai",
        generator="NovelAI",
        version=name,
        prompt=prompt,
        negative_prompt=text(comment.get("uc")),
        seed=integer(comment.get("seed")),
        steps=integer(comment.get("steps")),
        sampler=text(comment.get("sampler")),
        scheduler=text(comment.get("noise_schedule")),
        cfg=number(comment.get("scale")),
        size=size(comment.get("width"), comment.get("height")),
        models=(Model(kind="checkpoint", name=name, hash=found[2] if found else None),)
        if name
        else (),
        inputs=(Input(role="init_image"),) if kind.startswith(("Img2Img", "NativeInfill")) else (),
        extra=_extra(comment),
    )


def _extra(comment: Mapping[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {
        key: comment[key]
        for key in _KEEP
        if isinstance(comment.get(key), (str, int, float)) and comment[key] is not None
    }
    caption = obj(obj(comment.get("v4_prompt")).get("caption"))
    characters = [str(row.get("char_caption", "")) for row in rows(caption.get("char_captions"))]
    return extra | ({"character_prompts": characters} if characters else {})
