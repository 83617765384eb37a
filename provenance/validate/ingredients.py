"""Are the ingredients' manifests the ones that were there, and sound? (C2PA 2.2 §15.11)"""

from collections.abc import Iterator
from hmac import compare_digest

from provenance.digests import digest, is_allowed
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri, SuperBox
from provenance.model import labels
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import Manifest, ManifestKind
from provenance.validate.assertions import same_hash
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading, Typed
from provenance.validate.status import Status
from provenance.validate.walk import target_label

__all__ = ["check_form", "check_parents", "check_presence", "check_reference", "recorded"]


def check_form(reading: Reading) -> Iterator[Finding]:
    """Is each ingredient assertion well made? (§15.11.2)"""
    for typed in reading.ingredients:
        if typed.problem is not None and typed.listed.problem is None:
            yield Finding(
                Status.ASSERTION_INGREDIENT_MALFORMED, typed.listed.url, typed.problem.problem
            )
        content = typed.content
        if content is None or content.version < 3 or content.active_manifest is None:
            continue
        if content.results is None:
            yield Finding(
                Status.ASSERTION_INGREDIENT_MALFORMED,
                typed.listed.url,
                "it has an activeManifest and no validationResults",
            )
        if content.digital_source_type is not None:
            yield Finding(
                Status.ASSERTION_INGREDIENT_MALFORMED,
                typed.listed.url,
                "it has an activeManifest and a digitalSourceType",
            )


def check_parents(reading: Reading) -> Iterator[Finding]:
    """At most one parent; an update manifest has that one and nothing else (§15.10.1)."""
    if reading.claim is None:
        return
    relations = [one.content.relationship for one in reading.ingredients if one.content]
    parents = relations.count(Relationship.PARENT_OF)
    if reading.manifest.kind is ManifestKind.UPDATE:
        if parents != 1 or len(reading.ingredients) != 1:
            yield Finding(
                Status.MANIFEST_UPDATE_WRONG_PARENTS,
                reading.claim_url,
                f"{parents} parents among {len(reading.ingredients)} ingredients",
            )
        if any(one.label.name.startswith("c2pa.thumbnail") for one in reading.assertions):
            yield Finding(Status.MANIFEST_UPDATE_INVALID, reading.claim_url, "it has a thumbnail")
    elif parents > 1:
        yield Finding(Status.MANIFEST_MULTIPLE_PARENTS, reading.claim_url, f"{parents} parents")


def check_presence(reading: Reading, context: Context) -> Iterator[Finding]:
    """Is the manifest that each ingredient names in the store? (§15.11.3.2)"""
    for typed in reading.ingredients:
        ref = typed.content.active_manifest if typed.content else None
        if ref is not None and _target(ref, context) is None:
            yield Finding(Status.INGREDIENT_MANIFEST_MISSING, typed.listed.url, ref.url[:120])


def _target(ref: HashedUri, context: Context) -> Manifest | None:
    label = target_label(ref.url)
    return context.store.manifest(label) if label else None


def check_reference(
    typed: Typed[Ingredient], reading: Reading, context: Context
) -> Iterator[Finding]:
    """Is the ingredient's manifest in the store, and unchanged since? (§15.11.3.2)

    Where something of that manifest was redacted its own hash cannot match any more; the hash of
    its signature, which covers the claim, stands in for it.
    """
    content, url = typed.content, typed.listed.url
    if content is None:
        return
    if content.active_manifest is None:
        if content.relationship != Relationship.INPUT_TO:
            yield Finding(Status.INGREDIENT_UNKNOWN_PROVENANCE, url)
        return
    manifest = _target(content.active_manifest, context)
    if manifest is None:
        yield Finding(Status.INGREDIENT_MANIFEST_MISSING, url, content.active_manifest.url[:120])
        return
    alg = reading.claim.alg if reading.claim else None
    if manifest.label in context.redacted_manifests:
        yield _signature_method(content, manifest, alg, url)
    else:
        codes = (Status.INGREDIENT_MANIFEST_VALIDATED, Status.INGREDIENT_MANIFEST_MISMATCH)
        covered: SuperBox | memoryview = manifest.box
        if content.version == 1 and _covers_claim(content.active_manifest, manifest, alg, context):
            covered = context.readings[manifest.label].claim_bytes
        yield same_hash(content.active_manifest, covered, alg, url, codes)


def _covers_claim(ref: HashedUri, manifest: Manifest, alg: str | None, context: Context) -> bool:
    # The first SDKs hashed the ingredient's claim, and called that the hash of its manifest.
    named = ref.alg or alg
    claim = context.readings[manifest.label].claim_bytes
    return is_allowed(named) and compare_digest(digest(claim, named), ref.hash)


def _signature_method(
    content: Ingredient, manifest: Manifest, alg: str | None, url: str
) -> Finding:
    box = manifest.find((labels.SIGNATURE,))
    ref = content.claim_signature
    if ref is None or box is None or not _names_signature(ref.url, manifest):
        return Finding(
            Status.INGREDIENT_CLAIM_SIGNATURE_MISSING, url, "needed, for something was redacted"
        )
    codes = (
        Status.INGREDIENT_CLAIM_SIGNATURE_VALIDATED,
        Status.INGREDIENT_CLAIM_SIGNATURE_MISMATCH,
    )
    return same_hash(ref, box, alg, url, codes)


def _names_signature(url: str, manifest: Manifest) -> bool:
    try:
        uri = JumbfUri.parse(url).within(manifest.label)
    except MalformedError:
        return False
    return uri.labels == (manifest.label, labels.SIGNATURE)


def recorded(content: Ingredient | None) -> frozenset[tuple[str, str | None]]:
    """What the maker of an ingredient assertion saw and wrote down: code and URL."""
    return frozenset() if content is None or content.results is None else content.results.keys
