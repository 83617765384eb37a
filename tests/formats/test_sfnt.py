"""Fonts: a C2PA table among others, sums that come out right, boxes in the directory's order."""

import io
import struct
import time
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Located
from provenance.formats.sfnt import HANDLERS
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_font import collection, otf, packed, ttf
from tests.formats.samples import noise, store_of, written

HANDLER = HANDLERS[0]
URL = "https://example.com/store.c2pa"
font_of: Any = TTFont


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def sfnt(*tables: tuple[bytes, bytes]) -> bytes:
    """A font of some tables, its directory sorted and its tables in the order given."""
    count = len(tables)
    power = count.bit_length() - 1
    numbers = (count, 16 << power, power, 16 * (count - (1 << power)))
    head = b"OTTO" + struct.pack(">HHHH", *(number & 0xFFFF for number in numbers))
    at, records, body = 12 + 16 * count, [], []
    for tag, data in tables:
        records.append(struct.pack(">4sIII", tag, words(data), at, len(data)))
        body.append(data + bytes(-len(data) % 4))
        at += len(body[-1])
    return head + b"".join(sorted(records) + body)


def words(data: bytes) -> int:
    data += bytes(-len(data) % 4)
    return int(sum(struct.unpack(f">{len(data) // 4}I", data))) & 0xFFFFFFFF


def c2pa_table(store: bytes = b"", uri: bytes = b"") -> tuple[bytes, bytes]:
    uri_at = 20 if uri else 0
    store_at = 20 + len(uri) if store else 0
    head = struct.pack(">HHIHHII", 0, 1, uri_at, len(uri), 0, store_at, len(store))
    return b"C2PA", head + uri + store


@pytest.mark.parametrize("font", [ttf(), otf()], ids=["TTF", "OTF"])
def test_other_software_finds_all_tables_and_right_sums(font: bytes) -> None:
    store = store_of(70_001)
    asset = signed(font, store)
    before, after = font_of(io.BytesIO(font)), font_of(io.BytesIO(asset), checkChecksums=2)
    for tag in before.reader.keys():  # noqa: SIM118  # no dictionary
        old, new = bytearray(before.reader[tag]), bytearray(after.reader[tag])
        if tag == "head":
            old[8:12] = new[8:12] = bytes(4)
        assert new == old, tag
    assert sorted(after.reader.keys()) == sorted([*before.reader.keys(), "C2PA"])
    assert after.reader["C2PA"][20:] == store
    assert words(asset) == 0xB1B0AFBA
    assert after.getGlyphOrder() == before.getGlyphOrder()


def test_the_store_goes_right_behind_the_directory_and_stays_there() -> None:
    once = signed(ttf(), store_of(101))
    place = 12 + 16 * (len(font_of(io.BytesIO(ttf())).reader.keys()) + 1)
    found = located(once)
    assert found.core is not None
    assert Span(place, 121) in found.core
    assert once[place + 121 : place + 124] == bytes(3)
    again = signed(once, store_of(6000))
    assert words(again) == 0xB1B0AFBA
    assert again[place + 20 : place + 6020] == store_of(6000)
    assert stripped(again) == ttf()


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_table_of_others_keeps_its_place(position: int) -> None:
    tables = [(b"CFF ", noise(30)), (b"head", noise(54))]
    tables.insert(position, c2pa_table(store_of(99)))
    asset = sfnt(*tables)
    assert located(asset).store == store_of(99)
    tables[position] = c2pa_table(store_of(500))
    again = signed(asset, store_of(500))
    expected = bytearray(sfnt(*tables))
    adjusted = expected.index(noise(54)) + 8
    expected[adjusted : adjusted + 4] = again[adjusted : adjusted + 4]
    assert again == bytes(expected)
    assert words(again) == 0xB1B0AFBA


def test_a_font_without_a_head_table_is_signed_too() -> None:
    asset = sfnt((b"CFF ", noise(31)), (b"cmap", noise(8)))
    again = signed(asset, store_of(100))
    assert located(again).store == store_of(100)
    assert stripped(again) == asset


def test_several_stores_are_none_and_all_go() -> None:
    two = c2pa_table(store_of(100)), c2pa_table(store_of(200))
    asset = sfnt(two[0], (b"CFF ", noise(32)), two[1])
    found = located(asset)
    assert (found.store, found.count, len(found.carriers)) == (None, 2, 2)
    assert stripped(asset) == sfnt((b"CFF ", noise(32)))
    assert located(signed(asset, store_of(64))).store == store_of(64)


def test_a_table_may_name_a_store_elsewhere() -> None:
    asset = sfnt(c2pa_table(uri=URL.encode()), (b"CFF ", noise(32)))
    assert located(asset) == Located(remote_url=URL)
    assert stripped(asset) == asset
    both = sfnt(c2pa_table(store_of(80), URL.encode()), (b"CFF ", noise(32)))
    assert (located(both).store, located(both).remote_url) == (store_of(80), None)
    for uri in (b"self#jumbf=c2pa", b"\xff\xfe", b"file:///etc/passwd"):
        assert located(sfnt(c2pa_table(uri=uri))).remote_url is None


def test_a_table_that_is_the_store_itself_is_read() -> None:
    asset = sfnt((b"C2PA", store_of(300) + bytes(700)), (b"CFF ", noise(32)))
    found = located(asset)
    assert found.store == store_of(300)
    assert found.core == (Span(16, 4), Span(44, 1000))


def test_boxes_are_the_tables_in_the_order_of_the_directory() -> None:
    asset = sfnt((b"head", noise(54)), (b"CFF ", noise(33)), c2pa_table(store_of(70)))
    boxes = HANDLER.boxes(BufferSource(asset), DEFAULT_LIMITS)
    assert boxes is not None
    assert [box.name for box in boxes] == ["C2PA", "CFF ", "head"]
    start = 12 + 48
    assert boxes[1].span == Span(start + 56, 33)
    assert boxes[2].span == Span(start, 54)
    assert boxes[2].zeroed == Span(start + 8, 4)


@pytest.mark.parametrize(
    ("asset", "told"),
    [
        (b"OTTO\0\0" + bytes(20), "has no tables"),
        (b"OTTO\0\x02" + bytes(20), "32 bytes wanted"),
        (sfnt(c2pa_table(store_of(100)))[:-40], r"120 bytes long, 80 left"),
        (sfnt((b"C2PA", bytes(19))), r"19 bytes long"),
        (sfnt((b"C2PA", bytes(12) + b"\0\0\0\x14\xff\xff\xff\xff")), "store ends 4294967295 bytes"),
        (sfnt((b"C2PA", bytes(4) + b"\0\0\0\x14\0\1" + bytes(10))), "URI ends 1 bytes past it"),
    ],
)
def test_what_is_broken_on_the_way_to_the_store_is_told(asset: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        located(asset)


def test_a_broken_table_does_not_hide_the_store() -> None:
    asset = bytearray(sfnt(c2pa_table(store_of(100)), (b"CFF ", noise(32))))
    asset[12 + 16 + 12 : 12 + 32] = b"\xff" * 4
    assert located(bytes(asset)).store == store_of(100)
    with pytest.raises(MalformedError, match=r"'CFF ' table at byte .*: 4294967295 bytes long"):
        signed(bytes(asset), store_of(100))


@pytest.mark.parametrize(
    ("at", "value", "told"),
    [(8, 12, "lies in the table directory"), (8, 12 + 32 + 8, "overlaps another")],
)
def test_tables_in_each_others_place_are_told(at: int, value: int, told: str) -> None:
    asset = bytearray(sfnt(c2pa_table(store_of(100)), (b"CFF ", noise(32))))
    asset[28 + at : 28 + at + 4] = value.to_bytes(4)
    with pytest.raises(MalformedError, match=told):
        signed(bytes(asset), store_of(100))


def test_a_short_head_table_is_told() -> None:
    with pytest.raises(MalformedError, match="head table at byte 28: 11 bytes"):
        signed(sfnt((b"head", bytes(11))), store_of(100))


def test_many_stores_take_no_long_time() -> None:
    tables = [c2pa_table(store_of(60)), (b"CFF ", b"")] * 32_000
    asset = sfnt(*tables)
    began = time.process_time()
    with pytest.raises(LimitError, match="32000 C2PA tables"):
        signed(asset, store_of(100))
    assert located(asset).count == 32_000
    assert time.process_time() - began < 2


@pytest.mark.parametrize("asset", [collection(), packed("wOFF"), packed("wOF2")])
def test_a_packed_font_takes_a_sidecar_only(asset: bytes) -> None:
    source = BufferSource(asset)
    handler = registry.find(source)
    assert not handler.can_embed
    with pytest.raises(UnsupportedFormatError, match="holds no manifest store; a sidecar file can"):
        handler.plan(source, 100, DEFAULT_LIMITS)
    assert handler.locate(source, DEFAULT_LIMITS) == Located()
    assert written(handler.plan(source, 0, DEFAULT_LIMITS), asset) == asset


def test_a_font_of_a_store_alone_leaves_nothing_that_is_one() -> None:
    asset = sfnt(c2pa_table(store_of(100)))
    assert located(asset).store == store_of(100)
    assert stripped(asset)[4:6] == b"\0\0"
