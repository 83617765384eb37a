"""A signed statement of a split: it holds for the very bytes, the table and the chain."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.cbor import Tag, decode, encode
from provenance.cose.sign1 import encode_sign1
from provenance.cose.signer import LocalSigner
from provenance.cose.signing import sign_claim
from provenance.rights.lineage import Lineage
from provenance.rights.statement import Statement, chain_hash, make_statement, verify_statement
from provenance.trust.devpki import DevPki
from provenance.trust.settings import TrustSettings
from tests.attacks.forge import NOW as TODAY
from tests.rights.graphs import EdgeStatus, edge, graph
from tests.rights.test_shares import WORKED

LINEAGE = Lineage.of(WORKED, TODAY)


@cache
def pki() -> DevPki:
    return DevPki.generate(("es256", "ed25519"), now=TODAY)


def signer(alg: str = "es256") -> LocalSigner:
    files = {name: data for name, data, _ in pki().files()}
    return LocalSigner.from_pem(files[f"{alg}.key.pem"], files[f"{alg}.chain.pem"])


def trust_in(made: DevPki) -> TrustSettings:
    root = x509.load_pem_x509_certificate(made.root_pem)
    return TrustSettings(anchors=(root.public_bytes(Encoding.DER),))


def envelope_of(data: bytes) -> bytes:
    protected, signature = sign_claim(signer(), data)
    return encode_sign1(protected, {}, signature)


def stated(lineage: Lineage = LINEAGE, alg: str = "es256") -> Statement:
    found = lineage.split("100.00")
    return make_statement(lineage, found, issued_at=TODAY, currency="EUR", signer=signer(alg))


def cose(made: Statement) -> bytes:
    assert made.cose is not None
    return made.cose


@pytest.mark.parametrize("alg", ["es256", "ed25519"])
def test_a_statement_holds(alg: str) -> None:
    made = stated(alg=alg)
    trust = trust_in(pki())
    report = verify_statement(made.json, cose(made), csv=made.csv, graph=WORKED, trust=trust)
    assert report.holds
    assert not report.why
    assert (report.signed, report.trusted, report.same, report.csv) == (True, True, True, True)
    assert report.signer is not None
    assert report.signer.startswith("key:sha256:")
    assert report.content is not None
    assert report.content["shares"][1] == {
        "party": "ada",
        "name": "Ada",
        "payee": None,
        "evidence": "signer",
        "amount": "12.36",
        "ppm": 123_625,
        "fraction": "989/8000",
    }


def test_the_same_split_is_stated_in_the_same_bytes() -> None:
    assert stated().json == stated().json
    assert (
        stated().json
        == make_statement(LINEAGE, LINEAGE.split(100), issued_at=TODAY, currency="EUR").json
    )


@pytest.mark.parametrize("at", [0, 100, -2])
def test_a_changed_byte_is_noticed(at: int) -> None:
    made = stated()
    changed = bytearray(made.json)
    changed[at] ^= 1
    report = verify_statement(bytes(changed), cose(made))
    assert not report.holds
    assert not report.signed


def test_a_table_that_was_changed_is_noticed() -> None:
    made = stated()
    report = verify_statement(made.json, cose(made), csv=made.csv.replace(b"12.36", b"99.36"))
    assert report.signed
    assert not report.holds
    assert "table" in report.why[0]


def test_another_chain_is_noticed() -> None:
    made = stated()
    other = replace(WORKED, ownerships=WORKED.ownerships[1:])
    report = verify_statement(made.json, cose(made), graph=other)
    assert report.same is False
    assert "another than the one" in report.why[0]


def test_a_split_that_was_signed_wrongly_is_noticed() -> None:
    row = json.loads(stated().json)
    row["shares"][0]["amount"] = "61.00"
    data = json.dumps(row).encode()

    envelope = envelope_of(data)
    report = verify_statement(data, envelope, graph=WORKED)
    assert report.signed
    assert report.same is False
    assert "gives another split" in report.why[0]


def test_an_unknown_signer_is_not_trusted() -> None:
    made = stated()
    stranger = DevPki.generate(("es256",), now=TODAY)
    report = verify_statement(made.json, cose(made), trust=trust_in(stranger))
    assert report.signed
    assert report.trusted is False
    assert not report.holds


def test_a_certificate_that_is_over_is_not_trusted() -> None:
    made = stated()
    later = TODAY + timedelta(days=365 * 50)
    report = verify_statement(made.json, cose(made), trust=trust_in(pki()), at=later)
    assert report.trusted is False
    assert report.why


@pytest.mark.parametrize(
    "envelope",
    [b"", b"\xd2", b"\x00" * 40, encode(Tag(18, [b"", {}, None, b"x"])), encode(Tag(18, [1]))],
)
def test_what_is_no_signature_is_a_result(envelope: bytes) -> None:
    report = verify_statement(stated().json, envelope)
    assert not report.signed
    assert report.why


def test_a_signature_with_another_payload_inside_does_not_count() -> None:
    made = stated()
    outer = decode(cose(made))
    assert isinstance(outer, Tag)
    protected, unprotected, _, signature = outer.value
    inside = encode(Tag(18, [protected, unprotected, b"{}", signature]))
    assert not verify_statement(made.json, inside).signed


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[" * 100_000, b'{"schema": "x"}'])
def test_what_is_no_statement_is_a_result(data: bytes) -> None:
    report = verify_statement(data, cose(stated()))
    assert report.content is None
    assert not report.holds


def test_a_claim_signature_is_no_statement() -> None:
    """A signature over other bytes of the same signer cannot be passed off as one."""
    claim = encode({"instanceID": "x"})
    envelope = envelope_of(claim)
    assert not verify_statement(claim, envelope).holds
    assert not verify_statement(stated().json, envelope).holds


def test_a_spreadsheet_runs_no_formula_of_ours() -> None:
    made = graph("a", {}, {"a": "eve"})
    eve = replace(made.parties["eve"], name='=HYPERLINK("http://evil","x")', payee="@SUM(1)")
    lineage = Lineage.of(replace(made, parties={"eve": eve}), TODAY)
    rows = list(csv.reader(io.StringIO(stated(lineage).csv.decode())))
    assert rows[0] == ["kind", "id", "name", "payee", "amount", "ppm"]
    assert rows[1] == ["share", "eve", f"'{eve.name}", "'@SUM(1)", "100.00", "1000000"]


def test_what_is_unclaimed_stands_in_the_table_and_the_alternative_in_the_statement() -> None:
    rows = [edge("img", "photo", 30, status=EdgeStatus.DISPUTED)]
    lineage = Lineage.of(graph("img", rows, {"img": "bo", "photo": "ada"}), TODAY)
    made = stated(lineage)
    assert b"unclaimed,photo,,,30.00,300000" in made.csv
    content = json.loads(made.json)
    assert content["without_unverified"]["shares"][0]["amount"] == "100.00"
    assert content["findings"] == ["org.provenance-c2pa.shares.unverified"]
    assert "anyone was paid" in content["cannot_show"]
    assert verify_statement(made.json, cose(made), graph=lineage.graph).holds


def test_the_hash_of_a_chain_does_not_depend_on_order() -> None:
    other = replace(
        WORKED,
        works=dict(reversed(list(WORKED.works.items()))),
        edges=WORKED.edges[::-1],
        ownerships=WORKED.ownerships[::-1],
    )
    assert chain_hash(other) == chain_hash(WORKED)
    assert chain_hash(replace(WORKED, root="lora")) != chain_hash(WORKED)
    assert chain_hash(replace(WORKED, edges=WORKED.edges[1:])) != chain_hash(WORKED)
