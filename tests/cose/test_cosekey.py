"""COSE keys of each kind that claims are signed with, and of none."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from provenance.cose.cosekey import PublicKey, read_key
from provenance.errors import MalformedError

CURVES = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1()}


def of_curve(number: int) -> tuple[PublicKey, dict[int, Any]]:
    key = ec.generate_private_key(CURVES[number]).public_key()
    point, width = key.public_numbers(), (key.curve.key_size + 7) // 8
    return key, {1: 2, -1: number, -2: point.x.to_bytes(width), -3: point.y.to_bytes(width)}


@pytest.mark.parametrize("number", CURVES)
def test_a_point_is_read_whole_or_by_its_sign(number: int) -> None:
    key, row = of_curve(number)
    assert read_key(row) == key
    assert read_key(row | {-3: bool(row[-3][-1] & 1)}) == key


def test_an_edwards_key_is_read() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    assert read_key({1: 1, -1: 6, -2: key.public_bytes_raw()}) == key


def test_an_rsa_key_is_read() -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    n = key.public_numbers().n.to_bytes(256)
    assert read_key({1: 3, -1: n, -2: b"\1\0\1"}) == key


@pytest.mark.parametrize(
    "row",
    [
        {},
        {1: 4, -1: b"secret"},
        {1: 1, -1: 4, -2: bytes(32)},
        {1: 1, -1: 6, -2: bytes(31)},
        {1: 2, -1: 8, -2: bytes(32), -3: bytes(32)},
        {1: 2, -1: True, -2: bytes(32), -3: bytes(32)},
        {1: 2, -1: [1], -2: bytes(32), -3: bytes(32)},
        {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)},
        {1: 2, -1: 1, -2: bytes(33), -3: bytes(31)},
        {1: 2, -1: 1, -2: bytes(31), -3: True},
        {1: 2, -1: 1, -2: "x", -3: bytes(32)},
        {1: 2, -1: 1, -2: bytes(32)},
        {1: 3, -1: bytes(4000), -2: b"\3"},
        {1: 3, -1: b"\1", -2: b""},
    ],
    ids=str,
)
def test_what_is_no_key_is_told(row: dict[int, Any]) -> None:
    with pytest.raises(MalformedError):
        read_key(row)


@given(st.dictionaries(st.integers(-3, 3), st.integers(-1, 7) | st.binary(max_size=70)))
def test_no_map_is_more_than_malformed(row: dict[int, Any]) -> None:
    try:
        read_key(row)
    except MalformedError:
        return
