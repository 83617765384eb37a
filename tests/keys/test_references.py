"""Which place a reference names, and what of it may be shown."""

import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from provenance import keys
from provenance.errors import CredentialError
from provenance.trust.devpki import PKCS12_PASSPHRASE, DevCredential
from tests.keys.conftest import secrets_of, signs

Chain = Callable[..., Path]


def test_a_path_is_a_reference(credential: DevCredential, chain: Chain, tmp_path: Path) -> None:
    path = tmp_path / "my:key.pem"
    path.write_bytes(credential.key_pem)
    for reference in (path, str(path)):
        assert signs(keys.open_signer(reference, chain()))


def test_a_variable_holds_pem_or_base64(
    credential: DevCredential, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = credential.key_pem.decode()
    der = credential.key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
    )
    forms = (pem, pem.replace("\n", "\\n"), b64encode(der).decode(), b64encode(pem.encode()))
    for form in forms:
        text = form if isinstance(form, str) else form.decode()
        monkeypatch.setenv("MY_KEY", text)
        assert signs(keys.open_signer("env:MY_KEY", chain(), secret=b"word"))


def test_the_chain_may_stand_in_a_variable_too(
    credential: DevCredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", credential.key_pem.decode())
    monkeypatch.setenv("MY_CHAIN", credential.chain_pem.decode())
    assert signs(keys.open_signer("env:MY_KEY", "env:MY_CHAIN"))
    monkeypatch.setenv("BOTH", (credential.key_pem + credential.chain_pem).decode())
    assert signs(keys.open_signer("env:BOTH"))
    monkeypatch.setenv("P12", b64encode(credential.pkcs12).decode())
    assert signs(keys.open_signer("env:P12", secret=PKCS12_PASSPHRASE))


def test_a_passphrase_is_asked_for_only_when_it_is_needed(
    credential: DevCredential, chain: Chain, tmp_path: Path
) -> None:
    asked: list[str] = []

    def ask(question: str) -> bytes:
        asked.append(question)
        return b"word"

    path = tmp_path / "key.pem"
    path.write_bytes(credential.key_pem)
    assert signs(keys.open_signer(path, chain(), secret=keys.Secret(ask=ask)))
    assert asked == []
    lock = BestAvailableEncryption(b"word")
    path.write_bytes(credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    assert signs(keys.open_signer(path, chain(), secret=keys.Secret(ask=ask)))
    assert asked == [f"Passphrase of {path}"]


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("evn:MY_KEY", "did you mean 'env:'?"),
        ("pkcs:token=a", "did you mean 'pkcs11:'?"),
        ("vault:secret/key", "unknown scheme 'vault:'; known: env"),
        ("env:MY_MISSING_KEY", "env:MY_MISSING_KEY: the environment variable is not set"),
        ("env:not a name", "is no name of a variable"),
        ("keyring:only-a-service", "is not of the form keyring:SERVICE/USER"),
        ("pkcs11:tokn=x", "unknown attribute 'tokn'"),
        ("http://signer.example/sign", "http is for this machine alone"),
        ("https://user:word@signer.example/", "do not belong in an address"),
        ("cmd:", "names no program"),
        ("cmd:no-such-program-here -x", "there is no such program"),
        ("awskms:", "names no key"),
        ("gcpkms:projects/p", "is not of the form gcpkms:projects/P"),
        ("azurekv:vault/key", "is not of the form azurekv:VAULT/KEY/VERSION"),
        ("gone.pem", "gone.pem: cannot be read"),
    ],
)
def test_a_wrong_reference_is_one_sentence(reference: str, told: str, chain: Chain) -> None:
    with pytest.raises(CredentialError) as caught:
        keys.open_signer(reference, chain(), secret=b"x")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_in_place_of_a_reference_is_not_shown(
    credential: DevCredential, chain: Chain
) -> None:
    pem = credential.key_pem.decode()
    body = pem.splitlines()[1]
    number = f"{credential.key.private_numbers().private_value:064x}"  # type: ignore[union-attr]
    for key in (pem, body, number, f"env:{body}", f"env:K{number}", f"env:{pem}", f"evn:{pem}"):
        with pytest.raises(CredentialError) as caught:
            keys.open_signer(key, chain())
        for told in (str(caught.value), repr(caught.value), keys.shown(f"env:K{number}")):
            assert body[:20] not in told
            assert number[:20] not in told


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("studio.pem", "studio.pem"),
        ("env:MY_KEY", "env:MY_KEY"),
        ("keyring:provenance/ada", "keyring:provenance/ada"),
        ("pkcs11:token=a;object=b?pin-value=1234", "pkcs11:token=a;object=b"),
        ("cmd:sign --password=word", "cmd:sign …"),
        ("https://u:word@host.example/a?token=word#word", "https://host.example/a"),
        ("awskms:alias/c2pa", "awskms:alias/c2pa"),
        ("-----BEGIN PRIVATE KEY-----\nMII", "(no reference)"),
    ],
)
def test_what_is_shown_of_a_reference_would_let_nobody_sign(reference: str, shown: str) -> None:
    assert keys.shown(reference) == shown


@pytest.mark.parametrize("scheme", keys.schemes(), ids=lambda one: one.name)
def test_every_scheme_says_its_form_and_its_extra(scheme: keys.base.Scheme) -> None:
    assert scheme.form.startswith(f"{scheme.name}:")
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert scheme.extra is None or f"\n{scheme.extra} = [" in pyproject


@pytest.mark.parametrize(
    ("reference", "module", "extra"),
    [
        ("keyring:a/b", "keyring", "keyring"),
        ("pkcs11:token=a?module-path=/x.so", "pkcs11", "pkcs11"),
        ("awskms:alias/a", "boto3", "aws"),
        (
            f"gcpkms:{'/'.join(('projects/p', 'locations/l', 'keyRings/r'))}"
            "/cryptoKeys/k/cryptoKeyVersions/1",
            "google.auth",
            "gcp",
        ),
        ("azurekv:v/k/1", "azure.identity", "azure"),
    ],
)
def test_a_missing_extra_is_one_sentence_that_names_it(
    reference: str, module: str, extra: str, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CredentialError) as caught:
        keys.open_signer(reference, chain())
    assert str(caught.value).endswith(
        f'needs the extra {extra!r}: pip install "provenance-c2pa[{extra}]"'
    )


def test_no_representation_shows_a_secret(
    credential: DevCredential, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", credential.key_pem.decode())
    signer = keys.open_signer("env:MY_KEY", chain(), secret=b"word")
    shown = f"{signer!r} {keys.Secret(b'word')!r} {signer}"
    assert "word" not in shown
    for secret in secrets_of(credential):
        assert secret not in shown
