"""What verifies, and what does not."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from provenance.cose.algorithms import ALGORITHMS, by_cose_id, by_name, for_key, sign, verify
from provenance.errors import CredentialError

DATA = b"the bytes of a Sig_structure"


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("es256", -7),
        ("es384", -35),
        ("es512", -36),
        ("ps256", -37),
        ("ps384", -38),
        ("ps512", -39),
        ("ed25519", -8),
    ],
)
def test_each_name_has_its_cose_number(name: str, number: int) -> None:
    assert by_name(name).cose_id == number
    assert by_cose_id(number) is by_name(name)


@pytest.mark.parametrize("other", [-257, -65535, 0, -7.0, True, "ES256", None, [], {}])
def test_no_other_number_is_an_algorithm(other: object) -> None:
    assert by_cose_id(other) is None


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(CredentialError, match=r"rs256.*es256"):
        by_name("rs256")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
@pytest.mark.parametrize("name", ["es256", "es384", "es512"])
def test_every_curve_verifies_with_every_ecdsa_algorithm(
    curve: ec.EllipticCurve, name: str
) -> None:
    key = ec.generate_private_key(curve)
    signature = sign(by_name(name), key, DATA)
    assert len(signature) == {256: 64, 384: 96, 521: 132}[curve.key_size]
    assert verify(by_name(name), key.public_key(), signature, DATA)
    assert not verify(by_name(name), key.public_key(), signature, DATA + b"!")


def test_a_der_signature_does_not_verify() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.sign(DATA, ec.ECDSA(hashes.SHA256()))
    assert not verify(by_name("es256"), key.public_key(), der, DATA)


def test_leading_zeros_of_r_and_s_are_not_optional() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    signature = sign(by_name("es512"), key, DATA)
    assert not verify(by_name("es512"), key.public_key(), signature[1:], DATA)
    assert not verify(by_name("es512"), key.public_key(), b"\0" + signature, DATA)
    assert not verify(by_name("es512"), key.public_key(), bytes(132), DATA)


def test_a_curve_c2pa_does_not_allow_does_not_verify() -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(CredentialError, match="secp256k1"):
        for_key(key)
    assert not verify(by_name("es256"), key.public_key(), bytes(64), DATA)


@pytest.mark.parametrize("name", ["ps256", "ps384", "ps512"])
def test_the_salt_is_as_long_as_the_hash(rsa_key: rsa.RSAPrivateKey, name: str) -> None:
    alg = by_name(name)
    hash_ = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    short = padding.PSS(padding.MGF1(hash_[alg.hash]), 20)
    assert verify(alg, rsa_key.public_key(), sign(alg, rsa_key, DATA), DATA)
    wrong = rsa_key.sign(DATA, short, hash_[alg.hash])
    assert not verify(alg, rsa_key.public_key(), wrong, DATA)


def test_pkcs1_signatures_do_not_verify(rsa_key: rsa.RSAPrivateKey) -> None:
    wrong = rsa_key.sign(DATA, padding.PKCS1v15(), hashes.SHA256())
    assert not verify(by_name("ps256"), rsa_key.public_key(), wrong, DATA)


def test_short_rsa_keys_neither_sign_nor_verify() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # what is refused
    with pytest.raises(CredentialError, match="1024 bits"):
        for_key(key)
    assert not verify(by_name("ps256"), key.public_key(), sign(by_name("ps256"), key, DATA), DATA)


def test_a_key_of_another_kind_does_not_verify(rsa_key: rsa.RSAPrivateKey) -> None:
    keys = (
        rsa_key.public_key(),
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        ed25519.Ed25519PrivateKey.generate().public_key(),
        ed448.Ed448PrivateKey.generate().public_key(),
        None,
    )
    fits = [[verify(alg, key, bytes(64), DATA) for key in keys] for alg in ALGORITHMS]
    assert not any(map(any, fits))


def test_the_key_tells_the_algorithm(rsa_key: rsa.RSAPrivateKey) -> None:
    assert for_key(ec.generate_private_key(ec.SECP384R1())).name == "es384"
    assert for_key(ed25519.Ed25519PrivateKey.generate()).name == "ed25519"
    assert for_key(rsa_key).name == "ps256"
    assert for_key(rsa_key, rsa_hash="sha512").name == "ps512"


def test_an_algorithm_named_must_fit_the_key(rsa_key: rsa.RSAPrivateKey) -> None:
    assert for_key(rsa_key, alg="ps384").name == "ps384"
    with pytest.raises(CredentialError, match="es256, not es384"):
        for_key(ec.generate_private_key(ec.SECP256R1()), alg="es384")
    with pytest.raises(CredentialError, match="restricted to ps512"):
        for_key(rsa_key, rsa_hash="sha512", alg="ps256")
