"""Prompts: disclosed, committed to, or only mentioned; and proving a commitment later.

A commitment is the SHA-256 of 32 random bytes of salt and the prompt's canonical form, its
deterministic CBOR. Without the salt nobody can guess a prompt from it; with the salt anybody can
check it. The salts are the author's to keep, in a file of their own.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any

from provenance.cbor import CborValue, encode
from provenance.digests import HashAlg, digest
from provenance.errors import MalformedError
from provenance.model.labels import OWN_NAMESPACE

__all__ = ["LABEL", "Commitment", "Salts", "commit", "commitment_of", "opens", "prompt_assertion"]

LABEL = f"{OWN_NAMESPACE}.prompt"
_SCHEMA = "provenance/prompt-salts/1"
_ALG: HashAlg = "sha256"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A field committed to: its salt and its text, both the author's secret."""

    salt: bytes
    text: str

    @property
    def hash(self) -> bytes:
        """What the manifest holds."""
        return commitment_of(self.salt, self.text)


def commitment_of(salt: bytes, value: CborValue) -> bytes:
    """The commitment to a value: 32 bytes."""
    return digest(salt + encode(value), _ALG)


def commit(text: str) -> Commitment:
    """Commit to a text with a fresh salt: two equal prompts give different commitments."""
    return Commitment(os.urandom(32), text)


def prompt_assertion(
    committed: Mapping[str, Commitment], omitted: tuple[str, ...]
) -> dict[str, CborValue]:
    """The assertion that says which fields there were, without saying what they held."""
    fields: dict[str, CborValue] = {
        name: {"alg": _ALG, "commitment": one.hash} for name, one in committed.items()
    }
    return {"v": 1, "fields": fields, "omitted": list(omitted)}


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
                name: {"alg": _ALG, "salt": one.salt.hex(), "value": one.text}
                for name, one in self.fields.items()
            },
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(row, file, ensure_ascii=False, indent=2)
            file.write("\n")

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
        case {"alg": alg, "salt": str(salt), "value": str(value)} if alg == _ALG:
            try:
                return Commitment(bytes.fromhex(salt), value)
            except ValueError as error:
                raise MalformedError(str(path), f"the salt of {name!r} is not hex") from error
    raise MalformedError(str(path), f"field {name!r} has no {_ALG} salt and value")


def opens(one: Commitment, stored: bytes) -> bool:
    """Is this the salt and the text that were committed to?"""
    return compare_digest(one.hash, stored)
