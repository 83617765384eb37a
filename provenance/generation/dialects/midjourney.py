"""Midjourney: `<prompt> --flags Job ID: <uuid>` as a description (PNG, EXIF, IPTC 2:120).

What is asked of pictures on the web (their addresses come first) is an input, by its file name.
"""

import re
from typing import Any

from provenance.generation.record import GenerationRecord, Input
from provenance.generation.texts import Texts, well_formed
from provenance.generation.values import base_name, integer, text

__all__ = ["read"]

_JOB = re.compile(r"Job ID:\s{0,9}([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")
_FLAGS = re.compile(r"(?:^|\s)(?=--[a-z])")
_FLAG = re.compile(r"--([a-z]+)(?:\s+(.*))?", re.DOTALL)
_ADDRESS = re.compile(r"<?https?://\S+")
_PLACES = ("Description", "2:120", "ImageDescription", "dc:description")


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    for found in texts.each(*_PLACES):
        job = _JOB.search(found)
        if job is not None:
            return _record(found[: job.start()].strip(), job[1], texts)
    return None


def _record(words: str, job: str, texts: Texts) -> GenerationRecord:
    parts = _FLAGS.split(words, maxsplit=1)
    flags = parts[1].strip() if len(parts) > 1 else ""
    found = filter(None, map(_FLAG.fullmatch, _FLAGS.split(flags)[:100]))
    said = {flag[1]: (flag[2] or "").strip() for flag in found}
    prompt = parts[0].strip()
    inputs: list[Input] = []
    while (address := _ADDRESS.match(prompt)) and len(inputs) < 100:
        inputs.append(Input(name=base_name(address[0].strip("<>")), role="reference"))
        prompt = prompt[address.end() :].lstrip()
    niji = said.get("niji")
    version = said.get("v") or said.get("version") or (f"niji {niji}".strip() if niji else None)
    extra: dict[str, Any] = {
        "flags": _ADDRESS.sub(" ", flags).strip() or None,
        "job_id": job,
        "author": text(texts.get("Author")),
        "digital_source_type": text(texts.get("iptc:DigitalSourceType")),
    }
    return GenerationRecord(
        family="midjourney",
        generator="Midjourney",
        version=version,
        prompt=well_formed(prompt),
        negative_prompt=said.get("no"),
        seed=integer(said.get("seed")),
        inputs=tuple(inputs),
        extra={key: value for key, value in extra.items() if value is not None},
    )
