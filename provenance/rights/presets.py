"""Terms that people know by name, and what each says in our fields.

    all-rights-reserved
    cc0  cc-by  cc-by-sa  cc-by-nc  cc-by-nd  cc-by-nc-sa  cc-by-nc-nd
    pil-non-commercial-social-remixing  pil-commercial-use  pil-commercial-remix:5%
    FILE.json                                 a rights assertion, as far as one cares to say

What a preset does not speak of is not allowed. Of AI the Creative Commons licences do not speak
in so many words: their conditions hold for training as for any use, so it is `constrained`, with
the licence as the constraint. Of the PIL flavours the remix is open to AI models, the
non-commercial one under its conditions, and the one without derivatives is not.

Source: contributors' data model; Creative Commons 4.0; Story's PIL flavours.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from provenance.chain.graph import MILLION
from provenance.errors import DefinitionError, MalformedError
from provenance.model.assertions.rights import AiTerms, Commercial, Derivatives, Rights
from provenance.model.assertions.training_mining import AI_USES
from provenance.model.assertions.training_mining import agreeing as training_mining
from provenance.rights.numbers import exact

__all__ = ["AI_USES", "PRESETS", "percent", "preset", "training_mining"]

_WHAT = "rights"

_ALLOWED = AiTerms(train="allowed", generative="allowed", inference="allowed", style="allowed")
_ASKED = AiTerms(
    train="constrained", generative="constrained", inference="constrained", style="notAllowed"
)
_REMIX = AiTerms(train="allowed", generative="allowed", inference="allowed", style="notAllowed")


def _cc(name: str, *, nc: bool = False, nd: bool = False, sa: bool = False) -> Rights:
    return Rights(
        licensor="",
        template="cc",
        uri=f"https://creativecommons.org/licenses/{name}/4.0/",
        spdx=f"CC-{name.upper()}-4.0",
        flavour=f"cc-{name}",
        commercial=Commercial(use=not nc, attribution=not nc),
        derivatives=Derivatives(allowed=not nd, attribution=not nd, reciprocal=sa),
        ai=_ASKED,
    )


def _pil(flavour: str, commercial: Commercial, derivatives: Derivatives, ai: AiTerms) -> Rights:
    return Rights(
        licensor="",
        template="pil",
        flavour=flavour,
        commercial=commercial,
        derivatives=derivatives,
        ai=ai,
    )


_SHARED = Derivatives(allowed=True, attribution=True, reciprocal=True)
_REMIX_NAME = "pil-commercial-remix"

PRESETS: Mapping[str, Rights] = {
    "all-rights-reserved": Rights(licensor="", flavour="all-rights-reserved"),
    "cc0": Rights(
        licensor="",
        template="cc",
        uri="https://creativecommons.org/publicdomain/zero/1.0/",
        spdx="CC0-1.0",
        flavour="cc0",
        commercial=Commercial(use=True),
        derivatives=Derivatives(allowed=True),
        ai=_ALLOWED,
    ),
    "cc-by": _cc("by"),
    "cc-by-sa": _cc("by-sa", sa=True),
    "cc-by-nc": _cc("by-nc", nc=True),
    "cc-by-nd": _cc("by-nd", nd=True),
    "cc-by-nc-sa": _cc("by-nc-sa", nc=True, sa=True),
    "cc-by-nc-nd": _cc("by-nc-nd", nc=True, nd=True),
    "pil-non-commercial-social-remixing": _pil(
        "non-commercial-social-remixing", Commercial(), _SHARED, _ASKED
    ),
    "pil-commercial-use": _pil(
        "commercial-use", Commercial(use=True, attribution=True), Derivatives(), AiTerms()
    ),
    _REMIX_NAME: _pil("commercial-remix", Commercial(use=True, attribution=True), _SHARED, _REMIX),
}


def preset(text: str, licensor: str, *, base: Path = Path()) -> Rights:
    """Terms by name, or from a JSON file.

    Args:
        text: a name of `PRESETS`, the remix with its share (`pil-commercial-remix:5%`), or the
            path of a JSON file: the form of `schemas/rights.schema.json`, where what is left out
            is not allowed, and `"preset"` may name what the rest departs from.
        licensor: who sets the terms; a file may name another.
        base: the folder that a path is relative to.

    Raises:
        DefinitionError: no such preset, a share that is none, or a file of another form.
        OSError: the file cannot be read.
    """
    if text.lower().endswith(".json"):
        return _from_file(base / text, licensor)
    name, _, share = text.strip().partition(":")
    found = PRESETS.get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), PRESETS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(PRESETS)}, FILE.json"
        raise DefinitionError(_WHAT, f"no preset {name[:60]!r}; {hint}")
    if name.lower() != _REMIX_NAME:
        if share:
            raise DefinitionError(_WHAT, f"{name} takes no share; {_REMIX_NAME}:PERCENT does")
        return replace(found, licensor=licensor)
    if not share:
        raise DefinitionError(_WHAT, f"{name} needs a share, such as {name}:5%")
    ppm = percent(share)
    return replace(
        found,
        licensor=licensor,
        commercial=replace(found.commercial, share_ppm=ppm),
        ai=replace(found.ai, share_ppm=ppm),
    )


def percent(text: str) -> int:
    """A percentage, such as `5%` or `2.5`, in parts of a million.

    Raises:
        DefinitionError: no number from 0 to 100, or finer than a part of a million.
    """
    number = exact(text.strip().removesuffix("%"))
    if number is None or number > 100:
        raise DefinitionError(_WHAT, f"{text[:40]!r} is no percentage from 0 to 100")
    parts = number * MILLION / 100
    if parts.denominator != 1:
        raise DefinitionError(_WHAT, f"{text[:40]} is finer than a millionth, 0.0001%")
    return int(parts)


def _from_file(path: Path, licensor: str) -> Rights:
    try:
        row: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DefinitionError(str(path), f"is not JSON: {str(error)[:120]}") from error
    if not isinstance(row, dict):
        raise DefinitionError(str(path), "is not a JSON object")
    given = dict(row)
    start = given.pop("preset", None)
    if start is not None and not (isinstance(start, str) and not start.endswith(".json")):
        raise DefinitionError(str(path), "preset is not the name of one")
    first = preset(start, licensor) if start else Rights(licensor=licensor)
    merged: dict[str, Any] = dict(first.to_cbor())
    for key, value in given.items():
        part = merged.get(key)
        parts = isinstance(part, dict) and isinstance(value, dict)
        merged[key] = {**(part or {}), **value} if parts else value
    _check(merged, str(path))
    try:
        return Rights.read(merged)
    except MalformedError as error:
        raise DefinitionError(str(path), error.problem) from error


def _check(row: Mapping[str, Any], name: str) -> None:
    from jsonschema import Draft202012Validator

    from provenance.schemas import load

    for error in Draft202012Validator(load("rights.schema.json")).iter_errors(row):
        place = "".join(f".{step}" for step in error.absolute_path)
        raise DefinitionError(f"{name}{place}", error.message[:200])
