"""The ingredients of one manifest, each with what is known of where it leads and what it is owed.

A contribution names an ingredient by a hashed URI. It counts when the claim lists that very
assertion with that very hash: a rate for one ingredient cannot be moved to another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest

from provenance.chain import codes
from provenance.chain.stated import is_gone
from provenance.digests import digest, is_allowed
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions.contribution import Contribution, Owed
from provenance.model.assertions.ingredient import Ingredient
from provenance.model.hashed_uri import HashedUri
from provenance.validate.context import Context
from provenance.validate.describe import ingredient_digest
from provenance.validate.ingredients import check_reference
from provenance.validate.reading import Reading, Typed
from provenance.validate.results import REJECTS_NOTHING
from provenance.validate.status import Kind, Status
from provenance.validate.walk import target_label

__all__ = ["Link", "links_of"]

_Notes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One ingredient.

    Args:
        uri: of its assertion.
        relationship: as signed; empty where the assertion was redacted.
        manifest: the label of its own manifest, if it says that there is one.
        claim: the id of that manifest, if the store holds it.
        reference: what that manifest must hash to, where the store does not hold it.
        flaws: codes of what is wrong with the reference or with the manifest there, or was when
            the ingredient was used.
        digest: `sha256:…` of the ingredient's file.
        owed: what the contribution says of it.
    """

    uri: str
    relationship: str
    types: tuple[str, ...] = ()
    title: str | None = None
    format: str | None = None
    manifest: str | None = None
    claim: str | None = None
    reference: HashedUri | None = None
    signature: HashedUri | None = None
    flaws: tuple[str, ...] = ()
    digest: str | None = None
    source_type: str | None = None
    informational: str | None = None
    owed: Owed | None = None
    redacted: bool = False


def links_of(
    reading: Reading,
    context: Context,
    ids: Mapping[str, str],
    contribution: Contribution | None,
) -> tuple[tuple[Link, ...], _Notes]:
    """The ingredients of a manifest, and what of its contribution fits none of them.

    Args:
        reading: the manifest.
        context: its chain.
        ids: of all manifests of the chain, by label.
        contribution: of the same manifest.
    """
    links = {
        one.uri: one for typed in reading.ingredients for one in _link(typed, reading, context, ids)
    }
    notes: list[tuple[str, str]] = []
    for owed in contribution.edges if contribution else ():
        uri = _named(owed, reading)
        link = links.get(uri) if uri is not None else None
        if link is None or link.owed is not None:
            told = "is owed for twice" if link else "is no ingredient as the claim lists it"
            notes.append((codes.CONTRIBUTION_UNMATCHED, f"{owed.ingredient.url[:200]} {told}"))
            continue
        links[link.uri] = replace(link, owed=owed)
    return tuple(links.values()), tuple(notes)


def _named(owed: Owed, reading: Reading) -> str | None:
    """The absolute URI of the ingredient that an entry means, if its hash is the one signed."""
    try:
        uri = JumbfUri.parse(owed.ingredient.url).within(reading.manifest.label)
    except MalformedError:
        return None
    path = reading.manifest.own(uri)
    if path is not None:
        uri = JumbfUri((reading.manifest.label, *path), absolute=True)
    listed = reading.refs_by_uri.get(uri)
    if listed is None or reading.claim is None:
        return None
    alg = owed.ingredient.alg or reading.claim.alg
    if alg == (listed.alg or reading.claim.alg):
        same = compare_digest(owed.ingredient.hash, listed.hash)
    else:
        box = reading.manifest.find(path) if path else None
        same = (
            box is not None
            and is_allowed(alg)
            and compare_digest(owed.ingredient.hash, digest(box.hashed, alg))
        )
    return uri.text if same else None


def _link(
    typed: Typed[Ingredient], reading: Reading, context: Context, ids: Mapping[str, str]
) -> Iterator[Link]:
    listed, content = typed.listed, typed.content
    if is_gone(listed, context):
        yield Link(uri=listed.url, relationship="", redacted=True)
        return
    if content is None:
        return
    reference = content.active_manifest
    label = target_label(reference.url) if reference else None
    held = label is not None and label in ids
    yield Link(
        uri=listed.url,
        relationship=content.relationship,
        types=tuple(one.type for one in content.types),
        title=content.title,
        format=content.format,
        manifest=label,
        claim=ids[label] if held and label else None,
        reference=None if held else reference,
        signature=None if held else content.claim_signature,
        flaws=tuple(_flaws(typed, content, reading, context, label)),
        digest=ingredient_digest(content),
        source_type=(content.digital_source_type or "").rpartition("/")[2] or None,
        informational=content.informational_uri,
    )


def _flaws(
    typed: Typed[Ingredient],
    content: Ingredient,
    reading: Reading,
    context: Context,
    label: str | None,
) -> Iterator[str]:
    """What is wrong with the reference now; and with the ingredient's own manifest, then.

    The hard binding of an ingredient can be checked only while its file is there: whoever used it
    wrote down what came of it.
    """
    if content.active_manifest is None:
        return
    for one in check_reference(typed, reading, context):
        if one.failed and one.status is not Status.INGREDIENT_MANIFEST_MISSING:
            yield one.status.code
    for recorded in content.results.failure if content.results else ():
        status = Status.of(recorded.code)
        if (
            status is not None
            and status.kind is Kind.FAILURE
            and not status.about_identity
            and status is not Status.SIGNING_CREDENTIAL_UNTRUSTED
            and status is not Status.INGREDIENT_MANIFEST_MISSING
            and status not in REJECTS_NOTHING
            and (recorded.url is None or target_label(recorded.url) in (label, None))
        ):
            yield recorded.code
