"""Reading and writing the COSE envelope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.cbor import CborValue, Tag, decode, encode
from provenance.cose.sign1 import Sign1, encode_sign1, parse, sig_structure
from provenance.errors import LimitError, MalformedError, ProvenanceError, SigningError
from provenance.limits import Limits

SIGNATURE = bytes(range(64))


def envelope(
    protected: dict[CborValue, CborValue], unprotected: dict[CborValue, CborValue] | None = None
) -> bytes:
    return encode(Tag(18, [encode(protected), unprotected or {}, None, SIGNATURE]))


def chain_of(
    protected: dict[CborValue, CborValue], unprotected: dict[CborValue, CborValue] | None = None
) -> tuple[bytes, ...]:
    return parse(envelope(protected, unprotected)).certificate_chain


def test_an_envelope_is_read_as_it_was_written() -> None:
    protected = encode({1: -7, 33: [b"leaf", b"ca"]})
    read = parse(encode_sign1(protected, {"sigTst2": {"tstTokens": [{"val": b"t"}]}}, SIGNATURE))
    assert read.protected_raw == protected
    assert read.algorithm_id == -7
    assert read.certificate_chain == (b"leaf", b"ca")
    assert read.time_stamps == (("sigTst2", b"t"),)
    assert read.payload is None
    assert read.signature == SIGNATURE


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xd2",
        encode([b"\xa0", {}, None, b"s"]),
        encode(Tag(98, [b"\xa0", {}, None, b"s"])),
        encode(Tag(18, [b"\xa0", {}, None])),
        encode(Tag(18, [b"\xa0", [], None, b"s"])),
        encode(Tag(18, [{}, {}, None, b"s"])),
        encode(Tag(18, [b"\x80", {}, None, b"s"])),
        encode(Tag(18, [b"\xa1", {}, None, b"s"])),
        encode(Tag(18, [b"\xa0", {}, 0, b"s"])),
        encode(Tag(18, [b"\xa0", {}, None, "s"])),
        encode(Tag(18, [b"\xa0", {}, None, b"s"])) + b"\0",
    ],
)
def test_what_is_no_sign1_is_malformed(broken: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(broken)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"\xd2\x84" + tail))
def test_no_bytes_raise_anything_but_our_own_errors(data: bytes) -> None:
    try:
        read = parse(data)
        assert read.certificate_chain
    except ProvenanceError:
        pass


def test_one_certificate_may_stand_without_an_array() -> None:
    assert chain_of({33: b"leaf"}) == (b"leaf",)


def test_either_bucket_and_the_old_label_will_do() -> None:
    assert chain_of({}, {33: b"leaf"}) == (b"leaf",)
    assert chain_of({"x5chain": [b"leaf"]}) == (b"leaf",)
    assert chain_of({}, {"x5chain": [b"leaf", b"ca"]}) == (b"leaf", b"ca")


def test_the_number_goes_before_the_old_label() -> None:
    assert chain_of({33: b"new", "x5chain": b"old"}) == (b"new",)
    assert chain_of({"x5chain": b"old"}, {33: b"new"}) == (b"new",)


@pytest.mark.parametrize("label", [33, "x5chain"])
def test_a_chain_in_both_buckets_is_malformed(label: CborValue) -> None:
    with pytest.raises(MalformedError, match="both buckets"):
        chain_of({label: b"one"}, {label: b"one"})


def test_no_chain_is_malformed() -> None:
    with pytest.raises(MalformedError, match="missing"):
        chain_of({1: -7})


@pytest.mark.parametrize("value", [[], b"", [b""], "text", [b"leaf", "ca"], 7, None, {}])
def test_a_chain_is_made_of_byte_strings(value: CborValue) -> None:
    with pytest.raises(MalformedError, match="x5chain"):
        chain_of({33: value})


def test_too_many_certificates_are_not_looked_at() -> None:
    with pytest.raises(LimitError, match="4 certificates"):
        parse(envelope({33: [b"c"] * 4}), Limits(certificates=3))


@pytest.mark.parametrize(
    "value", [{"tstTokens": [{"val": b"a"}, {"val": b"b"}]}, {"tstTokens": []}, {}, b"t", None]
)
def test_a_time_stamp_header_holds_one_token(value: CborValue) -> None:
    read = parse(envelope({33: b"leaf"}, {"sigTst": value}))
    with pytest.raises(MalformedError, match="sigTst"):
        _ = read.time_stamps


def test_stapled_ocsp_responses_are_found() -> None:
    assert parse(envelope({}, {"rVals": {"ocspVals": [b"a", b"b"]}})).ocsp_values == (b"a", b"b")
    assert parse(envelope({})).ocsp_values == ()
    assert parse(envelope({}, {"rVals": {"ocspVals": [b"a", None]}})).ocsp_values == (b"a",)
    wrongs: tuple[CborValue, ...] = (b"a", [b"a", "b"], {})
    for wrong in wrongs:
        with pytest.raises(MalformedError, match="rVals"):
            _ = parse(envelope({}, {"rVals": {"ocspVals": wrong}})).ocsp_values


def test_the_sig_structure_is_what_rfc_9052_prints() -> None:
    built = sig_structure(b"\xa1\x01\x26", b"claim")
    assert built == bytes.fromhex("846a5369676e61747572653143a101264045636c61696d")
    assert decode(sig_structure(b"", b"", "Other")) == ["Other", b"", b"", b""]


BARE = encode_sign1(b"\xa0", {"rVals": {"ocspVals": [b"x"]}}, SIGNATURE)
STEPS = [*range(5, 600), *range(65_500, 65_620)]  # where heads grow, and where one pad has gaps


def padded(extra: int) -> bytes:
    unprotected = {"rVals": {"ocspVals": [b"x"]}}
    return encode_sign1(b"\xa0", unprotected, SIGNATURE, total_length=len(BARE) + extra)


def test_every_size_from_five_bytes_up_is_reached() -> None:
    for extra in STEPS:
        data = padded(extra)
        assert len(data) == len(BARE) + extra
        read = parse(data)
        assert read.signature == SIGNATURE
        assert not any(read.unprotected["pad"])
        assert read.ocsp_values == (b"x",)


@given(st.integers(5, 70_000))
def test_any_size_is_reached(extra: int) -> None:
    assert len(padded(extra)) == len(BARE) + extra


@pytest.mark.parametrize("count", [22, 23, 24])
def test_padding_reckons_with_the_head_of_the_map(count: int) -> None:
    headers = {f"h{at}": at for at in range(count)}
    bare = len(encode_sign1(b"\xa0", headers, SIGNATURE))
    for extra in range(7, 300):
        data = encode_sign1(b"\xa0", headers, SIGNATURE, total_length=bare + extra)
        assert len(data) == bare + extra


def test_no_padding_where_the_size_is_right() -> None:
    assert padded(0) == BARE
    assert "pad" not in parse(BARE).unprotected


@pytest.mark.parametrize(("extra", "short"), [(4, 1), (1, 4), (-1, 6), (-100, 105)])
def test_a_size_too_small_says_by_how_much(extra: int, short: int) -> None:
    with pytest.raises(SigningError, match=f": {short} more are needed"):
        padded(extra)


def test_a_sign1_is_a_value() -> None:
    assert parse(BARE) == Sign1(b"\xa0", {}, parse(BARE).unprotected, None, SIGNATURE)
