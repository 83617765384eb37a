"""The manifest definition: how an asset was made, as a person or a pipeline describes it.

Given as a mapping, a JSON file, or these types themselves. The form is that of
`schemas/manifest-definition.schema.json`; paths are relative to the file that names them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from provenance.build.definition_check import WHAT, check, check_rights
from provenance.errors import DefinitionError, MalformedError
from provenance.model.assertions.rights import Rights

__all__ = ["ActionDefinition", "Agent", "AiDisclosureDefinition", "AssertionDefinition"]
__all__ += ["AssetReference", "ManifestDefinition", "ModelReference", "PromptDefinition"]
__all__ += ["ContributorDefinition", "OwedDefinition"]
__all__ += ["FieldDefinition", "IdentityDefinition", "PermissionDefinition", "PromptMode"]
__all__ += ["NAMED"]

PromptMode = Literal["open", "commit", "omit"]
NAMED = "name:"  # before the name of a model that is no file here


@dataclass(frozen=True, slots=True)
class Agent:
    """Software: a name, perhaps a version and further text fields."""

    name: str
    version: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def _from(cls, row: Mapping[str, str]) -> Self:
        more = {key: value for key, value in row.items() if key not in ("name", "version")}
        return cls(row["name"], row.get("version"), more)

    def to_dict(self) -> dict[str, str]:
        """As a `generator-info-map`."""
        named = {"name": self.name}
        return named | ({"version": self.version} if self.version else {}) | dict(self.more)


@dataclass(frozen=True, slots=True)
class AssetReference:
    """A file that the asset was made of, its own manifest store coming along; or its name."""

    path: Path | None
    title: str | None = None
    description: str | None = None
    sha256: str | None = None  # hex; of a file that is not at hand
    thumbnail: bool = True  # a small picture of it, if the definition wants any


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReference:
    """A model: a file, or a name with what else is known."""

    path: Path | None = None
    name: str | None = None
    version: str | None = None
    type: str | None = None
    sha256: str | None = None  # hex
    uri: str | None = None
    description: str | None = None
    hashed: bool = False  # sha256 was taken from the file at path just now: not taken again


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A setting beside the prompt, such as the seed: JSON, without fractions (text takes those)."""

    value: Any = field(repr=False)
    mode: PromptMode | None = None  # as the prompt's when absent


@dataclass(frozen=True, slots=True)
class PromptDefinition:
    """A prompt: written into the manifest, committed to with a salt, or only mentioned.

    The settings that went with it are further fields; each may have a mode of its own.
    """

    text: str | None = field(repr=False)  # None: only fields are known
    mode: PromptMode = "open"
    fields: Mapping[str, FieldDefinition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDefinition:
    """An action besides those that follow from the rest of the definition."""

    action: str
    software_agent: Agent | None = None
    description: str | None = None
    digital_source_type: str | None = None
    when: str | None = None
    reason: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AiDisclosureDefinition:
    """What the AI disclosure says beyond what follows from models and prompt."""

    model_type: str | None = None
    model_name: str | None = None
    model_identifier: str | None = None
    human_oversight: str | None = None


@dataclass(frozen=True, slots=True)
class PermissionDefinition:
    """One use: allowed, notAllowed, or constrained."""

    use: str
    constraint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionDefinition:
    """Any other assertion, stored as it is."""

    label: str
    data: Any
    kind: Literal["cbor", "json"] = "cbor"
    created: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityDefinition:
    """An actor who vouches for the manifest: key and certificates as files, not encrypted."""

    key: Path
    chain: Path | None = None
    roles: tuple[str, ...] = ()
    referenced: tuple[str, ...] | None = None  # labels; None: all that the claim calls created


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributorDefinition:
    """Somebody with a part in the work; weights count against each other."""

    name: str
    role: str = "cawg.creator"
    weight: int = 1
    payee: str | None = None
    id: str | None = None  # a party's id, where they have one
    aliases: tuple[str, ...] = ()  # other ids of the same; they must say so of this one, too


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedDefinition:
    """What the work owes to one of the files it names, or to a model that it names."""

    path: Path  # for a model that is no file here its name, with `name:` before it
    rate_ppm: int
    basis: str = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDefinition:
    """Everything that a manifest shall say. All of it is optional."""

    title: str | None = None
    claim_generator_info: Agent | None = None
    generator: Agent | None = None
    digital_source_type: str | None = None
    models: tuple[ModelReference, ...] = ()
    prompt: PromptDefinition | None = None
    sources: tuple[AssetReference, ...] = ()
    parent: AssetReference | None = None
    components: tuple[AssetReference, ...] = ()
    kind: str | None = None  # what the asset is: model, dataset, photo …
    bases: tuple[ModelReference, ...] = ()  # models that a model was made of
    datasets: tuple[AssetReference, ...] = ()  # what it was trained on
    creators: tuple[str, ...] = ()
    contributors: tuple[ContributorDefinition, ...] = ()
    owes: tuple[OwedDefinition, ...] = ()
    completeness: str | None = None  # of contributors and ingredients
    authors: Path | None = None  # a table of the files of a dataset
    rights: Rights | None = None
    actions: tuple[ActionDefinition, ...] = ()
    all_actions_included: bool = True
    ai_disclosure: AiDisclosureDefinition | None = None
    training_mining: Mapping[str, PermissionDefinition] = field(default_factory=dict)
    asset_types: tuple[tuple[str, str | None], ...] = ()
    metadata: Mapping[str, Any] | None = None
    assertions: tuple[AssertionDefinition, ...] = ()
    identities: tuple[IdentityDefinition, ...] = ()
    thumbnail: bool | bytes = True  # bytes: a JPEG that somebody made already

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a definition from a JSON file.

        Raises:
            DefinitionError: no JSON, or JSON of another form; says where.
            OSError: the file cannot be read.
        """
        try:
            row = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise DefinitionError(str(path), f"is not JSON: {str(error)[:120]}") from error
        return cls.from_dict(row, base=path.parent)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any], *, base: Path = Path()) -> Self:
        """Read a definition from a mapping.

        Args:
            row: of the form that the schema gives.
            base: the folder that its paths are relative to.

        Raises:
            DefinitionError: a wrong key or value; says where, and what was likely meant.
        """
        check(row)
        return cls(**{name: _READERS.get(name, _as_is)(row[name], base) for name in row})


def _as_is(value: Any, _base: Path) -> Any:
    return value


def _agent(value: Any, _base: Path) -> Agent:
    return Agent._from(value)


def _asset(value: Any, base: Path) -> AssetReference:
    row = {"path": value} if isinstance(value, str) else value
    return AssetReference(**(row | {"path": base / row["path"] if "path" in row else None}))


def _assets(value: Any, base: Path) -> tuple[AssetReference, ...]:
    return tuple(_asset(row, base) for row in value)


def _models(value: Any, base: Path) -> tuple[ModelReference, ...]:
    rows = [{"path": row} if isinstance(row, str) else row for row in value]
    return tuple(
        ModelReference(**(row | ({"path": base / row["path"]} if "path" in row else {})))
        for row in rows
    )


def _prompt(value: Any, _base: Path) -> PromptDefinition:
    if isinstance(value, str):
        return PromptDefinition(value)
    fields = {name: _field(one) for name, one in value.get("fields", {}).items()}
    return PromptDefinition(value.get("text"), value.get("mode", "open"), fields)


def _field(value: Any) -> FieldDefinition:
    return FieldDefinition(**value) if isinstance(value, Mapping) else FieldDefinition(value)


def _action(row: Any) -> ActionDefinition:
    agent = row.get("software_agent")
    return ActionDefinition(**(row | {"software_agent": agent and Agent._from(agent)}))


def _permission(value: Any) -> PermissionDefinition:
    if isinstance(value, str):
        return PermissionDefinition(value)
    return PermissionDefinition(value["use"], value.get("constraint"))


def _assertion(row: Any) -> AssertionDefinition:
    usual = "json" if row["label"].endswith(".metadata") else "cbor"
    return AssertionDefinition(**({"kind": usual} | row))


def _contributor(row: Any) -> ContributorDefinition:
    return ContributorDefinition(**(row | {"aliases": tuple(row.get("aliases", ()))}))


def _owed(row: Any, base: Path) -> OwedDefinition:
    given = row["path"]
    return OwedDefinition(**(row | {"path": Path("" if given.startswith(NAMED) else base, given)}))


def _rights(value: Any) -> Rights:
    """Terms; what they leave out is not allowed, and whoever signs is the licensor."""
    whole: dict[str, Any] = dict(Rights(licensor="").to_cbor())
    for key, one in value.items():
        part = whole.get(key)
        whole[key] = {**part, **one} if isinstance(part, dict) and isinstance(one, dict) else one
    check_rights(whole)
    try:
        return Rights.read(whole)
    except MalformedError as error:
        raise DefinitionError(f"{WHAT}.rights", error.problem) from error


def _identity(row: Any, base: Path) -> IdentityDefinition:
    referenced = row.get("referenced")
    return IdentityDefinition(
        key=base / row["key"],
        chain=base / row["chain"] if "chain" in row else None,
        roles=tuple(row.get("roles", ())),
        referenced=None if referenced is None else tuple(referenced),
    )


_READERS: dict[str, Any] = {
    "claim_generator_info": _agent,
    "generator": _agent,
    "models": _models,
    "prompt": _prompt,
    "sources": _assets,
    "parent": _asset,
    "bases": _models,
    "datasets": _assets,
    "contributors": lambda value, _: tuple(_contributor(row) for row in value),
    "owes": lambda value, base: tuple(_owed(row, base) for row in value),
    "authors": lambda value, base: base / value,
    "rights": lambda value, _: _rights(value),
    "components": _assets,
    "creators": lambda value, _: tuple(value),
    "actions": lambda value, _: tuple(_action(row) for row in value),
    "ai_disclosure": lambda value, _: AiDisclosureDefinition(**value),
    "training_mining": lambda value, _: {key: _permission(row) for key, row in value.items()},
    "asset_types": lambda value, _: tuple((row["type"], row.get("version")) for row in value),
    "assertions": lambda value, _: tuple(_assertion(row) for row in value),
    "identities": lambda value, base: tuple(_identity(row, base) for row in value),
}
