"""A BMFF hash as CBOR: what is read is what was written, and what makes no sense is refused."""

from typing import Any

import pytest

from provenance.cbor import decode, decode_padded, encode
from provenance.errors import MalformedError
from provenance.model.assertions.bmff_hash import (
    REQUIRED,
    BmffHash,
    BmffMerkleMap,
    Exclusion,
    MerkleRow,
)
from provenance.spans import Span

ROW = MerkleRow(
    unique_id=1,
    local_id=7,
    count=3,
    hashes=(bytes(32), b"\1" * 32),
    alg="sha384",
    init_hash=b"\2" * 48,
    variable_block_sizes=(5, 0, 7),
)
FULL = BmffHash(
    exclusions=(
        *REQUIRED,
        Exclusion("/emsg", length=200, version=1, flags=b"abc", exact=False),
        Exclusion("/moov/pssh", data=((5, b"x"), (20, b"")), subset=(Span(5, 7), Span(20, 0))),
    ),
    hash=bytes(32),
    alg="sha256",
    merkle=(ROW,),
    name="film",
)


def test_what_is_written_is_read() -> None:
    assert BmffHash.read(decode(encode(FULL.to_cbor()))) == FULL
    bare = BmffHash(exclusions=REQUIRED)
    assert BmffHash.read(decode(encode(bare.to_cbor()))) == bare


def test_fields_that_are_null_are_fields_that_are_absent() -> None:
    row: dict[str, Any] = {"exclusions": [{"xpath": "/ftyp", "subset": None, "data": None}]}
    row |= {"merkle": None, "hash": None, "alg": None}
    assert BmffHash.read(row) == BmffHash(exclusions=(Exclusion("/ftyp"),))


@pytest.mark.parametrize(
    "change",
    [
        {"exclusions": None},
        {"exclusions": []},
        {"exclusions": {}},
        {"exclusions": ["/ftyp"]},
        {"exclusions": [{"length": 5}]},
        {"exclusions": [{"xpath": "/a", "flags": b"four"}]},
        {"exclusions": [{"xpath": "/a", "subset": [{"offset": 5}]}]},
        {"exclusions": [{"xpath": "/a", "data": [{"offset": 5, "value": "text"}]}]},
        {"hash": "text"},
        {"merkle": []},
        {"merkle": [{}]},
        {"merkle": [ROW.to_cbor() | {"count": "three"}]},
        {"merkle": [ROW.to_cbor() | {"hashes": ["text"]}]},
        {"merkle": [ROW.to_cbor() | {"variableBlockSizes": [5, -1]}]},
        {"merkle": [ROW.to_cbor() | {"variableBlockSizes": [5, True]}]},
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        BmffHash.read(FULL.to_cbor() | change)


def test_exclusions_beyond_the_usual_are_told_apart() -> None:
    assert [one.xpath for one in FULL.additional] == ["/emsg", "/moov/pssh"]
    rest = Exclusion("/mdat", subset=(Span(16, 0),))
    alone = BmffHash(exclusions=(*REQUIRED, rest), hash=b"")
    assert alone.additional == (rest,)
    with_tree = BmffHash(exclusions=(*REQUIRED, rest), hash=b"", merkle=(ROW,))
    assert with_tree.additional == ()


def test_a_merkle_box_is_followed_by_zeros_alone() -> None:
    found = BmffMerkleMap(unique_id=1, local_id=2, location=3, hashes=(bytes(32),))
    data = encode(found.to_cbor())
    for padding in (b"", bytes(1), bytes(40)):
        assert BmffMerkleMap.read(decode_padded(data + padding)) == found
    with pytest.raises(MalformedError, match="more than zeros"):
        decode_padded(data + b"\0\1")
    with pytest.raises(MalformedError):
        decode_padded(data[:-1])
