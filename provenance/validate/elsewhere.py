"""Assertions whose content lies elsewhere: in the cloud, beside the asset, in another form.

Nothing is fetched: what would be there is said to be unknown.
Source: C2PA 2.2 §15.10.3.2; 2.3 and 2.4 for external references; 2.5 §14.10.3 for linked resources.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from provenance.digests import is_allowed
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import AssertionLabel
from provenance.model.store import ManifestKind
from provenance.validate.assertions import same_hash
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status

__all__ = ["check_elsewhere"]

_CLOUD = "c2pa.cloud-data"
_EXTERNAL = "c2pa.external-reference"
_LINKED = "c2pa.linked-resource-integrity"
_OTHER_FORM = "c2pa.alternative-content-representation"
_PRESERVATION = "exif.originalPreservationImage"
_TIME_STAMP = "c2pa.time-stamp"


def check_elsewhere(reading: Reading, context: Context) -> Iterator[Finding]:
    """All such assertions of a manifest."""
    del context
    for listed in reading.assertions:
        check = _CHECKS.get(listed.label.name)
        if check is not None and listed.box is not None and listed.problem is None:
            yield from check(listed, reading)
        if listed.problem is None and isinstance(listed.value, dict):
            yield from _check_metadata(listed)
    yield from _check_other_forms(reading)


def _check_metadata(listed: Listed) -> Iterator[Finding]:
    """`metadata` within an assertion: a process does not end before it starts (2.5 §14.10.3)."""
    held = listed.value.get("metadata")
    if not isinstance(held, dict):
        return
    try:
        fields = Fields(held, "metadata")
        start, end = fields.date("processStart"), fields.date("processEnd")
        if start and end and datetime.fromisoformat(start) > datetime.fromisoformat(end):
            raise MalformedError("metadata", f"processStart {start} is after processEnd {end}")
    except MalformedError as error:
        yield Finding(Status.METADATA_MALFORMED, listed.url, error.problem)
    except (ValueError, TypeError):  # no date, or one with a zone and one without
        yield Finding(Status.METADATA_MALFORMED, listed.url, "its process dates cannot be compared")


def _check_cloud_data(listed: Listed, reading: Reading) -> Iterator[Finding]:
    try:
        fields = Fields(listed.value, _CLOUD)
        label, size = AssertionLabel.parse(fields.need_text("label")), fields.need_integer("size")
        where = Fields(fields.map.get("location"), _CLOUD)
        where.need_text("url"), where.need_text("alg"), where.need_data("hash")
        if size < 1:
            raise MalformedError(_CLOUD, f"size is {size}")
    except MalformedError as error:
        yield Finding(Status.CLOUD_DATA_MALFORMED, listed.url, error.problem)
        return
    if label.name.startswith("c2pa.hash."):
        yield Finding(Status.CLOUD_DATA_HARD_BINDING, listed.url, f"it stands for {label.name}")
    elif label.name == "c2pa.actions" and reading.manifest.kind is ManifestKind.UPDATE:
        yield Finding(Status.CLOUD_DATA_ACTIONS, listed.url, "actions of an update manifest")
    elif label.name in ("c2pa.actions", "c2pa.ingredient", _CLOUD):
        yield Finding(Status.CLOUD_DATA_MALFORMED, listed.url, f"it stands for {label.name}")
    else:
        yield _not_fetched(listed, where.need_text("url"))


def _not_fetched(listed: Listed, url: str) -> Finding:
    return Finding(Status.EXTERNAL_NOT_FETCHED, listed.url, url[:200])


def _check_external(listed: Listed, _reading: Reading) -> Iterator[Finding]:
    if listed.created:
        yield Finding(
            Status.EXTERNAL_REFERENCE_CREATED, listed.url, "it belongs to the gathered assertions"
        )
    try:
        fields = Fields(listed.value, _EXTERNAL)
        where = Fields(fields.map.get("location"), _EXTERNAL)
        url = where.need_text("url")
        if (where.text("alg") is None) != (where.data("hash") is None):
            raise MalformedError(_EXTERNAL, "it has one of alg and hash without the other")
        label = AssertionLabel.parse(fields.text("label") or "")
        if label.name in ("c2pa.actions", "c2pa.ingredient", _CLOUD, _EXTERNAL):
            raise MalformedError(_EXTERNAL, f"it stands for {label.name}")
        if label.name.startswith("c2pa.hash."):
            raise MalformedError(_EXTERNAL, f"it stands for the hard binding {label.name}")
    except MalformedError as error:
        yield Finding(Status.EXTERNAL_REFERENCE_MALFORMED, listed.url, error.problem)
        return
    yield _not_fetched(listed, url)


def _check_linked(listed: Listed, _reading: Reading) -> Iterator[Finding]:
    if not listed.created:
        yield Finding(
            Status.LINKED_RESOURCE_INTEGRITY_NOT_CREATED, listed.url, "it is only gathered"
        )
    try:
        resources = Fields(Fields(listed.value, _LINKED).map.get("resources"), _LINKED)
        outside = resources.each("externalResources", _url_of)
        beside = resources.each("relativeResources", _url_of)
        if not outside and not beside:
            raise MalformedError(_LINKED, "it lists no resource")
    except MalformedError as error:
        yield Finding(Status.LINKED_RESOURCE_INTEGRITY_MALFORMED, listed.url, error.problem)
        return
    for url in (*outside, *beside):
        if ".." in url.split("/"):
            code = Status.LINKED_RESOURCE_INTEGRITY_INVALID_URI
        else:
            code = Status.LINKED_RESOURCE_INTEGRITY_SKIPPED
        yield Finding(code, listed.url, url[:200])


def _url_of(value: Any) -> str:
    fields = Fields(value, _LINKED)
    return fields.text("url") or fields.need_text("uri")


def _check_time_stamps(listed: Listed, _reading: Reading) -> Iterator[Finding]:
    if not isinstance(listed.value, dict) or not listed.value:
        yield Finding(
            Status.ASSERTION_TIMESTAMP_MALFORMED, listed.url, "it is no map of manifests to tokens"
        )


def _check_other_forms(reading: Reading) -> Iterator[Finding]:
    """`c2pa.alternative-content-representation`: at most one original preservation image."""
    seen = 0
    for listed in reading.named(_OTHER_FORM):
        if listed.box is None or listed.problem is not None:
            continue
        try:
            fields = Fields(listed.value, _OTHER_FORM)
            if fields.need_text("type") != _PRESERVATION:
                continue
            seen += 1
            if seen > 1:
                raise MalformedError(_OTHER_FORM, "there is more than one of its type")
            parameters = Fields(fields.map.get("parameters"), _OTHER_FORM)
            yield from _check_form(parameters, listed, reading)
        except MalformedError as error:
            yield Finding(
                Status.ALTERNATIVE_CONTENT_REPRESENTATION_MALFORMED, listed.url, error.problem
            )


def _check_form(parameters: Fields, listed: Listed, reading: Reading) -> Iterator[Finding]:
    part = parameters.integer("multiAssetPartIndex")
    held = parameters.map.get("embeddedOriginalPreservationImage")
    if (part is None) == (held is None):
        raise MalformedError(_OTHER_FORM, "it has both, or neither, of its two parameters")
    if held is None:
        count = _parts(reading)
        if not 0 <= (part or 0) < count:
            raise MalformedError(_OTHER_FORM, f"part {part} of {count}")
        yield Finding(Status.ALTERNATIVE_CONTENT_REPRESENTATION_MATCH, listed.url)
        return
    ref = HashedUri.read(held)
    path = reading.manifest.own(JumbfUri.parse(ref.url))
    box = reading.manifest.find(path) if path else None
    alg = reading.claim.alg if reading.claim else None
    if box is None:
        yield Finding(Status.ALTERNATIVE_CONTENT_REPRESENTATION_MISSING, listed.url, ref.url[:120])
        return
    if not is_allowed(ref.alg or alg):
        raise MalformedError(_OTHER_FORM, "its hash names no algorithm")
    codes = (
        Status.ALTERNATIVE_CONTENT_REPRESENTATION_MATCH,
        Status.ALTERNATIVE_CONTENT_REPRESENTATION_HASH_MISMATCH,
    )
    yield same_hash(ref, box.hashed, alg, listed.url, codes)


def _parts(reading: Reading) -> int:
    for listed in reading.named("c2pa.hash.multi-asset"):
        rows = listed.value.get("parts") if isinstance(listed.value, dict) else None
        if isinstance(rows, list):
            return len(rows)
    return 0


_CHECKS: dict[str, Callable[[Listed, Reading], Iterator[Finding]]] = {
    _CLOUD: _check_cloud_data,
    _EXTERNAL: _check_external,
    _LINKED: _check_linked,
    _TIME_STAMP: _check_time_stamps,
}
