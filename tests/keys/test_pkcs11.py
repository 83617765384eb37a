"""Keys in a token: SoftHSM2, which is a library that behaves like one."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provenance import keys
from provenance.cose.signing import sign_claim
from provenance.errors import CredentialError
from provenance.keys.pkcs11_uri import Pkcs11Uri
from tests.keys.conftest import ALGS, PIN, Token, signs

Chain = Callable[..., Path]


@pytest.fixture(autouse=True)
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "token" in request.fixturenames:
        found: Token = request.getfixturevalue("token")
        monkeypatch.setenv("PROVENANCE_PKCS11_MODULE", found.module)


@pytest.mark.parametrize("alg", ALGS)
def test_every_kind_of_key_signs(alg: str, token: Token, chain: Chain) -> None:
    signer = keys.open_signer(token.key(alg), chain(alg), secret=PIN.encode())
    assert signer.alg == alg
    assert signs(signer)


def test_an_rsa_key_signs_with_another_hash(token: Token, pki: object, tmp_path: Path) -> None:
    signer = keys.open_signer(token.key("ps256"), secret=PIN.encode(), alg="ps256")
    assert signs(signer)
    with pytest.raises(CredentialError, match="restricted to ps256"):
        keys.open_signer(token.key("ps256"), secret=PIN.encode(), alg="ps512")


def test_the_certificate_is_found_in_the_token(token: Token) -> None:
    signer = keys.open_signer(token.key("es256"), secret=PIN.encode())
    assert len(signer.certificate_chain) == 1
    assert signs(signer)


def test_the_module_and_the_pin_may_be_named_in_the_uri(
    token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVENANCE_PKCS11_MODULE")
    pin = tmp_path / "pin"
    pin.write_text(f"{PIN}\n")
    query = f"module-path={token.module}&pin-source=file:{pin}"
    assert signs(keys.open_signer(f"{token.key('es384')}?{query}"))
    with pytest.raises(CredentialError, match="names no module"):
        keys.open_signer(token.key("es384"))


def test_the_pin_is_asked_for_by_the_tokens_name(token: Token) -> None:
    asked: list[str] = []

    def ask(question: str) -> bytes:
        asked.append(question)
        return PIN.encode()

    assert signs(keys.open_signer(token.key("es256"), secret=keys.Secret(ask=ask)))
    assert asked == ["PIN of studio"]


def test_threads_and_pickles_and_forks_may_share_a_signer(token: Token) -> None:
    signer = keys.open_signer(token.key("es256"), secret=PIN.encode())
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: signs(signer), range(24)))
    assert signs(pickle.loads(pickle.dumps(signer)))
    child = os.fork() if hasattr(os, "fork") else None
    if child == 0:
        try:
            sign_claim(signer, b"of a child")
            os._exit(0)
        finally:
            os._exit(1)
    assert child is None or os.waitpid(child, 0)[1] == 0
    assert signs(signer)


@pytest.mark.parametrize(
    ("reference", "pin", "told"),
    [
        ("pkcs11:token=studio;object=nobody", PIN, "no such key"),
        ("pkcs11:token=nowhere;object=es256", PIN, "no such token"),
        ("pkcs11:token=studio", PIN, "fits 5 keys; name one"),
        ("pkcs11:token=studio;object=es256", "1234567", "the PIN is wrong"),
        ("pkcs11:token=studio;object=es256", None, "no such key, or it is hidden without a PIN"),
        ("pkcs11:token=studio;object=es256?module-path=/no.so", PIN, "/no.so cannot be loaded"),
    ],
)
def test_what_goes_wrong_is_one_sentence_without_the_pin(
    reference: str, pin: str | None, told: str, token: Token
) -> None:
    # A process of its own: within one, a token stays open once a PIN was right.
    code = (
        "import sys; from provenance import keys; from provenance.errors import CredentialError\n"
        "secret = sys.argv[2].encode() or None\n"
        "try: keys.open_signer(sys.argv[1], secret=secret)\n"
        "except CredentialError as error: print(type(error).__name__, error, repr(error))"
    )
    command = [sys.executable, "-c", code, reference, pin or ""]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("CredentialError pkcs11:token=")
    assert told in done.stdout
    assert pin is None or pin not in done.stdout


def test_a_pin_in_the_uri_is_refused_and_not_repeated() -> None:
    with pytest.raises(CredentialError) as caught:
        Pkcs11Uri.parse("token=a?pin-value=8472")
    assert "8472" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("token=a;token=b", "token stands there twice"),
        ("token", "unknown attribute 'token'"),
        ("token=%ff", "token is not UTF-8"),
        ("slot-id=one", "slot-id is no number"),
        ("type=secret-key", "type is neither"),
        ("token=a?pin-source=|cat", "only a file is read"),
    ],
)
def test_a_malformed_uri_is_refused(uri: str, told: str) -> None:
    with pytest.raises(CredentialError, match=told):
        Pkcs11Uri.parse(uri)


def test_a_uri_is_read_as_rfc_7512_writes_it() -> None:
    uri = Pkcs11Uri.parse(
        "token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;"
        "model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial="
        "?pin-source=file:/etc/token_pin"
    )
    assert uri.token == "The Software PKCS#11 Softtoken"
    assert uri.id == bytes.fromhex("69953e5cf4bdec91")
    assert uri.pin_source == "/etc/token_pin"


def test_a_signed_picture_and_all_that_is_said_hold_no_pin(
    token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner
    from PIL import Image

    import provenance
    from provenance.cli import main

    config = tmp_path / "config.toml"
    config.write_text(f'[profile.hsm]\nkey = "{token.key("es256")}"\npassphrase_env = "HSM_PIN"\n')
    monkeypatch.setenv("PROVENANCE_CONFIG", str(config))
    monkeypatch.setenv("HSM_PIN", PIN)
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    words = ["sign", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--profile", "hsm"]
    result = CliRunner().invoke(main, [*words, "--generator", "P"])
    assert result.exit_code == 0, result.output
    assert provenance.verify(tmp_path / "b.png").state == "Valid"
    assert PIN not in result.output
    assert PIN.encode() not in (tmp_path / "b.png").read_bytes()
    assert b"pkcs11" not in (tmp_path / "b.png").read_bytes()
