"""SARIF: failures as results, each with its rule and its file, and a run that tells how it went."""

import json
from dataclasses import replace
from typing import Any

import pytest

from provenance.report.sarif import sarif
from provenance.validate.policy_result import PolicyResult, RuleResult
from provenance.validate.results import AssetInfo, VerificationReport
from tests.report.samples import CHANGED, REPORTS, report

EVERY = tuple(REPORTS.values())


def run(*reports: VerificationReport) -> dict[str, Any]:
    log = json.loads(json.dumps(sarif(reports)))
    assert log["version"] == "2.1.0"
    (one,) = log["runs"]
    row: dict[str, Any] = one
    return row


def test_a_result_points_at_its_rule_and_its_file() -> None:
    one = run(REPORTS["untrusted"], REPORTS["changed"])
    rules = one["tool"]["driver"]["rules"]
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (place,) = result["locations"]
        artifact = place["physicalLocation"]["artifactLocation"]
        assert one["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]
    (wrong,) = (one for one in one["results"] if one["level"] == "error")
    assert wrong["ruleId"] == "assertion.dataHash.mismatch"
    assert wrong["message"]["text"].startswith("The file has changed since it was signed")
    box = wrong["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert box == (CHANGED.url or "").removeprefix("self#jumbf=")


def test_a_rule_stands_once_however_often_it_is_broken() -> None:
    one = run(*[REPORTS["changed"]] * 3)
    rules = [rule["id"] for rule in one["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules)) == 2
    assert len(one["results"]) == 6
    assert len(one["artifacts"]) == 3


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("trusted", []),
        ("untrusted", [("signingCredential.untrusted", "warning")]),
        ("nothing", [("org.provenance-c2pa.manifest.absent", "warning")]),
        ("remote", [("org.provenance-c2pa.manifest.remote", "warning")]),
        ("damaged", [("org.provenance-c2pa.unreadable", "error")]),
        ("unreadable", []),
    ],
)
def test_each_kind_of_report_has_its_results(name: str, found: list[tuple[str, str]]) -> None:
    one = run(REPORTS[name])
    assert [(result["ruleId"], result["level"]) for result in one["results"]] == found


def test_a_file_that_could_not_be_looked_at_spoils_the_run() -> None:
    one = run(REPORTS["trusted"], REPORTS["unreadable"])
    (invocation,) = one["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "plain.png: gone"
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["index"] == 1
    assert run(REPORTS["changed"])["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("folder/a picture.png", "folder/a%20picture.png"),
        ("/tmp/a#b.png", "file:///tmp/a%23b.png"),
        ("\u202e\x1b.png", "%E2%80%AE%1B.png"),
        (None, "stdin"),
    ],
)
def test_a_path_becomes_a_uri(path: str | None, uri: str) -> None:
    one = run(replace(report(), asset=AssetInfo(path, None, None)))
    assert one["artifacts"] == [{"location": {"uri": uri}}]


def test_no_files_make_an_empty_run() -> None:
    one = run()
    assert (one["results"], one["artifacts"]) == ([], [])


def test_it_has_the_shape_that_the_standard_asks_for() -> None:
    """The required properties of SARIF 2.1.0, §3.13 to §3.27, and its enumerations."""
    one = run(*EVERY)
    assert one["tool"]["driver"]["name"]
    for rule in one["tool"]["driver"]["rules"]:
        assert rule["id"]
        assert rule["shortDescription"]["text"]
    for result in one["results"]:
        assert result["kind"] == "fail"
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
    for artifact in one["artifacts"]:
        assert artifact["location"]["uri"]
        assert artifact.get("length", 0) >= 0
        assert "/" in artifact.get("mimeType", "a/b")
    assert one["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")


def test_a_broken_rule_of_a_policy_is_a_result() -> None:
    rules = (RuleResult("trust", True, "as asked"), RuleResult("age", False, "it is too old"))
    one = run(replace(REPORTS["trusted"], policy=PolicyResult("ours", rules)))
    (result,) = one["results"]
    assert result["ruleId"] == "org.provenance-c2pa.policy.age"
    assert (result["level"], result["message"]["text"]) == ("error", "it is too old")
