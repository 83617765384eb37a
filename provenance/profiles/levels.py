"""Where a setting may come from, and which of several counts.

Flags go before the environment, that before the profile, that before the defaults. What belongs
together comes from one place: a key that is named anew does not get the old one's certificates.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from provenance.keys import is_path
from provenance.profiles.config import ProfileError, hint
from provenance.profiles.profile import Setting

__all__ = ["DEFAULTS", "from_environment", "located", "merged"]

DEFAULTS: dict[str, Any] = {"thumbnail": True}
_KEY = ("chain", "alg", "passphrase_env", "passphrase_file")  # what belongs to a key
_PASSPHRASE = ("passphrase_env", "passphrase_file")  # one or the other
_PATHS = ("key", "chain", "passphrase_file")

# Setting by variable. Others of ours have their own use.
_VARIABLES = {
    "PROVENANCE_KEY": "key",
    "PROVENANCE_CHAIN": "chain",
    "PROVENANCE_ALG": "alg",
    "PROVENANCE_PASSPHRASE": "passphrase_env",
    "PROVENANCE_PASSPHRASE_FILE": "passphrase_file",
    "PROVENANCE_TSA": "tsa",
    "PROVENANCE_TITLE": "title",
    "PROVENANCE_GENERATOR": "generator",
    "PROVENANCE_CREATORS": "creators",
    "PROVENANCE_DIGITAL_SOURCE_TYPE": "digital_source_type",
    "PROVENANCE_PROMPT_MODE": "prompt_mode",
    "PROVENANCE_THUMBNAIL": "thumbnail",
    "PROVENANCE_IDENTITY_KEY": "identity",
    "PROVENANCE_IDENTITY_CHAIN": "identity",
    "PROVENANCE_IDENTITY_ROLES": "identity",
}
_OTHERS = (
    *("PROVENANCE_PROFILE", "PROVENANCE_CONFIG", "PROVENANCE_DATA", "PROVENANCE_CACHE"),
    *("PROVENANCE_PKCS11_MODULE", "PROVENANCE_SIGN_ALG"),
)
_PREFIX = "PROVENANCE_"
_ALIKE = 0.8  # of 1, which is the same
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_MODES = ("open", "commit", "omit")

Level = tuple[str, Mapping[str, Any]]  # its name in words, and what it says


def merged(levels: list[Level]) -> dict[str, Setting]:
    """The settings that count.

    Args:
        levels: the first goes first.
    """
    found: dict[str, Setting] = {}
    taken: set[str] = set()  # by a level above, though it did not say them
    for name, row in levels:
        for key, value in row.items():
            if key not in found and key not in taken:
                found[key] = Setting(value, _origin(name, key, value))
        if "key" in row:
            taken.update(_KEY)
        if any(key in row for key in _PASSPHRASE):
            taken.update(_PASSPHRASE)
    return found


def _origin(level: str, key: str, value: Any) -> str:
    if level != "environment":
        return level
    first = next(name for name, setting in _VARIABLES.items() if setting == key)
    return f"environment variable {first}"


def located(row: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """A row of settings with its paths relative to a folder."""
    made = dict(row)
    for key in _PATHS:
        if key in row and is_path(row[key]):
            made[key] = str(base / Path(row[key]).expanduser())
    if "identity" in row:
        made["identity"] = [located(one, base) for one in row["identity"]]
    return made


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The settings that stand in environment variables.

    Raises:
        ProfileError: a value that is none, or a variable that looks like one of ours misspelt.
    """
    known = {name.removeprefix(_PREFIX) for name in (*_VARIABLES, *_OTHERS)}
    for name in environ:
        if not name.startswith(_PREFIX) or name.removeprefix(_PREFIX) in known:
            continue
        near = get_close_matches(name.removeprefix(_PREFIX), known, n=1, cutoff=_ALIKE)
        if near:  # else it is somebody else's
            told = f"is not known; did you mean {_PREFIX + near[0]!r}?"
            raise ProfileError(f"environment variable {name[:80]}", told)
    row: dict[str, Any] = {}
    for name, key in _VARIABLES.items():
        if key != "identity" and (value := environ.get(name)):
            row[key] = _value(name, key, value)
    if named := environ.get("PROVENANCE_IDENTITY_KEY"):
        chain = environ.get("PROVENANCE_IDENTITY_CHAIN")
        roles = _list(environ.get("PROVENANCE_IDENTITY_ROLES", ""))
        row["identity"] = [{"key": named, "roles": roles} | ({"chain": chain} if chain else {})]
    return row


def _value(name: str, key: str, value: str) -> Any:
    if key == "passphrase_env":
        return name  # the variable holds the secret itself, which is not read before it is needed
    if key == "creators":
        return _list(value)
    if key == "thumbnail":
        if value.lower() not in _BOOLEANS:
            raise ProfileError(f"environment variable {name}", "is neither true nor false")
        return _BOOLEANS[value.lower()]
    if key == "prompt_mode" and value not in _MODES:
        raise ProfileError(f"environment variable {name}", hint(value, _MODES))
    return value


def _list(value: str) -> list[str]:
    return [one.strip() for one in value.split(";") if one.strip()]
