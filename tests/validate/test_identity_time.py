"""Time stamps of identities: they prove when an actor signed, or count as absent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.attacks.forge import NOW, Cose, Forge
from tests.attacks.stamps import STAMPING, Stamping, stamped
from tests.validate.identity_forge import (
    ICA,
    TRUSTED,
    UNTRUSTED,
    Vouching,
    actor,
    codes,
    judged,
    knowing,
    stamped_credential,
)

EMAIL = "1.3.6.1.5.5.7.3.4"


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def ica(**how: Any) -> Vouching:
    return Vouching(sig_type=ICA, **how)


def stamping(forge: Forge, **how: Any) -> tuple[Stamping, Any]:
    start = NOW - timedelta(days=90)
    tsa = forge.credential_with(ekus=STAMPING, start=start)
    given: dict[str, Any] = {"credential": tsa, "time": NOW - timedelta(days=5)}
    return Stamping(**(given | how)), tsa


def test_a_time_stamp_proves_that_the_actor_signed_in_time(forge: Forge) -> None:
    how, tsa = stamping(forge)
    known = actor(forge, start=NOW - timedelta(days=9), end=NOW - timedelta(days=1))
    trust = replace(knowing(forge, known), tsa_anchors=tsa.chain[-1:])
    vouching = Vouching(cose=stamped(how, Cose(credential=known)))
    report = judged(forge, vouching, trust=trust)
    assert codes(report) == TRUSTED | {
        "cawg.x509.time_stamp.validated",
        "cawg.x509.time_stamp.trusted",
    }
    assert report.manifests[0].identities[0].time == how.time.replace(microsecond=0)


STAMPS: dict[str, tuple[dict[str, Any], str]] = {
    "of something else": ({"about": b"another"}, "mismatch"),
    "broken": ({"broken": True}, "mismatch"),
    "before its authority was": ({"time": NOW - timedelta(days=99)}, "outside_validity"),
}


@pytest.mark.parametrize("name", STAMPS)
def test_a_time_stamp_of_no_use_counts_as_absent(forge: Forge, name: str) -> None:
    changes, flaw = STAMPS[name]
    how, tsa = stamping(forge, **changes)
    trust = replace(forge.trust, tsa_anchors=tsa.chain[-1:])
    cose = stamped(how, Cose(credential=actor(forge)))
    found = codes(judged(forge, Vouching(cose=cose), trust=trust))
    assert found == UNTRUSTED | {f"cawg.x509.time_stamp.{flaw}"}
    invalid = codes(judged(forge, ica(cose=stamped_credential(how)), trust=trust))
    assert "cawg.ica.time_stamp.invalid" in invalid


def test_a_stamp_by_whoever_counts_for_nothing(forge: Forge) -> None:
    how, _ = stamping(forge)
    cose = stamped(how, Cose(credential=actor(forge)))
    assert "cawg.x509.time_stamp.untrusted" in codes(judged(forge, Vouching(cose=cose)))


def test_a_stamp_by_a_certificate_that_may_not_stamp_counts_for_nothing(forge: Forge) -> None:
    tsa = forge.credential_with(ekus=(EMAIL,), start=NOW - timedelta(days=90))
    how = Stamping(credential=tsa, time=NOW - timedelta(days=5))
    trust = replace(forge.trust, tsa_anchors=tsa.chain[-1:])
    cose = stamped(how, Cose(credential=actor(forge)))
    found = codes(judged(forge, Vouching(cose=cose), trust=trust))
    assert "cawg.x509.time_stamp.credential_invalid" in found


@pytest.mark.parametrize("header", ["sigTst", "sigTst2"])
def test_a_stamp_in_another_form_counts_for_nothing(forge: Forge, header: str) -> None:
    held = {header: {"tstTokens": [{"val": b"no token"}]}}
    cose = Cose(credential=actor(forge), unprotected=held)
    assert "cawg.x509.time_stamp.malformed" in codes(judged(forge, Vouching(cose=cose)))


def test_a_stamp_is_told_of_a_credential(forge: Forge) -> None:
    how, tsa = stamping(forge, time=NOW - timedelta(minutes=5))
    trust = replace(forge.trust, tsa_anchors=tsa.chain[-1:])
    found = codes(judged(forge, ica(cose=stamped_credential(how)), trust=trust))
    assert "cawg.ica.time_stamp.validated" in found
    early, _ = stamping(forge, credential=how.credential)
    found = codes(judged(forge, ica(cose=stamped_credential(early)), trust=trust))
    assert "cawg.ica.valid_from.invalid" in found


@pytest.mark.parametrize(
    ("shift", "code"),
    [(-1, "inside_validity"), (-9, "outside_validity"), (1e15, "outside_validity")],
)
def test_the_actors_own_word_for_when_they_signed_is_told(
    forge: Forge, shift: float, code: str
) -> None:
    moment = int(NOW.timestamp() + shift * 600)
    credential = actor(forge, start=NOW - timedelta(hours=1))
    cose = Cose(credential=credential, protected=lambda row: row.update({15: {6: moment}}))
    report = judged(forge, Vouching(cose=cose))
    assert f"cawg.x509.time_of_signing.{code}" in codes(report)
    assert "cawg.identity.well-formed" in codes(report)  # it is told, and proves nothing
