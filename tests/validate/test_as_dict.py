"""The report as JSON: of the published form, with nothing lost on the way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provenance.cbor import UNDEFINED, Simple, Tag
from provenance.schemas import load
from provenance.validate.as_dict import plain, report_dict
from provenance.validate.finding import Finding
from provenance.validate.identity_results import Actor, IdentityReport, VerifiedIdentity
from provenance.validate.results import Location, VerificationReport
from provenance.validate.status import Status
from tests.report.samples import ACTIVE, PARENT, REPORTS, manifest, report, without_manifest

SCHEMA = load("verification-report.schema.json")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("one", REPORTS.values(), ids=REPORTS)
def test_every_report_has_the_published_form(one: VerificationReport) -> None:
    row = json.loads(json.dumps(one.to_dict(), allow_nan=False))
    Draft202012Validator(SCHEMA).validate(row)


@pytest.mark.parametrize("one", REPORTS.values(), ids=REPORTS)
def test_every_key_is_in_the_schema(one: VerificationReport) -> None:
    closed = json.loads(
        json.dumps(SCHEMA).replace('"properties":', '"additionalProperties": false, "properties":')
    )
    Draft202012Validator(closed).validate(one.to_dict())


def test_states_and_the_chain_are_told() -> None:
    row = report_dict(report())
    assert (row["validation_state"], row["manifest_location"]) == ("Valid", "embedded")
    assert row["active_manifest"] == ACTIVE
    assert [one["label"] for one in row["manifests"]] == [ACTIVE, PARENT]
    first = row["manifests"][0]
    assert first["signature_info"]["alg"] == "Es256"
    assert first["signature_info"]["cert_serial_number"] == "12345678901234567890123456789"
    assert first["ingredients"][1]["digest"] == "sha256:" + "ab" * 32
    assert first["claim_generator_info"] == [{"name": "Painter", "version": "1.2"}]
    (failure,) = row["validation_results"]["activeManifest"]["failure"]
    assert failure["code"] == "signingCredential.untrusted"


def test_no_manifest_is_null_and_not_invalid() -> None:
    row = report_dict(without_manifest())
    assert row["validation_state"] is None
    assert row["active_manifest"] is None
    assert row["manifests"] == []


def test_a_remote_manifest_tells_its_address() -> None:
    row = report_dict(without_manifest(Location.REMOTE, remote_url="https://example.org/m"))
    assert (row["manifest_location"], row["remote_url"]) == ("remote", "https://example.org/m")


def test_an_identity_has_an_answer_of_its_own() -> None:
    found = (
        Finding(Status.CAWG_X509_CREDENTIAL_UNTRUSTED, "self#jumbf=x"),
        Finding(Status.CAWG_IDENTITY_WELL_FORMED, "self#jumbf=x"),
    )
    identity = IdentityReport(
        uri="self#jumbf=x",
        sig_type="cawg.x509.cose",
        roles=("cawg.creator",),
        referenced=("self#jumbf=y",),
        actor=Actor(
            name="Ada",
            identities=(VerifiedIdentity(type="cawg.web_site", uri="https://ada.example"),),
        ),
        findings=found,
    )
    one = manifest(identities=(identity,))
    row = report_dict(report(findings=(*one.findings, *found), manifests=(one,)))
    assert row["identity"] == [
        {
            "manifest": ACTIVE,
            "uri": "self#jumbf=x",
            "sig_type": "cawg.x509.cose",
            "state": "untrusted",
            "actor": {
                "name": "Ada",
                "verified_identities": [{"type": "cawg.web_site", "uri": "https://ada.example"}],
            },
            "roles": ["cawg.creator"],
            "referenced": ["self#jumbf=y"],
            "codes": ["cawg.x509.credential.untrusted", "cawg.identity.well-formed"],
        }
    ]
    assert row["validation_state"] == "Valid"
    Draft202012Validator(SCHEMA).validate(row)


def test_without_identities_the_answer_is_null() -> None:
    assert report_dict(report())["identity"] is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"\x00\xff", "b64'AP8='"),
        (memoryview(b"\x00"), "b64'AA=='"),
        (Tag(0, "2025-01-01T00:00:00Z"), "2025-01-01T00:00:00Z"),
        (Tag(37, b"\x01"), "b64'AQ=='"),
        (UNDEFINED, None),
        (Simple(99), "simple(99)"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1.5, 1.5),
        (True, True),
        (2**64, 2**64),
        ({1: "a", "1": "b", b"k": "c"}, {"1": "a", "1'": "b", "b64'aw=='": "c"}),
        ([(1, 2)], [[1, 2]]),
    ],
)
def test_what_json_has_no_form_for_is_written_as_text(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_nesting_past_reason_is_cut_and_said_so() -> None:
    value: list[Any] = []
    for _ in range(50_000):
        value = [value]
    assert "nested more than" in json.dumps(plain(value))


def wrapped(value: Any) -> Tag:
    return Tag(99, value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | inner.map(wrapped)
    ),
)


@given(VALUES)
def test_any_value_becomes_json(value: Any) -> None:
    json.dumps(plain(value), allow_nan=False)
