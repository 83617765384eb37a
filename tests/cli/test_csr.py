"""`provenance keys csr`: a request that an authority can answer, and a key that stays here."""

import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from tests.cli.conftest import Call

WHO = ["--name", "Ada Painter", "--organization", "Example Studio", "--country", "de"]
CLAIMS = "1.3.6.1.4.1.62558.2.1"


def read(path: Path) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(path.read_bytes())


@pytest.mark.parametrize("alg", ["es256", "es384", "es512", "ps256", "ed25519"])
def test_a_new_key_asks_for_what_c2pa_wants(call: Call, tmp_path: Path, alg: str) -> None:
    result = call("keys", "csr", *WHO, "--new-key", "ada.pem", "--alg", alg, "-o", "ada.csr")
    assert (result.exit_code, result.stdout) == (0, "")
    made = read(tmp_path / "ada.csr")
    assert made.is_signature_valid
    name = made.subject.rfc4514_string()
    assert name == "CN=Ada Painter,O=Example Studio,C=DE"
    usage = made.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    basic = made.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, False)
    extended = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in extended] == [CLAIMS]
    key = load_pem_private_key((tmp_path / "ada.pem").read_bytes(), None)
    assert key.public_key() == made.public_key()
    assert stat.S_IMODE((tmp_path / "ada.pem").stat().st_mode) == 0o600


def test_openssl_reads_the_request(call: Call, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    call("keys", "csr", *WHO, "--new-key", "ada.pem", "-o", "ada.csr", "--usage", "documents")
    told = subprocess.run(
        [openssl, "req", "-in", "ada.csr", "-noout", "-text", "-verify"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "verify OK" in told.stderr
    assert "Digital Signature" in told.stdout
    assert "1.3.6.1.5.5.7.3.36" in told.stdout


def test_a_key_that_is_there_serves(call: Call, tmp_path: Path, keys: Path) -> None:
    key = str(keys / "es256.key.pem")
    result = call("keys", "csr", *WHO, "--unit", "Prints", "--key", key)
    assert result.exit_code == 0
    made = x509.load_pem_x509_csr(result.stdout.encode())
    assert made.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    held = load_pem_private_key(Path(key).read_bytes(), None)
    assert held.public_key() == made.public_key()
    assert not list(tmp_path.iterdir())


def test_a_passphrase_locks_a_new_key_and_opens_it_again(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "a long one")
    how = ["--passphrase-env", "SECRET"]
    assert call("keys", "csr", *WHO, "--new-key", "k.pem", *how, "-o", "a.csr").exit_code == 0
    assert b"ENCRYPTED PRIVATE KEY" in (tmp_path / "k.pem").read_bytes()
    closed = call("keys", "csr", *WHO, "--key", "k.pem", "-o", "b.csr")
    assert closed.exit_code == 1
    assert "no passphrase was given" in closed.stderr
    assert not (tmp_path / "b.csr").exists()
    (tmp_path / "word").write_text("a long one\n")
    opened = call(
        "keys", "csr", *WHO, "--key", "k.pem", "--passphrase-file", "word", "-o", "b.csr", "-q"
    )
    assert (opened.exit_code, opened.stderr) == (0, "")
    assert read(tmp_path / "a.csr").public_key() == read(tmp_path / "b.csr").public_key()


def test_a_certificate_for_the_request_signs_and_the_doctor_finds_nothing(
    call: Call, tmp_path: Path, picture: Path
) -> None:
    call("keys", "csr", *WHO, "--new-key", "ada.pem", "-o", "ada.csr")
    made = read(tmp_path / "ada.csr")
    root = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(authority, made.subject, made.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False)
    )
    for one in made.extensions:
        builder = builder.add_extension(one.value, one.critical)
    issued = builder.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "chain.pem").write_bytes(issued)
    assert call("keys", "doctor", "chain.pem").exit_code == 0
    key = ["--key", "ada.pem", "--chain", "chain.pem"]
    result = call("sign", "picture.png", "-o", "out.png", "--generator", "Painter", *key)
    assert result.exit_code == 0
    assert "Ada Painter" in call("verify", "out.png").stdout


def test_nothing_is_overwritten(call: Call, tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_text("mine")
    result = call("keys", "csr", *WHO, "--new-key", "k.pem", "-o", "a.csr")
    assert result.exit_code == 1
    assert "is there already" in result.stderr
    assert (tmp_path / "k.pem").read_text() == "mine"
    assert not (tmp_path / "a.csr").exists()


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        ([], 2, "--new-key"),
        (["--key", "a", "--new-key", "b"], 2, "--new-key"),
        (["--key", "none.pem"], 1, "none.pem: cannot be read"),
        (["--new-key", "k.pem", "--country", "Germany"], 1, "country: "),
        (["--new-key", "k.pem", "--unit", "a\x1b[31m"], 1, "unit: is empty, or holds"),
        (["--new-key", "k.pem", "--locality", " "], 1, "locality: is empty"),
        (["--new-key", "k.pem", "--name", "n" * 65], 1, "common name: "),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence(
    call: Call, tmp_path: Path, more: list[str], code: int, told: str
) -> None:
    result = call("keys", "csr", *WHO, *more)
    assert result.exit_code == code
    assert told in result.stderr
    assert not list(tmp_path.iterdir())
