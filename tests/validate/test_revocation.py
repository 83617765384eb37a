"""Had the certificate been revoked when it signed? What came along says so, or who is asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.fetch import Door
from provenance.trust.settings import TrustSettings
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import verify
from provenance.validate.status import Kind, Status
from tests.attacks.forge import (
    Binding,
    Credential,
    Recipe,
    cbor,
    hard_binding,
    ingredient,
    opened,
    the_forge,
)
from tests.attacks.revocation import (
    BARE,
    CA_DER,
    LEAF,
    ROOT_DER,
    SOUND,
    TRUST,
    picture,
    recipe,
    status,
)
from tests.trust.forge import CA, LEAF_KEY, NOW, ROOT_KEY
from tests.trust.ocsp import UNKNOWN, Word, leaf_with, revoked
from tests.web import Asked, Reply, site

NOT_REVOKED = Status.SIGNING_CREDENTIAL_OCSP_NOT_REVOKED
REVOKED = Status.SIGNING_CREDENTIAL_OCSP_REVOKED
SKIPPED = Status.SIGNING_CREDENTIAL_OCSP_SKIPPED
INACCESSIBLE = Status.SIGNING_CREDENTIAL_OCSP_INACCESSIBLE
NOT_KNOWN = Status.SIGNING_CREDENTIAL_OCSP_UNKNOWN


def told(report: VerificationReport) -> list[Status]:
    """The codes about revocation."""
    return [one.status for one in report.findings if ".ocsp." in one.status.code]


def judged(
    data: bytes, at: datetime = NOW, *, trust: TrustSettings = TRUST, **more: Any
) -> VerificationReport:
    report = verify(data, trust=trust, at=at, **more)
    assert Status.CLAIM_SIGNATURE_VALIDATED in {one.status for one in report.findings}
    return report


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_stapled_good_word_settles_it() -> None:
    report = judged(picture(SOUND.about(LEAF)), NOW + days(3))
    assert told(report) == [NOT_REVOKED]
    assert report.state is ValidationState.TRUSTED


def test_empty_values_are_passed_over() -> None:
    assert told(judged(picture(b"", None, SOUND.about(LEAF)))) == [NOT_REVOKED]


@pytest.mark.parametrize(
    ("word", "attested", "codes"),
    [
        (SOUND, NOW, [NOT_REVOKED]),
        (SOUND, NOW + days(7), [NOT_REVOKED]),
        (SOUND, NOW - days(20), [NOT_REVOKED]),  # a later word speaks of earlier, too
        (SOUND, NOW + days(7.1), [SKIPPED]),  # an earlier word does not speak of later
        (SOUND.but(next_update=NOW + days(1)), NOW + days(2), [SKIPPED]),
        (SOUND.but(this_update=NOW + days(40), next_update=None), NOW, [SKIPPED]),
        (SOUND.but(status=UNKNOWN), NOW, [SKIPPED]),
        (revoked(NOW - days(1)).but(issuer=CA_DER), NOW, [REVOKED]),
        (revoked(NOW - days(1)).but(issuer=CA_DER), NOW + days(9), [REVOKED]),
        (revoked(NOW + days(1)).but(issuer=CA_DER), NOW, [NOT_REVOKED]),
        (
            revoked(NOW, x509.ReasonFlags.remove_from_crl).but(issuer=CA_DER),
            NOW,
            [NOT_REVOKED],
        ),
        (revoked(NOW, x509.ReasonFlags.certificate_hold).but(issuer=CA_DER), NOW, [REVOKED]),
        (
            revoked(NOW, x509.ReasonFlags.certificate_hold).but(issuer=CA_DER),
            NOW + days(9),
            [SKIPPED],
        ),
    ],
)
def test_what_a_stapled_word_says_of_the_attested_moment(
    word: Word, attested: datetime, codes: list[Status]
) -> None:
    report = judged(picture(word.about(LEAF), at=attested), NOW + days(20))
    assert told(report) == codes
    assert (report.state is ValidationState.INVALID) is (codes == [REVOKED])


def test_without_a_time_stamp_a_good_word_settles_nothing() -> None:
    assert told(judged(picture(SOUND.about(LEAF), at=None))) == [SKIPPED]


def test_without_a_time_stamp_what_is_revoked_is_revoked() -> None:
    word = revoked(NOW - days(30)).but(issuer=CA_DER)
    report = judged(picture(word.about(LEAF), at=None))
    assert told(report) == [REVOKED]
    assert report.state is ValidationState.INVALID
    # Judged by a moment before that, it was not yet.
    assert told(judged(picture(word.about(LEAF), at=None), NOW - days(31))) == [SKIPPED]


def test_one_good_word_is_enough() -> None:
    bad = revoked(NOW - days(1)).but(issuer=CA_DER)
    assert told(judged(picture(bad.about(LEAF), SOUND.about(LEAF)))) == [NOT_REVOKED]


def test_a_stranger_may_not_say_that_all_is_well() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    word = Word(issuer=CA.but(key=key).der(), key=key)
    assert told(judged(picture(word.about(LEAF)))) == [SKIPPED]
    # Nor the issuer of a chain that leads nowhere.
    strangers = TrustSettings(anchors=(BARE,), tsa_anchors=(ROOT_DER,))
    other = judged(picture(SOUND.about(LEAF)), trust=strangers)
    assert Status.TIME_STAMP_TRUSTED in {one.status for one in other.findings}
    assert told(other) == [SKIPPED]


def test_an_untrusted_issuer_can_still_revoke() -> None:
    word = revoked(NOW - days(1)).but(issuer=CA_DER)
    report = judged(picture(word.about(LEAF)), trust=TrustSettings())
    assert told(report) == [REVOKED]


def test_the_issuer_may_be_the_anchor_itself() -> None:
    signer = Credential(alg="es256", key=LEAF_KEY, chain=(LEAF,))
    word = revoked(NOW - days(1)).but(issuer=CA_DER)
    alone = replace(
        recipe(word.about(LEAF)), cose=replace(recipe(word.about(LEAF)).cose, credential=signer)
    )
    report = judged(the_forge().png(alone), trust=TrustSettings(anchors=(CA_DER,)))
    assert told(report) == [REVOKED]


def test_a_certificate_that_cannot_be_revoked_needs_no_words() -> None:
    assert told(judged(picture(leaf=BARE))) == []
    assert told(judged(picture(leaf=BARE), online=True)) == []


def test_an_unknown_certificate_is_told() -> None:
    word = SOUND.but(status=UNKNOWN)
    report = judged(picture(word.about(BARE), leaf=BARE))
    assert told(report) == [NOT_KNOWN]
    assert NOT_KNOWN.kind is Kind.INFORMATIONAL
    assert report.state is ValidationState.TRUSTED


@pytest.mark.parametrize(
    "rvals", [{}, [], {"ocspVals": 5}, {"ocspVals": ["text"]}, {"ocspVals": [b"\x30"] * 500}]
)
def test_stapled_nonsense_is_as_nothing(rvals: Any) -> None:
    report = judged(picture(rvals=rvals))
    assert told(report) == [SKIPPED]
    assert report.state is ValidationState.TRUSTED


def test_a_certificate_status_settles_it_for_its_own_manifest() -> None:
    assert told(judged(picture(items=(status(SOUND.about(LEAF)),)))) == [NOT_REVOKED]


def test_a_certificate_status_settles_it_for_another_manifest() -> None:
    forge = the_forge()
    word = revoked(NOW - days(1)).but(issuer=CA_DER)
    below = forge.build(recipe())
    items = (opened(), ingredient(below), hard_binding(), status(word.about(LEAF)))
    report = verify(forge.png(Recipe(items=items), below), trust=TRUST, at=NOW)
    parent = next(one for one in report.manifests if one.label == below.label)
    assert REVOKED in {one.status for one in parent.findings}
    assert report.state is ValidationState.INVALID


def test_a_certificate_status_that_was_changed_says_nothing() -> None:
    bad = status(revoked(NOW - days(1)).but(issuer=CA_DER).about(LEAF))
    changed = status(SOUND.about(LEAF), after=lambda _: bad.box(Binding()))
    report = judged(picture(items=(changed,)))
    assert Status.ASSERTION_HASHED_URI_MISMATCH in {one.status for one in report.findings}
    assert told(report) == [SKIPPED]


@pytest.mark.parametrize(
    "value", [{}, [], {"ocspVals": {}}, {"ocspVals": ["text", 5, None, b"", b"\x30\x00"]}]
)
def test_a_certificate_status_of_nonsense_is_as_nothing(value: Any) -> None:
    item = cbor("c2pa.certificate-status", value)
    assert told(judged(picture(items=(item,)))) == [SKIPPED]


def test_a_revoked_authority_makes_nobody_trusted() -> None:
    word = Word(issuer=ROOT_DER, key=ROOT_KEY).but(
        status=revoked(NOW).status, revoked_at=NOW - days(1)
    )
    report = judged(picture(SOUND.about(LEAF), word.about(CA_DER)))
    codes = {one.status for one in report.findings}
    assert Status.SIGNING_CREDENTIAL_UNTRUSTED in codes
    assert Status.SIGNING_CREDENTIAL_TRUSTED not in codes
    assert report.state is ValidationState.VALID
    good = Word(issuer=ROOT_DER, key=ROOT_KEY)
    fine = judged(picture(SOUND.about(LEAF), good.about(CA_DER)))
    assert fine.state is ValidationState.TRUSTED


DOOR = Door(plain=True, private=True, seconds=5, max_bytes=10_000)


def ask(
    answer: Any,
    *,
    attested: datetime | None = NOW,
    door: Door = DOOR,
) -> tuple[VerificationReport, list[Asked]]:
    """Verify with the door open; the answer is a word, bytes, or a reply."""
    held: list[bytes] = []

    def reply(_: Asked) -> Reply:
        if isinstance(answer, Reply):
            return answer
        return Reply(answer if isinstance(answer, bytes) else answer.about(held[0]))

    with site(reply) as there:
        leaf = leaf_with(f"{there.url}/ocsp").der()
        held.append(leaf)
        report = judged(picture(leaf=leaf, at=attested), online=door)
        return report, there.asked


@pytest.mark.parametrize(
    ("word", "attested", "code"),
    [
        (SOUND, NOW, NOT_REVOKED),
        (SOUND, None, NOT_REVOKED),
        (SOUND, NOW - days(20), NOT_REVOKED),
        (SOUND.but(this_update=NOW - days(9), next_update=NOW - days(2)), None, INACCESSIBLE),
        (SOUND.but(status=UNKNOWN), NOW, NOT_KNOWN),
        (revoked(NOW - days(1)).but(issuer=CA_DER), NOW, REVOKED),
        (revoked(NOW - days(1)).but(issuer=CA_DER), None, REVOKED),
        (revoked(NOW - days(1)).but(issuer=CA_DER), NOW - days(2), NOT_REVOKED),
    ],
)
def test_the_responder_is_asked(word: Word, attested: datetime | None, code: Status) -> None:
    report, asked = ask(word, attested=attested)
    assert told(report) == [code]
    assert (report.state is ValidationState.INVALID) is (code is REVOKED)
    assert asked[0].method == "POST"
    assert asked[0].headers["Content-Type"] == "application/ocsp-request"


@pytest.mark.parametrize(
    "answer",
    [
        Reply(status=500),
        Reply(b"<html>"),
        Reply(b"x" * 20_000),
        Word(issuer=CA_DER).about(BARE),
        b"\x30\x03\x0a\x01\x03",  # try later
    ],
)
def test_no_answer_is_told_and_changes_nothing(answer: Any) -> None:
    report, asked = ask(answer)
    assert told(report) == [INACCESSIBLE]
    assert report.state is ValidationState.TRUSTED
    assert len(asked) == 1


def test_the_door_opens_to_no_neighbour() -> None:
    report, asked = ask(SOUND, door=Door(plain=True))
    assert (told(report), asked) == ([INACCESSIBLE], [])
    (finding,) = (one for one in report.findings if one.status is INACCESSIBLE)
    assert "127.0.0.1" in finding.explanation


def test_the_door_is_shut_unless_asked() -> None:
    with site(lambda _: Reply(b"")) as there:
        leaf = leaf_with(f"{there.url}/ocsp").der()
        assert told(judged(picture(leaf=leaf))) == [SKIPPED]
    assert there.asked == []


def test_who_has_heard_enough_asks_nobody() -> None:
    with site(lambda _: Reply(b"")) as there:
        leaf = leaf_with(f"{there.url}/ocsp").der()
        data = picture(SOUND.about(leaf), leaf=leaf)
        assert told(judged(data, online=DOOR)) == [NOT_REVOKED]
    assert there.asked == []
