"""A workflow made fit to be stored: without keys, addresses that let one in, and local paths.

    scrub(graph).value                  the same JSON, secrets replaced by [removed]
    scrub(graph, prompts=False).value   and without what a person typed

Removed are values under names such as `api_key`, `token`, `password`; what looks like a key of a
known service, a bearer, a private key, or the path of one; all but the last part of absolute
paths; queries of web addresses, which is where signatures stand; and mail addresses. A value that
was removed in one place is removed wherever else it stands: a drawn workflow repeats its widgets
without their names. When in doubt it removes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.generation.values import base_name

__all__ = ["REMOVED", "Scrubbed", "scrub", "scrub_text"]

REMOVED = "[removed]"
_DEEP = 64
_SHORTEST = 6  # characters of a secret that is looked for elsewhere
_LONGEST = 1 << 20  # of a text that is looked through; a longer one is removed
_MOST = 500  # secrets looked for

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ALWAYS = frozenset(
    ("secret", "secrets", "password", "passwd", "passphrase", "pwd", "credential", "credentials")
)
_ALWAYS |= {"authorization", "bearer", "cookie", "cookies", "apikey", "oauth", "jwt", "pin"}
_AT_END = frozenset(("key", "keys", "token", "tokens", "auth", "session", "signature", "license"))
_BEHIND = frozenset(("value", "string", "text", "path", "file", "name", "id", "env", "pem", "data"))
_HARMLESS = re.compile(r"(?:filename|foldername|sort|group|named|frame|tag)_?keys?", re.IGNORECASE)

_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.|\n)*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.?[A-Za-z0-9_-]*"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{16,}|\br8_[A-Za-z0-9]{16,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bya29\.[\w-]{16,}|\bnpm_[A-Za-z0-9]{20,}"
    r"|\bcomfyui-[0-9a-f]{32,}"
)
_ASSIGNED = re.compile(
    r"\b((?:api[-_ ]?key|access[-_ ]?token|token|secret|password|passwd)\s*[=:]\s*)[^\s,;&\"']{4,}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s\"'<>\\]+")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_WINDOWS = re.compile(
    r"(?:\b[A-Za-z]:[\\/]|\\\\[^\\/\s]+[\\/])(?:[^\\/:*?\"<>|\r\n]+[\\/])*[^\\/:*?\"<>|\s]*"
)
_HOME = re.compile(
    r"(?:/(?:home|Users|root|Volumes|mnt|media|private|workspace|content|tmp|var|opt|srv|data)"
    r"(?=/)|~(?=/))(?:/[^/\"'<>|\r\n]+(?=/))*/[^/\s\"'<>|,;]*"
)
_KEY_FILE = re.compile(r".+\.(?:pem|key|p12|pfx|jks|keystore|ppk|gpg)", re.IGNORECASE)
_TEXT_NAMES = re.compile(
    r".*(?:text|prompt|string|positive|negative|caption|note|comment|tags|lyrics|title|description)"
    r".*|value",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What is left, and how many of which kind were removed."""

    value: Any
    removed: Mapping[str, int]


def scrub(value: Any, *, prompts: bool = True) -> Scrubbed:
    """A JSON value without secrets. The value itself is not changed.

    Args:
        value: objects, lists, texts, numbers; JSON inside of a text is scrubbed as JSON.
        prompts: keep what a person typed; else free text goes too.
    """
    nodes = frozenset(_nodes(value, 0))
    known = _longest_first(_named_secrets(value, nodes, 0))
    sweep = _Sweep(known, nodes, prompts)
    return Scrubbed(sweep.cleaned(value, 0), dict(sweep.removed))


def scrub_text(text: str) -> str:
    """A text without secrets."""
    return _Sweep((), frozenset(), True).text(text)


def _is_secret(name: str) -> bool:
    """Does a name say that its value is nobody's business?"""
    if _HARMLESS.fullmatch(name):
        return False
    parts = [part.lower() for part in _PARTS.findall(name)]
    if not parts:
        return False
    if _ALWAYS.intersection(parts) or ("api" in parts and "key" in parts):
        return True
    while len(parts) > 1 and (parts[-1] in _BEHIND or parts[-1].isdigit()):
        parts.pop()
    service = parts[-1] == "org" and "token" in parts  # auth_token_comfy_org
    return service or parts[-1] in _AT_END


def _nodes(value: Any, depth: int) -> Iterator[str]:
    """The ids of a graph's nodes, wherever it stands."""
    inner = value.values() if isinstance(value, Mapping) else value
    if depth > _DEEP or not isinstance(value, (Mapping, list)):
        return
    if isinstance(value, Mapping):
        for key, one in value.items():
            if isinstance(one, Mapping) and "class_type" in one:
                yield str(key)
    for one in inner:
        yield from _nodes(one, depth + 1)


def _named_secrets(value: Any, nodes: frozenset[str], depth: int) -> Iterator[str]:
    """The values that names give away."""
    if depth > _DEEP:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            if _is_secret(str(name)) and not _is_link(one, nodes):
                yield from _leaves(one, depth)
            else:
                yield from _named_secrets(one, nodes, depth + 1)
        yield from _unnamed(value)
    elif isinstance(value, list):
        for one in value:
            yield from _named_secrets(one, nodes, depth + 1)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        inner = _json(value)
        if inner is not None:
            yield from _named_secrets(inner, nodes, depth + 1)


def _unnamed(node: Mapping[str, Any]) -> Iterator[str]:
    """The widgets of a drawn node that asks for a secret: a list, so which one is not said."""
    values = node.get("widgets_values")
    if isinstance(values, list) and _asks_for_secret(node):
        yield from (one for one in values if isinstance(one, str))


def _asks_for_secret(node: Mapping[str, Any]) -> bool:
    names = [str(node.get("type", ""))]
    for row in node.get("inputs") or () if isinstance(node.get("inputs"), list) else ():
        if isinstance(row, dict):
            widget = row.get("widget")
            names += [str(row.get("name", ""))]
            names += [str(widget.get("name", ""))] if isinstance(widget, dict) else []
    return any(map(_is_secret, names))


def _leaves(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEP:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, depth + 1)


def _longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    found = {one for one in secrets if len(one.strip()) >= _SHORTEST}
    return tuple(sorted(found, key=len, reverse=True)[:_MOST])


def _is_link(value: Any, nodes: frozenset[str]) -> bool:
    """Does an input come from another node?"""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], int):
        return False
    return isinstance(value[0], (str, int)) and str(value[0]) in nodes


def _json(text: str) -> Any:
    if len(text) > _LONGEST:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Sweep:
    """One pass over a value; counts what it removes."""

    def __init__(self, secrets: tuple[str, ...], nodes: frozenset[str], prompts: bool) -> None:
        self.removed: Counter[str] = Counter()
        self._secrets = secrets
        self._nodes = nodes
        self._prompts = prompts

    def cleaned(self, value: Any, depth: int, name: str = "") -> Any:
        if depth > _DEEP:
            return self._gone("too deep")
        if isinstance(value, Mapping):
            return {
                str(self.text(str(key))): self._member(str(key), one, depth)
                for key, one in value.items()
            }
        if _is_link(value, self._nodes):
            return list(value)
        if isinstance(value, (list, tuple)):
            return [self.cleaned(one, depth + 1, name) for one in value]
        if not isinstance(value, str):
            return value
        if value.lstrip()[:1] in ("{", "["):
            inner = _json(value)
            if isinstance(inner, (dict, list)):
                return json.dumps(self.cleaned(inner, depth + 1), ensure_ascii=False)
        if not self._prompts and _is_prose(name, value):
            return self._gone("text")
        return self.text(value)

    def _member(self, name: str, value: Any, depth: int) -> Any:
        if (
            _is_secret(name)
            and not _is_link(value, self._nodes)
            and value not in (None, "", True, False)
        ):
            return self._gone("secret")
        return self.cleaned(value, depth + 1, name)

    def text(self, text: str) -> str:
        if len(text) > _LONGEST:
            return self._gone("too long")
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, self._gone("secret"))
        text = self._replaced("secret", _SECRETS, text, "")
        text = self._replaced("secret", _ASSIGNED, text, r"\1")
        if "://" in text:
            text = _ADDRESS.sub(self._address, text)
        if "@" in text:
            text = self._replaced("mail address", _MAIL, text, "")
        if _KEY_FILE.fullmatch(text.strip()):
            return self._gone("secret")
        if "\\" in text or ":/" in text:
            text = _WINDOWS.sub(self._path, text)
        return _HOME.sub(self._path, text) if "/" in text else text

    def _gone(self, kind: str) -> str:
        self.removed[kind] += 1
        return REMOVED

    def _replaced(self, kind: str, pattern: re.Pattern[str], text: str, kept: str) -> str:
        found, count = pattern.subn(kept + REMOVED, text)
        if count:
            self.removed[kind] += count
        return found

    def _address(self, found: re.Match[str]) -> str:
        """An address without its user and its query; of one of a file, the file's name."""
        whole = found[0]
        if whole.lower().startswith("file:"):
            self.removed["path"] += 1
            return base_name(whole) or REMOVED
        plain = re.split(r"[?#]", whole, maxsplit=1)[0]
        scheme, _, rest = plain.partition("://")
        host, slash, path = rest.partition("/")
        kept = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
        if kept != whole:
            self.removed["address"] += 1
        return kept

    def _path(self, found: re.Match[str]) -> str:
        self.removed["path"] += 1
        last = re.split(r"[\\/]", found[0].rstrip("\\/"))[-1]
        return REMOVED if _KEY_FILE.fullmatch(last) else last


def _is_prose(name: str, value: str) -> bool:
    """Did a person type it? By its input's name, or by looking like words and not like a name."""
    if not value.strip():
        return False
    if _TEXT_NAMES.fullmatch(name):
        return True
    words = value.split()
    return (
        len(words) > 3 or "\n" in value or ("," in value and len(words) > 1) or not value.isascii()
    )
