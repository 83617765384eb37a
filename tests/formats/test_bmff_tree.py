"""Boxes of an ISO base media file, and the paths to them."""

import io
import struct
from itertools import pairwise

import pytest

from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.tree import BmffBox, children, find, top_level
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, ByteSource, StreamSource
from tests.formats.sample_bmff import BMFF_SAMPLES, C2PA, box, carrier, film, full, head

TRACK = box(b"trak", full(b"tkhd", 0, 0), box(b"mdia", box(b"minf")))
MOVIE = head(b"isom") + box(b"moov", full(b"mvhd", 0, 0), TRACK, TRACK, box(b"udta"))


def types(boxes: tuple[BmffBox, ...]) -> list[bytes]:
    return [one.type for one in boxes]


def roots(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[BmffBox, ...]:
    return top_level(BufferSource(data), limits)


@pytest.mark.parametrize("kind", BMFF_SAMPLES)
def test_root_boxes_are_the_whole_file(kind: str) -> None:
    data = BMFF_SAMPLES[kind]()
    found = roots(data)
    assert found == top_level(StreamSource(io.BytesIO(data)), DEFAULT_LIMITS)
    assert found[0].start == 0
    assert all(a.end == b.start for a, b in pairwise(found))
    assert found[-1].end == len(data)


def test_a_long_size_is_read_and_the_body_comes_after_it() -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd"
    assert roots(data) == (BmffBox(b"mdat", 0, 16, 20),)


def test_the_body_of_a_uuid_box_is_before_its_usertype() -> None:
    data = carrier(b"manifest", b"")
    assert roots(data) == (BmffBox(b"uuid", 0, 8, len(data), C2PA),)
    long = struct.pack(">I4sQ", 1, b"uuid", 32) + C2PA
    assert roots(long) == (BmffBox(b"uuid", 0, 16, 32, C2PA),)


def test_a_box_without_a_size_reaches_to_the_end() -> None:
    data = box(b"free") + struct.pack(">I4s", 0, b"mdat") + bytes(100)
    assert roots(data)[-1] == BmffBox(b"mdat", 8, 16, len(data))


def test_a_header_may_lie_across_what_is_read_at_once() -> None:
    for gap in range(4040, 4100):
        data = box(b"free", bytes(gap)) + carrier(b"merkle", b"abc") + box(b"skip")
        assert types(roots(data)) == [b"free", b"uuid", b"skip"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\0\0\0", "box header at byte 0: 8 bytes wanted, 3 left"),
        (box(b"free") + bytes(7), "box header at byte 8: 8 bytes wanted, 7 left"),
        (b"\0\0\0\7free", "free box at byte 0: 7 bytes long, its header alone 8"),
        (b"\0\0\0\x09free", "free box at byte 0: 9 bytes long, 8 left"),
        (b"\0\0\0\1mdat", "box header at byte 0: 16 bytes wanted, 8 left"),
        (b"\0\0\0\1mdat" + b"\xff" * 8, "mdat box at byte 0: 18446744073709551615 bytes long"),
        (b"\0\0\0\1mdat" + bytes(7) + b"\x0f", "mdat box at byte 0: 15 bytes long"),
        (b"\0\0\0\x17uuid" + bytes(20), "uuid box at byte 0: 23 bytes long, its header alone 24"),
        (b"\0\0\0\x20\xa9\xff\0\0" + bytes(8), "0xa9ff0000 box at byte 0: 32 bytes long, 16 left"),
    ],
)
def test_a_box_that_cannot_be_is_told_with_its_place(data: bytes, told: str) -> None:
    with pytest.raises(MalformedError) as caught:
        roots(data)
    assert str(caught.value).startswith(told)


def test_children_of_a_container_are_read_and_of_others_not() -> None:
    source = BufferSource(MOVIE)
    ftyp, moov = top_level(source, DEFAULT_LIMITS)
    assert types(children(source, moov, DEFAULT_LIMITS)) == [b"mvhd", b"trak", b"trak", b"udta"]
    assert children(source, ftyp, DEFAULT_LIMITS) == ()


@pytest.mark.parametrize("shape", ["ISO", "QuickTime"])
def test_a_meta_box_is_read_in_either_shape(shape: str) -> None:
    boxes = full(b"hdlr", 0, 0, bytes(20)), box(b"keys")
    meta = full(b"meta", 0, 0, *boxes) if shape == "ISO" else box(b"meta", *boxes)
    assert inside(meta) == [b"hdlr", b"keys"]


@pytest.mark.parametrize("meta", [box(b"meta"), box(b"meta", bytes(3)), full(b"meta", 0, 0)])
def test_a_meta_box_may_be_empty(meta: bytes) -> None:
    assert inside(meta) == []


def test_zeros_may_end_a_container_but_nothing_else() -> None:
    ended = box(b"udta", box(b"name"), bytes(4))
    assert inside(ended) == [b"name"]
    broken = box(b"udta", box(b"name"), b"\0\0\0\1")
    with pytest.raises(MalformedError, match="8 bytes wanted, 4 left"):
        inside(broken)


def test_a_child_does_not_reach_out_of_its_container() -> None:
    data = box(b"moov", struct.pack(">I4s", 100, b"trak")) + bytes(200)
    with pytest.raises(MalformedError, match="trak box at byte 8: 100 bytes long, 8 left"):
        find(BufferSource(data), "/moov/trak", DEFAULT_LIMITS)


def inside(data: bytes) -> list[bytes]:
    """The types of what is in the one box of a file."""
    (root,) = roots(data)
    return types(children(BufferSource(data), root, DEFAULT_LIMITS))


def places(source: ByteSource, xpath: str) -> list[int]:
    return [one.start for one in find(source, xpath, DEFAULT_LIMITS)]


def test_a_path_finds_all_of_a_type_or_the_one_with_a_number() -> None:
    source = BufferSource(MOVIE)
    first, second = places(source, "/moov/trak")
    assert places(source, "/moov/trak[1]") == [first]
    assert places(source, "/moov[1]/trak[2]") == [second]
    assert places(source, "/moov/trak[3]") == []
    assert len(places(source, "/moov/trak/mdia/minf")) == 2
    assert len(places(source, "/moov/trak[2]/mdia/minf")) == 1
    assert places(source, "/ftyp") == [0]
    assert places(source, "/trak") == []
    assert places(source, "/ftyp/trak") == []


def test_a_type_in_a_path_may_have_letters_beyond_ascii() -> None:
    source = BufferSource(box(b"moov", box(b"udta", box(b"\xa9nam"))))
    assert places(source, "/moov/udta/©nam") == [16]


def test_a_path_reaches_every_chunk_table() -> None:
    data = film(head(b"isom"))
    (found,) = find(BufferSource(data), "/moov/trak/mdia/minf/stbl/stco", DEFAULT_LIMITS)
    assert data[found.start + 4 : found.start + 8] == b"stco"


@pytest.mark.parametrize(
    "xpath",
    [
        *("", "/", "moov", "//moov", "/moov/", "/moo", "/moovs", "/moov[0]", "/moov[-1]"),
        *("/moov[x]", "/moov[1", "/moov[1][1]", "/moov[9999999999]", "/mo/ov", "/mo→v"),
    ],
)
def test_what_is_no_path_is_refused(xpath: str) -> None:
    with pytest.raises(MalformedError, match="xpath"):
        find(BufferSource(MOVIE), xpath, DEFAULT_LIMITS)


def test_a_path_deeper_than_the_limit_is_refused() -> None:
    with pytest.raises(LimitError, match="deeper than 32 boxes"):
        find(BufferSource(MOVIE), "/moov" * 33, DEFAULT_LIMITS)


def test_more_boxes_than_the_limit_are_refused() -> None:
    assert len(roots(box(b"free") * 5, Limits(container_items=5))) == 5
    with pytest.raises(LimitError, match="more than 5 in a row"):
        roots(box(b"free") * 6, Limits(container_items=5))
