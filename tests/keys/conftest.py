"""What the tests of keys share: a PKI with a key of each kind, and where it lies."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from provenance.cose.signer import Signer
from provenance.cose.signing import sign_claim
from provenance.trust.devpki import DevCredential, DevPki

ALGS = ("es256", "es384", "es512", "ps256", "ed25519")
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "8472-pin"


@pytest.fixture(scope="session")
def pki() -> DevPki:
    return DevPki.generate(ALGS, now=datetime.now(UTC))


@pytest.fixture
def credential(pki: DevPki) -> DevCredential:
    return pki.credentials["es256"]


@pytest.fixture
def chain(pki: DevPki, tmp_path: Path) -> Callable[[str], Path]:
    """The file with the certificates of an algorithm's key."""

    def written(alg: str = "es256") -> Path:
        path = tmp_path / f"{alg}.chain.pem"
        path.write_bytes(pki.credentials[alg].chain_pem)
        return path

    return written


def plain_pem(credential: DevCredential) -> bytes:
    """PKCS#8 with nothing but the key's kind: other tools know no RSA key bound to PSS."""
    return credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signs(signer: Signer) -> bool:
    """Does a signature of this signer match its certificate? `sign_claim` looks."""
    return len(sign_claim(signer, b"a claim")[1]) > 0


def secrets_of(credential: DevCredential) -> list[str]:
    """What of a key must show nowhere: lines of its PEM, and its number."""
    lines = [line for line in credential.key_pem.decode().splitlines() if "-----" not in line]
    return [*lines, plain_pem(credential).decode().splitlines()[1]]


@dataclass(frozen=True)
class Token:
    """A token of SoftHSM2: keys and leaf certificates, labelled as their algorithms."""

    module: str
    label: str = "studio"

    def key(self, alg: str) -> str:
        return f"pkcs11:token={self.label};object={alg}"


@pytest.fixture(scope="session")
def token(pki: DevPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    module = next((one for one in _MODULES if Path(one).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("needs SoftHSM2: apt-get install softhsm2")
    if find_spec("pkcs11") is None:
        pytest.skip("needs python-pkcs11: pip install 'provenance-c2pa[pkcs11]'")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    try:
        util = ["softhsm2-util", "--token", "studio", "--pin", PIN]
        init = ["--init-token", "--free", "--label", "studio", "--so-pin", "0000", "--pin", PIN]
        run(["softhsm2-util", *init])
        for number, (alg, one) in enumerate(pki.credentials.items()):
            file = folder / f"{alg}.pem"
            file.write_bytes(plain_pem(one))
            run([*util, "--import", str(file), "--label", alg, "--id", f"a{number}"])
        add_certificates(module, pki)
        yield Token(module)
    finally:
        del os.environ["SOFTHSM2_CONF"]


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def add_certificates(module: str, pki: DevPki) -> None:
    import pkcs11

    attribute = pkcs11.Attribute
    token = pkcs11.lib(module).get_token(token_label="studio")
    with token.open(rw=True, user_pin=PIN) as session:
        for number, (alg, one) in enumerate(pki.credentials.items()):
            session.create_object(
                {
                    attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    attribute.TOKEN: True,
                    attribute.LABEL: alg,
                    attribute.ID: bytes([0xA0 + number]),
                    attribute.SUBJECT: b"",
                    attribute.VALUE: one.chain[0],
                }
            )
