"""A profile with its settings; keys are read when they are asked for, and not kept here."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from provenance.build.definition import Agent, ManifestDefinition, PromptMode
from provenance.errors import CredentialError, DefinitionError
from provenance.keys import Secret, open_signer, shown
from provenance.source import read_small

if TYPE_CHECKING:
    from provenance.build.identity import IdentitySigner
    from provenance.build.sign import Definition
    from provenance.cose.signer import Signer
    from provenance.trust.tsa import Authority

__all__ = ["Ask", "Identity", "Profile", "Setting"]

Ask = Callable[[str], bytes | None]  # a question to a person: a passphrase, a PIN
_PASSPHRASE_BYTES = 4096
_REFERENCES = ("key", "chain", "tsa")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it comes from: flag, environment variable, profile or default."""

    value: Any
    origin: str

    def to_dict(self, key: str) -> dict[str, Any]:
        """For JSON; a reference without what would let others sign."""
        value = self.value
        if key in _REFERENCES:
            value = shown(str(value))
        if key == "identity":
            value = [Identity.of(one).to_dict() for one in value]
        return {"value": value, "origin": self.origin}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who vouches for what is signed: where their key lies, and as what."""

    key: str = field(repr=False)
    chain: str | None = None
    passphrase_env: str | None = None
    passphrase_file: str | None = None
    roles: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Identity":
        """From a table of a profile."""
        return cls(**{**row, "roles": tuple(row.get("roles", ()))})

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        row: dict[str, Any] = {"key": shown(self.key)}
        row |= {"chain": shown(self.chain)} if self.chain else {}
        return row | {"roles": list(self.roles)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who signs and how. Fit to be pickled, printed and kept: it holds no secret."""

    name: str | None
    config: Path
    settings: Mapping[str, Setting] = field(repr=False)

    def get(self, key: str) -> Any:
        """The value of a setting, by its name in the file; None when there is none."""
        found = self.settings.get(key)
        return None if found is None else found.value

    def signer(self, ask: Ask | None = None) -> "Signer":
        """The signer that the profile's key makes.

        Args:
            ask: who is asked for a passphrase or a PIN that nobody named; None: nobody.

        Raises:
            CredentialError: no key is named, it cannot be used, or an extra is missing.
        """
        key = self.get("key")
        if key is None:
            raise CredentialError(self._called, "names no key: --key, PROVENANCE_KEY, or a profile")
        secret = _secret(self.get("passphrase_env"), self.get("passphrase_file"), ask)
        return open_signer(key, self.get("chain"), alg=self.get("alg"), secret=secret)

    def identities(self, ask: Ask | None = None) -> "tuple[IdentitySigner, ...]":
        """Those who vouch for what is signed; see `signer`."""
        from provenance.build.identity import IdentitySigner

        return tuple(
            IdentitySigner(
                signer=open_signer(
                    one.key, one.chain, secret=_secret(one.passphrase_env, one.passphrase_file, ask)
                ),
                roles=one.roles,
            )
            for one in map(Identity.of, self.get("identity") or ())
        )

    def authority(self) -> "Authority | None":
        """The time-stamping authority, if one is named."""
        url = self.get("tsa")
        if url is None:
            return None
        from provenance.trust.tsa_http import HttpAuthority

        return HttpAuthority(url)

    @property
    def prompt_mode(self) -> PromptMode | None:
        """What becomes of a prompt; None: what is usual where it comes from."""
        return cast("PromptMode | None", self.get("prompt_mode"))

    def definition(self, given: "Definition | None" = None) -> ManifestDefinition:
        """A manifest definition, with what it leaves unsaid as the profile has it.

        Args:
            given: a mapping, a JSON file or a `ManifestDefinition`; None: all of it is unsaid.

        Raises:
            DefinitionError: it, or a value of the profile, cannot be signed.
            OSError: the file cannot be read.
        """
        if isinstance(given, ManifestDefinition):
            return self.fill(given)
        if given is None or isinstance(given, Mapping):
            return self.fill(ManifestDefinition.from_dict(self._with_mode(given or {})))
        path = Path(given)
        try:
            row = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise DefinitionError(str(path), f"is not JSON: {str(error)[:120]}") from error
        told = self._with_mode(row) if isinstance(row, dict) else row
        return self.fill(ManifestDefinition.from_dict(told, base=path.parent))

    def fill(
        self, told: ManifestDefinition, *, making: Literal["unsaid", "recorded"] = "unsaid"
    ) -> ManifestDefinition:
        """What a definition leaves unsaid; a prompt's mode is taken as said.

        Args:
            told: the definition.
            making: `recorded` where how the file was made is known from elsewhere: what made it is
                then not for the profile to say.

        Raises:
            DefinitionError: a value of the profile cannot be signed.
        """
        more: dict[str, Any] = {}
        if told.title is None and self.get("title"):
            more["title"] = self.get("title")
        if not (told.creators or told.contributors) and self.get("creators"):
            more["creators"] = tuple(self.get("creators"))
        if told.thumbnail is True and self.get("thumbnail") is False:
            more["thumbnail"] = False
        if making == "unsaid":
            if told.generator is None and self.get("generator"):
                more["generator"] = _agent(self.get("generator"))
            if told.digital_source_type is None and self.get("digital_source_type"):
                more["digital_source_type"] = self.get("digital_source_type")
        return replace(told, **more) if more else told

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the settings that count and where they come from, and no secret."""
        env, file = self.get("passphrase_env"), self.get("passphrase_file")
        is_set = os.environ.get(env) is not None if env else bool(file and Path(file).exists())
        return {
            "schema": "provenance/profile/1",
            "name": self.name,
            "config": str(self.config),
            "settings": {key: one.to_dict(key) for key, one in sorted(self.settings.items())},
            "passphrase": "set" if is_set else "not set",
        }

    @property
    def _called(self) -> str:
        return "signing" if self.name is None else f"profile {self.name}"

    def _with_mode(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        prompt, mode = row.get("prompt"), self.prompt_mode
        if prompt is None or mode is None:
            return row
        if isinstance(prompt, str):
            return {**row, "prompt": {"text": prompt, "mode": mode}}
        if isinstance(prompt, Mapping) and "mode" not in prompt:
            return {**row, "prompt": {**prompt, "mode": mode}}
        return row


def _agent(text: str) -> Agent:
    """NAME or NAME@VERSION; an @ at the very start belongs to the name."""
    name, at, version = text.rpartition("@")
    return Agent(name, version) if at and name and version else Agent(text)


def _secret(env: str | None, file: str | None, ask: Ask | None) -> Secret:
    if env is not None:
        value = os.environ.get(env)
        if value is None:
            raise CredentialError(f"environment variable {env}", "is not set")
        return Secret(value.encode())
    if file is not None:
        return Secret(read_small(file, _PASSPHRASE_BYTES, CredentialError).rstrip(b"\r\n"))
    return Secret(ask=ask)
