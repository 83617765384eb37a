"""Reports as SARIF 2.1.0, for what shows the findings of analysers: one run over all files.

    rules      the status codes that were found, each with its sentence and its section
    results    every failure, at the file it was found in; `logicalLocations` names the box
    artifacts  the files

An untrusted signer is a warning, as it leaves a file valid; so is a file without a manifest.
A file that could not be looked at is a notification of the run, and the run did not succeed.
Source: OASIS SARIF 2.1.0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from provenance.model.labels import OWN_NAMESPACE
from provenance.report import verdict
from provenance.report.escape import clean
from provenance.validate.finding import Finding
from provenance.validate.results import (
    REJECTS_NOTHING,
    ErrorKind,
    Location,
    VerificationReport,
)
from provenance.validate.status import Status
from provenance.version import NAME, VERSION

__all__ = ["sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ABSENT = f"{OWN_NAMESPACE}.manifest.absent"
_REMOTE = f"{OWN_NAMESPACE}.manifest.remote"
_UNREADABLE = f"{OWN_NAMESPACE}.unreadable"
_SENTENCES = {
    _ABSENT: "No manifest was found in the file, nor beside it.",
    _REMOTE: "The manifest lies elsewhere and was not fetched.",
    _UNREADABLE: "The manifest store, or the container it lies in, cannot be read.",
}
_MILD = REJECTS_NOTHING | {Status.SIGNING_CREDENTIAL_UNTRUSTED}
_NOT_LOOKED_AT = (ErrorKind.IO, ErrorKind.UNSUPPORTED_FORMAT)


@dataclass(slots=True)
class _Run:
    """A run in the making."""

    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[dict[str, Any]] = field(default_factory=list)

    def place(self, rule: dict[str, Any]) -> int:
        """Where a rule stands in the list; it is added when it is new."""
        name = rule["id"]
        if name not in self.places:
            self.places[name] = len(self.rules)
            self.rules[name] = rule
        return self.places[name]


def sarif(reports: Iterable[VerificationReport]) -> dict[str, Any]:
    """A log with one run, as values for JSON."""
    run = _Run()
    for index, report in enumerate(reports):
        run.artifacts.append(_artifact(report))
        for result in _results(report, index, run):
            run.results.append(result)
        run.notifications.extend(_notifications(report, index))
    driver = {
        "name": NAME,
        "semanticVersion": VERSION,
        "rules": list(run.rules.values()),
    }
    invocation: dict[str, Any] = {"executionSuccessful": not run.notifications}
    if run.notifications:
        invocation["toolExecutionNotifications"] = run.notifications
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [invocation],
                "artifacts": run.artifacts,
                "results": run.results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _artifact(report: VerificationReport) -> dict[str, Any]:
    row: dict[str, Any] = {"location": {"uri": _uri(report)}}
    if report.asset.size is not None:
        row["length"] = report.asset.size
    if report.asset.format is not None:
        row["mimeType"] = report.asset.format
    return row


def _uri(report: VerificationReport) -> str:
    """The path as a URI: relative as it was given, or `file:` when it was absolute."""
    if report.asset.path is None:
        return "stdin"
    path = PurePath(report.asset.path)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode("utf-8", "surrogatepass"))


def _results(report: VerificationReport, index: int, run: _Run) -> Iterator[dict[str, Any]]:
    for one in verdict.failures(report):
        level = "warning" if one.status in _MILD else "error"
        seen = f" Seen: {clean(one.explanation)}." if one.explanation else ""
        row = _result(report, index, run.place(_rule_of(one)), run)
        yield row | {
            "ruleId": one.status.code,
            "level": level,
            "message": {"text": one.status.sentence + seen},
            **_logical(one, row),
        }
    for rule, level, message in _whole(report):
        words = _SENTENCES.get(rule, "A rule of the policy that was asked for does not hold.")
        place = run.place({"id": rule, "shortDescription": {"text": words}})
        row = _result(report, index, place, run)
        yield row | {"ruleId": rule, "level": level, "message": {"text": message}}


def _whole(report: VerificationReport) -> Iterator[tuple[str, str, str]]:
    """What is to be said of a file as a whole: rule, level, message."""
    for one in report.errors:
        if one.kind not in _NOT_LOOKED_AT:
            yield _UNREADABLE, "error", clean(one.message)
    if report.state is None and not report.errors:
        rule = _REMOTE if report.location is Location.REMOTE else _ABSENT
        at = f" It is said to be at {clean(report.remote_url)}." if report.remote_url else ""
        yield rule, "warning", _SENTENCES[rule] + at
    for broken in report.policy.failed if report.policy else ():
        yield f"{OWN_NAMESPACE}.policy.{broken.rule}", "error", clean(broken.message)


def _result(report: VerificationReport, index: int, place: int, run: _Run) -> dict[str, Any]:
    artifact = {"uri": run.artifacts[index]["location"]["uri"], "index": index}
    return {
        "ruleIndex": place,
        "kind": "fail",
        "locations": [{"physicalLocation": {"artifactLocation": artifact}}],
    }


def _logical(one: Finding, row: dict[str, Any]) -> dict[str, Any]:
    if not one.url:
        return {}
    path = one.url.removeprefix("self#jumbf=")
    box = {"name": clean(path.rpartition("/")[2] or path), "fullyQualifiedName": clean(path, 1000)}
    return {"locations": [row["locations"][0] | {"logicalLocations": [box]}]}


def _rule_of(one: Finding) -> dict[str, Any]:
    status = one.status
    return {
        "id": status.code,
        "name": "".join(part[:1].upper() + part[1:] for part in status.code.split(".")),
        "shortDescription": {"text": status.sentence},
        "help": {"text": f"C2PA {status.section}. More: provenance explain {status.code}"},
    }


def _notifications(report: VerificationReport, index: int) -> Iterator[dict[str, Any]]:
    for one in report.errors:
        if one.kind in _NOT_LOOKED_AT:
            artifact = {"uri": _uri(report), "index": index}
            yield {
                "descriptor": {"id": f"{OWN_NAMESPACE}.{one.kind.value}"},
                "level": "error",
                "message": {"text": clean(one.message)},
                "locations": [{"physicalLocation": {"artifactLocation": artifact}}],
            }
