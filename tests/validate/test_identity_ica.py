"""Identities by claims aggregation: a credential is read, judged, and believed if its issuer is."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from provenance.cbor import encode
from provenance.trust.did import Issuers
from provenance.validate.identity_results import IdentityState
from provenance.validate.results import ValidationState
from tests.attacks.forge import NOW, Cose, Forge, Row
from tests.validate.identity_forge import (
    ICA,
    Json,
    Vouching,
    bits,
    codes,
    did_of,
    entry,
    inline,
    iso,
    judged,
    jwk,
    wrong,
)

DID_WEB = "did:web:aggregator.example"


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def ica(**how: Any) -> Vouching:
    return Vouching(sig_type=ICA, **how)


def role_afterwards(row: Row) -> None:
    row["role"] = ["cawg.publisher"]


def vc(change: Callable[[Json], object]) -> Callable[[Forge], Vouching]:
    return lambda _: ica(vc=change)


def subject(**changes: Any) -> Callable[[Json], object]:
    return lambda row: row["credentialSubject"].update(changes)


def one_identity(**changes: Any) -> Callable[[Forge], Vouching]:
    return vc(lambda row: row["credentialSubject"]["verifiedIdentities"][0].update(changes))


def without(*path: str) -> Callable[[Forge], Vouching]:
    def change(row: Json) -> None:
        *above, last = path
        for step in above:
            row = row[step]
        del row[last]

    return vc(change)


def doubled(text: bytes) -> bytes:
    return text.replace(b'"type":', b'"type": 1, "type":', 1)


BAD_CREDENTIAL = "cawg.ica.invalid_verifiable_credential"
FORGED_ICA: dict[str, tuple[Callable[[Forge], Vouching], set[str]]] = {
    "no COSE": (
        lambda _: ica(outer=lambda row: row.update(signature=encode([1, 2]))),
        {"cawg.ica.invalid_cose_sign1"},
    ),
    "algorithm": (
        lambda _: ica(cose=Cose(protected=lambda row: row.update({1: -14}))),
        {"cawg.ica.invalid_alg"},
    ),
    "content type": (
        lambda _: ica(cose=Cose(protected=lambda row: row.update({3: "text/plain"}))),
        {"cawg.ica.invalid_content_type"},
    ),
    "no JSON": (lambda _: ica(text=lambda _: b"{"), {BAD_CREDENTIAL}),
    "deep JSON": (lambda _: ica(text=lambda _: b"[" * 90_000), {BAD_CREDENTIAL}),
    "far too long": (lambda _: ica(text=lambda text: text.ljust(300_000)), {BAD_CREDENTIAL}),
    "a key twice": (lambda _: ica(text=doubled), {BAD_CREDENTIAL}),
    "a list": (lambda _: ica(text=lambda _: b"[]"), {BAD_CREDENTIAL}),
    "context": (vc(lambda row: row.update({"@context": []})), {BAD_CREDENTIAL}),
    "type": (vc(lambda row: row.update(type="VerifiableCredential")), {BAD_CREDENTIAL}),
    "no subject": (without("credentialSubject"), {BAD_CREDENTIAL}),
    "no issuer": (without("issuer"), {BAD_CREDENTIAL}),
    "issuer is no DID": (
        vc(lambda row: row.update(issuer="https://example.org")),
        {"cawg.ica.invalid_issuer"},
    ),
    "unknown method": (
        vc(lambda row: row.update(issuer="did:key:z6Mk")),
        {"cawg.ica.did_unsupported_method"},
    ),
    "document not at hand": (
        vc(lambda row: row.update(issuer=DID_WEB)),
        {"cawg.ica.did_unavailable", "cawg.identity.network_traffic_blocked"},
    ),
    "no key in the DID": (
        vc(lambda row: row.update(issuer="did:jwk:e30")),
        {"cawg.ica.invalid_did_document"},
    ),
    "another signer": (
        lambda forge: ica(cose=Cose(credential=forge.credential)),
        {"cawg.ica.signature_mismatch"},
    ),
    "not valid yet": (
        vc(lambda row: row.update(validFrom=iso(NOW + timedelta(days=1)))),
        {"cawg.ica.valid_from.invalid"},
    ),
    "no zone": (
        vc(lambda row: row.update(validFrom="2020-01-01T00:00:00")),
        {"cawg.ica.valid_from.invalid"},
    ),
    "no beginning": (without("validFrom"), {"cawg.ica.valid_from.missing"}),
    "over": (
        vc(lambda row: row.update(validUntil=iso(NOW - timedelta(minutes=1)))),
        {"cawg.ica.valid_until.invalid"},
    ),
    "revocation elsewhere": (
        vc(lambda row: row.update(credentialStatus=entry("https://aggregator.example/1"))),
        {"cawg.ica.revocation.unavailable", "cawg.identity.network_traffic_blocked"},
    ),
    "revocation of another kind": (
        vc(lambda row: row.update(credentialStatus={"type": "SomeStatusEntry"})),
        {"cawg.ica.revocation.unsupported"},
    ),
    "revoked": (
        vc(lambda row: row.update(credentialStatus=entry(inline(bits(7)), 7))),
        {"cawg.ica.credential.revoked"},
    ),
    "for another asset": (
        vc(
            lambda row: row["credentialSubject"]["c2paAsset"]["referenced_assertions"][0].update(
                hash="A" * 43 + "="
            )
        ),
        {"cawg.ica.signer_payload.mismatch"},
    ),
    "for another role": (
        lambda _: ica(stored=role_afterwards),
        {"cawg.ica.signer_payload.mismatch"},
    ),
    "for no asset": (
        without("credentialSubject", "c2paAsset"),
        {"cawg.ica.signer_payload.mismatch"},
    ),
    "nobody": (vc(subject(verifiedIdentities=[])), {"cawg.ica.verified_identities.missing"}),
    "nobody at all": (
        without("credentialSubject", "verifiedIdentities"),
        {"cawg.ica.verified_identities.missing"},
    ),
    "no user": (one_identity(username=None), {"cawg.ica.verified_identities.invalid"}),
    "no date": (one_identity(verifiedAt="yesterday"), {"cawg.ica.verified_identities.invalid"}),
    "no provider": (one_identity(provider={}), {"cawg.ica.verified_identities.invalid"}),
    "no kind": (one_identity(type=7), {"cawg.ica.verified_identities.invalid"}),
}
LEFT_OPEN = {
    "cawg.identity.network_traffic_blocked",
    "cawg.ica.did_unavailable",
    "cawg.ica.revocation.unsupported",
    "cawg.ica.did_unsupported_method",
    "cawg.ica.revocation.unavailable",
}


@pytest.mark.parametrize("name", FORGED_ICA)
def test_a_forged_credential_is_found_out_and_only_that(forge: Forge, name: str) -> None:
    make, expected = FORGED_ICA[name]
    report = judged(forge, make(forge))
    (one,) = report.manifests[0].identities
    assert wrong(codes(report)) == expected
    left_open = expected <= LEFT_OPEN
    assert one.state is (IdentityState.UNCHECKED if left_open else IdentityState.INVALID)
    assert report.state is ValidationState.TRUSTED


def test_a_credential_by_an_unknown_issuer_holds_and_is_not_trusted(forge: Forge) -> None:
    report = judged(forge, ica())
    (one,) = report.manifests[0].identities
    assert codes(report) == {"cawg.ica.untrusted_issuer", "cawg.identity.well-formed"}
    assert one.state is IdentityState.UNTRUSTED
    assert one.actor is not None
    assert one.actor.issuer == did_of(forge.other.key)
    assert [row.username for row in one.actor.identities] == ["ada"]


def test_a_credential_by_a_known_issuer_is_trusted(forge: Forge) -> None:
    known = Issuers(trusted=frozenset((did_of(forge.other.key),)))
    report = judged(forge, ica(), trust=replace(forge.trust, identity_issuers=known))
    assert codes(report) == {"cawg.ica.credential_valid", "cawg.identity.trusted"}


def test_a_document_handed_in_holds_the_keys_of_a_did_web(forge: Forge) -> None:
    method = {"id": "#1", "type": "JsonWebKey2020", "publicKeyJwk": jwk(forge.other.key)}
    document = {"id": DID_WEB, "verificationMethod": [method], "assertionMethod": ["#1"]}
    text = json.dumps(document).encode()
    known = Issuers(trusted=frozenset((DID_WEB,)), documents={DID_WEB: text})
    trust = replace(forge.trust, identity_issuers=known)
    report = judged(forge, ica(vc=lambda row: row.update(issuer={"id": DID_WEB})), trust=trust)
    assert codes(report) == {"cawg.ica.credential_valid", "cawg.identity.trusted"}


def test_the_older_data_model_is_read(forge: Forge) -> None:
    def older(row: Json) -> None:
        row["@context"][0] = "https://www.w3.org/2018/credentials/v1"
        row["issuanceDate"] = row.pop("validFrom")

    assert not wrong(codes(judged(forge, ica(vc=older))))


@pytest.mark.parametrize("spelled", ["raw", "text"])
def test_hashes_of_early_credentials_are_read(forge: Forge, spelled: str) -> None:
    def numbers(row: Json) -> None:
        for one in row["credentialSubject"]["c2paAsset"]["referenced_assertions"]:
            one["hash"] = list(b64decode(one["hash"]) if spelled == "raw" else one["hash"].encode())

    assert not wrong(codes(judged(forge, ica(vc=numbers))))
