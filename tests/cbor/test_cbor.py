"""CBOR comes back as it was said, is written in one way only, and is refused when it is unsound."""

import math
import struct
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.cbor import UNDEFINED, Fixed32, Simple, Tag, count_items, decode, encode
from provenance.errors import LimitError, MalformedError, ProvenanceError
from provenance.limits import Limits

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 64), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
        | st.builds(Tag, st.integers(6, 1 << 32), inner)
    ),
    max_leaves=12,
)

# RFC 8949, appendix A: those in shortest form, which is how we write them.
SHORTEST: list[tuple[str, Any]] = [
    *(("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100)),
    *(("1903e8", 1000), ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 10**12)),
    *(("1bffffffffffffffff", (1 << 64) - 1), ("3bffffffffffffffff", -(1 << 64))),
    *(("20", -1), ("29", -10), ("3863", -100), ("3903e7", -1000)),
    *(("f90000", 0.0), ("f93c00", 1.0), ("fb3ff199999999999a", 1.1), ("f93e00", 1.5)),
    *(("f97bff", 65504.0), ("fa47c35000", 100000.0), ("fa7f7fffff", 3.4028234663852886e38)),
    *(("fb7e37e43c8800759c", 1.0e300), ("f90001", 5.960464477539063e-8)),
    *(("f90400", 0.00006103515625), ("f9c400", -4.0), ("fbc010666666666666", -4.1)),
    *(("f97c00", math.inf), ("f9fc00", -math.inf)),
    *(("f4", False), ("f5", True), ("f6", None), ("f7", UNDEFINED)),
    *(("f0", Simple(16)), ("f8ff", Simple(255))),
    ("c074323031332d30332d32315432303a30343a30305a", Tag(0, "2013-03-21T20:04:00Z")),
    *(("c11a514b67b0", Tag(1, 1363896240)), ("c1fb41d452d9ec200000", Tag(1, 1363896240.5))),
    *(("d74401020304", Tag(23, b"\1\2\3\4")), ("d818456449455446", Tag(24, b"dIETF"))),
    ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", Tag(32, "http://www.example.com")),
    *(("c249010000000000000000", Tag(2, b"\1" + bytes(8))),),
    *(("40", b""), ("4401020304", b"\1\2\3\4"), ("60", ""), ("6161", "a"), ("6449455446", "IETF")),
    *(("62225c", '"\\'), ("62c3bc", "ü"), ("63e6b0b4", "水"), ("64f0908591", "𐅑")),
    *(("80", []), ("83010203", [1, 2, 3]), ("8301820203820405", [1, [2, 3], [4, 5]])),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", list(range(1, 26))),
    *(("a0", {}), ("a201020304", {1: 2, 3: 4}), ("a26161016162820203", {"a": 1, "b": [2, 3]})),
    *(("826161a161626163", ["a", {"b": "c"}]),),
    (
        "a56161614161626142616361436164614461656145",
        {"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"},
    ),
]
# … and those in other forms, which are read all the same.
OTHER: list[tuple[str, Any]] = [
    *(("fa3fc00000", 1.5), ("fb7ff0000000000000", math.inf), ("faff800000", -math.inf)),
    *(("5f42010243030405ff", b"\1\2\3\4\5"), ("7f657374726561646d696e67ff", "streaming")),
    *(("9fff", []), ("9f018202039f0405ffff", [1, [2, 3], [4, 5]])),
    *(("83018202039f0405ff", [1, [2, 3], [4, 5]]), ("83019f0203ff820405", [1, [2, 3], [4, 5]])),
    *(("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),),
    *(
        ("826161bf61626163ff", ["a", {"b": "c"}]),
        ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
    ),
    *(("1800", 0), ("1b0000000000000001", 1), ("a1616101", {"a": 1})),
]
# Appendix F: what is not well-formed.
UNSOUND = [
    *(
        "",
        "18",
        "19",
        "1a",
        "1b",
        "1901",
        "1a0102",
        "1b01020304050607",
        "38",
        "58",
        "78",
        "98",
        "9a01ff00",
    ),
    *("b8", "d8", "f8", "f900", "fa0000", "fb000000", "41", "61", "5affffffff00", "7affffffff00"),
    *("5bffffffffffffffff010203", "7b7fffffffffffffff010203", "81", "818181818181818181", "8200"),
    *(
        "a1",
        "a20102",
        "a100",
        "a2000000",
        "c0",
        "5f4100",
        "7f6100",
        "9f",
        "9f0102",
        "bf",
        "bf01020102",
    ),
    *(
        "819f",
        "9f8000",
        "9f9f9f9f9fffffffff",
        "9f819f819f9fffffff",
        "1c",
        "1d",
        "1e",
        "3c",
        "3d",
        "3e",
    ),
    *(
        "5c",
        "5d",
        "5e",
        "7c",
        "7d",
        "7e",
        "9c",
        "9d",
        "9e",
        "bc",
        "bd",
        "be",
        "dc",
        "dd",
        "de",
        "fc",
    ),
    *(
        "fd",
        "fe",
        "f800",
        "f801",
        "f818",
        "f81f",
        "5f00ff",
        "5f21ff",
        "5f6100ff",
        "5f80ff",
        "5fa0ff",
    ),
    *(
        "5fc000ff",
        "5fe0ff",
        "7f4100ff",
        "5f5f4100ffff",
        "7f7f6100ffff",
        "ff",
        "81ff",
        "8200ff",
        "a1ff",
    ),
    *("a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff", "bf00ff", "bf000000ff"),
    *("1f", "3f", "df"),
]


@pytest.mark.parametrize(("written", "value"), SHORTEST)
def test_a_vector_of_the_rfc_is_read_and_written(written: str, value: Any) -> None:
    assert decode(bytes.fromhex(written)) == value
    assert encode(value).hex() == written


@pytest.mark.parametrize(("written", "value"), OTHER)
def test_another_spelling_is_read(written: str, value: Any) -> None:
    assert decode(bytes.fromhex(written)) == value


@pytest.mark.parametrize("written", UNSOUND)
def test_what_is_not_well_formed_is_refused(written: str) -> None:
    with pytest.raises(MalformedError):
        decode(bytes.fromhex(written))


@given(VALUES)
def test_what_was_written_is_read_again(value: Any) -> None:
    assert decode(encode(value)) == value


@given(VALUES)
def test_what_was_read_is_written_as_it_was(value: Any) -> None:
    written = encode(value)
    assert encode(decode(written)) == written


@given(st.binary(max_size=60))
def test_whatever_the_bytes_nothing_else_is_raised(data: bytes) -> None:
    try:
        encode(decode(data))
    except ProvenanceError:
        pass


@given(st.dictionaries(st.text(max_size=30), SCALARS, max_size=30), st.randoms())
def test_the_order_of_a_map_does_not_matter(row: dict[str, Any], random: Any) -> None:
    items = list(row.items())
    random.shuffle(items)
    assert encode(dict(items)) == encode(row)


@given(st.dictionaries(st.text(max_size=12), st.integers() | st.text(), max_size=30))
def test_a_foreign_writer_agrees_on_text_keys(row: dict[str, Any]) -> None:
    """`cbor2` sorts keys by length first; up to 23 bytes that is the order of RFC 8949 as well."""
    small = {
        key: value
        for key, value in row.items()
        if len(key.encode()) < 24 and (isinstance(value, str) or -(1 << 64) <= value < 1 << 64)
    }
    assert encode(small) == cbor2.dumps(small, canonical=True)


@given(st.floats())
def test_a_foreign_reader_reads_our_floats(value: float) -> None:
    found = cbor2.loads(encode(value))
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_long_keys_stand_in_the_order_of_their_bytes() -> None:
    keys = ["b", "aa", "a" * 30, ""]
    written = encode(dict.fromkeys(keys, 0))
    places = [written.index(encode(key)) for key in sorted(keys, key=encode)]
    assert places == sorted(places)


def test_a_fixed_number_takes_32_bits_however_small() -> None:
    assert encode([Fixed32(0), Fixed32(7)]).hex() == "821a000000001a00000007"
    assert decode(encode(Fixed32(7))) == 7


def test_a_fixed_number_beyond_32_bits_is_refused_and_not_cut() -> None:
    with pytest.raises((OverflowError, TypeError, struct.error)):
        encode(Fixed32(1 << 32))


@pytest.mark.parametrize("value", [1 << 64, -(1 << 64) - 1, object(), {1, 2}, 1j])
def test_what_cbor_has_no_form_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "written", ["a2010201 03", "a2616101616102", "bf61610161 6102ff", "a2f6 00f601"]
)
def test_a_key_twice_is_refused(written: str) -> None:
    with pytest.raises(MalformedError, match=r"[Dd]uplicate"):
        decode(bytes.fromhex(written))


def test_bytes_after_the_end_are_refused_with_their_place() -> None:
    with pytest.raises(MalformedError, match="2 bytes after its end") as caught:
        decode(bytes.fromhex("a16161010000"))
    assert caught.value.offset == 4


@pytest.mark.parametrize("head", ["81", "a100", "c6", "9f"])
def test_the_depth_is_bounded(head: str) -> None:
    limits = Limits(cbor_depth=8)
    one = bytes.fromhex(head)
    with pytest.raises(MalformedError):
        decode(one * 20 + b"\x00", limits)


def test_an_allowed_depth_is_read() -> None:
    assert decode(b"\x81" * 8 + b"\x00", Limits(cbor_depth=10)) == [[[[[[[[0]]]]]]]]


@pytest.mark.parametrize("written", ["a18001", "a1a001", "a1820102 00", "a1c10001"])
def test_a_map_key_that_is_no_scalar_is_refused(written: str) -> None:
    with pytest.raises(MalformedError):
        decode(bytes.fromhex(written))


def test_undefined_is_not_null_wherever_it_stands() -> None:
    assert decode(bytes.fromhex("82f7f6")) == [UNDEFINED, None]
    assert decode(bytes.fromhex("a16161f7")) == {"a": UNDEFINED}
    assert encode([UNDEFINED]).hex() == "81f7"


def test_no_tag_is_interpreted() -> None:
    """What the library would make of them is not what was said: dates, sets, references …"""
    for number in (*range(64), 100, 256, 258, 260, 261, 1004, 43000, 55799):
        values: tuple[Any, ...] = ("2024-02-30", 0, b"\x01", [], {})
        for value in values:
            assert decode(cbor2.dumps(cbor2.CBORTag(number, value))) == Tag(number, value)


def test_lists_and_maps_under_a_tag_are_lists_and_maps() -> None:
    value = decode(encode(Tag(18, [b"", {"a": [1]}, None, b""])))
    assert isinstance(value, Tag)
    assert type(value.value) is list
    assert type(value.value[1]) is dict
    assert type(value.value[1]["a"]) is list


def test_a_reader_may_hold_a_view() -> None:
    assert decode(memoryview(b"\x82\x01\x02")) == [1, 2]


@given(VALUES)
def test_values_are_counted_without_reading_them(value: Any) -> None:
    """Each scalar, list, map and tag is one, keys too."""

    def counted(one: Any) -> int:
        match one:
            case Tag():
                return 1 + counted(one.value)
            case list():
                return 1 + sum(map(counted, one))
            case dict():
                return 1 + sum(1 + counted(item) for item in one.values())
            case _:
                return 1

    written, count = encode(value), counted(value)
    assert count_items(written, count) == count
    with pytest.raises(LimitError, match=f"more than {count - 1} values"):
        count_items(written, count - 1)
