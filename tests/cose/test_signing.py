"""Signing a claim, with our keys and with those of the reference implementation."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.cbor import decode
from provenance.cose import (
    ALGORITHMS,
    CallbackSigner,
    LocalSigner,
    by_cose_id,
    encode_sign1,
    parse,
    sig_structure,
    sign_claim,
    verify,
)
from provenance.errors import CredentialError, SigningError
from tests.cose.test_signer import CA, KEY, LEAF, WANTED, encoded, pem

CLAIM = b"the claim's CBOR"


@pytest.fixture(scope="module")
def signer() -> LocalSigner:
    return LocalSigner.from_pem(encoded(), pem(LEAF, CA))


def test_the_protected_header_holds_algorithm_and_chain(signer: LocalSigner) -> None:
    protected, _ = sign_claim(signer, CLAIM)
    assert decode(protected) == {1: -7, 33: list(WANTED)}


def test_a_single_certificate_stands_without_an_array() -> None:
    protected, _ = sign_claim(LocalSigner.from_pem(encoded(), pem(LEAF)), CLAIM)
    assert decode(protected) == {1: -7, 33: WANTED[0]}


def test_what_was_signed_verifies_and_nothing_else(signer: LocalSigner) -> None:
    protected, signature = sign_claim(signer, CLAIM)
    alg = by_cose_id(-7)
    assert alg is not None
    key = KEY.public_key()
    assert verify(alg, key, signature, sig_structure(protected, CLAIM))
    assert not verify(alg, key, signature, sig_structure(protected, CLAIM + b"!"))
    assert not verify(alg, key, signature, sig_structure(protected + b"\0", CLAIM))


def test_what_a_signer_raises_is_the_cause() -> None:
    class TokenRemoved(Exception):
        pass

    def broken(_: bytes) -> bytes:
        raise TokenRemoved

    with pytest.raises(SigningError, match="the signer failed: TokenRemoved") as caught:
        sign_claim(CallbackSigner("es256", WANTED, broken), CLAIM)
    assert isinstance(caught.value.__cause__, TokenRemoved)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "does not match the certificate"),
        (bytes(64), "does not match the certificate"),
        ("text", "returned str"),
        (None, "returned NoneType"),
    ],
)
def test_a_wrong_signature_is_not_written(answer: object, told: str) -> None:
    with pytest.raises(SigningError, match=told):
        sign_claim(CallbackSigner("es256", WANTED, lambda _: answer), CLAIM)  # type: ignore[arg-type, return-value]


def test_a_der_signature_is_told_apart() -> None:
    def der(data: bytes) -> bytes:
        return KEY.sign(data, ec.ECDSA(hashes.SHA256()))

    with pytest.raises(SigningError, match="looks like DER"):
        sign_claim(CallbackSigner("es256", WANTED, der), CLAIM)


def test_a_chain_that_is_no_certificate_is_refused() -> None:
    with pytest.raises(CredentialError, match="no DER"):
        sign_claim(CallbackSigner("es256", (b"leaf",), bytes), CLAIM)


@pytest.mark.parametrize("alg", [row.name for row in ALGORITHMS])
def test_the_reference_implementations_keys_sign_and_tell_their_algorithm(
    alg: str, shared: Path
) -> None:
    keys = shared / "corpus/keys"
    signer = LocalSigner.from_files(keys / f"{alg}.pem", keys / f"{alg}.pub")
    assert signer.alg == alg
    protected, signature = sign_claim(signer, CLAIM)
    read = parse(encode_sign1(protected, {}, signature, total_length=12_000))
    leaf = x509.load_der_x509_certificate(read.certificate_chain[0])
    found = by_cose_id(read.algorithm_id)
    assert found is not None
    signed = sig_structure(read.protected_raw, CLAIM)
    assert verify(found, leaf.public_key(), read.signature, signed)


def test_a_certificate_tells_the_hash_where_the_key_does_not(shared: Path) -> None:
    keys = shared / "corpus/keys"
    held = LocalSigner.from_files(keys / "ps384.pem", keys / "ps384.pub")
    with pytest.raises(CredentialError, match="restricted to ps384, not ps256"):
        LocalSigner.from_files(keys / "ps384.pem", keys / "ps384.pub", alg="ps256")
    assert held.alg == "ps384"
