"""Every rule of the certificate profile, broken once and alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from provenance.limits import DEFAULT_LIMITS
from provenance.trust import der, pem
from provenance.trust.certificate import Certificate, parse_chain
from provenance.trust.profile import (
    DOCUMENT_SIGNING,
    OCSP_SIGNING,
    RULES,
    TIME_STAMPING,
    check_profile,
)
from tests.trust.forge import (
    CA,
    LEAF,
    USAGES,
    eku,
    key_usage,
    oid,
    pss_hash,
    pss_identifier,
    pss_mask,
    spliced,
)

SHA1, SHA256, SHA384 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2"


def with_algorithm(identifier: bytes) -> bytes:
    return spliced(LEAF.der(), algorithm=identifier)


def foreign_key(dotted: str, *parameters: bytes, bits: bytes = bytes(33)) -> bytes:
    identifier = der.wrap(der.SEQUENCE, oid(dotted), *parameters)
    key = der.wrap(der.SEQUENCE, identifier, der.wrap(der.BIT_STRING, b"\0", bits))
    return spliced(LEAF.der(), key=key)


def small_rsa() -> bytes:
    return LEAF.but(key=rsa.generate_private_key(65537, 1024)).der()  # noqa: S505  # refused


def unknown(critical: bool) -> list[tuple[x509.ExtensionType, bool]]:
    return [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), critical)]


BROKEN: list[tuple[str, str, Callable[[], bytes]]] = [
    ("unreadable", "no DER", lambda: b"\x30\x03abc"),
    ("unreadable", "empty", lambda: b""),
    ("unreadable", "an extension twice", lambda: twice("2.5.29.14")),
    ("version", "version 1", lambda: spliced(LEAF.der(), version=b"", extensions=b"")),
    ("signature-algorithm", "SHA-224", lambda: LEAF.but(hash=hashes.SHA224()).der()),
    (
        "signature-algorithm",
        "SHA-1 with RSA",
        lambda: with_algorithm(der.wrap(der.SEQUENCE, oid("1.2.840.113549.1.1.5"), b"\x05\0")),
    ),
    (
        "signature-algorithm",
        "two that differ",
        lambda: spliced(
            LEAF.der(), outer_algorithm=der.wrap(der.SEQUENCE, oid("1.2.840.10045.4.3.3"))
        ),
    ),
    ("pss-parameters", "no hash", lambda: with_algorithm(pss_identifier(pss_mask(SHA256)))),
    ("pss-parameters", "no mask", lambda: with_algorithm(pss_identifier(pss_hash(SHA256)))),
    (
        "pss-parameters",
        "SHA-1",
        lambda: with_algorithm(pss_identifier(pss_hash(SHA1), pss_mask(SHA1))),
    ),
    (
        "pss-parameters",
        "two hashes",
        lambda: with_algorithm(pss_identifier(pss_hash(SHA256), pss_mask(SHA384))),
    ),
    (
        "pss-parameters",
        "not MGF1",
        lambda: with_algorithm(pss_identifier(pss_hash(SHA256), pss_mask(SHA256, "1.2.3"))),
    ),
    ("key-type", "Ed448", lambda: foreign_key("1.3.101.113", bits=ed448_bits())),
    ("key-type", "unknown", lambda: foreign_key("1.2.3.4")),
    ("ec-curve", "secp256k1", lambda: LEAF.but(key=ec.generate_private_key(ec.SECP256K1())).der()),
    (
        "ec-curve",
        "unknown",
        lambda: foreign_key("1.2.840.10045.2.1", oid("1.2.3.4"), bits=b"\x04" + bytes(64)),
    ),
    ("rsa-size", "1024 bits", small_rsa),
    ("unique-id", "of the issuer", lambda: spliced(LEAF.der(), after_key=b"\x81\x02\0\x01")),
    ("unique-id", "of the subject", lambda: spliced(LEAF.der(), after_key=b"\x82\x02\0\x01")),
    (
        "leaf-is-ca",
        "a CA",
        lambda: LEAF.but(basic=x509.BasicConstraints(ca=True, path_length=None)).der(),
    ),
    ("authority-key-identifier", "none", lambda: LEAF.but(authority_id=False).der()),
    ("key-usage", "none", lambda: LEAF.but(usage=None).der()),
    ("digital-signature", "none", lambda: LEAF.but(usage=key_usage("content_commitment")).der()),
    (
        "key-cert-sign",
        "on a leaf",
        lambda: LEAF.but(usage=key_usage("digital_signature", "key_cert_sign")).der(),
    ),
    ("extended-key-usage", "none", lambda: LEAF.but(ekus=None).der()),
    (
        "any-extended-key-usage",
        "beside others",
        lambda: LEAF.but(ekus=eku(*USAGES, "2.5.29.37.0")).der(),
    ),
    (
        "sole-extended-key-usage",
        "timeStamping",
        lambda: LEAF.but(ekus=eku(*USAGES, TIME_STAMPING)).der(),
    ),
    (
        "sole-extended-key-usage",
        "both of them",
        lambda: LEAF.but(ekus=eku(OCSP_SIGNING, TIME_STAMPING)).der(),
    ),
    (
        "accepted-extended-key-usage",
        "server",
        lambda: LEAF.but(ekus=eku("1.3.6.1.5.5.7.3.1")).der(),
    ),
    ("accepted-extended-key-usage", "time stamps", lambda: LEAF.but(ekus=eku(TIME_STAMPING)).der()),
    ("critical-extension", "unknown", lambda: LEAF.but(more=unknown(critical=True)).der()),
]
BROKEN_ABOVE: list[tuple[str, Callable[[], bytes]]] = [
    (
        "issuer-is-no-ca",
        lambda: CA.but(basic=x509.BasicConstraints(ca=False, path_length=None)).der(),
    ),
    ("issuer-is-no-ca", lambda: CA.but(basic=None).der()),
    ("subject-key-identifier", lambda: CA.but(subject_id=False).der()),
    ("authority-key-identifier", lambda: CA.but(authority_id=False).der()),
    ("key-usage", lambda: CA.but(usage=None).der()),
    ("signature-algorithm", lambda: CA.but(hash=hashes.SHA224()).der()),
]


def ed448_bits() -> bytes:
    return ed448.Ed448PrivateKey.generate().public_key().public_bytes_raw()


def twice(dotted: str) -> bytes:
    whole = LEAF.der()
    tbs = der.split(der.element(whole).content)[0]
    held = der.split(tbs.content)[-1]
    listed = der.split(der.element(held.content).content)
    again = [one.whole for one in listed if oid(dotted) in one.whole]
    extensions = der.wrap(der.SEQUENCE, *(one.whole for one in listed), *again)
    return spliced(whole, extensions=der.wrap(0xA3, extensions))


def rules(*chain: bytes) -> list[tuple[str, int]]:
    found = check_profile(parse_chain(chain, DEFAULT_LIMITS))
    return [(breach.rule, breach.index) for breach in found]


def test_a_sound_chain_breaks_no_rule() -> None:
    assert rules(LEAF.der(), CA.der()) == []


@pytest.mark.parametrize(
    ("rule", "make"),
    [(rule, make) for rule, _, make in BROKEN],
    ids=[f"{rule}: {how}" for rule, how, _ in BROKEN],
)
def test_each_rule_broken_by_the_leaf_is_the_only_breach(
    rule: str, make: Callable[[], bytes]
) -> None:
    assert rules(make(), CA.der()) == [(rule, 0)]


@pytest.mark.parametrize(("rule", "make"), BROKEN_ABOVE)
def test_each_rule_broken_above_the_leaf_is_the_only_breach(
    rule: str, make: Callable[[], bytes]
) -> None:
    assert rules(LEAF.der(), make()) == [(rule, 1)]


def test_every_rule_is_broken_by_some_test_and_can_be_mended() -> None:
    tried = {rule for rule, _, _ in BROKEN} | {rule for rule, _ in BROKEN_ABOVE}
    assert tried == set(RULES)
    assert all(RULES.values())


def test_absent_pss_parameters_break_the_rule() -> None:
    assert rules(with_algorithm(pss_identifier())) == [("pss-parameters", 0)]


def test_an_empty_extended_key_usage_cannot_be_read() -> None:
    whole = LEAF.der()
    old = der.wrap(der.SEQUENCE, *(oid(one) for one in USAGES))
    held = der.split(der.split(der.element(whole).content)[0].content)[-1]
    listed = [one.whole for one in der.split(der.element(held.content).content)]
    empty = [
        der.wrap(der.SEQUENCE, oid("2.5.29.37"), der.wrap(0x04, b"\x30\0")) if old in one else one
        for one in listed
    ]
    extensions = der.wrap(0xA3, der.wrap(der.SEQUENCE, *empty))
    assert rules(spliced(whole, extensions=extensions)) == [("unreadable", 0)]


def test_what_the_standard_leaves_open_is_accepted() -> None:
    usage = key_usage("digital_signature", "content_commitment", "key_encipherment")
    fine = (
        LEAF.but(usage=usage),
        LEAF.but(basic=None),
        LEAF.but(subject_id=False),
        LEAF.but(ekus=eku(DOCUMENT_SIGNING, "1.2.3.4")),
        LEAF.but(more=unknown(critical=False)),
        LEAF.but(issuer="leaf", issuer_key=LEAF.key, authority_id=False),
        LEAF.but(issuer_key=ed25519.Ed25519PrivateKey.generate()),
        LEAF.but(key=rsa.generate_private_key(65537, 2048)),
        LEAF.but(hash=hashes.SHA512()),
    )
    assert [rules(form.der()) for form in fine] == [[]] * len(fine)


def test_accepted_usages_are_the_users_to_name() -> None:
    leaf = LEAF.but(ekus=eku(TIME_STAMPING)).certificate()
    assert not list(check_profile([leaf], ekus={TIME_STAMPING}))


def test_in_the_private_store_only_algorithms_and_keys_count() -> None:
    odd = LEAF.but(authority_id=False, usage=None, ekus=None).certificate()
    assert not list(check_profile([odd], private_store=True))
    weak = LEAF.but(hash=hashes.SHA224()).certificate()
    assert [one.rule for one in check_profile([weak], private_store=True)] == [
        "signature-algorithm"
    ]


def test_a_breach_says_how_to_mend_it() -> None:
    (breach,) = check_profile([LEAF.but(usage=None).certificate()])
    assert breach.sentence == "it has no KeyUsage"
    assert breach.mend == "have it issued with a KeyUsage extension"


@given(st.data())
def test_damaged_certificates_raise_nothing(data: st.DataObject) -> None:
    whole = bytearray(SOUND)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    for breach in check_profile([Certificate(bytes(whole))]):
        assert breach.rule in RULES


SOUND = LEAF.der()


@pytest.mark.parametrize("alg", ["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"])
def test_the_reference_implementations_certificates_keep_all_rules(alg: str, shared: Path) -> None:
    path = shared / f"corpus/keys/{alg}.pub"
    assert rules(*pem.certificates(path.read_bytes(), path.name)) == []
