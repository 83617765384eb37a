"""Generators that name themselves in a C2PA manifest: hosted services, and what we sign ourselves.

    OpenAI    softwareAgent: text "DALL·E", or a map with name and version; may be in the parent
    Firefly   softwareAgent: text; the version in parameters["com.adobe.firefly.version"]
    Google    no agent: description "Created by Google Generative AI.", in the parent manifest
    others    Titan, Microsoft Designer, Flux, …: softwareAgent

The manifest that tells of a creation by a model is the record's, the active one first, then its
parents. It is read, not verified: `provenance verify` says whether it holds.
Source: C2PA 2.2 §18.14, §18.15.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provenance.cose.sign1 import parse
from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.generation.record import GenerationRecord, Input, Model
from provenance.generation.texts import Texts
from provenance.generation.values import base_name, text
from provenance.jumbf import JumbfUri
from provenance.limits import Limits
from provenance.model import labels
from provenance.model.assertions.actions import CREATED, Action
from provenance.model.assertions.ai_disclosure import LABEL as DISCLOSURE
from provenance.model.assertions.asset_type import MODEL, PROMPT
from provenance.model.assertions.content import EmbeddedFile
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import Manifest, ManifestStore
from provenance.source import ByteSource
from provenance.trust.certificate import Certificate
from provenance.validate.reading import Reading, read_manifest

__all__ = ["read"]

_TYPES = re.compile(
    r"(?:trainedAlgorithmic|compositeWithTrainedAlgorithmic|algorithmic)(?:Media|Data)"
    r"|compositeSynthetic|dataDrivenMedia"
)
_MADE_BY = re.compile(r"(?:Created|Generated|Made|Edited)\s+(?:by|with|using)\s+(.+?)\.?\s*")
_VERSION_KEYS = ("com.adobe.firefly.version",)
_OPERATIONS = ("com.adobe.firefly.operation",)
_MOST = 64  # manifests looked at
_TEXT = 1 << 20
_CHUNKS = 200_000  # of the container, far above what pictures have


def read(source: ByteSource, texts: Texts, limits: Limits) -> GenerationRecord | None:
    """What the manifests of a file tell of a model's work; None where they tell of none."""
    few = replace(limits, container_items=min(_CHUNKS, limits.container_items))
    try:
        located = registry.find(source).locate(source, few)
        store = ManifestStore.parse(located.store, limits) if located.store else None
    except (UnsupportedFormatError, MalformedError, LimitError):
        return None
    if store is None or store.active is None:
        return None
    readings = tuple(_readings(store, limits))
    for reading in readings:
        action = _creation(reading)
        if action is not None:
            credit = text(texts.get("photoshop:Credit"))
            return _record(reading, action, readings[0], credit, limits)
    return None


def _readings(store: ManifestStore, limits: Limits) -> Iterator[Reading]:
    """The active manifest, then its parents, the nearest first."""
    manifest: Manifest | None = store.active
    seen: set[str] = set()
    for _ in range(_MOST):
        if manifest is None:
            return
        seen.add(manifest.label)
        try:
            reading = read_manifest(manifest, limits)
        except LimitError:
            return
        yield reading
        parents = (
            one.content.active_manifest
            for one in reading.ingredients
            if one.content and one.content.relationship == Relationship.PARENT_OF
        )
        reference = next((one for one in parents if one is not None), None)
        label = _label(reference.url) if reference else None
        manifest = store.manifest(label) if label and label not in seen else None


def _label(url: str) -> str | None:
    try:
        uri = JumbfUri.parse(url)
    except MalformedError:
        return None
    return uri.labels[0] if uri.absolute and uri.labels else None


def _creation(reading: Reading) -> Action | None:
    """The action that a model made the asset by; without a creation, the first that one did."""
    found = [
        action
        for typed in reading.actions
        if typed.content
        for action in typed.content.actions
        if _TYPES.fullmatch((action.digital_source_type or "").rsplit("/", 1)[-1])
    ]
    created = [action for action in found if action.action == CREATED]
    named = [action for action in found if action.software_agent]
    parents = any(one.content and one.content.active_manifest for one in reading.ingredients)
    return next(iter((*created, *named, *(() if parents else found))), None)


def _record(
    reading: Reading, action: Action, active: Reading, credit: str | None, limits: Limits
) -> GenerationRecord:
    name, version = _agent(action)
    claim = reading.claim
    first = active.claim
    extra: dict[str, Any] = {
        "claim_generator": _generator(claim) if claim else None,
        "digital_source_type": action.digital_source_type,
        "signer": _signer(reading, limits),
        "operation": _parameter(action.parameters, _OPERATIONS),
        "active_claim_generator": _generator(first) if first and active is not reading else None,
        "xmp_credit": credit,
    }
    return GenerationRecord(
        family="c2pa",
        generator=name,
        version=version or _parameter(action.parameters, _VERSION_KEYS),
        prompt=_prompt(reading),
        models=tuple(_models(reading)),
        inputs=tuple(_inputs(reading)),
        extra={key: value for key, value in extra.items() if value is not None},
    )


def _agent(action: Action) -> tuple[str | None, str | None]:
    """Name and version of what did it."""
    agent = action.software_agent
    if isinstance(agent, dict):
        return text(agent.get("name")), text(agent.get("version"))
    if agent:
        return text(agent), None
    found = _MADE_BY.fullmatch((action.description or "")[:500])
    return (text(found[1]), None) if found else (None, None)


def _parameter(parameters: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((text(parameters[key]) for key in keys if key in parameters), None)


def _generator(claim: Any) -> str | None:
    if claim.generator:
        return text(claim.generator)
    return text(claim.generator_info[0].get("name")) if claim.generator_info else None


def _signer(reading: Reading, limits: Limits) -> str | None:
    """The organization of the signer's certificate, which nobody has checked here."""
    box = reading.manifest.find((labels.SIGNATURE,))
    content = box.first(b"cbor") if box is not None else None
    if content is None:
        return None
    try:
        certificate = Certificate(parse(content.payload, limits).certificate_chain[0])
        return certificate.organization or certificate.common_name
    except (MalformedError, LimitError):
        return None


def _ingredients(reading: Reading) -> Iterator[Ingredient]:
    yield from (one.content for one in reading.ingredients if one.content)


def _is_of(one: Ingredient, kind: str) -> bool:
    return any(type_.type == kind or type_.type.startswith(f"{kind}.") for type_ in one.types)


def _models(reading: Reading) -> Iterator[Model]:
    found = False
    for one in _ingredients(reading):
        if _is_of(one, MODEL):
            found = True
            yield Model(kind="model", name=base_name(one.title))
    for listed in reading.named(DISCLOSURE) if not found else ():
        row = listed.value if isinstance(listed.value, dict) else {}
        if text(row.get("modelName")):
            yield Model(kind="model", name=base_name(row["modelName"]))


def _inputs(reading: Reading) -> Iterator[Input]:
    for one in _ingredients(reading):
        typed = any(type_.type.startswith(("c2pa.types.generator", MODEL)) for type_ in one.types)
        if one.relationship == Relationship.INPUT_TO and not typed:
            yield Input(name=base_name(one.title), role="reference")


def _prompt(reading: Reading) -> str | None:
    """The prompt, where the manifest holds it in the open."""
    for one in _ingredients(reading):
        if not _is_of(one, PROMPT) or not isinstance(one.data, HashedUri):
            continue
        name = one.data.url.rsplit("/", 1)[-1]
        for listed in reading.assertions:
            value = listed.value
            if listed.url.rsplit("/", 1)[-1] != name or not isinstance(value, EmbeddedFile):
                continue
            if value.media_type.startswith("text/plain") and len(value.data) <= _TEXT:
                return text(bytes(value.data).decode("utf-8", "replace"))
    return None
