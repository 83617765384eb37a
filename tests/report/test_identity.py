"""Who vouches for a manifest, told on a line of its own and never as the asset's verdict."""

from typing import Any

import pytest

from provenance.report import verdict
from provenance.report.escape import width
from provenance.report.text import text
from provenance.report.tree import tree
from provenance.validate.finding import Finding
from provenance.validate.identity_results import Actor, IdentityReport
from provenance.validate.results import VerificationReport
from provenance.validate.status import Status
from tests.report.samples import CHANGED, GOOD, TRUSTED, manifest, report

ADA = Actor(name="Ada Actor", organization="A studio")
UNKNOWN = (Status.CAWG_X509_CREDENTIAL_UNTRUSTED, Status.CAWG_IDENTITY_WELL_FORMED)
EVIL = "\x1b]0;owned\x07\u202e\n{0}{who}" * 9


def vouched(*statuses: Status, good: tuple[Finding, ...] = GOOD, **more: Any) -> VerificationReport:
    found = tuple(map(Finding, statuses))
    given: dict[str, Any] = {"actor": ADA, "roles": ("cawg.creator",)}
    one = IdentityReport(uri="self#jumbf=x", findings=found, **(given | more))
    findings = (*good, TRUSTED, *found)
    return report(findings=findings, manifests=(manifest(findings=findings, identities=(one,)),))


def line(told: str) -> str:
    rows = told.splitlines()
    at = next(number for number, row in enumerate(rows) if row.startswith("  Identity"))
    after = rows[at + 1 :]
    more = next(number for number, row in enumerate(after) if not row.startswith("    "))
    return " ".join(" ".join((rows[at], *after[:more])).split())


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        (
            (Status.CAWG_X509_CREDENTIAL_TRUSTED, Status.CAWG_IDENTITY_TRUSTED),
            "Ada Actor, A studio (creator) vouches for it, as someone you trust confirms",
        ),
        (UNKNOWN, "is said to vouch for it; nobody you trust says so"),
        ((Status.CAWG_ICA_DID_UNAVAILABLE,), "not checked: Ada Actor"),
        ((Status.CAWG_X509_SIGNATURE_MISMATCH,), "does not hold: Ada Actor"),
        ((), "not checked"),
    ],
)
def test_each_state_has_its_words(statuses: tuple[Status, ...], words: str) -> None:
    assert words in line(text(vouched(*statuses)))


def test_without_an_identity_there_is_no_line() -> None:
    assert "Identity" not in text(report())


def test_a_forged_identity_leaves_integrity_and_trust_as_they_are() -> None:
    told = vouched(Status.CAWG_X509_SIGNATURE_MISMATCH)
    assert verdict.of_report(told).words == "valid, signer trusted"
    assert verdict.integrity(told).words == "whole: the file is as it was signed"
    assert "cawg.x509.signature.mismatch" in text(told)


def test_distrust_is_told_once() -> None:
    assert "cawg.x509.credential.untrusted" not in text(vouched(*UNKNOWN))


def test_a_trusted_identity_in_a_changed_file_does_not_hold() -> None:
    told = vouched(Status.CAWG_IDENTITY_TRUSTED, good=(*GOOD, CHANGED))
    assert line(text(told)).startswith("Identity does not hold")


def test_the_worst_of_several_is_told() -> None:
    one = IdentityReport(uri="x", actor=ADA, findings=(Finding(Status.CAWG_IDENTITY_TRUSTED),))
    bob = IdentityReport(
        uri="y", actor=Actor(name="Bob"), findings=(Finding(Status.CAWG_IDENTITY_PAD_INVALID),)
    )
    told = text(report(manifests=(manifest(identities=(one, bob)),)))
    assert line(told).startswith("Identity does not hold: Ada Actor, A studio and Bob")


def test_nobody_has_a_name_and_is_said_so() -> None:
    assert "someone unnamed" in line(text(vouched(*UNKNOWN, actor=None, roles=())))


def test_every_manifest_of_the_chain_tells_who_vouches_for_it() -> None:
    told = vouched(*UNKNOWN)
    assert "identity untrusted: Ada Actor, A studio (creator)" in text(told)
    (row,) = (one for one in tree(told).splitlines() if "identity  " in one)
    assert row.endswith("Ada Actor, A studio (creator): untrusted")


def test_names_and_roles_are_escaped_and_cut() -> None:
    told = text(vouched(*UNKNOWN, actor=Actor(name=EVIL, organization=EVIL), roles=(EVIL,) * 9))
    assert not set("\x1b\x07\u202e") & set(told)
    assert max(map(width, told.splitlines())) <= 80
