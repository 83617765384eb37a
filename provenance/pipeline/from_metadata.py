"""A generation record as a manifest definition.

    a run that made something       c2pa.created, trainedAlgorithmicMedia; models, prompt and
                                    pictures are its inputs
    a run upon a picture            the same from compositeWithTrainedAlgorithmicMedia; where the
                                    picture is at hand it is the parent, opened, then edited
    a graph that did not generate   c2pa.opened, then c2pa.unknown by its program
    a model file                    c2pa.created, trainedAlgorithmicData; its base is an input
    signed already, and whole       c2pa.opened: its own manifests say how it was made

A record is what a program said of itself, unsigned: whoever signs the definition vouches for it.
Source: C2PA 2.2 §18.14.4 and §18.15; 2.4 §18.29.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from provenance.build.definition import (
    ActionDefinition,
    Agent,
    AssetReference,
    ManifestDefinition,
    ModelReference,
    PromptMode,
)
from provenance.build.models import model_type
from provenance.build.sources import COMPOSITE_GENERATED, GENERATED
from provenance.generation.read import read_generation
from provenance.generation.record import GenerationRecord, Input, Model
from provenance.generation.scrub import scrub_text
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.pipeline.lookup import FindInput, FindModel, inputs_in, models_in
from provenance.pipeline.telling import Disclosure, prompt_of, workflow_of
from provenance.source import Asset
from provenance.validate.results import ValidationState
from provenance.validate.run import verify

__all__ = ["definition_from", "definition_of"]

_MODEL_DATA = "trainedAlgorithmicData"
_UPON = ("init_image", "mask")  # roles of what a run changes, rather than looks at
_LOADED_FIRST = ("checkpoint", "unet", "model")
_WHOLE_FILE = ("stability-matrix", "tensorart", "invokeai")  # whose 64 hex are a file's SHA-256
_HEX = frozenset("0123456789abcdef")
_LONGEST = 200  # characters of a name


def definition_from(
    asset: Asset,
    *,
    models: Iterable[str | Path] = (),
    inputs: Iterable[str | Path] = (),
    prompt_mode: PromptMode = "commit",
    fields: dict[str, PromptMode] | None = None,
    workflow: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> ManifestDefinition:
    """How a file was made, from what its generator left in it.

    Args:
        asset: the file, which is only read; sign it with what this returns.
        models: folders in which its models are looked up by name, and hashed.
        inputs: folders in which its input pictures are looked up, besides the asset's own.
        prompt_mode: what becomes of prompt and settings: `open`, `commit` or `omit`.
        fields: modes of single fields, such as `{"seed": "open"}`.
        workflow: store the workflow, scrubbed of keys, local paths and, unless open, the prompt.
        limits: how much of the file is read.

    Returns:
        A definition; an empty one, with which a file is signed as of unknown making, when no
        generator left anything.

    Raises:
        DefinitionError: a mode or a field that is none.
        MalformedError: a model file or 3D file whose header is broken.
        OSError: the file or a folder cannot be read.
    """
    disclosure = Disclosure(mode=prompt_mode, fields=fields or {}, workflow=workflow)
    record = read_generation(asset, limits=limits)
    if record is None or _speaks_for_itself(asset, record, limits):
        return ManifestDefinition()
    path = Path(asset) if isinstance(asset, (str, Path)) else None
    beside = [path.parent] if path is not None else []
    return definition_of(
        record,
        models=models_in(models),
        inputs=inputs_in([*inputs, *beside], but=path),
        disclosure=disclosure,
    )


def _speaks_for_itself(asset: Asset, record: GenerationRecord, limits: Limits) -> bool:
    """Do manifests in the file say how it was made? What is whole was not made anew since."""
    if record.family == "c2pa":
        return True
    return verify(asset, limits=limits).state in (ValidationState.VALID, ValidationState.TRUSTED)


def definition_of(
    record: GenerationRecord,
    *,
    models: FindModel | None = None,
    inputs: FindInput | None = None,
    disclosure: Disclosure | None = None,
) -> ManifestDefinition:
    """What a record says, as a manifest definition.

    Args:
        record: read from a file, or made by a hook.
        models: where the files of models are; None: they are only named.
        inputs: where the pictures are; None: they are only named.
        disclosure: what is told of prompt, settings and workflow; committed to when absent.

    Raises:
        OSError: a model file cannot be read.
    """
    disclosure = disclosure or Disclosure()
    agent = _agent(record)
    if record.family == "model-file":
        return ManifestDefinition(
            generator=agent,
            digital_source_type=_MODEL_DATA,
            models=tuple(_bases(record)),
            asset_types=(("c2pa.types.model", None),),
        )
    parent, sources = _given(record, inputs)
    workflow = workflow_of(record, disclosure)
    told = ManifestDefinition(
        sources=sources,
        parent=parent,
        models=_models(record, models),
        assertions=(workflow,) if workflow else (),
    )
    if not _is_generated(record):
        done = ActionDefinition(action="c2pa.unknown", software_agent=agent)
        return replace(told, models=(), actions=(done,) if agent or sources else ())
    upon = any(one.role in _UPON for one in record.inputs)
    return replace(
        told,
        generator=agent,
        digital_source_type=COMPOSITE_GENERATED if upon else GENERATED,
        prompt=prompt_of(record, disclosure),
    )


def _is_generated(record: GenerationRecord) -> bool:
    stated = record.extra.get("digital_source_type")
    return record.generated or stated in (GENERATED, COMPOSITE_GENERATED)


def _agent(record: GenerationRecord) -> Agent | None:
    if not record.generator:
        return None
    version = _name(record.version) if record.version else None
    return Agent(_name(record.generator) or "unknown", version or None)


def _name(text: str) -> str:
    """A name that tells of no folder and no account of whoever ran it."""
    return scrub_text(" ".join(text.split()))[:_LONGEST]


def _models(record: GenerationRecord, find: FindModel | None) -> tuple[ModelReference, ...]:
    every = (*record.models, *record.models_optional)
    first = sorted(every, key=lambda one: one.kind not in _LOADED_FIRST)
    return tuple(_model(one, record.family, find) for one in first)


def _model(model: Model, family: str, find: FindModel | None) -> ModelReference:
    found = find(model, family) if find is not None else None
    name = _name(model.name) if model.name else model.kind
    notes = [model.kind.replace("_", " ")]
    if model.weight is not None:
        notes.append(f"weight {model.weight}")
    if model.ref:
        notes.append(_name(model.ref))
    if model.hash:
        notes.append(f"hash as recorded {_name(model.hash)}")
    if found is not None and found.same is False:
        notes.append("a file of that name here has another hash")
        found = None
    if found is None:
        named = Path(name)
        sha256 = _file_hash(model, family)
        return ModelReference(
            name=name, type=model_type(named), sha256=sha256, description=", ".join(notes)
        )
    if found.same is None:
        notes.append("found by its name")
    return ModelReference(
        path=found.path,
        name=name,
        sha256=found.hashes.sha256,
        hashed=True,
        description=", ".join(notes),
    )


def _file_hash(model: Model, family: str) -> str | None:
    """The recorded hash, where it is known to be the SHA-256 of the whole file."""
    text = (model.hash or "").lower()
    whole = family in _WHOLE_FILE and len(text) == 64 and _HEX.issuperset(text)
    return text if whole else None


def _bases(record: GenerationRecord) -> Iterator[ModelReference]:
    """What a model was made of, as far as its header names it."""
    base = (record.model_metadata or {}).get("base_model")
    if isinstance(base, dict) and isinstance(base.get("name"), str):
        sha256 = str(base.get("sha256") or "").lower()
        known = sha256 if len(sha256) == 64 and _HEX.issuperset(sha256) else None
        name = _name(base["name"])
        yield ModelReference(
            name=name, type=model_type(Path(name)), sha256=known, description="base, as recorded"
        )


def _given(
    record: GenerationRecord, find: FindInput | None
) -> tuple[AssetReference | None, tuple[AssetReference, ...]]:
    """The picture that was worked upon, if it is at hand, and all others."""
    parent: AssetReference | None = None
    others = []
    for one in record.inputs:
        path = find(one) if find is not None else None
        reference = _source(one, path)
        if path is not None and one.role == "init_image" and parent is None:
            parent = reference
        else:
            others.append(reference)
    return parent, tuple(others)


def _source(one: Input, path: Path | None) -> AssetReference:
    # No thumbnail: it may be another picture of that name.
    role = one.role.replace("_", " ")
    if path is not None:
        return AssetReference(path, path.name, role, thumbnail=False)
    hashed = one.hash if one.hash and len(one.hash) == 64 and _HEX.issuperset(one.hash) else None
    notes = [role] + ([f"hash as recorded {_name(one.hash)}"] if one.hash and not hashed else [])
    title = _name(one.name.removeprefix("./")) if one.name else f"unnamed {role}"
    return AssetReference(None, title, ", ".join(notes), hashed)
