"""Keys of issuers, from a DID or from a document that was handed in."""

import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import CredentialError, MalformedError
from provenance.trust.did import (
    DidProblem,
    Issuers,
    NoKeys,
    assertion_keys,
    is_did,
    public_key,
)

WEB = "did:web:issuer.example:path"
KEY = ed25519.Ed25519PrivateKey.generate().public_key()


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int, width: int = 0) -> str:
    return text(value.to_bytes(width or (value.bit_length() + 7) // 8))


def jwk_of(key: Any) -> dict[str, str]:
    match key:
        case ed25519.Ed25519PublicKey():
            return {"kty": "OKP", "crv": "Ed25519", "x": text(key.public_bytes_raw())}
        case ec.EllipticCurvePublicKey():
            point, width = key.public_numbers(), (key.curve.key_size + 7) // 8
            name = {256: "P-256", 384: "P-384", 521: "P-521"}[key.curve.key_size]
            x, y = number(point.x, width), number(point.y, width)
            return {"kty": "EC", "crv": name, "x": x, "y": y}
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}


def did_jwk(jwk: object) -> str:
    return "did:jwk:" + text(json.dumps(jwk).encode())


KEYS = {
    "Ed25519": KEY,
    "P-256": ec.generate_private_key(ec.SECP256R1()).public_key(),
    "P-384": ec.generate_private_key(ec.SECP384R1()).public_key(),
    "P-521": ec.generate_private_key(ec.SECP521R1()).public_key(),
    "RSA": rsa.generate_private_key(65537, 2048).public_key(),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_did_jwk_holds_its_key(name: str) -> None:
    assert assertion_keys(did_jwk(jwk_of(KEYS[name])), {}) == (KEYS[name],)


@pytest.mark.parametrize(
    "jwk",
    [
        [],
        {},
        {"kty": "OKP", "crv": "X25519", "x": text(bytes(32))},
        {"kty": "OKP", "crv": "Ed25519", "x": text(bytes(31))},
        {"kty": "OKP", "crv": "Ed25519", "x": 7},
        {"kty": "OKP", "crv": "Ed25519", "x": "ä"},
        {"kty": "EC", "crv": "P-256", "x": text(bytes(32)), "y": text(bytes(31))},
        {"kty": "EC", "crv": "P-256", "x": text(b"\1" * 32), "y": text(b"\1" * 32)},
        {"kty": "EC", "crv": ["P-256"], "x": "", "y": ""},
        {"kty": "RSA", "n": text(b"\xff" * 4096), "e": "AQAB"},
        {"kty": "RSA", "n": "", "e": ""},
    ],
)
def test_what_is_no_key_is_refused(jwk: Any) -> None:
    with pytest.raises(MalformedError):
        public_key(jwk)
    found = assertion_keys(did_jwk(jwk), {})
    assert isinstance(found, NoKeys)
    assert found.problem is DidProblem.INVALID_DOCUMENT


METHOD = {"id": f"{WEB}#key", "type": "JsonWebKey2020", "publicKeyJwk": jwk_of(KEY)}


@pytest.mark.parametrize(
    "document",
    [
        {"assertionMethod": [METHOD]},
        {"assertionMethod": ["#key"], "verificationMethod": [METHOD]},
        {"assertionMethod": [f"{WEB}#key"], "verificationMethod": [METHOD]},
        {"assertionMethod": ["#key"], "verificationMethod": [METHOD | {"id": "#key"}]},
        {"assertionMethod": [7, {"id": "#other"}, METHOD]},
    ],
)
def test_a_document_leads_to_its_keys(document: dict[str, Any]) -> None:
    held = json.dumps({"id": WEB} | document).encode()
    assert assertion_keys(WEB, {WEB: held}) == (KEY,)


@pytest.mark.parametrize(
    "document",
    [
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"id": "did:web:another.example"}',
        json.dumps({"id": WEB}).encode(),
        json.dumps({"id": WEB, "assertionMethod": []}).encode(),
        json.dumps({"id": WEB, "assertionMethod": ["#key"]}).encode(),
        json.dumps({"id": WEB, "verificationMethod": [METHOD]}).encode(),
        json.dumps({"id": WEB, "authentication": [METHOD]}).encode(),
    ],
)
def test_a_document_without_a_key_for_assertions_is_refused(document: bytes) -> None:
    found = assertion_keys(WEB, {WEB: document})
    assert isinstance(found, NoKeys)
    assert found.problem is DidProblem.INVALID_DOCUMENT


def test_nothing_is_fetched() -> None:
    found = assertion_keys(WEB, {})
    assert isinstance(found, NoKeys)
    assert found.problem is DidProblem.UNAVAILABLE


def test_other_methods_are_not_known() -> None:
    found = assertion_keys("did:key:z6Mk", {})
    assert isinstance(found, NoKeys)
    assert found.problem is DidProblem.UNSUPPORTED_METHOD


@pytest.mark.parametrize(
    "name",
    ["", "did:", "did:web:", "not-did:web:x", "did:WEB:x", "did:web:x/y", "did:web:x#y", 7, None],
)
def test_what_is_no_did_is_seen(name: object) -> None:
    assert not is_did(name)


def test_a_did_is_seen() -> None:
    assert is_did(WEB)
    assert is_did("did:web:localhost%3A8443")


@given(st.from_regex(r"did:(jwk|web|key):[A-Za-z0-9._%-]{1,60}", fullmatch=True), st.binary())
def test_any_did_and_any_document_get_an_answer(did: str, document: bytes) -> None:
    assert is_did(did)
    found = assertion_keys(did, {did: document})
    assert found


def test_issuers_are_read_from_names_and_files(tmp_path: Path) -> None:
    path = tmp_path / "did.json"
    path.write_text(json.dumps({"id": WEB, "assertionMethod": [METHOD]}))
    known = Issuers.load([WEB], [path])
    assert known.trusted == {WEB}
    assert assertion_keys(WEB, known.documents) == (KEY,)
    assert hash(known) == hash(Issuers.load([WEB]))


@pytest.mark.parametrize("name", ["", "issuer.example", "https://issuer.example"])
def test_a_trusted_issuer_must_be_a_did(name: str) -> None:
    with pytest.raises(CredentialError):
        Issuers.load([name])


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("{", "is no JSON"),
        ("[]", "its id is no DID"),
        ('{"id": 7}', "its id is no DID"),
        (json.dumps({"id": WEB}), "no assertionMethod"),
    ],
)
def test_a_file_that_is_no_document_is_refused(held: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "did.json"
    path.write_text(held)
    with pytest.raises(CredentialError, match=told):
        Issuers.load(documents=[path])
    with pytest.raises(CredentialError):
        Issuers.load(documents=[tmp_path / "none.json"])
