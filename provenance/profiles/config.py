"""The file of profiles: TOML of the form of `schemas/profile.schema.json`.

    [profile.studio]
    key = "pkcs11:token=studio;object=c2pa"
    chain = "studio.chain.pem"               # relative to the file
    tsa = "http://timestamp.example.com"
    prompt_mode = "commit"

A key that is not known is refused: a profile with a typing error would sign otherwise than it was
written to. What stands there is not repeated in an error: it may be a secret in the wrong place.
"""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import ProvenanceError
from provenance.source import read_small

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["ProfileError", "config_file", "hint", "read_config"]

_SCHEMA = "profile.schema.json"
_MAX_BYTES = 1 << 20
_SECRETS = ("passphrase", "password", "pin", "token", "secret")


class ProfileError(ProvenanceError):
    """A profile cannot be used; nothing was signed."""


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the profiles of this user lie: `PROVENANCE_CONFIG`, else as the XDG folders have it."""
    if named := environ.get("PROVENANCE_CONFIG"):
        return Path(named)
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "provenance" / "config.toml"


def read_config(path: Path) -> dict[str, dict[str, Any]]:
    """The profiles of a file, by name. A file that is not there has none.

    Raises:
        ProfileError: it cannot be read, is no TOML, or says something that is not known.
    """
    if not path.exists():
        return {}
    name = str(path)
    data = read_small(path, _MAX_BYTES, ProfileError)
    try:
        row = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProfileError(name, f"not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(name, f"is no TOML: {_place(error)}") from None
    except RecursionError:
        raise ProfileError(name, "is no TOML: nested too deep") from None
    _check(row, name)
    profiles: dict[str, dict[str, Any]] = row.get("profile", {})
    return profiles


def hint(word: str, known: Mapping[str, Any] | list[str] | tuple[str, ...]) -> str:
    """What was likely meant."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _place(error: tomllib.TOMLDecodeError) -> str:
    # Its words may repeat what stands there; where it stands is enough.
    _, at, place = str(error).rpartition("(at ")
    return f"{at.strip()[1:]} {place.rstrip(')')}" if at else "it ends too early"


def _check(row: Mapping[str, Any], name: str) -> None:
    from jsonschema import Draft202012Validator

    from provenance import schemas

    errors = list(Draft202012Validator(schemas.load(_SCHEMA)).iter_errors(dict(row)))
    if errors:
        first = min(errors, key=lambda one: [str(step) for step in one.absolute_path])
        raise ProfileError(name, _sentence(first))


def _sentence(error: "ValidationError") -> str:
    """Where, and what is wrong there, without the value."""
    steps = (f"[{one}]" if isinstance(one, int) else f".{one}" for one in error.absolute_path)
    place = "".join(steps).removeprefix(".")
    lead = f"{place}: " if place else ""
    schema = error.schema if isinstance(error.schema, dict) else {}
    wanted = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(schema.get("properties", {}))
        key = next((str(one) for one in error.instance if one not in known), "")
        if key.lower() in _SECRETS and "passphrase_env" in known:
            return f"{lead}a secret does not belong here; name passphrase_env or passphrase_file"
        return f"{lead}unknown key {key[:60]!r}; {hint(key, known)}"
    if error.validator == "enum" and isinstance(wanted, list):
        near = get_close_matches(str(error.instance), wanted, n=1)
        return f"{lead}{f'did you mean {near[0]!r}?' if near else 'known: ' + ', '.join(wanted)}"
    if "propertyNames" in error.absolute_schema_path:
        return f"{lead}a name has letters, digits, - and _, 64 at the most"
    if error.validator == "required" and isinstance(wanted, list):
        return f"{lead}lacks {', '.join(wanted)}"
    if error.validator == "type":
        return f"{lead}is not of type {wanted!r}"
    if error.validator == "pattern" and place.endswith("tsa"):
        return f"{lead}is no http or https address"
    if error.validator == "pattern":
        return f"{lead}is no name of an environment variable"
    return f"{lead}is empty, or too long"
