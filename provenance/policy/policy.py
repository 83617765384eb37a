"""A policy: read from TOML, applied to a report.

    trust = "required"
    ai_disclosure = "required"
    [[signers.allow]]
    organization = "Example News"

The form is that of `schemas/policy.schema.json`. A key that is not known is refused: a policy with
a typing error would otherwise let through what it was written to stop.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provenance.errors import ProvenanceError
from provenance.source import read_small
from provenance.validate.policy_result import PolicyResult
from provenance.validate.results import ValidationState, VerificationReport

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["Policy", "PolicyError", "SignerRule"]

_SCHEMA = "policy.schema.json"
_MAX_BYTES = 1 << 20


class PolicyError(ProvenanceError):
    """A policy cannot be used; nothing was judged by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerRule:
    """A signer: all that is given must fit."""

    common_name: str | None = None
    organization: str | None = None
    sha256: str | None = None  # lower-case hex of the certificate's DER

    @classmethod
    def from_dict(cls, row: Mapping[str, str]) -> Self:
        """From a table of the file; a fingerprint may be written with colons."""
        sha256 = row.get("sha256")
        return cls(
            common_name=row.get("common_name"),
            organization=row.get("organization"),
            sha256=None if sha256 is None else sha256.replace(":", "").lower(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a file must satisfy. What is not asked for is not looked at, except validity."""

    name: str = "policy"
    states: tuple[ValidationState, ...] = (ValidationState.VALID, ValidationState.TRUSTED)
    trust: bool = False
    time_stamp: bool = False
    max_age_days: float | None = None
    ai_disclosure: bool = False
    ingredients: str = "any"  # or validated, complete
    forbidden_actions: tuple[str, ...] = ()
    allowed_signers: tuple[SignerRule, ...] = ()
    denied_signers: tuple[SignerRule, ...] = ()
    required_source_types: tuple[str, ...] = ()
    forbidden_source_types: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a policy's file.

        Raises:
            PolicyError: it cannot be read, is no TOML, or says something that is not known.
        """
        name = str(path)
        data = read_small(path, _MAX_BYTES, PolicyError)
        try:
            row = tomllib.loads(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise PolicyError(name, f"not UTF-8 at byte {error.start}") from error
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PolicyError(name, f"is no TOML: {str(error)[:200]}") from error
        return cls.from_dict({"name": Path(path).stem, **row}, name=name)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any], *, name: str = "policy") -> Self:
        """From values of the form of `schemas/policy.schema.json`.

        Args:
            row: the policy.
            name: what an error calls it.

        Raises:
            PolicyError: a key is not known, or a value is of another kind.
        """
        _check(row, name)
        if not isfinite(row.get("max_age_days", 1)):
            raise PolicyError(name, "max_age_days: not a number of days")
        signers, types = row.get("signers", {}), row.get("digital_source_types", {})
        given = {key: row[key] for key in ("name", "max_age_days", "ingredients") if key in row}
        if "states" in row:
            given["states"] = tuple(map(ValidationState, row["states"]))
        return cls(
            **given,
            trust=row.get("trust") == "required",
            time_stamp=row.get("time_stamp") == "required",
            ai_disclosure=row.get("ai_disclosure") == "required",
            forbidden_actions=tuple(row.get("forbidden_actions", ())),
            allowed_signers=tuple(map(SignerRule.from_dict, signers.get("allow", ()))),
            denied_signers=tuple(map(SignerRule.from_dict, signers.get("deny", ()))),
            required_source_types=tuple(types.get("required", ())),
            forbidden_source_types=tuple(types.get("forbidden", ())),
        )

    def check(self, report: VerificationReport) -> PolicyResult:
        """Apply each rule to a report. All are applied, also after one that does not hold."""
        from provenance.policy.rules import results

        return PolicyResult(self.name, tuple(results(self, report)))


def _check(row: Mapping[str, Any], name: str) -> None:
    from jsonschema import Draft202012Validator

    from provenance import schemas

    errors = list(Draft202012Validator(schemas.load(_SCHEMA)).iter_errors(dict(row)))
    if errors:
        first = min(errors, key=lambda one: [str(step) for step in one.absolute_path])
        raise PolicyError(name, _sentence(first))


def _sentence(error: "ValidationError") -> str:
    place = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path
    ).removeprefix(".")
    lead = f"{place}: " if place else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema = error.schema if isinstance(error.schema, dict) else {}
        known = schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                return f"{lead}unknown key {str(key)[:60]!r}; {hint}"
    values = error.validator_value
    if error.validator == "enum" and isinstance(error.instance, str) and isinstance(values, list):
        known = [str(one) for one in values]
        near = get_close_matches(error.instance, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return f"{lead}{error.instance[:60]!r}; {hint}"
    return f"{lead}{error.message[:200]}"
