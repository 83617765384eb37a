"""What the manifests of two files say differently: state, signer, claim and assertions.

    a.png: valid, signer not trusted
    b.png: INVALID

    Both have an active manifest of the same label.

    state
      validation_state
        - Valid
        + Invalid

Active manifests are compared. A URI into a file's own manifest is taken without that manifest's
label, which differs always; what is compared is what was signed, whether or not it verifies.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provenance.model.hashed_uri import HashedUri
from provenance.report.escape import clean, clip, wrap
from provenance.report.style import PLAIN, Style, Tone
from provenance.report.text import verdict_line
from provenance.validate.as_dict import plain
from provenance.validate.results import ManifestReport, VerificationReport

__all__ = ["ABSENT", "SCHEMA", "Change", "Difference", "Relation", "as_dict", "as_text", "diff"]

SCHEMA = "provenance/diff/1"

_CHANGES = 500  # of one pair, in words
_VALUE = 400  # characters of a value, in words
_CLAIM = frozenset(
    (
        *("claim_version", "claim_generator", "claim_generator_info", "title", "format"),
        *("instance_id", "alg", "alg_soft", "spec_version", "redacted_assertions"),
    )
)


class _Absent:
    """What stands for a value that one side does not have."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class Relation(StrEnum):
    """How the two active manifests are related."""

    SAME = "same-manifest"
    FIRST_FROM_SECOND = "first-made-from-second"
    SECOND_FROM_FIRST = "second-made-from-first"
    COMMON = "common-origin"  # a manifest that both chains hold
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """A place where the two differ; a value is ABSENT on the side that has none."""

    part: str  # "state", "signer", "claim", "ingredients", or "assertion LABEL"
    path: str  # within the part, as `actions[0].when`; empty for all of it
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """Two reports and what differs between them."""

    first: VerificationReport
    second: VerificationReport
    relation: Relation
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Do both say the same?"""
        return not self.changes


def diff(first: VerificationReport, second: VerificationReport) -> Difference:
    """Compare two reports; either may be without a manifest."""
    one, other = dict(_parts(first)), dict(_parts(second))
    changes = tuple(
        Change(part, *found)
        for part in dict.fromkeys((*one, *other))
        for found in _compare(one.get(part, ABSENT), other.get(part, ABSENT), "")
    )
    return Difference(first, second, _relation(first, second), changes)


def _relation(first: VerificationReport, second: VerificationReport) -> Relation:
    ours = [one.label for one in first.manifests]
    theirs = [one.label for one in second.manifests]
    if not ours or not theirs:
        return Relation.NONE
    if ours[0] == theirs[0]:
        return Relation.SAME
    if theirs[0] in ours:
        return Relation.FIRST_FROM_SECOND
    if ours[0] in theirs:
        return Relation.SECOND_FROM_FIRST
    return Relation.COMMON if set(ours) & set(theirs) else Relation.NONE


def _parts(report: VerificationReport) -> Iterator[tuple[str, Any]]:
    """What a report says, part by part."""
    row = report.to_dict()
    results = row["validation_results"]["activeManifest"]
    yield (
        "state",
        {
            "validation_state": row["validation_state"],
            "manifest_location": row["manifest_location"],
            "failures": {one["code"]: one["explanation"] for one in results["failure"]},
            "errors": [one["message"] for one in row["errors"]],
        },
    )
    if not report.manifests:
        return
    active, said = report.manifests[0], row["manifests"][0]
    yield "signer", said["signature_info"] or {}
    yield "claim", {key: value for key, value in said.items() if key in _CLAIM}
    yield "ingredients", [_ingredient(one, active) for one in said["ingredients"]]
    hashes = {one.url.rpartition("/")[2]: one.hash for one in _references(active)}
    for one in said["assertions"]:
        notes = {"gathered": not one["created"], "redacted": one.get("redacted", False)}
        content = {"content": _relative(one["data"], active)}
        if isinstance(one["data"], dict) and "size" in one["data"]:  # a file: its bytes count
            content["claimed_hash"] = plain(hashes.get(one["label"]))
        yield f"assertion {one['label']}", content | {key: True for key in notes if notes[key]}


def _references(active: ManifestReport) -> tuple[HashedUri, ...]:
    return active.claim.assertions if active.claim else ()


def _ingredient(row: Mapping[str, Any], active: ManifestReport) -> dict[str, Any]:
    kept = ("title", "format", "relationship", "active_manifest", "types", "digest")
    return {key: _relative(row[key], active) for key in kept if key in row}


def _relative(value: Any, active: ManifestReport) -> Any:
    """A JSON value with its URIs as seen from its own manifest."""
    match value:
        case str():
            return value.replace(f"self#jumbf=/c2pa/{active.label}/", "self#jumbf=")
        case list():
            return [_relative(one, active) for one in value]
        case dict():
            return {key: _relative(one, active) for key, one in value.items()}
    return value


def _compare(first: Any, second: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """The deepest places where two JSON values differ."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in dict.fromkeys((*first, *second)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _compare(first.get(key, ABSENT), second.get(key, ABSENT), inner)
    elif isinstance(first, list) and isinstance(second, list):
        for at in range(max(len(first), len(second))):
            one = first[at] if at < len(first) else ABSENT
            other = second[at] if at < len(second) else ABSENT
            yield from _compare(one, other, f"{path}[{at}]")
    elif type(first) is not type(second) or first != second:  # True is not 1
        yield path, first, second


def as_dict(found: Difference) -> dict[str, Any]:
    """The JSON of `schemas/diff.schema.json`: an absent value has no key."""
    return {
        "schema": SCHEMA,
        "first": found.first.asset.path,
        "second": found.second.asset.path,
        "same": found.same,
        "relation": found.relation.value,
        "changes": [_row(one) for one in found.changes],
    }


def _row(one: Change) -> dict[str, Any]:
    sides = {"first": one.first, "second": one.second}
    row = {key: value for key, value in sides.items() if value is not ABSENT}
    return {"part": one.part, "path": one.path, **row}


# A label is what a maker chose, so these are their words, not ours.
_RELATIONS = {
    Relation.SAME: "Both have an active manifest of the same label.",
    Relation.FIRST_FROM_SECOND: "The first says that it was made from the second: "
    "its chain holds a manifest of that label.",
    Relation.SECOND_FROM_FIRST: "The second says that it was made from the first: "
    "its chain holds a manifest of that label.",
    Relation.COMMON: "Both say that they were made from something they have in common.",
    Relation.NONE: "Their chains have no manifest in common.",
}


def as_text(found: Difference, *, style: Style = PLAIN) -> str:
    """The differences for people, without a line break at the end."""
    return "\n".join(_lines(found, style))


def _lines(found: Difference, style: Style) -> Iterator[str]:
    yield verdict_line(found.first, style)
    yield verdict_line(found.second, style)
    if found.first.manifests and found.second.manifests:
        yield ""
        yield from wrap(_RELATIONS[found.relation])
    if found.same:
        yield ""
        yield "They say the same."
    told = [one for one in found.changes if _is_telling(one, found)]
    part = ""
    for one in told[:_CHANGES]:
        if one.part != part:
            part = one.part
            yield ""
            yield style.paint(clip(clean(part), 80), Tone.STRONG)
        path = one.path.removeprefix("content").removeprefix(".")
        if path:
            yield "  " + clip(clean(path), 78)
        for mark, value in (("-", one.first), ("+", one.second)):
            if value is not ABSENT:
                yield from wrap(_shown(value), f"    {mark} ")
    left = len(found.changes) - min(len(told), _CHANGES)
    if left:
        yield ""
        yield f"… and {left} more places, such as hashes; --format json has them all"


def _is_telling(one: Change, found: Difference) -> bool:
    """Would a person read it? Hashes of what is shown anyhow, and old results, say nothing new."""
    if one.part != "state" and not (found.first.manifests and found.second.manifests):
        return False
    if "validationResults" in one.path or "validationStatus" in one.path:
        return False
    plumbing = one.path.endswith((".hash", ".pad", ".pad2"))
    return not plumbing or one.part.startswith("assertion c2pa.hash.")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text, _VALUE) or '""'
