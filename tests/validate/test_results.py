"""A report is a finished value; its state follows from its findings."""

import json
import pickle
from itertools import combinations
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import provenance
from provenance.schemas import load
from provenance.validate.as_dict import plain
from provenance.validate.finding import Finding
from provenance.validate.results import (
    AssetInfo,
    Delta,
    ErrorKind,
    Location,
    ReadError,
    ValidationState,
    VerificationReport,
    state_of,
)
from provenance.validate.status import Kind, Status
from tests.attacks.expect import ATTACKS, Attack
from tests.attacks.forge import Recipe, cbor, created, hard_binding, the_forge
from tests.attacks.test_attacks import expected, verified

SIGNED = (
    Finding(Status.CLAIM_SIGNATURE_VALIDATED),
    Finding(Status.CLAIM_SIGNATURE_INSIDE_VALIDITY),
)
TRUSTED = Finding(Status.SIGNING_CREDENTIAL_TRUSTED)
UNTRUSTED = Finding(Status.SIGNING_CREDENTIAL_UNTRUSTED)
OTHER_FAILURES = [
    row
    for row in Status
    if row.kind is Kind.FAILURE
    and row not in (Status.SIGNING_CREDENTIAL_UNTRUSTED, Status.ASSERTION_INACCESSIBLE)
    and not row.about_identity
]
ABOUT_IDENTITY = [row for row in Status if row.about_identity]


def test_valid_needs_a_signature_inside_its_validity() -> None:
    assert state_of((*SIGNED, TRUSTED)) is ValidationState.TRUSTED
    assert state_of(SIGNED) is ValidationState.VALID
    for some in combinations((*SIGNED, TRUSTED), 2):
        if set(some) != set(SIGNED):
            assert state_of(some) is ValidationState.INVALID
    assert state_of(()) is ValidationState.INVALID


def test_an_untrusted_signer_is_valid_and_no_more() -> None:
    assert state_of((*SIGNED, UNTRUSTED)) is ValidationState.VALID
    assert state_of((*SIGNED, TRUSTED), (UNTRUSTED,)) is ValidationState.VALID


def test_that_nobody_answers_elsewhere_changes_no_verdict() -> None:
    gone = Finding(Status.ASSERTION_INACCESSIBLE)
    assert gone.failed
    assert state_of((*SIGNED, TRUSTED, gone), (gone,)) is ValidationState.TRUSTED


@pytest.mark.parametrize("status", OTHER_FAILURES, ids=lambda status: str(status.code))
def test_any_other_failure_anywhere_is_invalid(status: Status) -> None:
    failure = Finding(status)
    assert failure.failed
    assert state_of((*SIGNED, TRUSTED, failure)) is ValidationState.INVALID
    assert state_of((*SIGNED, TRUSTED), (failure,)) is ValidationState.INVALID


@pytest.mark.parametrize("signed", [SIGNED, (*SIGNED, TRUSTED), (*SIGNED, UNTRUSTED), ()])
def test_no_finding_about_an_identity_changes_the_verdict(signed: tuple[Finding, ...]) -> None:
    found = tuple(map(Finding, ABOUT_IDENTITY))
    assert state_of((*signed, *found), found) is state_of(signed)


@given(st.lists(st.sampled_from([Finding(row) for row in Status]), max_size=6))
def test_a_further_finding_never_makes_an_invalid_manifest_valid(more: list[Finding]) -> None:
    """Save the two that were missing, and trust."""
    failed = (*SIGNED, TRUSTED, Finding(Status.DATA_HASH_MISMATCH), *more)
    assert state_of(failed) is ValidationState.INVALID


INFO = AssetInfo("a.png", "image/png", 5)


def test_no_store_is_no_state_and_an_unreadable_one_is_invalid() -> None:
    error = (ReadError(ErrorKind.MALFORMED, "cut"),)
    assert VerificationReport(asset=INFO, location=Location.NONE).state is None
    assert VerificationReport(asset=INFO, location=Location.REMOTE).state is None
    assert VerificationReport(asset=INFO, location=Location.NONE, errors=error).state is None
    for location in (Location.EMBEDDED, Location.SIDECAR):
        report = VerificationReport(asset=INFO, location=location, errors=error)
        assert report.state is ValidationState.INVALID
        assert not report.ok


def test_a_delta_counts() -> None:
    delta = Delta("uri", (Finding(Status.ASSERTION_HASHED_URI_MISMATCH, "uri"),))
    report = VerificationReport(
        asset=INFO, location=Location.EMBEDDED, findings=(*SIGNED, TRUSTED), deltas=(delta,)
    )
    assert report.state is ValidationState.INVALID


QUICK = [one for one in ATTACKS if not one.make.__module__.endswith("bombs")]


@pytest.mark.parametrize("attack", QUICK[::4], ids=str)
def test_the_report_of_a_forgery_crosses_processes_and_keeps_its_form(attack: Attack) -> None:
    report = verified(expected(attack))
    assert pickle.loads(pickle.dumps(report)) == report
    row = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    jsonschema.validate(row, load("verification-report.schema.json"))
    assert row["validation_state"] == report.state


def test_a_report_holds_whatever_an_assertion_holds() -> None:
    odd = {
        "float": float("inf"),
        "nan": float("nan"),
        "bytes": b"\xff",
        "none": None,
        "nested": [[[{"a": [1]}]]],
        "surrogate": "\U0001f98a\x00\x1b[2J",
        "": {"": {}},
    }
    forge = the_forge()
    values: tuple[Any, ...] = (odd, {1: "a", "1": "b"}, [], "text", 5, None)
    for value in values:
        asset = forge.png(Recipe(items=[created(), hard_binding(), cbor("org.example.x", value)]))
        report = provenance.verify(asset, trust=forge.trust)
        assert report.state == "Trusted"
        json.dumps(report.to_dict(), allow_nan=False)


def test_two_keys_that_read_alike_are_both_kept() -> None:
    assert len(plain({1: "a", "1": "b", "1'": "d"})) == 3


def test_what_nests_too_deep_is_said_to() -> None:
    deep: object = 0
    for _ in range(1000):
        deep = [deep]
    assert "nested more than" in json.dumps(plain(deep))


def test_each_status_has_a_sentence_and_a_code_of_its_own() -> None:
    assert len({row.code for row in Status}) == len(Status)
    for row in Status:
        assert row.sentence
        assert Status.of(row.code) is row
    assert Status.of("no.such.code") is None
