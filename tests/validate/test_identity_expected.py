"""What an actor expects of the manifest around them, as versions 1.0 to 1.2 let them say it."""

from collections.abc import Callable
from typing import Any

import pytest

from provenance.cbor import encode
from provenance.validate.results import VerificationReport
from tests.attacks.forge import Binding, Cose, Credential, Forge, Recipe, Row, cbor, digest, urn
from tests.validate.identity_forge import (
    ACTIONS,
    HARD,
    LABEL,
    Vouching,
    actor,
    codes,
    judged,
    picture,
    reference,
    wrong,
)

SECOND = f"{LABEL}__1"
PARTIAL = "cawg.identity.expected_partial_claim.mismatch"
GENERATOR = "cawg.identity.expected_claim_generator.mismatch"
UNEXPECTED = "cawg.identity.unexpected_countersigner"
DIFFERS = "cawg.identity.expected_countersigner.mismatch"
MISSING = "cawg.identity.expected_countersigner.missing"
NOBODY = "cawg.x509.credential.untrusted"


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def hashed(data: bytes, alg: str = "sha256") -> Row:
    return {"alg": alg, "hash": digest(data, alg)}


def found(report: VerificationReport) -> set[str]:
    """What is wrong, but that nobody knows the actor."""
    return wrong(codes(report)) - {NOBODY}


def blank(row: Row) -> None:
    row["hash"] = bytes(32)


def expecting_claim(label: str, **edit: Any) -> Callable[[Row, Binding], None]:
    """The claim with zeros for the hash of the identity itself."""
    items = [ACTIONS, HARD, cbor(LABEL, {}, created=False, ref=blank)]

    def say(payload: Row, binding: Binding) -> None:
        claim = Recipe(label=label, items=items).row(binding) | edit
        payload["expected_partial_claim"] = hashed(encode(claim))

    return say


def test_the_claim_around_it_is_the_one_expected(forge: Forge) -> None:
    label = urn()
    how = Vouching(bound=expecting_claim(label), cose=Cose(credential=actor(forge)))
    report = found_in(forge, how, label=label)
    assert found(report) == set()
    assert "cawg.identity.well-formed" in codes(report)


def test_another_claim_than_the_one_expected_is_told(forge: Forge) -> None:
    label = urn()
    how = Vouching(bound=expecting_claim(label, alg="sha512"))
    assert found(found_in(forge, how, label=label)) == {PARTIAL}


def found_in(forge: Forge, *how: Vouching, **more: Any) -> VerificationReport:
    from provenance.validate.run import verify

    return verify(picture(forge, *how, **more), trust=forge.trust)


@pytest.mark.parametrize("form", [encode, bytes], ids=["as CBOR", "bare"])
def test_the_signer_of_the_claim_is_the_one_expected(
    forge: Forge, form: Callable[[bytes], bytes]
) -> None:
    leaf = forge.credential.chain[0]

    def say(payload: Row) -> None:
        payload["expected_claim_generator"] = hashed(form(leaf), "sha384")

    assert found(judged(forge, Vouching(payload=say))) == set()


@pytest.mark.parametrize("alg", ["sha256", "md5"])
def test_another_signer_of_the_claim_is_told(forge: Forge, alg: str) -> None:
    def say(payload: Row) -> None:
        payload["expected_claim_generator"] = hashed(encode(forge.other.chain[0]), alg)

    assert found(judged(forge, Vouching(payload=say))) == {GENERATOR}


def other(credential: Credential) -> Vouching:
    """A second actor, who speaks for the hard binding only."""
    return Vouching(items=(HARD,), label=SECOND, cose=Cose(credential=credential))


def expecting(
    *credentials: Credential | None, items: Any = (HARD,)
) -> Callable[[Row, Binding], None]:
    """That other actors speak for some assertions, with certificates of theirs."""

    def say(payload: Row, binding: Binding) -> None:
        entries = []
        for one in credentials:
            theirs = {
                "referenced_assertions": [reference(item, binding) for item in items],
                "sig_type": "cawg.x509.cose",
            }
            entry: Row = {"partial_signer_payload": theirs}
            if one is not None:
                entry["expected_credentials"] = hashed(encode(one.chain[0]))
            entries.append(entry)
        payload["expected_countersigners"] = entries

    return say


def first(say: Callable[[Row, Binding], None]) -> Vouching:
    return Vouching(bound=say)


def test_the_other_actors_are_those_expected(forge: Forge) -> None:
    known = actor(forge)
    for expected in (None, known):
        report = judged(forge, first(expecting(expected)), other(known))
        assert found(report) == set()


def test_an_actor_nobody_expected_is_told(forge: Forge) -> None:
    report = judged(forge, first(expecting(items=(ACTIONS,))), other(actor(forge)))
    assert found(report) == {UNEXPECTED}


def test_an_actor_with_another_certificate_is_told(forge: Forge) -> None:
    report = judged(forge, first(expecting(actor(forge))), other(actor(forge)))
    assert found(report) == {DIFFERS}


def test_an_actor_who_is_not_there_is_told(forge: Forge) -> None:
    assert found(judged(forge, first(expecting(None)))) == {MISSING}
    report = judged(forge, first(expecting(None, None)), other(actor(forge)))
    assert found(report) == {MISSING}


def test_an_expected_actor_may_change_without_changing_the_expected_claim(forge: Forge) -> None:
    label, known = urn(), actor(forge)
    both = [
        *(ACTIONS, HARD, cbor(LABEL, {}, created=False, ref=blank)),
        cbor(SECOND, {}, created=False, ref=blank),
    ]

    def say(payload: Row, binding: Binding) -> None:
        expecting(known)(payload, binding)
        claim = Recipe(label=label, items=both).row(binding)
        payload["expected_partial_claim"] = hashed(encode(claim))

    assert found(found_in(forge, first(say), other(known), label=label)) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expected_partial_claim", b"x"),
        ("expected_partial_claim", {"alg": "sha256"}),
        ("expected_claim_generator", {"hash": b"x"}),
        ("expected_countersigners", {}),
        ("expected_countersigners", [{"expected_credentials": {}}]),
    ],
)
def test_an_expectation_of_another_form_is_told(forge: Forge, name: str, value: Any) -> None:
    how = Vouching(payload=lambda row: row.update({name: value}))
    assert found(judged(forge, how)) == {"cawg.identity.cbor.invalid"}
