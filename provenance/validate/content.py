"""Is the asset still the one that was signed? (C2PA 2.2 §15.12)"""

from collections.abc import Iterator

from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions import box_hash, collection_hash, data_hash
from provenance.model.assertions.ingredient import Relationship
from provenance.model.store import ManifestKind
from provenance.validate.assertions import hard_bindings
from provenance.validate.boxes import check_box_hash
from provenance.validate.context import Context
from provenance.validate.data import check_data_hash
from provenance.validate.finding import Finding
from provenance.validate.multi_asset import in_parts
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status

__all__ = ["bound_manifest", "check_content"]

_BMFF = "c2pa.hash.bmff"


def bound_manifest(active: Reading, context: Context) -> Reading | None:
    """The manifest whose hard binding counts: past update manifests, to their parent (§15.12)."""
    at: Reading | None = active
    seen: set[str] = set()
    while at is not None and at.manifest.kind is ManifestKind.UPDATE:
        if at.manifest.label in seen:
            return None
        seen.add(at.manifest.label)
        at = _parent(at, context)
    return at


def _parent(reading: Reading, context: Context) -> Reading | None:
    for typed in reading.ingredients:
        content = typed.content
        if content is None or content.relationship != Relationship.PARENT_OF:
            continue
        if content.active_manifest is not None:
            try:
                uri = JumbfUri.parse(content.active_manifest.url)
            except MalformedError:
                return None
            return context.readings.get(uri.labels[0]) if uri.labels else None
    return None


def check_content(active: Reading, context: Context) -> Iterator[Finding]:
    """The one hard binding that holds the store to the asset."""
    bound = bound_manifest(active, context)
    if bound is None:
        yield Finding(
            Status.CLAIM_HARD_BINDINGS_MISSING,
            active.claim_url,
            "no standard manifest is behind the update manifest",
        )
        return
    found = hard_bindings(bound)
    if not found and bound is not active:
        yield Finding(Status.CLAIM_HARD_BINDINGS_MISSING, bound.claim_url)
    for listed in found[:1]:
        if listed.box is None or listed.problem is not None or listed.url in context.redacted:
            continue  # said already, where assertions are checked

        def check(listed: Listed, context: Context) -> Iterator[Finding]:
            return _check_binding(listed, bound, context, updated=bound is not active)

        yield from in_parts(tuple(check(listed, context)), bound, context, check)


def _check_binding(
    listed: Listed, bound: Reading, context: Context, *, updated: bool
) -> Iterator[Finding]:
    """A hash assertion, of whatever kind, against an asset; `updated`: its store has grown."""
    claim_alg = bound.claim.alg if bound.claim else None
    if context.fragments and listed.label.name != _BMFF:
        told = f"{listed.label.name} says nothing of the media segments"
        yield Finding(Status.HARD_BINDING_NOT_CHECKED, listed.url, told)
    elif listed.label.name == data_hash.LABEL:
        yield from check_data_hash(listed, claim_alg, context, updated=updated)
    elif listed.label.name == _BMFF:
        # A picture does not pay for video.
        from provenance.validate.bmff import check_bmff_hash

        yield from check_bmff_hash(listed, claim_alg, context)
    elif listed.label.name == box_hash.LABEL:
        yield from check_box_hash(listed, claim_alg, context)
    elif listed.label.name == "c2pa.hash.segment":
        from provenance.validate.segments import check_segment_hash

        yield from check_segment_hash(listed, claim_alg, context)
    elif listed.label.name == collection_hash.LABEL:
        from provenance.validate.collection import check_collection_hash

        yield from check_collection_hash(listed, claim_alg, context)
    else:
        yield Finding(
            Status.HARD_BINDING_NOT_CHECKED, listed.url, f"{listed.label.name} is not built yet"
        )
