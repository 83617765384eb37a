"""What a model file says it was made of, unsigned: the metadata in a SafeTensors header.

    sd_merge_recipe, sd_merge_models           A1111's merger: the models, by SHA-256
    ss_sd_model_name, ss_new_sd_model_hash     kohya's trainer: the base model
    ss_dataset_dirs                            and the folders of pictures
    modelspec.merged_from, .title …            Stability's ModelSpec

Anybody can write any of it: it is shown, and nothing is ever paid along it.
Source: SafeTensors format; ModelSpec 1.0.1; the programs named.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.chain.graph import Relation, WorkKind
from provenance.errors import ProvenanceError
from provenance.formats import safetensors
from provenance.limits import Limits
from provenance.source import Asset, open_source

__all__ = ["MEDIA_TYPES", "Hint", "Hints", "read_hints"]

MEDIA_TYPES = frozenset(safetensors.HANDLER.media_types)

_SHA256 = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_MOST = 256  # hints of a file
_TEXT = 300  # characters
_NOTICES = ("modelspec.title", "modelspec.author", "modelspec.license", "modelspec.date")
_MERGED = ("primary_model_hash", "secondary_model_hash", "tertiary_model_hash")
_WANTED = frozenset(
    (
        *("sd_merge_recipe", "sd_merge_models", "ss_sd_model_name", "ss_sd_model_hash"),
        *("ss_new_sd_model_hash", "ss_dataset_dirs", "ss_network_module"),
        *("modelspec.merged_from", *_NOTICES),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something that a file says it was made of."""

    kind: WorkKind
    relation: Relation
    title: str | None
    sha256: str | None = None  # hex, of its file
    where: str  # the key that says so


@dataclass(frozen=True, slots=True)
class Hints:
    """All of a file: what it is, what it was made of, and what it says of itself."""

    kind: WorkKind
    made_of: tuple[Hint, ...] = ()
    notices: Mapping[str, str] = field(default_factory=dict)


def read_hints(asset: Asset, limits: Limits) -> Hints | None:
    """The hints in a SafeTensors file; None when it is none, or cannot be read.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        with open_source(asset) as source:
            told = safetensors.read_metadata(source, _WANTED, limits)
    except ProvenanceError:
        return None
    if told is None:
        return None
    merged = tuple(_merged(told, limits))
    kind = WorkKind.MODEL
    if "ss_network_module" in told:
        kind = WorkKind.ADAPTER
    elif merged:
        kind = WorkKind.MERGE
    found = (*merged, *_base(told, kind), *_datasets(told, limits))
    notices = {key: told[key][:_TEXT] for key in _NOTICES if told.get(key)}
    return Hints(kind, found[:_MOST], notices)


def _merged(told: Mapping[str, str], limits: Limits) -> Iterator[Hint]:
    models = _object(told.get("sd_merge_models"), limits)
    recipe = _object(told.get("sd_merge_recipe"), limits)
    hashes = [value for key in _MERGED if (value := _sha256(recipe.get(key)))]
    hashes = hashes or [value for key in models if (value := _sha256(key))]
    for one in dict.fromkeys(hashes[:_MOST]):
        row = models.get(one)
        name = row.get("name") if isinstance(row, dict) else None
        yield _model(Relation.MERGED_FROM, name, one, "sd_merge_recipe")
    if not hashes:
        for name in told.get("modelspec.merged_from", "").split(",")[:_MOST]:
            if name.strip():
                yield _model(Relation.MERGED_FROM, name.strip(), None, "modelspec.merged_from")


def _base(told: Mapping[str, str], kind: WorkKind) -> Iterator[Hint]:
    name, hashed = told.get("ss_sd_model_name"), _sha256(told.get("ss_new_sd_model_hash"))
    if name or hashed:
        adapter = kind is WorkKind.ADAPTER
        relation = Relation.ADAPTER_OF if adapter else Relation.FINETUNED_FROM
        yield _model(relation, name, hashed, "ss_sd_model_name" if name else "ss_new_sd_model_hash")


def _datasets(told: Mapping[str, str], limits: Limits) -> Iterator[Hint]:
    for name in list(_object(told.get("ss_dataset_dirs"), limits))[:_MOST]:
        yield Hint(
            kind=WorkKind.DATASET,
            relation=Relation.TRAINED_ON,
            title=str(name)[:_TEXT],
            where="ss_dataset_dirs",
        )


def _model(relation: Relation, name: Any, sha256: str | None, where: str) -> Hint:
    title = name[:_TEXT] if isinstance(name, str) else None
    return Hint(kind=WorkKind.MODEL, relation=relation, title=title, sha256=sha256, where=where)


def _sha256(value: Any) -> str | None:
    found = _SHA256.fullmatch(value) if isinstance(value, str) else None
    return found[1].lower() if found else None


def _object(text: str | None, limits: Limits) -> dict[str, Any]:
    if text is None or len(text) > limits.json_bytes:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
