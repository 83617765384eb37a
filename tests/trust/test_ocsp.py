"""An OCSP response counts when it is about the certificate and from who may speak."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import MalformedError
from provenance.trust.certificate import Certificate
from provenance.trust.ocsp import Answer, issuers_of, read_response, request
from provenance.trust.ocsp import Word as Says
from provenance.trust.profile import OCSP_SIGNING, TIME_STAMPING
from tests.trust.forge import CA, LEAF, NOW, ROOT_KEY, Form, eku, key_usage
from tests.trust.ocsp import CA_DER, ISSUER, UNKNOWN, Word, revoked

LEAF_DER = LEAF.der()
THE_LEAF = Certificate(LEAF_DER)
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
DELEGATE = Form(subject="responder", key=OTHER_KEY, ekus=eku(OCSP_SIGNING))
DELEGATED = Word(key=OTHER_KEY, responder=DELEGATE.der())


def delegated(form: Form, **changes: object) -> Word:
    held = form.der()
    return Word(key=OTHER_KEY, responder=held, certificates=(held,)).but(**changes)


def answer(word: Word, about: bytes = LEAF_DER) -> Answer | None:
    return read_response(word.about(about)).answer(THE_LEAF, (ISSUER,))


@pytest.mark.parametrize(
    "alg",
    [
        hashes.SHA1(),  # noqa: S303  # what most responders name a certificate by
        hashes.SHA256(),
        hashes.SHA384(),
    ],
)
@pytest.mark.parametrize("by_name", [True, False])
def test_the_issuer_is_believed(alg: hashes.HashAlgorithm, by_name: bool) -> None:
    found = answer(Word(hash=alg, by_name=by_name))
    assert found is not None
    assert (found.word, found.this_update) == (Says.GOOD, NOW)
    assert found.covers(NOW)
    assert found.covers(NOW + timedelta(days=7))
    assert not found.covers(NOW + timedelta(days=8))
    assert not found.covers(NOW - timedelta(seconds=1))


def test_without_a_next_update_it_is_good_for_a_day_from_when_it_was_made() -> None:
    found = answer(Word(next_update=None))
    assert found is not None
    assert found.until == found.produced_at + timedelta(hours=24)


def test_who_was_given_the_right_by_the_issuer_is_believed() -> None:
    found = answer(delegated(DELEGATE))
    assert found is not None
    assert found.word is Says.GOOD
    assert answer(delegated(DELEGATE, by_name=True)) is not None


@pytest.mark.parametrize(
    "form",
    [
        DELEGATE.but(ekus=eku(TIME_STAMPING)),
        DELEGATE.but(ekus=None),
        DELEGATE.but(ekus=eku(OCSP_SIGNING, TIME_STAMPING)),
        DELEGATE.but(usage=key_usage("key_agreement")),
        DELEGATE.but(issuer_key=ROOT_KEY),
        DELEGATE.but(issuer="root", issuer_key=ROOT_KEY),
        DELEGATE.but(not_after=NOW - timedelta(days=1)),
        DELEGATE.but(basic=x509.BasicConstraints(ca=True, path_length=None)),
    ],
    ids=["time", "none", "two", "usage", "forged", "stranger", "expired", "ca"],
)
def test_another_is_not_believed(form: Form) -> None:
    assert answer(delegated(form)) is None


def test_a_delegates_certificate_signs_nothing_by_itself() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    named = DELEGATE.but(key=key, issuer_key=key).der()
    word = Word(key=key, responder=named, by_name=True, certificates=(DELEGATE.der(),))
    assert answer(word) is None


def test_a_delegate_must_bring_its_certificate() -> None:
    assert answer(DELEGATED) is None


def test_nobody_else_may_sign_in_the_issuers_name() -> None:
    same_name = CA.but(key=OTHER_KEY).der()
    assert answer(Word(key=OTHER_KEY, responder=same_name, by_name=True)) is None


RSA_KEY = rsa.generate_private_key(65537, 2048)
RSA_ISSUER = CA.but(key=RSA_KEY).der()
RSA_LEAF = LEAF.but(issuer_key=RSA_KEY).der()


@pytest.mark.parametrize(
    ("alg", "believed"),
    [(hashes.SHA256(), True), (hashes.SHA512(), True), (hashes.SHA224(), False)],
    ids=["sha256", "sha512", "sha224"],
)
def test_rsa_signs_over_a_hash_that_is_allowed(alg: hashes.HashAlgorithm, believed: bool) -> None:
    word = Word(issuer=RSA_ISSUER, key=RSA_KEY, signed_over=alg)
    response = read_response(word.about(RSA_LEAF))
    found = response.answer(Certificate(RSA_LEAF), (Certificate(RSA_ISSUER),))
    assert (found is not None) is believed


def test_ed25519_signs_too() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    issuer, leaf = CA.but(key=key).der(), LEAF.but(issuer_key=key).der()
    word = Word(issuer=issuer, key=key, signed_over=None)
    found = read_response(word.about(leaf)).answer(Certificate(leaf), (Certificate(issuer),))
    assert found is not None


def test_a_word_on_another_certificate_is_none_on_this_one() -> None:
    other = LEAF.der()
    assert answer(Word(), other) is None


def test_a_word_on_this_number_of_another_issuer_is_none() -> None:
    other = CA.but(subject="ca", key=OTHER_KEY).der()
    assert answer(Word(issuer=other, key=OTHER_KEY, responder=other)) is None


def test_an_issuers_word_on_somebody_elses_certificate_is_none_on_its_own() -> None:
    # Two authorities can give out the same number.
    other = CA.but(key=OTHER_KEY).der()
    assert answer(Word(issuer=other, responder=CA_DER)) is None


def test_revocation_has_a_moment() -> None:
    found = answer(revoked(NOW - timedelta(days=2), x509.ReasonFlags.key_compromise))
    assert found is not None
    assert (found.word, found.revoked_at) == (Says.REVOKED, NOW - timedelta(days=2))
    assert not found.on_hold


def test_taken_off_hold_is_good_again() -> None:
    found = answer(revoked(NOW, x509.ReasonFlags.remove_from_crl))
    assert found is not None
    assert (found.word, found.revoked_at) == (Says.GOOD, None)


def test_on_hold_is_revoked_for_the_time_being() -> None:
    found = answer(revoked(NOW, x509.ReasonFlags.certificate_hold))
    assert found is not None
    assert found.on_hold


def test_not_to_know_is_an_answer() -> None:
    found = answer(Word(status=UNKNOWN))
    assert found is not None
    assert found.word is Says.UNKNOWN


def test_no_answer_is_not_read_as_one() -> None:
    refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    from cryptography.hazmat.primitives.serialization import Encoding

    with pytest.raises(MalformedError, match="TRY_LATER"):
        read_response(refused.public_bytes(Encoding.DER))


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x03\x0a\x01\x00", bytes(200_000)])
def test_what_is_no_response_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_response(data)


@given(st.data())
def test_a_changed_byte_is_malformed_or_not_believed(data: st.DataObject) -> None:
    whole = bytearray(RESPONSE)
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read_response(bytes(whole)).answer(THE_LEAF, (ISSUER,))
    except MalformedError:
        return
    # What is outside of what is signed, such as how a length is written, may differ.
    assert found is None or found == SAID


RESPONSE = Word().about(LEAF_DER)
SAID = answer(Word())


def test_the_question_names_the_certificate() -> None:
    asked = ocsp.load_der_ocsp_request(request(THE_LEAF, ISSUER))
    assert asked.serial_number == THE_LEAF.serial_number


def test_the_issuers_of_a_certificate_are_those_that_signed_it() -> None:
    same_name = CA.but(key=OTHER_KEY).certificate()
    broken = Certificate(b"\x30\x00")
    assert issuers_of(THE_LEAF, (broken, same_name, ISSUER, ISSUER)) == (ISSUER,)
    assert issuers_of(ISSUER, (ISSUER,)) == ()
    assert ISSUER.der == CA_DER
