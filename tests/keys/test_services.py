"""Programs, web services and key services that sign: what is sent, what is made of the answer.

The exchanges with key services have the form that their references give; AWS is played by `moto`.
"""

import json
import shlex
import sys
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from provenance import keys
from provenance.cose import algorithms
from provenance.cose.signing import sign_claim
from provenance.errors import CredentialError, SigningError
from provenance.trust.devpki import DevCredential, DevPki
from tests.keys.conftest import plain_pem, signs
from tests.web import Asked, Reply, site

Chain = Callable[..., Path]
TOKEN = "token-that-nobody-else-has"
HASHES: dict[str, Any] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def of_hash(credential: DevCredential, alg: str, hashed: bytes) -> bytes:
    """What a key service makes of a hash: DER, or RSA-PSS."""
    key, row = credential.key, HASHES[algorithms.by_name(alg).hash]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(hashed, ec.ECDSA(Prehashed(row)))
    assert isinstance(key, rsa.RSAPrivateKey)
    salted = padding.PSS(padding.MGF1(row), row.digest_size)
    return key.sign(hashed, salted, Prehashed(row))


def side_by_side(der: bytes, width: int) -> bytes:
    return b"".join(one.to_bytes(width) for one in decode_dss_signature(der))


# Programs


def script(folder: Path, body: str) -> str:
    path = folder / "sign er.py"
    path.write_text(f"import sys, os, time\ndata = sys.stdin.buffer.read()\n{body}\n")
    return f"cmd:{shlex.quote(sys.executable)} {shlex.quote(str(path))} --password word"


@pytest.mark.parametrize("alg", ["es256", "es512", "ps256", "ed25519"])
def test_a_program_signs(alg: str, pki: DevPki, chain: Chain, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pki.credentials[alg].key_pem)
    body = (
        "from provenance.cose import LocalSigner\n"
        f"assert os.environ['PROVENANCE_SIGN_ALG'] == {alg!r}\n"
        f"signer = LocalSigner.from_files({str(tmp_path / 'key.pem')!r}, {str(chain(alg))!r})\n"
        "sys.stdout.buffer.write(signer.sign(data))"
    )
    signer = keys.open_signer(script(tmp_path, body), chain(alg))
    assert signer.alg == alg
    assert signs(signer)
    assert "word" not in repr(signer)


def test_openssl_is_such_a_program(credential: DevCredential, chain: Chain, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(plain_pem(credential))
    try:
        signer = keys.open_signer(
            f"cmd:openssl dgst -sha256 -sign {shlex.quote(str(tmp_path / 'key.pem'))}", chain()
        )
    except CredentialError:
        pytest.skip("needs openssl")
    assert signs(signer)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "sys.exit('the \x1b[31mtoken\\n is locked')",
            r"exit code 1: the \\x1b\[31mtoken is locked",
        ),
        ("os._exit(3)", "exit code 3"),
        ("pass", "empty signature"),
        ("sys.stdout.write('x' * 100000)", "100000 bytes, which is no signature"),
        ("sys.stdout.write('not a signature')", "does not match the certificate"),
    ],
)
def test_a_program_that_fails_is_one_sentence(
    body: str, told: str, chain: Chain, tmp_path: Path
) -> None:
    signer = keys.open_signer(script(tmp_path, body), chain())
    with pytest.raises(SigningError, match=told) as caught:
        sign_claim(signer, b"claim")
    assert "word" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_program_that_hangs_is_stopped(chain: Chain, tmp_path: Path) -> None:
    from provenance.keys.command import _Program

    words = shlex.split(script(tmp_path, "time.sleep(60)").removeprefix("cmd:"))
    slow = _Program("cmd:slow", tuple(words), seconds=0.3)
    with pytest.raises(SigningError, match=r"no signature in 0\.3 seconds"):
        slow(algorithms.by_name("es256"), b"claim")


def test_no_shell_reads_the_line(chain: Chain, tmp_path: Path) -> None:
    reference = script(tmp_path, "os._exit(len(sys.argv))") + " $(touch pwned); touch pwned"
    with pytest.raises(SigningError, match="exit code 7"):
        sign_claim(keys.open_signer(reference, chain()), b"claim")


# A web service


@pytest.mark.parametrize("der", [True, False])
@pytest.mark.parametrize("as_json", [True, False])
def test_a_web_service_signs(
    der: bool, as_json: bool, credential: DevCredential, chain: Chain
) -> None:
    def answer(asked: Asked) -> Reply:
        key = credential.key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        made = key.sign(asked.body, ec.ECDSA(hashes.SHA256()))
        made = made if der else side_by_side(made, 32)
        if not as_json:
            return Reply(made)
        body = json.dumps({"signature": b64encode(made).decode()}).encode()
        return Reply(body, headers={"Content-Type": "application/json"})

    with site(answer) as server:
        signer = keys.open_signer(f"{server.url}/sign?key=1", chain(), secret=TOKEN.encode())
        assert signs(signer)
    assert server.asked[0].path == "/sign?key=1"
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.asked[0].headers["Content-Type"] == "application/octet-stream"
    assert TOKEN not in repr(signer)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(b"no", status=403), "answered 403"),
        (Reply(b"", status=302, headers={"Location": "/elsewhere"}), "answered 302"),
        (Reply(b"{}", headers={"Content-Type": "application/json"}), "no base64 'signature'"),
        (Reply(b"[", headers={"Content-Type": "application/json"}), "a JSON object"),
        (Reply(b"x" * 70000), "70000 bytes"),
        (Reply(b""), "empty signature"),
    ],
)
def test_a_web_service_that_fails_is_one_sentence(reply: Reply, told: str, chain: Chain) -> None:
    with site(lambda _: reply) as server:
        signer = keys.open_signer(f"{server.url}/?q=word", chain(), secret=TOKEN.encode())
        with pytest.raises(SigningError, match=told) as caught:
            sign_claim(signer, b"claim")
    for shown in (str(caught.value), repr(caught.value.__cause__)):
        assert TOKEN not in shown
        assert "word" not in shown


def test_a_token_of_other_characters_is_not_sent(chain: Chain) -> None:
    with pytest.raises(CredentialError, match="the token holds") as caught:
        keys.open_signer("https://signer.example/", chain(), secret=b"my token\r\nX: 1")
    assert "my token" not in str(caught.value)


# Google


GOOGLE = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"


@pytest.mark.parametrize("alg", ["es256", "es384", "ps256", "ed25519"])
def test_google_gets_the_hash_and_gives_the_signature(
    alg: str, pki: DevPki, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    default_google(monkeypatch)
    held = pki.credentials[alg]

    def answer(asked: Asked) -> Reply:
        row = json.loads(asked.body)
        if alg == "ed25519":
            made = held.key.sign(b64decode(row["data"]))  # type: ignore[call-arg]
        else:
            ((name, value),) = row["digest"].items()
            assert name == algorithms.by_name(alg).hash
            made = of_hash(held, alg, b64decode(value))
        said = {"name": GOOGLE, "signature": b64encode(made).decode(), "protectionLevel": "HSM"}
        return Reply(json.dumps(said).encode(), headers={"Content-Type": "application/json"})

    with site(answer) as server:
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS", f"{server.url}/")
        assert signs(keys.open_signer(f"gcpkms:{GOOGLE}", chain(alg)))
    assert server.asked[0].path == f"/v1/{GOOGLE}:asymmetricSign"
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_google_without_credentials_is_one_sentence(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("google.auth")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    with pytest.raises(CredentialError, match="no credentials of Google's"):
        keys.open_signer(f"gcpkms:{GOOGLE}", chain())


def default_google(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = pytest.importorskip("google.auth")
    found = SimpleNamespace(valid=True, token=TOKEN)
    monkeypatch.setattr(auth, "default", lambda scopes: (found, "p"))


# Azure


@pytest.mark.parametrize("alg", ["es256", "es384", "es512", "ps256"])
def test_azure_gets_the_hash_and_gives_r_and_s(
    alg: str, pki: DevPki, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = default_azure(monkeypatch)
    held, row = pki.credentials[alg], algorithms.by_name(alg)
    width = {"es256": 32, "es384": 48, "es512": 66}.get(alg)

    def answer(asked: Asked) -> Reply:
        said = json.loads(asked.body)
        assert said["alg"] == alg.upper()
        made = of_hash(held, alg, urlsafe_b64decode(said["value"] + "=="))
        made = side_by_side(made, width) if width else made
        value = urlsafe_b64encode(made).rstrip(b"=").decode()
        said = {"kid": f"{server.url}/keys/c2pa/1f", "value": value}
        return Reply(json.dumps(said).encode(), headers={"Content-Type": "application/json"})

    with site(answer) as server:
        signer = keys.open_signer(f"azurekv:{server.url}/keys/c2pa/1f", chain(alg))
        assert signs(signer)
    assert row.hash
    assert server.asked[0].path == "/keys/c2pa/1f/sign?api-version=7.4"
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked_for == ["https://vault.azure.net/.default"]


def test_azure_is_asked_in_the_vaults_own_cloud(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    default_azure(monkeypatch)
    for reference, url, scope in (
        ("v/k/1", "https://v.vault.azure.net/keys/k/1", "https://vault.azure.net"),
        ("https://v.vault.azure.cn/keys/k/1", None, "https://vault.azure.cn"),
        ("https://h.managedhsm.azure.net/keys/k/1", None, "https://managedhsm.azure.net"),
    ):
        signer: Any = keys.open_signer(f"azurekv:{reference}", chain())
        assert signer.ask.url == f"{url or reference}/sign?api-version=7.4"
        assert signer.ask.scope == f"{scope}/.default"
    with pytest.raises(CredentialError, match="is no vault of Azure's"):
        keys.open_signer("azurekv:https://vault.azure.net.evil.example/keys/k/1", chain())
    with pytest.raises(CredentialError, match="does not sign ed25519"):
        keys.open_signer("azurekv:v/k/1", chain("ed25519"))


def default_azure(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    identity = pytest.importorskip("azure.identity")
    asked_for: list[str] = []

    def get_token(scope: str) -> object:
        asked_for.append(scope)
        return SimpleNamespace(token=TOKEN)

    found = SimpleNamespace(get_token=get_token)
    monkeypatch.setattr(identity, "DefaultAzureCredential", lambda: found)
    return asked_for


# Amazon


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("boto3", "moto"):
        if find_spec(module) is None:
            pytest.skip(f"needs {module}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize(("alg", "spec"), [("es256", "ECC_NIST_P256"), ("es384", "ECC_NIST_P384")])
def test_amazon_signs_as_moto_plays_it(
    alg: str, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3
    from moto import mock_aws
    from moto.kms.utils import ECDSAPrivateKey

    def sign(self: Any, message: bytes, signing_algorithm: str) -> bytes:
        row = HASHES[signing_algorithm.replace("ECDSA_SHA_", "sha")]
        made: bytes = self.private_key.sign(message, ec.ECDSA(Prehashed(row)))
        return made

    # moto takes what is said to be a hash for the message itself.
    monkeypatch.setattr(ECDSAPrivateKey, "sign", sign)
    with mock_aws():
        client = boto3.client("kms")
        made = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec)["KeyMetadata"]
        client.create_alias(AliasName="alias/c2pa", TargetKeyId=made["KeyId"])
        chain = tmp_path / "chain.pem"
        chain.write_bytes(certificate_for(client.get_public_key(KeyId=made["KeyId"])["PublicKey"]))
        for reference in (made["Arn"], made["KeyId"], "alias/c2pa"):
            signer = keys.open_signer(f"awskms:{reference}", chain)
            assert signer.alg == alg
            assert signs(signer)
        gone = keys.open_signer("awskms:alias/gone", chain)
        with pytest.raises(SigningError, match=r"the service refused \(NotFoundException\)"):
            sign_claim(gone, b"claim")


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize(
    ("alg", "name", "kind"),
    [
        ("es512", "ECDSA_SHA_512", "DIGEST"),
        ("ps256", "RSASSA_PSS_SHA_256", "DIGEST"),
        ("ed25519", "ED25519_SHA_512", "RAW"),
    ],
)
def test_amazon_is_asked_as_its_reference_says(
    alg: str, name: str, kind: str, pki: DevPki, chain: Chain
) -> None:
    """The recorded exchange goes through Amazon's own check of requests and answers."""
    import boto3
    from botocore.stub import ANY, Stubber

    held = pki.credentials[alg]
    row = algorithms.by_name(alg)
    signer: Any = keys.open_signer("awskms:arn:aws:kms:us-west-2:1:key/k", chain(alg))
    assert signer.ask.client.meta.region_name == "us-west-2"
    data = b"the bytes to be signed"
    made = algorithms.sign(row, held.key, data)
    asked = {"KeyId": "arn:aws:kms:us-west-2:1:key/k", "Message": ANY}
    with Stubber(signer.ask.client) as stub:
        stub.add_response(
            "sign",
            {"Signature": made, "SigningAlgorithm": name},
            asked | {"MessageType": kind, "SigningAlgorithm": name},
        )
        assert signer.sign(data) == made
        stub.add_client_error("sign", "AccessDeniedException", "arn:… may not use token")
        with pytest.raises(SigningError, match=r"refused \(AccessDeniedException\)$"):
            signer.sign(data)
    assert boto3.__version__
    if alg == "ed25519":
        with pytest.raises(SigningError, match="signs 4096 bytes with Ed25519"):
            signer.sign(bytes(5000))


def certificate_for(public_key: bytes) -> bytes:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

    issuer = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "of a key service")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(x509.Name([]), name)
        .public_key(load_der_public_key(public_key))  # type: ignore[arg-type]
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    return builder.sign(issuer, hashes.SHA256()).public_bytes(Encoding.PEM)


# The keyring


def test_the_keyring_holds_a_key(
    credential: DevCredential, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked

    class Memory(KeyringBackend):
        priority = 1

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]  # it has no types
            self.held: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise KeyringLocked("the words of a keyring")
            return self.held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.held[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        keyring.set_password("provenance", "ada", credential.key_pem.decode())
        assert signs(keys.open_signer("keyring:provenance/ada", chain()))
        with pytest.raises(CredentialError, match="nothing of that name"):
            keys.open_signer("keyring:provenance/bo", chain())
        with pytest.raises(CredentialError, match=r"refused \(KeyringLocked\)"):
            keys.open_signer("keyring:locked/ada", chain())
        keyring.set_keyring(keyring.backends.fail.Keyring())
        with pytest.raises(CredentialError, match="no keyring that we know"):
            keys.open_signer("keyring:provenance/ada", chain())
    finally:
        keyring.set_keyring(before)
