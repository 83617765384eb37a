"""Claims of both versions are read; version 2 is written as it is read."""

from typing import Any

import pytest

from provenance.cbor import decode, encode
from provenance.errors import MalformedError
from provenance.model.claim import Claim
from provenance.model.hashed_uri import ExternalUri, HashedUri

REF: dict[str, Any] = {"url": "self#jumbf=c2pa.assertions/c2pa.actions.v2", "hash": bytes(32)}
V2: dict[str, Any] = {
    "instanceID": "xmp:iid:1",
    "claim_generator_info": {"name": "Painter", "version": "2"},
    "signature": "self#jumbf=c2pa.signature",
    "created_assertions": [REF],
    "gathered_assertions": [REF | {"alg": "sha512"}],
    "redacted_assertions": ["self#jumbf=/c2pa/a/b"],
    "dc:title": "A picture",
    "alg": "sha256",
}
V1: dict[str, Any] = {
    "claim_generator": "Painter/2",
    "signature": "self#jumbf=c2pa.signature",
    "assertions": [REF],
    "dc:format": "image/png",
    "instanceID": "xmp:iid:1",
    "alg": "sha256",
}


def test_a_claim_of_version_2_says_all_of_it() -> None:
    claim = Claim.read(decode(encode(V2)), 2)
    assert claim.version == 2
    assert claim.instance_id == "xmp:iid:1"
    assert claim.created == (HashedUri(REF["url"], bytes(32)),)
    assert claim.gathered == (HashedUri(REF["url"], bytes(32), "sha512"),)
    assert claim.assertions == claim.created + claim.gathered
    assert claim.redacted == ("self#jumbf=/c2pa/a/b",)
    assert (claim.title, claim.alg) == ("A picture", "sha256")
    assert claim.generator_name == "Painter 2"


def test_a_claim_of_version_2_is_written_as_it_is_read() -> None:
    assert Claim.read(V2, 2).to_cbor() == V2


def test_a_claim_of_version_1_is_read() -> None:
    claim = Claim.read(V1, 1)
    assert (claim.version, claim.generator, claim.format) == (1, "Painter/2", "image/png")
    assert len(claim.created) == 1
    assert claim.generator_name == "Painter/2"


@pytest.mark.parametrize(
    "infos", [[{"name": "New", "version": "1"}], {"name": "New", "version": "1"}]
)
def test_a_claim_of_version_1_may_have_the_newer_field(infos: Any) -> None:
    assert Claim.read(V1 | {"claim_generator_info": infos}, 1).generator_name == "New 1"


@pytest.mark.parametrize(
    "field", ["instanceID", "claim_generator_info", "signature", "created_assertions"]
)
def test_version_2_needs_its_fields(field: str) -> None:
    for row in ({key: V2[key] for key in V2 if key != field}, V2 | {field: None}, V2 | {field: 5}):
        with pytest.raises(MalformedError):
            Claim.read(row, 2)


@pytest.mark.parametrize("field", ["claim_generator", "signature", "assertions"])
def test_version_1_needs_its_fields(field: str) -> None:
    with pytest.raises(MalformedError, match=field):
        Claim.read({key: V1[key] for key in V1 if key != field}, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("alg", 5),
            ("dc:title", b"bytes"),
            ("created_assertions", []),
            ("created_assertions", {}),
        ),
        *(("created_assertions", [{}]), ("created_assertions", [{"url": 1, "hash": b""}])),
        *(("redacted_assertions", "text"), ("redacted_assertions", [b"bytes"])),
        *(("gathered_assertions", 7), ("claim_generator_info", [{"name": "x"}])),
    ],
)
def test_a_field_of_another_type_is_refused(field: str, value: Any) -> None:
    with pytest.raises(MalformedError):
        Claim.read(V2 | {field: value}, 2)


@pytest.mark.parametrize("value", [None, [], "text", 5, b""])
@pytest.mark.parametrize("version", [1, 2])
def test_a_claim_is_a_map(value: Any, version: int) -> None:
    with pytest.raises(MalformedError, match="not a map"):
        Claim.read(value, version)


def test_a_hash_may_be_a_list_of_bytes_as_early_writers_did() -> None:
    found = HashedUri.read({"url": "u", "hash": [0, 255, 7]})
    assert found.hash == b"\0\xff\7"


@pytest.mark.parametrize("value", [[256], [-1], [True], ["a"], [0] * 65, "text", None, {}])
def test_a_hash_is_nothing_else(value: Any) -> None:
    with pytest.raises(MalformedError):
        HashedUri.read({"url": "u", "hash": value})


def test_an_external_uri_is_written_as_it_is_read() -> None:
    row = {"url": "https://a", "alg": "sha256", "hash": b"\1", "dc:format": "a/b", "size": 7}
    assert ExternalUri.read(row).to_cbor() == row
    for field in ("url", "alg", "hash"):
        with pytest.raises(MalformedError, match=field):
            ExternalUri.read({key: row[key] for key in row if key != field})
