"""What a change does to the provenance of a file: two reports, before and after, and a word.

kept       valid before and after, and the new manifest knows the old one
improved   valid now, and not before
replaced   valid before and after, but the new manifest does not know the old one
weakened   signed by someone trusted before, and by nobody trusted now
broken     valid before, and invalid now
stripped   had a manifest, and has none
invalid    invalid now; what it was before was no better
added, removed, none         nothing to compare, or no manifest before or after
unreadable                   one of the two cannot be read, so nothing is known
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from provenance.model.labels import OWN_NAMESPACE
from provenance.report import json
from provenance.report.escape import clean
from provenance.report.style import PLAIN, Style, Tone
from provenance.validate.results import ErrorKind, Location, ValidationState, VerificationReport
from provenance.validate.status import Status
from provenance.version import NAME, VERSION

__all__ = ["Change", "Comparison", "Side", "as_dict", "compare", "junit", "line", "sarif"]

SCHEMA = "provenance/guard/1"
_UNREAD = (ErrorKind.IO, ErrorKind.LIMIT)


class Change(StrEnum):
    """See above."""

    KEPT = "kept"
    IMPROVED = "improved"
    REPLACED = "replaced"
    WEAKENED = "weakened"
    BROKEN = "broken"
    STRIPPED = "stripped"
    INVALID = "invalid"
    ADDED = "added"
    REMOVED = "removed"
    NONE = "none"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Side:
    """What counts of a report."""

    state: ValidationState | None
    manifest: str | None  # label of the active one
    signer: str | None = None
    failed: tuple[str, ...] = ()  # codes
    error: str | None = None

    @classmethod
    def of(cls, report: VerificationReport) -> "Side":
        """From a report."""
        info = report.manifests[0].signature if report.manifests else None
        names = filter(None, dict.fromkeys((info.common_name, info.issuer))) if info else ()
        nested = (one for delta in report.deltas for one in delta.findings)
        failed = (one for one in (*report.findings, *nested) if one.failed)
        wrong = (one.status for one in failed if not one.status.about_identity)
        codes = (one.code for one in wrong if one is not Status.SIGNING_CREDENTIAL_UNTRUSTED)
        return cls(
            state=report.state,
            manifest=report.active_manifest,
            signer=", ".join(names) or None,
            failed=tuple(dict.fromkeys(codes)),
            error=report.errors[0].message if report.errors else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "validation_state": self.state,
            "active_manifest": self.manifest,
            "signer": self.signer,
            "failures": list(self.failed),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A file before and after a change."""

    path: str
    change: Change
    before: Side | None = None  # None: it was not there
    after: Side | None = None
    was: str | None = None  # its name before, if that was another
    exit: int = 0  # what it is worth under the policy in force
    problem: str | None = None  # why it fails otherwise than by the change

    @property
    def failed(self) -> bool:
        """Does it let the check fail?"""
        return self.exit != 0


def compare(before: VerificationReport | None, after: VerificationReport | None) -> Change:
    """What became of a file's provenance. None: there was no such file, or there is none now."""
    if any(one is not None and _unread(one) for one in (before, after)):
        return Change.UNREADABLE
    if before is None:
        return Change.ADDED
    if after is None:
        return Change.REMOVED
    had, has = (one.location is not Location.NONE for one in (before, after))
    if had and not has:
        return Change.STRIPPED
    if not has:
        return Change.NONE
    if not after.ok:
        if before.ok:
            return Change.BROKEN
        elsewhere = before.state is None and after.state is None and had
        return Change.KEPT if elsewhere else Change.INVALID
    if not before.ok:
        return Change.IMPROVED
    if before.active_manifest not in [one.label for one in after.manifests]:
        return Change.REPLACED
    trusted = [one.state is ValidationState.TRUSTED for one in (before, after)]
    return Change.WEAKENED if trusted == [True, False] else Change.KEPT


def _unread(report: VerificationReport) -> bool:
    return report.state is None and any(one.kind in _UNREAD for one in report.errors)


def line(one: Comparison, style: Style = PLAIN) -> str:
    """A file in one line."""
    word = one.change.value
    tone = Tone.BAD if one.failed else Tone.GOOD
    if one.failed:
        word = word.upper()
    elif one.change in (Change.REPLACED, Change.WEAKENED, Change.INVALID):
        tone = Tone.WARN
    was = f" (was {clean(one.was, 300)})" if one.was else ""
    said = sentence(one)
    return f"{clean(one.path, 300)}{was}: {style.paint(word, tone)}{f': {said}' if said else ''}"


def sentence(one: Comparison) -> str:
    """What happened, in plain words; nothing where nothing did."""
    told = _sentence(one)
    if one.problem is not None and one.change not in (Change.BROKEN, Change.STRIPPED):
        told = "; ".join(filter(None, (told, clean(one.problem, 300))))
    return told


def _sentence(one: Comparison) -> str:
    signer = clean(one.before.signer, 80) if one.before and one.before.signer else "somebody"
    match one.change:
        case Change.STRIPPED:
            return f"it had a manifest, signed by {signer}, and has none"
        case Change.BROKEN:
            why = one.after.failed or (one.after.error,) if one.after else ()
            told = ", ".join(clean(code, 100) for code in why if code)
            return f"it was valid, and is not: {told or 'its manifest lies elsewhere'}"
        case Change.REPLACED:
            return "its new manifest does not know the old one"
        case Change.WEAKENED:
            return f"{signer} was trusted; who signed it now is not"
        case Change.UNREADABLE:
            side = one.after if one.after and one.after.error else one.before
            return clean(side.error, 300) if side and side.error else ""
        case _:
            return ""


def as_dict(one: Comparison) -> dict[str, Any]:
    """For JSON."""
    return {
        "schema": SCHEMA,
        "path": one.path,
        "was": one.was,
        "change": one.change.value,
        "failed": one.failed,
        "message": sentence(one) or None,
        "before": one.before.to_dict() if one.before else None,
        "after": one.after.to_dict() if one.after else None,
    }


_RULES = {
    Change.STRIPPED: "A file that had a manifest has none any more.",
    Change.BROKEN: "A file that was valid is invalid.",
    Change.REPLACED: "A manifest was replaced by one that does not know it.",
    Change.WEAKENED: "A file whose signer was trusted is signed by one who is not.",
    Change.UNREADABLE: "A file, or what it was before, cannot be read.",
}
_OTHERWISE = "A file does not satisfy what was asked for."


def sarif(rows: Iterable[Comparison]) -> dict[str, Any]:
    """A log with one run: what fails is an error, a manifest that was replaced a warning.

    Source: OASIS SARIF 2.1.0.
    """
    results = []
    rules: dict[str, dict[str, Any]] = {}
    unread = False
    for one in rows:
        if not one.failed and one.change not in (Change.REPLACED, Change.WEAKENED):
            continue
        unread |= one.change is Change.UNREADABLE
        rule = f"{OWN_NAMESPACE}.guard.{one.change.value}"
        words = _RULES.get(one.change, _OTHERWISE)
        rules.setdefault(rule, {"id": rule, "shortDescription": {"text": words}})
        place = {"artifactLocation": {"uri": _uri(one.path)}}
        results.append(
            {
                "ruleId": rule,
                "ruleIndex": list(rules).index(rule),
                "kind": "fail",
                "level": "error" if one.failed else "warning",
                "message": {"text": f"{words} {clean(one.path, 300)}: {sentence(one)}"},
                "locations": [{"physicalLocation": place}],
            }
        )
    driver = {"name": NAME, "semanticVersion": VERSION, "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not unread}],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [run]}


def _uri(path: str) -> str:
    return quote(PurePath(path).as_posix().encode("utf-8", "surrogateescape"))


def junit(rows: Iterable[Comparison]) -> Iterator[str]:
    """JUnit XML in pieces: a test case for each file."""
    cases = list(rows)
    errors = sum(one.failed and one.change is Change.UNREADABLE for one in cases)
    failures = sum(one.failed for one in cases) - errors
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="{NAME} guard" {counts}>\n'
    yield f'  <testsuite name="{NAME} guard" {counts} skipped="0">\n'
    for one in cases:
        path = PurePath(one.path)
        folder = str(path.parent) if path.parent != PurePath() else NAME
        named = f'classname="{escape(clean(folder, 1000))}" name="{escape(clean(path.name, 1000))}"'
        if not one.failed:
            yield f"    <testcase {named}/>\n"
            continue
        kind = "error" if one.change is Change.UNREADABLE else "failure"
        said = f'message="{escape(sentence(one))}" type="{one.change.value}"'
        text = escape(json.dumps(as_dict(one)))
        yield f"    <testcase {named}>\n      <{kind} {said}>{text}</{kind}>\n    </testcase>\n"
    yield "  </testsuite>\n</testsuites>\n"
