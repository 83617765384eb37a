"""The identity assertion: read as stored, and its payload found again byte for byte."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.cbor import Tag, decode, encode
from provenance.errors import MalformedError
from provenance.model.assertions.identity import (
    X509,
    Identity,
    encode_identity,
    encode_payload,
    signed_forms,
)
from provenance.model.hashed_uri import HashedUri

REF = HashedUri("self#jumbf=c2pa.assertions/c2pa.hash.data", bytes(range(32)))
REF_ALG = HashedUri("self#jumbf=c2pa.assertions/x", bytes(32), "sha256")


def row(**changes: Any) -> dict[str, Any]:
    payload = {"referenced_assertions": [REF.to_cbor()], "sig_type": X509}
    whole = {"signer_payload": payload, "signature": b"s", "pad1": b""} | changes
    return {key: value for key, value in whole.items() if value is not None}


def test_what_is_written_is_read() -> None:
    payload = encode_payload((REF, REF_ALG), X509, ("cawg.creator",))
    content = encode_identity(payload, b"signature")
    read = Identity.read(decode(content))
    assert read.referenced == (REF, REF_ALG)
    assert (read.sig_type, read.roles, read.signature) == (X509, ("cawg.creator",), b"signature")
    assert next(signed_forms(read, memoryview(content))) == payload


def test_many_references_have_a_longer_head() -> None:
    payload = encode_payload([REF] * 300, X509)
    assert decode(payload)["referenced_assertions"] == [REF.to_cbor()] * 300


def test_a_payload_is_offered_as_stored_and_in_deterministic_order() -> None:
    payload = encode_payload((REF,), X509, ("cawg.creator",))
    content = encode_identity(payload, b"")
    stored, rebuilt = signed_forms(Identity.read(decode(content)), memoryview(content))
    assert stored == payload
    assert rebuilt == encode(decode(payload))
    assert rebuilt != payload


def test_a_deterministic_payload_is_offered_once() -> None:
    content = encode(row())
    (form,) = signed_forms(Identity.read(decode(content)), memoryview(content))
    assert form == encode(row()["signer_payload"])


def test_a_payload_in_a_map_of_indefinite_length_is_found() -> None:
    payload = bytes.fromhex("bf") + encode("sig_type") + encode(X509)
    payload += encode("referenced_assertions") + b"\x9f" + encode(REF.to_cbor()) + b"\xff\xff"
    content = b"\xbf" + encode("pad1") + b"\x5f\x41\0\x41\0\xff" + encode("other")
    content += encode(Tag(99, [1.5, None, -1])) + encode("signer_payload") + payload
    content += encode("signature") + encode(b"x" * 300) + b"\xff"
    read = Identity.read(decode(content))
    assert next(signed_forms(read, memoryview(content))) == payload


def test_fields_nobody_knows_stay_signed() -> None:
    payload = row()["signer_payload"] | {"org.example.note": [1]}
    content = encode(row(signer_payload=payload))
    assert encode(payload) in signed_forms(Identity.read(decode(content)), memoryview(content))


@pytest.mark.parametrize(
    "value",
    [
        [],
        row(signer_payload=None),
        row(signer_payload=[]),
        row(signer_payload={"sig_type": X509}),
        row(signer_payload={"referenced_assertions": []}),
        row(signer_payload={"referenced_assertions": [{}], "sig_type": X509}),
        row(signer_payload={"referenced_assertions": {}, "sig_type": X509}),
        row(signer_payload={"referenced_assertions": [], "sig_type": X509, "role": "x"}),
        row(signer_payload={"referenced_assertions": [], "sig_type": X509, "role": [1]}),
        row(signature=None),
        row(signature="text"),
        row(pad1=None),
        row(pad1=0),
        row(pad2="0"),
    ],
)
def test_what_lacks_a_field_is_refused(value: Any) -> None:
    with pytest.raises(MalformedError):
        Identity.read(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.builds(Tag, st.integers(1000, 2000), inner)
    ),
)


@given(VALUES, VALUES, VALUES)
def test_a_payload_is_found_among_anything(before: Any, held: Any, after: Any) -> None:
    payload = row()["signer_payload"] | {"more": held}
    whole = row(signer_payload=payload) | {"a": before, "zzzzzzzzzzzzzzzzzzzz": after}
    content = encode(whole)
    (form,) = signed_forms(Identity.read(decode(content)), memoryview(content))
    assert form == encode(payload)
