"""Files as ingredients: looked at, validated, and with all their manifests brought along.

Source: C2PA 2.2 §18.15.12.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path

from provenance.build import models
from provenance.build.definition import AssetReference, ModelReference
from provenance.build.thumbnail import make_thumbnail
from provenance.errors import DefinitionError, MalformedError
from provenance.limits import Limits
from provenance.model.assertions.asset_type import DATASET, AssetType
from provenance.model.assertions.ingredient import (
    Ingredient,
    RecordedResults,
    RecordedStatus,
    Relationship,
)
from provenance.model.hashed_uri import ExternalUri
from provenance.model.store import ManifestStore
from provenance.source import Asset, open_source
from provenance.trust.settings import TrustSettings
from provenance.validate.finding import Finding
from provenance.validate.results import VerificationReport
from provenance.validate.run import examine
from provenance.validate.status import Kind

__all__ = [
    "Brought",
    "Judge",
    "bring_asset",
    "bring_dataset",
    "bring_model",
    "bring_named",
    "record",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """By what ingredients are validated when they are brought in."""

    trust: TrustSettings
    at: datetime
    limits: Limits


@dataclass(frozen=True, slots=True)
class Brought:
    """An ingredient on its way in: `ingredient` lacks the references, which `store` will give."""

    ingredient: Ingredient
    store: ManifestStore | None = None
    thumbnail: bytes | None = None


def bring_asset(
    asset: Asset,
    relationship: Relationship,
    judge: Judge,
    *,
    reference: AssetReference | None = None,
    thumbnail: bool = False,
    identify: bool = True,
) -> Brought:
    """Look at a file that the asset was made of.

    Args:
        asset: the file, or its bytes.
        relationship: what it is to the asset.
        judge: by what its own manifests are validated.
        reference: title and description, if the user gave any.
        thumbnail: make a small picture of it, unless its own manifest will speak for it?
        identify: name a file without manifest by its hash? That is one more pass over it.

    Raises:
        MalformedError: its manifest store cannot be read, so it cannot be kept either.
        OSError: it cannot be read.
    """
    name = Path(asset).name if isinstance(asset, (str, Path)) else None
    examined = examine(asset, trust=judge.trust, at=judge.at, limits=judge.limits)
    report, store = examined.report, examined.store
    if store is None and report.errors and report.asset.format is not None:
        raise MalformedError(
            name or "ingredient", f"its manifest store cannot be kept: {report.errors[0].message}"
        )
    ingredient = Ingredient(
        version=3,
        relationship=relationship,
        title=(reference and reference.title) or name,
        format=report.asset.format or (guess_type(name)[0] if name else None),
        description=reference.description if reference else None,
    )
    if store is not None:
        return Brought(replace(ingredient, results=record(report)), store)
    with open_source(asset) as source:
        if identify:
            uri = models.file_name_uri(models.sha256_of(source))
            ingredient = replace(ingredient, instance_id=uri)
        return Brought(ingredient, None, make_thumbnail(source) if thumbnail else None)


def bring_dataset(reference: AssetReference, judge: Judge) -> Brought:
    """What a model was trained on: a file, a folder with the manifest beside it, or a name.

    Raises:
        MalformedError, OSError, DefinitionError: as `bring_asset` and `bring_named`.
    """
    relationship = Relationship.INPUT_TO
    if reference.path is None:
        brought = bring_named(reference, relationship)
    else:
        whole = not reference.path.is_dir()  # a folder has no bytes of its own
        brought = bring_asset(
            reference.path, relationship, judge, reference=reference, identify=whole
        )
    typed = replace(brought.ingredient, types=(AssetType(DATASET),))
    return replace(brought, ingredient=typed)


def bring_named(reference: AssetReference, relationship: Relationship) -> Brought:
    """A file that is not at hand: its name, and its hash if that is known.

    Raises:
        DefinitionError: neither path nor title.
    """
    if reference.title is None:
        raise DefinitionError("manifest definition", "a file without a path needs a title")
    sha256 = bytes.fromhex(reference.sha256) if reference.sha256 else None
    return Brought(
        Ingredient(
            version=3,
            relationship=relationship,
            title=reference.title,
            format=guess_type(reference.title)[0],
            instance_id=models.file_name_uri(sha256) if sha256 else None,
            description=reference.description,
        )
    )


def bring_model(model: ModelReference, judge: Judge) -> Brought:
    """Look at a model: a file with its hash and perhaps a sidecar, a folder, or a name.

    Raises:
        DefinitionError: the hash given is not that of the file.
        MalformedError, OSError: as `bring_asset`.
    """
    kind = model.type or models.model_type(model.path)
    version, words = models.version_of(model.version)
    described = ", ".join(text for text in (model.description, words) if text)
    sha256 = bytes.fromhex(model.sha256) if model.sha256 else None
    store, results = None, None
    if model.path is not None:
        if not model.path.is_dir() and (sha256 is None or not model.hashed):
            sha256 = _hashed(model.path, sha256)
        examined = examine(model.path, trust=judge.trust, at=judge.at, limits=judge.limits)
        if examined.store is not None:
            store, results = examined.store, record(examined.report)
    ingredient = Ingredient(
        version=3,
        relationship=Relationship.INPUT_TO,
        title=model.name or (model.path.name if model.path else None),
        format=_format(model.path) if model.path else None,
        instance_id=models.file_name_uri(sha256) if sha256 else None,
        results=results,
        data=ExternalUri(url=model.uri, alg="sha256", hash=sha256)
        if model.uri and sha256
        else None,
        types=(AssetType(kind, version),),
        description=described or None,
        informational_uri=model.uri,
    )
    return Brought(ingredient, store)


def _format(path: Path) -> str:
    return "multipart/mixed" if path.is_dir() else "application/octet-stream"


def _hashed(path: Path, given: bytes | None) -> bytes:
    with open_source(path) as source:
        found = models.sha256_of(source)
    if given is not None and given != found:
        raise DefinitionError(str(path), f"its SHA-256 is {found.hex()}, not the one given")
    return found


def record(report: VerificationReport) -> RecordedResults:
    """A verification report as an ingredient assertion keeps it."""
    deltas = tuple((delta.ingredient, _recorded(delta.findings)) for delta in report.deltas)
    return replace(_recorded(report.findings), deltas=deltas)


def _recorded(findings: Iterable[Finding]) -> RecordedResults:
    found = tuple(findings)
    return RecordedResults(
        success=tuple(_of(found, Kind.SUCCESS)),
        informational=tuple(_of(found, Kind.INFORMATIONAL)),
        failure=tuple(_of(found, Kind.FAILURE)),
    )


def _of(findings: Iterable[Finding], kind: Kind) -> Iterator[RecordedStatus]:
    for one in findings:
        if one.status.kind is kind:
            yield RecordedStatus(one.status.code, one.url, one.explanation or None)
