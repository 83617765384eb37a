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
from typing import Any, Protocol
from urllib.parse import quote

from provenance.model.labels import OWN_NAMESPACE
from provenance.report import json, verdict
from provenance.report.escape import clean
from provenance.report.spool import Spool
from provenance.validate.finding import Finding
from provenance.validate.results import (
    REJECTS_NOTHING,
    ErrorKind,
    Location,
    VerificationReport,
)
from provenance.validate.status import Status
from provenance.version import NAME, VERSION

__all__ = ["sarif", "sarif_pieces"]

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


class _Rows(Protocol):
    """Where rows are kept until the end: a list, or a file."""

    def append(self, row: dict[str, Any], /) -> None: ...


@dataclass(slots=True)
class _Run:
    """A run in the making."""

    artifacts: _Rows
    results: _Rows
    notifications: _Rows
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    succeeded: bool = True

    def place(self, rule: dict[str, Any]) -> int:
        """Where a rule stands in the list; it is added when it is new."""
        name = rule["id"]
        if name not in self.places:
            self.places[name] = len(self.rules)
            self.rules[name] = rule
        return self.places[name]

    def take(self, reports: Iterable[VerificationReport]) -> None:
        """All that is to be said of each."""
        for index, report in enumerate(reports):
            self.artifacts.append(_artifact(report))
            for result in _results(report, index, self):
                self.results.append(result)
            for notification in _notifications(report, index):
                self.notifications.append(notification)
                self.succeeded = False

    @property
    def driver(self) -> dict[str, Any]:
        """The tool, with the rules of what it found."""
        return {"name": NAME, "semanticVersion": VERSION, "rules": list(self.rules.values())}


def sarif(reports: Iterable[VerificationReport]) -> dict[str, Any]:
    """A log with one run, as values for JSON."""
    artifacts: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    notifications: list[dict[str, Any]] = []
    run = _Run(artifacts, results, notifications)
    run.take(reports)
    invocation: dict[str, Any] = {"executionSuccessful": run.succeeded}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": run.driver},
                "invocations": [invocation],
                "artifacts": artifacts,
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


class _OnDisk:
    """Rows as lines of JSON, a comma between two."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool

    def append(self, row: dict[str, Any]) -> None:
        lead = ",\n" if self.spool.count else "\n"
        self.spool.add(lead + json.ndjson(row))


def sarif_pieces(reports: Iterable[VerificationReport]) -> Iterator[str]:
    """The same as JSON text in pieces, for any number of reports: what is long waits on disk."""
    with Spool() as artifacts, Spool() as results, Spool() as notifications:
        run = _Run(_OnDisk(artifacts), _OnDisk(results), _OnDisk(notifications))
        run.take(reports)
        yield f'{{"$schema":"{_SCHEMA}","version":"2.1.0","runs":[{{\n"tool":'
        yield json.ndjson({"driver": run.driver})
        yield f',\n"invocations":[{{"executionSuccessful":{str(run.succeeded).lower()}'
        if notifications.count:
            yield ',"toolExecutionNotifications":['
            yield from notifications
            yield "]"
        yield '}],\n"artifacts":['
        yield from artifacts
        yield '],\n"results":['
        yield from results
        yield '],\n"columnKind":"unicodeCodePoints"}]}\n'


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
        row = _result(report, index, run.place(_rule_of(one)))
        yield row | {
            "ruleId": one.status.code,
            "level": level,
            "message": {"text": one.status.sentence + seen},
            **_logical(one, row),
        }
    for rule, level, message in _whole(report):
        words = _SENTENCES.get(rule, "A rule of the policy that was asked for does not hold.")
        place = run.place({"id": rule, "shortDescription": {"text": words}})
        row = _result(report, index, place)
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


def _result(report: VerificationReport, index: int, place: int) -> dict[str, Any]:
    artifact = {"uri": _uri(report), "index": index}
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
