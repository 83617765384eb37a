"""JUnit XML: a suite, a case for each file, and in plain words why one failed."""

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from provenance.report.junit import Outcome, junit, outcome_of
from provenance.validate.policy_result import PolicyResult, RuleResult
from provenance.validate.results import AssetInfo, VerificationReport
from tests.report.samples import REPORTS, report


def parsed(text: str) -> Element:
    return ElementTree.fromstring(text)  # noqa: S314  # our own words


def suite(*reports: VerificationReport) -> Element:
    root = parsed(junit(reports))
    (one,) = root
    assert (root.tag, one.tag) == ("testsuites", "testsuite")
    return one


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("trusted", Outcome.PASSED),
        ("untrusted", Outcome.PASSED),
        ("changed", Outcome.FAILURE),
        ("damaged", Outcome.FAILURE),
        ("nothing", Outcome.FAILURE),
        ("remote", Outcome.FAILURE),
        ("unreadable", Outcome.ERROR),
    ],
)
def test_a_case_says_what_became_of_its_file(name: str, outcome: Outcome) -> None:
    assert outcome_of(REPORTS[name]) is outcome
    (case,) = suite(REPORTS[name])
    assert [one.tag for one in case] == ([outcome.value] if outcome.value else [])


def test_the_counts_add_up() -> None:
    one = suite(*REPORTS.values())
    assert len(one) == int(one.attrib["tests"]) == len(REPORTS)
    for tag, count in (("failure", "failures"), ("error", "errors")):
        assert len(one.findall(f"testcase/{tag}")) == int(one.attrib[count])


def test_a_failure_tells_verdict_code_and_advice() -> None:
    (case,) = suite(REPORTS["changed"])
    (failure,) = case
    assert case.attrib == {"classname": "folder", "name": "picture.png"}
    assert failure.attrib == {"message": "INVALID", "type": "Invalid"}
    assert failure.text is not None
    assert "assertion.dataHash.mismatch" in failure.text
    assert "Get the original" in failure.text


def test_no_files_make_an_empty_suite() -> None:
    one = suite()
    assert (len(one), one.attrib["tests"]) == (0, "0")


def test_another_policy_gives_another_outcome() -> None:
    shown = junit([REPORTS["trusted"]], lambda _: Outcome.FAILURE)
    (case,) = parsed(shown)[0]
    assert case[0].attrib["message"] == "valid, signer trusted"


def test_a_hostile_name_leaves_the_xml_well_formed() -> None:
    name = 'a"><failure>\x00\x1b[31m\u202e\ud800]]>&.png'
    one = replace(report(), asset=AssetInfo(name, None, None))
    (case,) = suite(one)
    assert case.attrib["name"] == r'a"><failure>\x00\x1b[31m\u{202e}\u{d800}]]>&.png'
    assert len(case) == 0


def test_a_file_that_is_not_as_a_policy_asks_has_failed() -> None:
    broken = PolicyResult("ours", (RuleResult("age", False, "it is too old"),))
    (case,) = suite(replace(REPORTS["trusted"], policy=broken))
    assert case[0].attrib["message"] == "valid, signer trusted, refused by policy"
    assert "it is too old" in (case[0].text or "")
    (case,) = suite(replace(REPORTS["trusted"], policy=PolicyResult("ours", ())))
    assert len(case) == 0
