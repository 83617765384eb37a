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
from provenance.report.spool import Spool
from provenance.report.text import text
from provenance.validate.results import ValidationState, VerificationReport
from provenance.version import NAME

__all__ = ["Outcome", "junit", "junit_pieces", "outcome_of"]


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
        reports: any number.
        judge: what each is worth under the policy in force.
    """
    return "".join(junit_pieces(reports, judge)).removesuffix("\n")


def junit_pieces(
    reports: Iterable[VerificationReport],
    judge: Callable[[VerificationReport], Outcome] = outcome_of,
) -> Iterator[str]:
    """The same in pieces, for any number of reports: the cases wait on disk for their count."""
    counts = dict.fromkeys(Outcome, 0)
    with Spool() as cases:
        for report in reports:
            outcome = judge(report)
            counts[outcome] += 1
            cases.add("".join(f"{line}\n" for line in _case(report, outcome)))
        given = {
            "name": f"{NAME} verify",
            "tests": str(sum(counts.values())),
            "failures": str(counts[Outcome.FAILURE]),
            "errors": str(counts[Outcome.ERROR]),
        }
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<testsuites{_attributes(given)}>\n"
        yield f"  <testsuite{_attributes(given | {'skipped': '0'})}>\n"
        yield from cases
        yield "  </testsuite>\n</testsuites>\n"


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
