"""Assertions whose content lies elsewhere: in the cloud, beside the asset, in another form.

Here it is asked whether they are well made. What they name is looked at in `away.py`, if at all.
Source: C2PA 2.2 §15.10.3.2; 2.3 and 2.4 for external references; 2.5 §14.10.4 for linked resources.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import unquote

from provenance.digests import is_allowed
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions.away import CLOUD, EXTERNAL, LINKED, Resource
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import AssertionLabel
from provenance.model.store import ManifestKind
from provenance.validate.assertions import same_hash
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status
from provenance.validate.version import SpecVersion

__all__ = ["AWAY", "check_elsewhere", "sound_resources"]

AWAY = frozenset((CLOUD, EXTERNAL, LINKED))

_OTHER_FORM = "c2pa.alternative-content-representation"
_PRESERVATION = "exif.originalPreservationImage"
_TIME_STAMP = "c2pa.time-stamp"
_V23 = (2, 3)


def check_elsewhere(reading: Reading, version: SpecVersion | None) -> Iterator[Finding]:
    """All such assertions of a manifest.

    Args:
        reading: the manifest.
        version: of the standard that it follows, as far as that is known.
    """
    for listed in reading.assertions:
        if (check := _check_of(listed, version)) is not None:
            yield from check(listed, reading)
        if listed.problem is None and isinstance(listed.value, dict):
            yield from _check_metadata(listed)
    yield from _check_other_forms(reading)


def _check_of(listed: Listed, version: SpecVersion | None) -> "_Check | None":
    if listed.box is None or listed.problem is not None:
        return None
    if listed.label.name == EXTERNAL and version == _V23:
        return _check_external_of_2_3
    return _CHECKS.get(listed.label.name)


def sound_resources(
    reading: Reading, version: SpecVersion | None
) -> Iterator[tuple[Listed, Resource]]:
    """What lies elsewhere and is named as it should be: what can be looked at."""
    for listed in reading.assertions:
        check = _check_of(listed, version) if listed.label.name in AWAY else None
        if check is not None and not any(one.failed for one in check(listed, reading)):
            for one in Resource.each_of(listed.label.name, listed.value):
                yield listed, one


def _check_metadata(listed: Listed) -> Iterator[Finding]:
    """`metadata` within an assertion: a process does not end before it starts (2.5 §14.10.4.1)."""
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
        fields = Fields(listed.value, CLOUD)
        label, size = AssertionLabel.parse(fields.need_text("label")), fields.need_integer("size")
        where = Fields(fields.map.get("location"), CLOUD)
        where.need_text("url"), where.need_text("alg"), where.need_data("hash")
        where.text("dc:format")
        if size < 1:
            raise MalformedError(CLOUD, f"size is {size}")
    except MalformedError as error:
        yield Finding(Status.CLOUD_DATA_MALFORMED, listed.url, error.problem)
        return
    if label.name.startswith("c2pa.hash."):
        yield Finding(Status.CLOUD_DATA_HARD_BINDING, listed.url, f"it stands for {label.name}")
    elif label.name == "c2pa.actions" and reading.manifest.kind is ManifestKind.UPDATE:
        yield Finding(Status.CLOUD_DATA_ACTIONS, listed.url, "actions of an update manifest")
    elif label.name in ("c2pa.actions", "c2pa.ingredient", CLOUD):
        yield Finding(Status.CLOUD_DATA_MALFORMED, listed.url, f"it stands for {label.name}")


def _check_external(listed: Listed, _reading: Reading) -> Iterator[Finding]:
    yield from _check_gathered(listed)
    try:
        fields = Fields(listed.value, EXTERNAL)
        where = Fields(fields.map.get("location"), EXTERNAL)
        where.need_text("url"), where.integer("size"), where.text("dc:format")
        if (where.text("alg") is None) != (where.data("hash") is None):
            raise MalformedError(EXTERNAL, "it has one of alg and hash without the other")
        label = AssertionLabel.parse(fields.text("label") or "")
        if label.name in ("c2pa.actions", "c2pa.ingredient", CLOUD, EXTERNAL):
            raise MalformedError(EXTERNAL, f"it stands for {label.name}")
        if label.name.startswith("c2pa.hash."):
            raise MalformedError(EXTERNAL, f"it stands for the hard binding {label.name}")
    except MalformedError as error:
        yield Finding(Status.EXTERNAL_REFERENCE_MALFORMED, listed.url, error.problem)


def _check_gathered(listed: Listed) -> Iterator[Finding]:
    if listed.created:
        yield Finding(
            Status.EXTERNAL_REFERENCE_CREATED, listed.url, "it belongs to the gathered assertions"
        )


def _check_external_of_2_3(listed: Listed, reading: Reading) -> Iterator[Finding]:
    """As 2.3 had it: no hash, other names of fields, and two codes that 2.4 took back."""
    yield from _check_gathered(listed)
    try:
        fields = Fields(listed.value, EXTERNAL)
        label = AssertionLabel.parse(fields.need_text("label"))
        where = Fields(fields.map.get("location"), EXTERNAL)
        where.need_text("uri"), where.need_text("content_type")
    except MalformedError as error:
        yield Finding(Status.EXTERNAL_REFERENCE_MALFORMED, listed.url, error.problem)
        return
    if label.name.startswith("c2pa.hash."):
        told = f"it stands for {label.name}"
        yield Finding(Status.EXTERNAL_REFERENCE_HARD_BINDING, listed.url, told)
    elif label.name == "c2pa.actions" and reading.manifest.kind is ManifestKind.UPDATE:
        told = "actions of an update manifest"
        yield Finding(Status.EXTERNAL_REFERENCE_ACTIONS, listed.url, told)


def _check_linked(listed: Listed, _reading: Reading) -> Iterator[Finding]:
    if not listed.created:
        yield Finding(
            Status.LINKED_RESOURCE_INTEGRITY_NOT_CREATED, listed.url, "it is only gathered"
        )
    try:
        resources = Resource.each_of(LINKED, listed.value)
        if not resources:
            raise MalformedError(LINKED, "it lists no resource")
    except MalformedError as error:
        yield Finding(Status.LINKED_RESOURCE_INTEGRITY_MALFORMED, listed.url, error.problem)
        return
    for one in resources:
        if one.beside and ".." in unquote(one.url).split("/"):
            code = Status.LINKED_RESOURCE_INTEGRITY_INVALID_URI
            yield Finding(code, listed.url, one.url[:200])
    for alg in dict.fromkeys(one.alg for one in resources if not is_allowed(one.alg)):
        yield Finding(Status.ALGORITHM_UNSUPPORTED, listed.url, f"hash algorithm {alg!r:.40}")


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


_Check = Callable[[Listed, Reading], Iterator[Finding]]
_CHECKS: dict[str, _Check] = {
    CLOUD: _check_cloud_data,
    EXTERNAL: _check_external,
    LINKED: _check_linked,
    _TIME_STAMP: _check_time_stamps,
}
