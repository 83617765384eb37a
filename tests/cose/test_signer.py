"""Keys and certificates from the files people have."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from provenance.cose import CallbackSigner, LocalSigner, Signer
from provenance.errors import CredentialError

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
SECRET = b"a passphrase"


def issue(name: str, key: Key, issuer: str, issuer_key: Key) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder(named(issuer), named(name), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
    )
    return builder.sign(
        issuer_key, None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    )


ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
CA_KEY = ed25519.Ed25519PrivateKey.generate()
KEY = ec.generate_private_key(ec.SECP256R1())
ROOT = issue("root", ROOT_KEY, "root", ROOT_KEY)
CA = issue("ca", CA_KEY, "root", ROOT_KEY)
LEAF = issue("leaf", KEY, "ca", CA_KEY)
STRANGER = issue("stranger", CA_KEY, "nobody", CA_KEY)

WANTED = (LEAF.public_bytes(Encoding.DER), CA.public_bytes(Encoding.DER))
NONE = NoEncryption()
LOCKED = BestAvailableEncryption(SECRET)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def encoded(
    encoding: Encoding = Encoding.PEM,
    form: PrivateFormat = PrivateFormat.PKCS8,
    lock: KeySerializationEncryption = NONE,
) -> bytes:
    return KEY.private_bytes(encoding, form, lock)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize(
    ("form", "lock"),
    [
        (PrivateFormat.PKCS8, NONE),
        (PrivateFormat.PKCS8, LOCKED),
        (PrivateFormat.TraditionalOpenSSL, NONE),
    ],
)
def test_every_usual_key_file_is_read(
    encoding: Encoding, form: PrivateFormat, lock: KeySerializationEncryption
) -> None:
    signer = LocalSigner.from_pem(encoded(encoding, form, lock), pem(LEAF, CA), passphrase=SECRET)
    assert signer.alg == "es256"
    assert signer.certificate_chain == WANTED


def test_an_encrypted_traditional_key_is_read() -> None:
    data = encoded(form=PrivateFormat.TraditionalOpenSSL, lock=LOCKED)
    assert LocalSigner.from_pem(data, pem(LEAF), passphrase=SECRET).alg == "es256"


def test_curve_parameters_before_the_key_do_not_matter() -> None:
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    data = parameters + encoded(form=PrivateFormat.TraditionalOpenSSL)
    assert LocalSigner.from_pem(data, pem(LEAF)).alg == "es256"


@pytest.mark.parametrize(
    "bundle",
    [
        pem(LEAF, CA),
        pem(CA, LEAF),
        pem(LEAF, CA, ROOT),
        pem(ROOT, CA, LEAF),
        pem(STRANGER, LEAF, STRANGER, CA),
        b"subject=leaf\n" + pem(LEAF) + b"\n# issuer\n" + pem(CA),
    ],
)
def test_a_bundle_in_any_order_becomes_leaf_first_without_the_root(bundle: bytes) -> None:
    assert LocalSigner.from_pem(encoded(), bundle).certificate_chain == WANTED


def test_one_certificate_as_der_is_a_chain() -> None:
    assert LocalSigner.from_pem(encoded(), WANTED[0]).certificate_chain == WANTED[:1]


def test_a_self_signed_leaf_stays() -> None:
    alone = issue("me", KEY, "me", KEY)
    assert len(LocalSigner.from_pem(encoded(), pem(alone)).certificate_chain) == 1


def test_a_pkcs12_file_holds_key_and_chain(tmp_path: Path) -> None:
    path = tmp_path / "id.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"me", KEY, LEAF, [ROOT, CA], LOCKED))
    signer = LocalSigner.from_pkcs12(path, SECRET)
    assert signer.certificate_chain == WANTED
    for wrong, told in ((None, "no passphrase"), (b"wrong", "passphrase is wrong")):
        with pytest.raises(CredentialError, match=rf"id\.p12: .*{told}"):
            LocalSigner.from_pkcs12(path, wrong)


def test_a_pkcs12_file_without_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trust.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"me", None, LEAF, [CA], LOCKED))
    with pytest.raises(CredentialError, match="no private key"):
        LocalSigner.from_pkcs12(path, SECRET)


def test_one_pem_file_may_hold_key_and_chain(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    path.write_bytes(encoded() + pem(LEAF, CA))
    assert LocalSigner.from_files(path).certificate_chain == WANTED


def test_a_chain_for_another_key_names_both_by_fingerprint() -> None:
    with pytest.raises(CredentialError) as caught:
        LocalSigner.from_pem(encoded(), pem(CA))
    told = str(caught.value)
    for key in (KEY.public_key(), CA.public_key()):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        assert digest.finalize().hex()[:16] in told


@pytest.mark.parametrize(
    ("key", "passphrase", "told"),
    [
        (encoded(lock=LOCKED), None, "encrypted, and no passphrase"),
        (encoded(lock=LOCKED), b"wrong", "passphrase is wrong"),
        (encoded(Encoding.DER, lock=LOCKED), None, "encrypted, and no passphrase"),
        (pem(LEAF), None, "holds no private key.*certificate"),
        (b"", None, "cannot be read as a private key"),
        (b"not a key at all", SECRET, "cannot be read as a private key"),
        (encoded()[:90] + b"\n-----END PRIVATE KEY-----", None, "cannot be read as a private key"),
        (b"\x30\x03\x02\x01\x03", SECRET, "passphrase is wrong, or the file damaged"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_sentence(
    key: bytes, passphrase: bytes | None, told: str, tmp_path: Path
) -> None:
    key_file, chain_file = tmp_path / "my.key", tmp_path / "my.pem"
    key_file.write_bytes(key)
    chain_file.write_bytes(pem(LEAF))
    with pytest.raises(CredentialError, match=told) as caught:
        LocalSigner.from_files(key_file, chain_file, passphrase=passphrase)
    assert str(caught.value).startswith(str(key_file))
    assert "\n" not in str(caught.value)


def test_a_key_of_another_kind_is_refused() -> None:
    key = dsa.generate_private_key(2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NONE)
    with pytest.raises(CredentialError, match="not an RSA, ECDSA or Ed25519 key"):
        LocalSigner.from_pem(key, pem(LEAF))


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        (b"", "no certificate"),
        (encoded(), "other PEM blocks"),
        (pem(LEAF)[:200] + b"\n-----END CERTIFICATE-----", "certificate 1 cannot be read"),
    ],
)
def test_a_chain_file_that_cannot_be_used_is_one_sentence(chain: bytes, told: str) -> None:
    with pytest.raises(CredentialError, match=told):
        LocalSigner.from_pem(encoded(), chain)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"gone\.key: cannot be read"):
        LocalSigner.from_files(tmp_path / "gone.key", tmp_path / "gone.pem")


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(CredentialError, match="too long for such a file"):
        LocalSigner.from_files(path)


def test_the_key_shows_nowhere() -> None:
    signer = LocalSigner.from_pem(encoded(), pem(LEAF))
    number = KEY.private_numbers().private_value
    shown = f"{signer!r} {signer}"
    assert shown.startswith("LocalSigner(alg='es256')")
    assert str(number) not in shown
    assert f"{number:x}" not in shown


def test_signers_follow_the_protocol() -> None:
    assert isinstance(LocalSigner.from_pem(encoded(), pem(LEAF)), Signer)
    assert isinstance(CallbackSigner("es256", WANTED, bytes), Signer)


def test_a_callback_signer_wants_a_known_algorithm_and_a_certificate() -> None:
    with pytest.raises(CredentialError, match="es257"):
        CallbackSigner("es257", WANTED, bytes)
    with pytest.raises(CredentialError, match="empty"):
        CallbackSigner("es256", (), bytes)
