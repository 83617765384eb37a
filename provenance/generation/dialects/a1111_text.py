"""The grammar of AUTOMATIC1111's text, which a dozen programs write.

    prompt, any number of lines
    Negative prompt: the same; may be missing, empty, or come first
    Steps: 20, Sampler: Euler a, Key: "quoted, as JSON", Hashes: {"model": "45a21ea00a"}, …

A value ends at a comma that a further key follows. Keys may stand twice (`TE` of
stable-diffusion.cpp); extensions add lines behind, which count as further keys.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provenance.generation.texts import well_formed

__all__ = ["Parameters", "parse", "pairs_of"]

_SETTINGS = re.compile(r"(?:^|\n)[ \t]*(?=Steps: ?\d)")
_NEGATIVE = re.compile(r"(?:^|\n)[ \t]*Negative prompt:", re.IGNORECASE)
_KEY = re.compile(r"[\s,]*([^\W_][\w \-/.()+#']{0,60}?):[ \t]*")
_SPACE = re.compile(r"[\s,]*")
_PLAIN = re.compile(r"[^,\n]*(?:,(?!\s*[^\W_][\w \-/.()+#']{0,60}?:)[^,\n]*)*")
_KNOWN = frozenset(("sampler", "seed", "cfg scale", "size", "model", "model hash", "version"))
_LONGEST = 4 << 20  # characters of a text
_MOST = 2000  # pairs
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Parameters:
    """A text taken apart. Keys are in lower case, as writers disagree about them."""

    prompt: str | None
    negative_prompt: str | None
    pairs: tuple[tuple[str, Any], ...]  # values are texts, or JSON where they looked like such

    def get(self, *keys: str) -> Any:
        """The first value under any of these keys."""
        return next((value for name, value in self.pairs if name in keys), None)

    def all(self, key: str) -> list[Any]:
        """The values under a key that stands more than once."""
        return [value for name, value in self.pairs if name == key]


def parse(text: str) -> Parameters | None:
    """Take a text apart; None for one that is not of this grammar."""
    if len(text) > _LONGEST:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [found.end() for found in _SETTINGS.finditer(text)]
    if not starts:
        return None
    start = starts[-1]
    pairs = tuple(_pairs(text, start))
    if not any(key in _KNOWN for key, _ in pairs):
        return None
    head = text[:start]
    found = _NEGATIVE.search(head)
    if found is None:
        return Parameters(well_formed(head) or None, None, pairs)
    prompt = well_formed(head[: found.start()]) or None
    return Parameters(prompt, well_formed(head[found.end() :]), pairs)


def _pairs(text: str, at: int) -> Iterator[tuple[str, Any]]:
    for _ in range(_MOST):
        key = _KEY.match(text, at)
        if key is None:
            line = text.find("\n", _past_space(text, at))  # what an extension wrote on a line
            if line < 0:
                return
            at = line + 1
            continue
        value, at = _value(text, key.end())
        yield key[1].strip().lower(), value


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _value(text: str, at: int) -> tuple[Any, int]:
    if text[at : at + 1] in ('"', "{", "["):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            pass
        else:
            if not text[end:].lstrip(" ")[:1].strip(",\n"):
                return value, end
    found = _PLAIN.match(text, at)
    if found is None:
        return "", at
    return found[0].strip(), found.end()


def pairs_of(text: Any) -> dict[str, str]:
    """What a quoted value such as `a: 1, b: 2` says, names as they are spelled."""
    if not isinstance(text, str):
        return {}
    found: dict[str, str] = {}
    for part in re.split(r",\s*(?=[^,:]+:)", text)[:_MOST]:
        name, colon, value = part.rpartition(":") if part.count(":") == 1 else part.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip(), value.strip())
    return found
