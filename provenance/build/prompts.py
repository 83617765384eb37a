"""Prompts and settings: disclosed, committed to, or only mentioned; proving a commitment later.

A commitment is the SHA-256 of 32 random bytes of salt and the field's canonical form, its
deterministic CBOR. Without the salt nobody can guess a prompt from it; with the salt anybody can
check it. The salts are the author's to keep, in a file of their own.

A field's value is a text, an integer, a truth value, or a list or map of these: fractions are
written as text, since no two languages print them alike.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any

from provenance.build.definition import PromptDefinition
from provenance.cbor import CborValue, encode
from provenance.digests import HashAlg, digest
from provenance.errors import DefinitionError, MalformedError
from provenance.model.labels import OWN_NAMESPACE

__all__ = ["LABEL", "PROMPT", "Commitment", "Salts", "Stated", "canonical", "commit"]
__all__ += ["commitment_of", "opens", "state"]

LABEL = f"{OWN_NAMESPACE}.prompt"
PROMPT = "prompt"
_SCHEMA = "provenance/prompt-salts/1"
_ALG: HashAlg = "sha256"
_DEEP = 8
_LARGEST = 1 << 63  # integers beyond are text too


@dataclass(frozen=True, slots=True)
class Commitment:
    """A field committed to: its salt and its value, both the author's secret."""

    salt: bytes = field(repr=False)
    value: CborValue = field(repr=False)

    @property
    def hash(self) -> bytes:
        """What the manifest holds."""
        return commitment_of(self.salt, self.value)


def commitment_of(salt: bytes, value: CborValue) -> bytes:
    """The commitment to a value: 32 bytes."""
    return digest(salt + encode(value), _ALG)


def commit(value: CborValue) -> Commitment:
    """Commit to a value with a fresh salt: two equal prompts give different commitments."""
    return Commitment(os.urandom(32), value)


def canonical(value: Any, depth: int = 0) -> CborValue:
    """A value as a field holds it.

    Raises:
        DefinitionError: it is none that a field can hold.
    """
    match value:
        case bool() | str():
            return value
        case int():
            return value if abs(value) < _LARGEST else str(value)
        case float():
            return repr(value)
        case list() | tuple() if depth < _DEEP:
            return [canonical(one, depth + 1) for one in value]
        case Mapping() if depth < _DEEP:
            return {str(key): canonical(one, depth + 1) for key, one in value.items()}
    raise DefinitionError(
        "manifest definition.prompt", f"a field cannot hold {type(value).__name__}"
    )


@dataclass(frozen=True, slots=True)
class Stated:
    """What of a prompt and its settings is said, committed to, and left out; all by name."""

    said: Mapping[str, CborValue]
    committed: Mapping[str, Commitment]
    omitted: tuple[str, ...]

    def to_cbor(self) -> dict[str, CborValue]:
        """The assertion: which fields there were, and no more of them than was wanted."""
        fields: dict[str, CborValue] = {name: {"value": one} for name, one in self.said.items()}
        fields |= {
            name: {"alg": _ALG, "commitment": one.hash} for name, one in self.committed.items()
        }
        return {"v": 1, "fields": fields, "omitted": list(self.omitted)}


def state(given: PromptDefinition) -> Stated | None:
    """Sort the fields by what is to be said of each; None when all there is, is an open prompt.

    Such a prompt stands in a file of its own in the manifest, and needs no assertion.

    Raises:
        DefinitionError: a field cannot hold its value.
    """
    rows = {} if given.text is None else {PROMPT: (given.text, given.mode)}
    if not given.fields and given.mode == "open":
        return None
    for name, one in given.fields.items():
        rows[name] = (canonical(one.value), one.mode or given.mode)
    return Stated(
        {name: value for name, (value, mode) in rows.items() if mode == "open"},
        {name: commit(value) for name, (value, mode) in rows.items() if mode == "commit"},
        tuple(name for name, (_, mode) in rows.items() if mode == "omit"),
    )


@dataclass(frozen=True, slots=True)
class Salts:
    """The author's file: which manifest, and what opens each commitment in it."""

    manifest: str
    fields: Mapping[str, Commitment]

    def write(self, path: Path) -> None:
        """Write the file, readable by its owner alone; never over another.

        Raises:
            FileExistsError: there is one already, and its salts would be lost.
        """
        row = {
            "schema": _SCHEMA,
            "manifest": self.manifest,
            "fields": {
                name: {"alg": _ALG, "salt": one.salt.hex(), "value": one.value}
                for name, one in self.fields.items()
            },
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(row, file, ensure_ascii=False, indent=2)
                file.write("\n")
        except OSError as error:  # half of it would only be in the way
            path.unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror, str(path)) from error

    def only(self, names: Iterable[str]) -> "Salts":
        """A proof of some fields, to hand over without the others.

        Raises:
            MalformedError: there is no field of that name.
        """
        wanted = tuple(names)
        for name in wanted:
            if name not in self.fields:
                known = ", ".join(self.fields)
                raise MalformedError("salts", f"have no field {name[:60]!r}; known: {known}")
        return Salts(self.manifest, {name: self.fields[name] for name in wanted})

    @classmethod
    def read(cls, path: Path) -> "Salts":
        """Read the file again.

        Raises:
            MalformedError: not such a file.
            OSError: it cannot be read.
        """
        try:
            row = json.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError) as error:
            raise MalformedError(str(path), f"is not JSON: {str(error)[:80]}") from error
        match row:
            case {"schema": schema, "manifest": str(manifest), "fields": dict(fields)}:
                if schema == _SCHEMA:
                    named = {name: _field(path, name, one) for name, one in fields.items()}
                    return cls(manifest, named)
        raise MalformedError(str(path), f"is not a file of schema {_SCHEMA}")


def _field(path: Path, name: str, row: Any) -> Commitment:
    match row:
        case {"alg": alg, "salt": str(salt), "value": value} if alg == _ALG:
            try:
                return Commitment(bytes.fromhex(salt), canonical(value))
            except ValueError as error:
                raise MalformedError(str(path), f"the salt of {name!r} is not hex") from error
            except DefinitionError as error:
                raise MalformedError(str(path), f"field {name!r}: {error.problem}") from error
    raise MalformedError(str(path), f"field {name!r} has no {_ALG} salt and value")


def opens(one: Commitment, stored: bytes) -> bool:
    """Is this the salt and the value that were committed to?"""
    return compare_digest(one.hash, stored)
