"""A box tree loses nothing: every box keeps its bytes, known or not."""

import struct
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.boxes import box
from provenance.errors import LimitError, MalformedError, ProvenanceError
from provenance.jumbf import Box, JumbfUri, SuperBox, parse, uuids, writer
from provenance.limits import Limits

LABELS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
KINDS = st.sampled_from([b"cbor", b"json", b"free", b"zzzz", b"uuid", b"\0\1\2\3"])
LEAVES = st.builds(box, KINDS, st.binary(max_size=20))


def superboxes(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda uuid, label, content, salt: writer.superbox(uuid, label, content, salt=salt),
        st.binary(min_size=16, max_size=16),
        LABELS,
        st.lists(inner, max_size=4),
        st.none() | st.binary(min_size=16, max_size=16),
    )


TREES = superboxes(st.recursive(LEAVES, lambda inner: LEAVES | superboxes(inner), max_leaves=10))


def rebuilt(found: SuperBox | Box) -> bytes:
    """A tree written again from its parts alone."""
    if isinstance(found, Box):
        return box(found.type, bytes(found.payload))
    inside = [rebuilt(child) for child in found.children]
    return writer.superbox(found.uuid, found.label or "", inside, salt=found.salt)


def every(found: SuperBox) -> Iterator[SuperBox | Box]:
    yield found
    for child in found.children:
        if isinstance(child, SuperBox):
            yield from every(child)
        else:
            yield child


@given(TREES)
def test_a_tree_read_and_written_is_the_same(data: bytes) -> None:
    assert rebuilt(parse(data)) == data


@given(TREES)
def test_every_box_keeps_its_own_bytes(data: bytes) -> None:
    for one in every(parse(data)):
        assert bytes(one.raw) == data[one.offset : one.offset + len(one.raw)]
        (length,) = struct.unpack_from(">I", one.raw)
        assert length == len(one.raw)


@given(st.binary(max_size=80))
def test_whatever_the_bytes_nothing_else_is_raised(data: bytes) -> None:
    try:
        parse(data)
    except ProvenanceError:
        pass


@given(TREES, st.data())
def test_a_broken_tree_is_read_or_refused(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    changed = bytearray(data)
    changed[at] ^= draw.draw(st.integers(1, 255))
    try:
        parse(bytes(changed))
    except ProvenanceError:
        pass


def test_what_a_hash_covers_begins_after_the_header() -> None:
    data = writer.cbor_box("a", {})
    assert bytes(parse(data).hashed) == data[8:]


def test_a_header_of_64_bits_is_read_and_left_out_of_the_hash() -> None:
    short = writer.cbor_box("a", {"b": 1})
    long = struct.pack(">I4sQ", 1, b"jumb", len(short) + 8) + short[8:]
    found = parse(long)
    assert bytes(found.hashed) == short[8:]
    assert bytes(found.raw) == long
    assert found.children[0].offset == parse(short).children[0].offset + 8


def test_a_length_of_zero_reaches_to_the_end() -> None:
    short = writer.cbor_box("a", {"b": 1})
    assert bytes(parse(bytes(4) + short[4:]).hashed) == short[8:]


def test_unknown_fields_of_a_description_are_passed_over() -> None:
    """An id, a signature, and a private box of a type that nobody knows."""
    private = box(b"abcd", b"??")
    described = uuids.JSON + b"\x1f" + b"name\0" + b"\0\0\0\7" + bytes(32) + private
    data = box(b"jumb", box(b"jumd", described) + box(b"json", b"{}"))
    found = parse(data)
    assert found.label == "name"
    assert found.salt is None
    assert found.first(b"json") is not None
    assert bytes(found.raw) == data


def test_a_box_without_label_has_none() -> None:
    data = box(b"jumb", box(b"jumd", uuids.JSON + b"\0"))
    assert parse(data).label is None


def test_a_label_that_comes_twice_is_nobody() -> None:
    inside = (writer.cbor_box("a", 1), writer.cbor_box("a", 2), writer.cbor_box("b", 3))
    found = parse(writer.superbox(uuids.MANIFEST, "m", inside))
    assert [child.label for child in found.superboxes] == ["a", "a", "b"]
    assert found.only("a") is None
    assert found.only("b") is not None
    assert found.only("c") is None


def test_zeros_may_follow_and_nothing_else() -> None:
    data = writer.cbor_box("a", 1)
    assert parse(data + bytes(9)).label == "a"
    with pytest.raises(MalformedError, match="after its box") as caught:
        parse(data + bytes(9) + b"x")
    assert caught.value.offset is not None
    assert caught.value.offset >= len(data)


def test_the_number_of_boxes_is_bounded() -> None:
    data = writer.superbox(uuids.MANIFEST, "m", [box(b"free", b"")] * 10)
    assert len(parse(data, Limits(boxes=10)).children) == 10
    with pytest.raises(LimitError, match="more than 9 boxes"):
        parse(data, Limits(boxes=9))


def test_the_depth_of_boxes_is_bounded() -> None:
    data = writer.cbor_box("a", 1)
    for _ in range(4):
        data = writer.superbox(uuids.MANIFEST, "m", [data])
    assert parse(data, Limits(box_depth=5)).label == "m"
    with pytest.raises(LimitError, match="deeper than 4"):
        parse(data, Limits(box_depth=4))


def test_the_size_is_bounded() -> None:
    data = writer.cbor_box("a", bytes(100))
    with pytest.raises(LimitError, match="of which we read 100"):
        parse(data, Limits(store_bytes=100))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0\0\0\10jumb", box(b"cbor", b""), box(b"jumb", b""), box(b"jumb", b"\0" * 8)),
        box(b"jumb", box(b"jumd", b"too short")),
        box(b"jumb", box(b"jumd", uuids.JSON + b"\x03no end")),
        box(b"jumb", box(b"jumd", uuids.JSON + b"\x03\xff\0")),
        box(b"jumb", box(b"jumd", uuids.JSON + b"\x03a\0more")),
        box(b"jumb", box(b"jumd", uuids.JSON + b"\x07a\0\0\0")),
        box(b"jumb", box(b"jumd", uuids.JSON + b"\x13a\0")),
    ],
)
def test_what_is_no_box_tree_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(data)


def test_an_embedded_file_says_what_it_is() -> None:
    found = parse(writer.embedded_file("a", "image/png", b"data", name="a.png", salt=bytes(16)))
    assert [child.type for child in found.children if isinstance(child, Box)] == [b"bfdb", b"bidb"]
    described, held = found.first(b"bfdb"), found.first(b"bidb")
    assert described is not None
    assert held is not None
    assert bytes(described.payload) == b"\1image/png\0a.png\0"
    assert bytes(held.payload) == b"data"
    assert found.salt == bytes(16)


@pytest.mark.parametrize(
    ("text", "labels", "absolute"),
    [
        ("self#jumbf=/c2pa/urn:c2pa:1/c2pa.claim.v2", ("urn:c2pa:1", "c2pa.claim.v2"), True),
        ("self#jumbf=c2pa/urn:c2pa:1/c2pa.claim", ("urn:c2pa:1", "c2pa.claim"), True),
        ("self#jumbf=c2pa.assertions/x", ("c2pa.assertions", "x"), False),
        ("self#jumbf=/c2pa", (), True),
    ],
)
def test_a_uri_is_taken_apart(text: str, labels: tuple[str, ...], absolute: bool) -> None:
    uri = JumbfUri.parse(text)
    assert (uri.labels, uri.absolute) == (labels, absolute)


@pytest.mark.parametrize(
    "text",
    [
        *("", "self#jumbf=", "self#jumbf=/", "#jumbf=a", "SELF#JUMBF=a", "https://example.com/a"),
        *("self#jumbf=a//b", "self#jumbf=a/../b", "self#jumbf=a/", "self#jumbf=/c2pa/"),
    ],
)
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        JumbfUri.parse(text)


STEPS = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=12).filter(
    lambda step: step not in ("..", "c2pa")
)


@given(st.lists(STEPS, min_size=1, max_size=4), st.booleans())
def test_a_uri_written_and_read_is_the_same(steps: list[str], absolute: bool) -> None:
    uri = JumbfUri(tuple(steps), absolute=absolute)
    assert JumbfUri.parse(uri.text) == uri
    assert uri.within("m").absolute
    assert uri.within("m").labels[-len(steps) :] == tuple(steps)


def test_a_long_uri_is_not_kept_in_memory() -> None:
    """A file may hold a thousand of them, and a process may see a thousand files."""
    tracemalloc.start()
    try:
        for n in range(40):
            JumbfUri.parse(f"self#jumbf={n}" + "x" * 500_000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2_000_000
