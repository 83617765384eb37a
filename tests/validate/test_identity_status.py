"""Whether a credential was taken back: by a list that came along, was handed in, or is fetched."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provenance.cbor import Tag, encode
from provenance.cose.sign1 import sig_structure
from provenance.errors import CredentialError
from provenance.fetch import Door
from provenance.trust.did import Issuers, document_address
from provenance.validate.results import VerificationReport
from provenance.validate.run import verify
from tests.attacks.forge import NOW, Forge
from tests.attacks.internet import OPEN
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
    jwk,
    picture,
    wrong,
)
from tests.web import Asked, Reply, site

GOOD, REVOKED = "cawg.ica.credential.not_revoked", "cawg.ica.credential.revoked"
UNAVAILABLE, UNSUPPORTED = "cawg.ica.revocation.unavailable", "cawg.ica.revocation.unsupported"
BLOCKED = "cawg.identity.network_traffic_blocked"
REST = {"cawg.ica.untrusted_issuer", "cawg.identity.well-formed"}


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def looked_at(
    forge: Forge, status: object, *, door: Door | bool = False, issuers: Issuers | None = None
) -> VerificationReport:
    how = Vouching(sig_type=ICA, vc=lambda row: row.update(credentialStatus=status))
    trust = forge.trust if issuers is None else replace(forge.trust, identity_issuers=issuers)
    return verify(picture(forge, how), trust=trust, online=door)


def said(forge: Forge, status: object, **how: Door | bool | Issuers | None) -> set[str]:
    return codes(looked_at(forge, status, **how)) - REST  # type: ignore[arg-type]  # passed on


def test_a_list_in_its_own_address_needs_no_network(forge: Forge) -> None:
    assert said(forge, entry(inline(bits(2, 4)), 3)) == {GOOD}
    assert said(forge, entry(inline(bits(3)), 3)) == {REVOKED}
    plain = "data:application/json," + json.dumps(bits(3)).replace("%", "%25").replace(" ", "%20")
    assert said(forge, entry(plain, 3)) == {REVOKED}


def test_a_revoked_credential_says_nothing_of_anybody_and_nothing_of_the_picture(
    forge: Forge,
) -> None:
    report = looked_at(forge, entry(inline(bits(3)), 3))
    (one,) = report.manifests[0].identities
    assert (one.state, report.state) == ("invalid", "Trusted")


def test_of_several_entries_each_may_revoke(forge: Forge) -> None:
    suspended = entry(inline(bits(3)), 3, statusPurpose="suspension")
    assert said(forge, [suspended, entry(inline(bits(3)), 4)]) == {GOOD}
    assert said(forge, [entry(inline(bits(3)), 4), entry(inline(bits(3)), 3)]) == {REVOKED}


@pytest.mark.parametrize(
    "status",
    [
        "https://example.com",
        [],
        entry("data:,", statusPurpose="suspension"),
        entry("data:,", "-1"),
        entry("data:,", "9" * 30),
        entry("data:,", statusSize=2),
        entry("data:,") | {"statusListCredential": None},
    ],
    ids=str,
)
def test_what_we_cannot_follow_is_unsupported(forge: Forge, status: object) -> None:
    assert said(forge, status) == {UNSUPPORTED}


def broken(**edit: object) -> Json:
    row = bits(3)
    row["credentialSubject"].update(edit)
    return row


@pytest.mark.parametrize(
    "row",
    [
        broken(encodedList=None),
        broken(encodedList="u!"),
        broken(encodedList="uAAAA"),
        broken(statusPurpose="suspension"),
        bits(count=8),
        bits(type="VerifiableCredential"),
        bits(credentialSubject=[]),
        bits(proof={"type": "DataIntegrityProof"}),
        bits(validUntil=iso(NOW - timedelta(days=1))),
        bits(validUntil="tomorrow"),
        bits(count=64 << 20),
    ],
)
def test_a_list_that_is_none_settles_nothing(forge: Forge, row: Json) -> None:
    assert said(forge, entry(inline(row), 9)) == {UNAVAILABLE}


@pytest.mark.parametrize("text", ["data:,", "data:,[]", "data:;base64,!", "data:,a.b.c"])
def test_an_address_that_holds_no_list_settles_nothing(forge: Forge, text: str) -> None:
    assert said(forge, entry(text)) == {UNAVAILABLE}


def test_nobody_is_asked_unless_somebody_wants_it(forge: Forge) -> None:
    with site(lambda _: Reply(json.dumps(bits(3)).encode())) as there:
        assert said(forge, entry(there.url)) == {UNAVAILABLE, BLOCKED}
        assert said(forge, entry(there.url), door=True) == {UNAVAILABLE}  # it is not TLS
    assert there.asked == []


def test_a_list_is_fetched_through_the_door(forge: Forge) -> None:
    with site(lambda _: Reply(json.dumps(bits(3)).encode())) as there:
        assert said(forge, entry(there.url, 3), door=OPEN) == {REVOKED}
        assert said(forge, entry(there.url, 4), door=OPEN) == {GOOD}
    with site(lambda _: Reply(status=500)) as there:
        assert said(forge, entry(there.url), door=OPEN) == {UNAVAILABLE}


def test_a_list_that_was_handed_in_serves(forge: Forge, tmp_path: Path) -> None:
    url = "https://aggregator.example/lists/1"
    path = tmp_path / "list.json"
    path.write_text(json.dumps(bits(3, id=url)))
    issuers = Issuers.load((), [path])
    assert said(forge, entry(url, 3), issuers=issuers) == {REVOKED}
    path.write_text(json.dumps({"id": url, "type": "Something"}))
    with pytest.raises(CredentialError, match="id is no DID"):
        Issuers.load((), [path])


def key_of(forge: Forge) -> ed25519.Ed25519PrivateKey:
    assert isinstance(forge.other.key, ed25519.Ed25519PrivateKey)
    return forge.other.key


def as_jws(row: Json, key: ed25519.Ed25519PrivateKey, alg: str = "EdDSA") -> bytes:
    def part(data: bytes) -> bytes:
        return urlsafe_b64encode(data).rstrip(b"=")

    head = part(json.dumps({"alg": alg, "typ": "vc+jwt"}).encode())
    signed = head + b"." + part(json.dumps(row).encode())
    return signed + b"." + part(key.sign(signed))


def as_old_jws(row: Json, key: ed25519.Ed25519PrivateKey) -> bytes:
    issuer = row.pop("issuer")
    return as_jws({"iss": issuer, "vc": row}, key)


def as_cose(row: Json, key: ed25519.Ed25519PrivateKey) -> bytes:
    head, payload = encode({1: -8}), json.dumps(row).encode()
    signature = key.sign(sig_structure(head, payload))
    return encode(Tag(18, [head, {}, payload, signature]))


FORMS = {"JWS": as_jws, "JWS of 1.1": as_old_jws, "COSE": as_cose}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_that_its_issuer_signed_counts(forge: Forge, form: str) -> None:
    key = key_of(forge)
    data = FORMS[form](bits(3, issuer=did_of(key)), key)
    with site(lambda _: Reply(data)) as there:
        assert said(forge, entry(there.url, 3), door=OPEN) == {REVOKED}
        assert said(forge, entry(there.url, 4), door=OPEN) == {GOOD}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_that_another_signed_settles_nothing(forge: Forge, form: str) -> None:
    stranger = ed25519.Ed25519PrivateKey.generate()
    signers: tuple[Callable[[], bytes], ...] = (
        lambda: FORMS[form](bits(issuer=did_of(stranger)), stranger),  # in another name
        lambda: FORMS[form](bits(issuer=did_of(key_of(forge))), stranger),  # in the issuer's
        lambda: FORMS[form](bits(issuer="somebody"), stranger),
        lambda: as_jws(bits(issuer=did_of(key_of(forge))), key_of(forge), "none"),
    )
    for data in signers:
        body = data()
        with site(lambda _, body=body: Reply(body)) as there:  # type: ignore[misc]
            assert said(forge, entry(there.url), door=OPEN) == {UNAVAILABLE}


def test_a_list_by_somebody_who_is_trusted_counts(forge: Forge) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    data = as_jws(bits(3, issuer={"id": did_of(other)}), other)
    issuers = Issuers(trusted=frozenset((did_of(other),)))
    with site(lambda _: Reply(data)) as there:
        found = said(forge, entry(there.url, 3), door=OPEN, issuers=issuers)
    assert found == {REVOKED}


def test_the_document_of_a_did_web_is_fetched_through_the_door(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    did = "did:web:aggregator.example:issuers:7"
    method = {"id": "#1", "type": "JsonWebKey2020", "publicKeyJwk": jwk(forge.other.key)}
    document = {"id": did, "assertionMethod": [method]}

    def answer(asked: Asked) -> Reply:
        return Reply(json.dumps(document).encode())

    with site(answer) as there:
        monkeypatch.setattr(
            "provenance.validate.identity_ica.document_address",
            lambda _: there.url + "/issuers/7/did.json",
        )
        how = Vouching(sig_type=ICA, vc=lambda row: row.update(issuer=did))
        data = picture(forge, how)
        blocked = wrong(codes(verify(data, trust=forge.trust)))
        assert blocked == {"cawg.ica.did_unavailable", BLOCKED}
        assert codes(verify(data, trust=forge.trust, online=OPEN)) == REST
    assert [one.path for one in there.asked] == ["/issuers/7/did.json"]


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:a.example", "https://a.example/.well-known/did.json"),
        ("did:web:a.example%3A8443:x:y", "https://a.example:8443/x/y/did.json"),
        ("did:web:a.example:%3Fq", "https://a.example/%3Fq/did.json"),
        ("did:web:u%40a.example", None),
        ("did:web:a.example%2Fb", None),
        ("did:web:a.example::b", None),
        ("did:web:a.example:..", None),
        ("did:jwk:e30", None),
    ],
)
def test_a_did_web_names_one_address(did: str, address: str | None) -> None:
    assert document_address(did) == address
