"""Merkle boxes: one before each fragment, in a file or in segments apart, or behind the media."""

import pytest

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Plan, Slot
from provenance.formats.bmff.carriers import MERKLE_HEAD, merkle_boxes
from provenance.formats.bmff.plan import moof_count, plan_segment, plan_store
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from tests.formats.sample_bmff import aims, box, carrier, film, fragments, head
from tests.formats.samples import store_of, written

ISOM = head(b"isom")
SEGMENT = fragments(box(b"styp", b"msdh", bytes(4)), based=False, tail=False)
ROOM = MERKLE_HEAD + 20


def content(number: int) -> bytes:
    return b"map %d" % number


def segment_plan(asset: bytes, length: int = ROOM) -> Plan:
    return plan_segment(BufferSource(asset), length, DEFAULT_LIMITS, fill=content)


def flat(asset: bytes, *lengths: int, store: int = 500) -> bytes:
    plan = plan_store(BufferSource(asset), store, DEFAULT_LIMITS, merkle=lengths, fill=content)
    return written(plan, asset, store_of(store))


def kinds(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        purpose = data[at + 28 : at + 35]
        found.append(b"merkle" if purpose == b"merkle\0" else data[at + 4 : at + 8])
        at += size
    return found


def maps(data: bytes) -> list[bytes]:
    found = merkle_boxes(BufferSource(data), DEFAULT_LIMITS)
    return [data[one.data.start : one.data.end].rstrip(b"\0") for one in found]


def test_a_segment_gets_a_box_right_before_each_fragment() -> None:
    new = written(segment_plan(SEGMENT), SEGMENT)
    assert kinds(SEGMENT) == [b"styp", b"sidx", *[b"moof", b"mdat"] * 4]
    assert kinds(new) == [b"styp", b"sidx", *[b"merkle", b"moof", b"mdat"] * 4]
    assert maps(new) == [b"map 0", b"map 1", b"map 2", b"map 3"]
    assert moof_count(BufferSource(SEGMENT), DEFAULT_LIMITS) == 4


def test_the_index_of_a_segment_counts_the_box_to_its_fragment() -> None:
    new = written(segment_plan(SEGMENT), SEGMENT)
    starts = [word for kind, word in aims(new) if kind == b"sidx"]
    assert [word[4:8] for word in starts] == [b"uuid"] * 4
    assert [word[8:] for word in starts] == [
        word[8:] for kind, word in aims(SEGMENT) if kind == b"sidx"
    ]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("based", [True, False])
def test_what_points_into_fragments_still_does(version: int, based: bool) -> None:
    asset = fragments(box(b"styp", b"msdh", bytes(4)), based=based, version=version)
    new = written(segment_plan(asset), asset)
    assert [one for one in aims(new) if one[0] != b"sidx"] == [
        one for one in aims(asset) if one[0] != b"sidx"
    ]


def test_boxes_are_replaced_and_taken_out_again() -> None:
    once = written(segment_plan(SEGMENT), SEGMENT)
    longer = written(segment_plan(once, ROOM + 100), once)
    assert maps(longer) == maps(once)
    assert len(longer) == len(once) + 400
    assert written(segment_plan(longer, 0), longer) == SEGMENT


def test_a_file_without_fragments_is_no_segment() -> None:
    with pytest.raises(MalformedError, match="has no moof box, so it is no media segment"):
        segment_plan(film(ISOM))


def test_a_map_that_is_longer_than_its_box_is_refused() -> None:
    plan = segment_plan(SEGMENT, MERKLE_HEAD + 3)
    slots = [piece for piece in plan.pieces if isinstance(piece, Slot)]
    with pytest.raises(LimitError, match="merkle box: 38 bytes, 40 are needed"):
        slots[0].wrap(b"")


def test_a_file_of_fragments_gets_its_store_and_a_box_before_each() -> None:
    asset = fragments(ISOM)
    new = flat(asset, *[ROOM] * 4)
    assert kinds(new) == [b"ftyp", b"uuid", b"sidx", *[b"merkle", b"moof", b"mdat"] * 4, b"mfra"]
    assert [one for one in aims(new) if one[0] != b"sidx"] == [
        one for one in aims(asset) if one[0] != b"sidx"
    ]
    assert flat(new, store=500) == flat(asset, store=500)


def first_merkle(data: bytes) -> int:
    at = data.index(b"manifest\0") + 9
    return int.from_bytes(data[at : at + 8])


@pytest.mark.parametrize("asset", [fragments(ISOM), film(ISOM), film(ISOM, first=False)])
def test_the_manifest_box_says_where_the_first_merkle_box_is(asset: bytes) -> None:
    new = flat(asset, *[ROOM] * 4)
    found = merkle_boxes(BufferSource(new), DEFAULT_LIMITS)
    assert [one.box.end - one.box.start for one in found] == [ROOM] * 4
    assert first_merkle(new) == found[0].box.start
    assert first_merkle(flat(asset)) == 0


def test_boxes_of_a_plain_file_are_behind_its_media() -> None:
    new = flat(film(ISOM, first=False), ROOM, ROOM + 9)
    assert kinds(new) == [b"ftyp", b"uuid", b"mdat", b"merkle", b"merkle", b"moov"]
    assert maps(new) == [b"map 0", b"map 1"]
    assert aims(new) == aims(film(ISOM, first=False))


def test_media_that_does_not_say_how_long_it_is_has_nothing_behind_it() -> None:
    asset = film(ISOM)
    at = asset.rindex(b"mdat") - 4
    open_ended = asset[:at] + bytes(4) + asset[at + 4 :]
    assert flat(open_ended)[-len(asset) + at :] == open_ended[at:]
    with pytest.raises(MalformedError, match=r"mdat box at byte \d+: has no length but reaches"):
        flat(open_ended, ROOM)


def test_boxes_and_fragments_must_be_as_many() -> None:
    with pytest.raises(MalformedError, match="merkle boxes: 3, for 4 moof boxes"):
        flat(fragments(ISOM), ROOM, ROOM, ROOM)


def test_merkle_boxes_are_no_store() -> None:
    (handler,) = [one for one in registry.handlers() if one.name == "MP4"]
    asset = ISOM + carrier(b"merkle", b"\xa0") + box(b"mdat")
    assert handler.locate(BufferSource(asset), DEFAULT_LIMITS).count == 0
    assert written(handler.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset) == ISOM + box(
        b"mdat"
    )


@pytest.mark.parametrize("first", [b"styp", b"moof", b"sidx", b"emsg", b"prft"])
def test_a_segment_is_known_and_says_what_signing_it_needs(first: bytes) -> None:
    asset = box(first, bytes(20)) + SEGMENT[16:]
    handler = registry.find(BufferSource(asset))
    assert handler.name == "MP4 segment"
    assert not handler.can_embed
    with pytest.raises(UnsupportedFormatError, match="together with the initialization segment"):
        handler.plan(BufferSource(asset), 500, DEFAULT_LIMITS)


def test_a_segment_gives_its_merkle_boxes_up() -> None:
    new = written(segment_plan(SEGMENT), SEGMENT)
    handler = registry.find(BufferSource(new))
    assert handler.locate(BufferSource(new), DEFAULT_LIMITS).count == 0
    assert written(handler.plan(BufferSource(new), 0, DEFAULT_LIMITS), new) == SEGMENT
