"""Reports as JUnit XML, for what shows the results of a build: a test case for each file.

    <testsuites …><testsuite name="provenance verify" tests="2" failures="1" …>
      <testcase classname="folder" name="a.png"/>
      <testcase classname="folder" name="b.png"><failure message="INVALID" …>…</failure></testcase>

Only what XML 1.0 can hold is written: control characters and the like are seen as escapes.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from html import escape
from pathlib import PurePath

from provenance.report import verdict
from provenance.report.escape import clean
from provenance.report.text import text
from provenance.validate.results import ValidationState, VerificationReport
from provenance.version import NAME

__all__ = ["Outcome", "junit", "outcome_of"]


class Outcome(StrEnum):
    """What a file is for a build; the value is the element that says so."""

    PASSED = ""
    FAILURE = "failure"
    ERROR = "error"


def outcome_of(report: VerificationReport) -> Outcome:
    """Good if valid and as a policy asks, an error if unreadable, a failure otherwise."""
    if report.state is None:
        return Outcome.ERROR if report.errors else Outcome.FAILURE
    if report.policy is not None and not report.policy.passed:
        return Outcome.FAILURE
    return Outcome.FAILURE if report.state is ValidationState.INVALID else Outcome.PASSED


def junit(
    reports: Iterable[VerificationReport],
    judge: Callable[[VerificationReport], Outcome] = outcome_of,
) -> str:
    """One suite with a case for each report, without a line break at its end.

    Args:
        reports: any number; of each only its few lines are kept.
        judge: what each is worth under the policy in force.
    """
    cases: list[str] = []
    counts = dict.fromkeys(Outcome, 0)
    for report in reports:
        outcome = judge(report)
        counts[outcome] += 1
        cases.extend(_case(report, outcome))
    given = {
        "name": f"{NAME} verify",
        "tests": str(sum(counts.values())),
        "failures": str(counts[Outcome.FAILURE]),
        "errors": str(counts[Outcome.ERROR]),
    }
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<testsuites{_attributes(given)}>",
            f"  <testsuite{_attributes(given | {'skipped': '0'})}>",
            *cases,
            "  </testsuite>",
            "</testsuites>",
        )
    )


def _case(report: VerificationReport, outcome: Outcome) -> Iterator[str]:
    path = PurePath(report.asset.path or "(stream)")
    folder = str(path.parent) if path.parent != PurePath() else NAME
    named = _attributes({"classname": clean(folder, 1000), "name": clean(path.name, 1000)})
    if outcome is Outcome.PASSED:
        yield f"    <testcase{named}/>"
        return
    words = verdict.of_report(report).words
    kind = report.state.value if report.state else "no manifest"
    kind = report.errors[0].kind.value if report.errors else kind
    said = _attributes({"message": words, "type": kind})
    yield f"    <testcase{named}>"
    yield f"      <{outcome}{said}>{escape(text(report))}</{outcome}>"
    yield "    </testcase>"


def _attributes(rows: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in rows.items())
