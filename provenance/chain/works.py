"""A manifest's account as a work: what kind of thing it is, and what is said of it.

The kind comes from asset types, media types and digital source types; never from a title.
"""

from collections.abc import Iterable, Sequence

from provenance.chain.account import Account
from provenance.chain.graph import Relation, Work, WorkKind
from provenance.chain.links import Link

__all__ = ["MODELS", "is_dataset", "is_model", "is_prompt", "kind_of_link", "leaf_of", "work_of"]

MODELS = frozenset((WorkKind.MODEL, WorkKind.ADAPTER, WorkKind.MERGE))

_MODEL, _DATASET = "c2pa.types.model", "c2pa.types.dataset"
_PROMPTS = ("c2pa.types.generator.prompt", "c2pa.types.generator.seed")
_LIKE_MODELS = frozenset(
    ("c2pa.types.classifier", "c2pa.types.cluster", "c2pa.types.generator", "c2pa.types.regressor")
)
_TENSORFLOW = "c2pa.types.tensorflow."
# Nobody's type says what a model is to others; the last part of a type of one's own may.
_REFINED = {"adapter": WorkKind.ADAPTER, "lora": WorkKind.ADAPTER, "merge": WorkKind.MERGE}
_CAPTURED = frozenset(
    (
        *("digitalCapture", "computationalCapture", "multiFrameCapture", "negativeFilm"),
        *("positiveFilm", "print"),
    )
)
_DATA = "trainedAlgorithmicData"
_MODEL_FILES = frozenset(
    (
        *("application/x-safetensors", "application/vnd.safetensors", "application/safetensors"),
        *("application/onnx", "application/x-onnx", "application/x-gguf"),
    )
)
_TEXTS = frozenset(
    (
        *("application/pdf", "application/json", "application/xml", "application/rtf"),
        *("application/epub+zip", "application/msword", "application/xhtml+xml"),
    )
)
_OFFICE = ("application/vnd.openxmlformats-", "application/vnd.oasis.opendocument.")
_FOLDER = "multipart/mixed"
_MAJOR = {
    "image": WorkKind.IMAGE,
    "video": WorkKind.VIDEO,
    "audio": WorkKind.AUDIO,
    "text": WorkKind.TEXT,
}


def is_model(types: Iterable[str]) -> bool:
    """Does one of these asset types name a model?"""
    return any(
        _is(one, _MODEL) or one in _LIKE_MODELS or one.startswith(_TENSORFLOW) for one in types
    )


def is_dataset(types: Iterable[str]) -> bool:
    """Does one of these asset types name a dataset?"""
    return any(_is(one, _DATASET) for one in types)


def is_prompt(types: Iterable[str]) -> bool:
    """Does one of these asset types name what a generator was told?"""
    return any(one in _PROMPTS for one in types)


def _is(type_: str, kind: str) -> bool:
    return type_ == kind or type_.startswith(f"{kind}.")


def _by_types(types: Sequence[str]) -> WorkKind | None:
    refined = next((kind for one in types if (kind := _REFINED.get(one.rpartition(".")[2]))), None)
    if refined is not None:
        return refined
    if is_dataset(types):
        return WorkKind.DATASET
    if is_prompt(types):
        return WorkKind.PROMPT
    return WorkKind.MODEL if is_model(types) else None


def _by_media_type(media_type: str | None, source_types: Iterable[str]) -> WorkKind | None:
    kind = (media_type or "").partition(";")[0].strip().lower()
    if kind in _MODEL_FILES:
        return WorkKind.MODEL
    if kind == _FOLDER:
        return WorkKind.DATASET
    if kind in _TEXTS or kind.startswith(_OFFICE):
        return WorkKind.TEXT
    found = _MAJOR.get(kind.partition("/")[0])
    if found is WorkKind.IMAGE and _CAPTURED.intersection(source_types):
        return WorkKind.PHOTO
    return found


def kind_of_link(link: Link) -> WorkKind:
    """What an ingredient assertion alone says that its ingredient is."""
    sources = (link.source_type,) if link.source_type else ()
    return _by_types(link.types) or _by_media_type(link.format, sources) or WorkKind.OTHER


def work_of(
    account: Account,
    signer: str | None,
    *,
    media_type: str | None = None,
    asset_sha256: str | None = None,
    link: Link | None = None,
) -> Work:
    """The work that a manifest is about.

    Args:
        account: of its manifest.
        signer: the party's id.
        media_type: of its file, where that was looked at.
        asset_sha256: of its file, likewise.
        link: the ingredient assertion that led to it.
    """
    digest = link.digest if link and link.digest and link.digest.startswith("sha256:") else None
    return Work(
        id=account.claim,
        kind=_kind(account, media_type, link),
        title=account.title or (link.title if link else None),
        asset_sha256=asset_sha256
        or account.asset_sha256
        or (digest.removeprefix("sha256:") if digest else None),
        manifest=account.label,
        validation_state=account.state,
        signer=signer,
        location=account.place,
        rights=account.stated.rights,
        rights_sha256=account.stated.rights_sha256,
        terms=account.stated.uses,
        notices=account.stated.notices,
        complete=account.stated.contribution.completeness
        if account.stated.contribution
        else "unknown",
        redacted=account.redacted,
        signed_at=account.signed_at,
    )


def _kind(account: Account, media_type: str | None, link: Link | None) -> WorkKind:
    given = link.types if link else ()
    found = _by_types(account.types) or _by_types(given)
    if found is WorkKind.MODEL:
        return _refined(account)
    if found is None:
        told = media_type or account.format or (link.format if link else None)
        found = _by_media_type(told, account.source_types)
    if found is None and _DATA in account.source_types:
        found = WorkKind.DATASET
    if found is None and _CAPTURED.intersection(account.source_types):
        found = WorkKind.PHOTO
    return _refined(account) if found is WorkKind.MODEL else found or WorkKind.OTHER


def _refined(account: Account) -> WorkKind:
    """A model that says in its contribution what it is to another model."""
    contribution = account.stated.contribution
    told = {one.relation for one in contribution.edges} if contribution else set()
    if Relation.ADAPTER_OF in told:
        return WorkKind.ADAPTER
    return WorkKind.MERGE if Relation.MERGED_FROM in told else WorkKind.MODEL


def leaf_of(id_: str, link: Link, location: str | None = None) -> Work:
    """An ingredient without a manifest of its own that could be read."""
    digest = link.digest or ""
    return Work(
        id=id_,
        kind=kind_of_link(link),
        title=link.title,
        asset_sha256=digest.removeprefix("sha256:") if digest.startswith("sha256:") else None,
        manifest=link.manifest,
        location=location,
    )
