"""Every forgery can be reported on, in every form: well-formed, bounded, nothing unescaped."""

import json

import pytest

from provenance.report.crjson import crjson
from provenance.report.html import html
from provenance.report.junit import junit
from provenance.report.sarif import sarif
from provenance.validate.results import VerificationReport
from tests.attacks.expect import ATTACKS, Attack
from tests.attacks.test_attacks import expected, verified
from tests.report.test_crjson import SCHEMA, validator
from tests.report.test_junit import parsed

_LARGEST = 2 << 20  # bytes of a page


@pytest.fixture(scope="module", params=ATTACKS, ids=str)
def forged(request: pytest.FixtureRequest) -> VerificationReport:
    attack: Attack = request.param
    return verified(expected(attack))


@pytest.mark.skipif(not SCHEMA.exists(), reason="needs ../shared")
def test_the_crjson_schema_accepts_it(forged: VerificationReport) -> None:
    row = json.loads(json.dumps(crjson(forged), allow_nan=False))
    assert [error.message for error in validator().iter_errors(row)] == []


def test_the_page_is_bounded_and_holds_no_control_characters(forged: VerificationReport) -> None:
    shown = html(forged)
    assert len(shown) < _LARGEST
    assert all(char.isprintable() or char in "\n " for char in shown if char != "\u200d")
    assert "<script" not in shown


def test_the_build_results_are_well_formed(forged: VerificationReport) -> None:
    assert parsed(junit((forged,))).tag == "testsuites"
    (run,) = json.loads(json.dumps(sarif((forged,)), allow_nan=False))["runs"]
    assert len(run["artifacts"]) == 1
