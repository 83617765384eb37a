"""Box headers: three ways to give a length, and what is refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.boxes import box, read_header
from provenance.errors import MalformedError


@given(st.binary(min_size=4, max_size=4), st.binary(max_size=50), st.binary(max_size=9))
def test_a_box_is_read_as_it_was_written(kind: bytes, payload: bytes, before: bytes) -> None:
    data = before + box(kind, payload) + b"after"
    header = read_header(data, len(before), len(data))
    assert header.type == kind
    assert data[header.body : header.end] == payload
    assert header.start == len(before)


def test_a_long_length_is_read() -> None:
    data = struct.pack(">I4sQ", 1, b"abcd", 20) + b"1234"
    assert read_header(data, 0, len(data)) == (b"abcd", 0, 16, 20)


def test_a_length_of_zero_reaches_to_the_end() -> None:
    assert read_header(b"\0\0\0\0abcd1234", 0, 10) == (b"abcd", 0, 8, 10)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\0\0\0\x08abc", "8 bytes wanted, 7 left"),
        (b"\0\0\0\x07abcd", "abcd box at byte 0: 7 bytes long, its header alone 8"),
        (b"\0\0\0\x09abcd", "abcd box at byte 0: 9 bytes long, 8 left"),
        (b"\x7f\xff\xff\xffabcd", "2147483647 bytes long"),
        (b"\0\0\0\1abcd\0\0\0\0", "16 bytes wanted, 12 left"),
        (struct.pack(">I4sQ", 1, b"abcd", 15), "15 bytes long, its header alone 16"),
        (struct.pack(">I4sQ", 1, b"abcd", 1 << 63), "9223372036854775808 bytes long, 16 left"),
        (b"\0\0\0\x09\x1b[2J", "0x1b5b324a box"),
    ],
)
def test_a_wrong_length_is_refused_with_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_header(data, 0, len(data))
    assert told in str(caught.value)


def test_a_box_ends_where_its_parent_does() -> None:
    """There are enough bytes in the data, but not in the parent."""
    data = box(b"abcd", b"12345678")
    with pytest.raises(MalformedError):
        read_header(data, 0, len(data) - 1)
