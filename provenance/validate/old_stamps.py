"""Time-stamp manifests, which only version 2.1 had: the signature of an authority, as a manifest.

Whoever verifies by a later version passes them over, so the moment that one attests does not count
here, and the manifest before it is the active one. One that is not made as 2.1 says is told all the
same: something was put behind the active manifest that follows no version.
Source: C2PA 2.1 §11.2.5, §15.10.1.4; 2.2 Appendix C.
"""

from collections.abc import Iterator

from provenance.model.assertions import ingredient
from provenance.model.assertions.ingredient import Relationship
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import read_manifest
from provenance.validate.status import Status

__all__ = ["check_time_stamp_manifests"]

_MOST = 16  # that are looked at


def check_time_stamp_manifests(context: Context) -> Iterator[Finding]:
    """Of those behind the active manifest: one parent, and nothing else."""
    for manifest in context.store.time_stamps[:_MOST]:
        reading = read_manifest(manifest, context.limits)
        named = [one.content.relationship for one in reading.ingredients if one.content]
        parents = named.count(Relationship.PARENT_OF)
        if parents != 1 or len(reading.ingredients) != 1:
            told = f"{parents} parents among {len(reading.ingredients)} ingredients"
            yield Finding(Status.MANIFEST_TIMESTAMP_WRONG_PARENTS, reading.claim_url, told)
        others = [one.label.name for one in reading.assertions]
        others = [name for name in others if name != ingredient.NAME]
        if others:
            told = f"it has {others[0][:80]}"
            yield Finding(Status.MANIFEST_TIMESTAMP_INVALID, reading.claim_url, told)
