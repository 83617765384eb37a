"""Is a manifest definition of the form that its schema says? And if not, what was likely meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from provenance.errors import DefinitionError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = ["WHAT", "check", "check_rights"]

_SCHEMA, _RIGHTS = "manifest-definition.schema.json", "rights.schema.json"
WHAT = "manifest definition"


def check(row: Mapping[str, Any]) -> None:
    """Does a definition have the form of its schema?

    Raises:
        DefinitionError: a wrong key or value; says where, and what was likely meant.
    """
    # A validator for each key, references resolved: a third of the time of one for the whole,
    # and a pipeline describes picture after picture.
    validators = _validators()
    if not isinstance(row, Mapping):
        raise DefinitionError(WHAT, f"{str(row)[:60]!r} is not of type 'object'")
    for key, value in row.items():
        if key not in validators:
            raise DefinitionError(WHAT, _unknown(key, validators))
        for error in validators[key].iter_errors(value):
            place, problem = _sentence(error)
            raise DefinitionError(f"{WHAT}.{key}{place}", problem)


def check_rights(whole: Mapping[str, Any]) -> None:
    """Do terms, with all that was left out filled in, have the form of theirs?

    Raises:
        DefinitionError: as `check`.
    """
    for error in _rights_validator().iter_errors(whole):
        place, problem = _sentence(error)
        raise DefinitionError(f"{WHAT}.rights{place}", problem)


@cache
def _validators() -> "dict[str, Draft202012Validator]":
    from jsonschema import Draft202012Validator

    from provenance.schemas import load

    schema = load(_SCHEMA)
    resolved = _resolved(schema["properties"], schema["$defs"])
    return {key: Draft202012Validator(part) for key, part in resolved.items()}


@cache
def _rights_validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator

    from provenance.schemas import load

    return Draft202012Validator(load(_RIGHTS))


def _resolved(part: Any, defs: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_resolved(one, defs) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _resolved(defs[part["$ref"].rpartition("/")[2]], defs)
    return {key: _resolved(one, defs) for key, one in part.items()}


def _unknown(key: object, known: Iterable[str]) -> str:
    near = get_close_matches(str(key), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"unknown key {str(key)[:60]!r}; {hint}"


def _sentence(error: "ValidationError") -> tuple[str, str]:
    """Where in the value of a key, and what is wrong there."""
    place = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path
    )
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema = error.schema if isinstance(error.schema, dict) else {}
        known = schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                return place, _unknown(key, known)
    if error.validator == "anyOf" and error.context:
        # Of several forms the one that was meant has the right JSON type.
        deepest = [one for one in error.context if one.validator != "type"] or error.context
        return _sentence(deepest[0])
    return place, error.message[:200]
