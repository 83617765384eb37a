"""JPEG XL: one jumb box in the container; a bare codestream takes a sidecar."""

import time

import brotli
import pytest

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Located
from provenance.formats.jxl import HANDLERS
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_jxl import CODESTREAM, SIGNATURE, TYPE, box, jxl
from tests.formats.samples import store_of, written

CONTAINER, BARE = HANDLERS
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
LEVEL = box(b"jxll", b"\5")
EXIF = box(b"Exif", bytes(20))
OTHER = superbox(uuids.ASSERTION_STORE, "other", ())


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return CONTAINER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(CONTAINER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(CONTAINER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def test_the_store_is_a_box_after_the_type_and_the_level() -> None:
    store = store_of(100)
    assert signed(jxl(EXIF), store) == jxl(store, EXIF)
    assert signed(jxl(LEVEL, EXIF), store) == jxl(LEVEL, store, EXIF)
    assert located(jxl(EXIF, store)).store == store


def test_a_container_without_a_type_has_it_after_the_signature() -> None:
    rest = box(b"jxlc", CODESTREAM)
    assert signed(SIGNATURE + rest, store_of(100)) == SIGNATURE + store_of(100) + rest


def test_a_store_keeps_its_place_before_the_codestream_only() -> None:
    old, new = store_of(100), store_of(300)
    assert signed(jxl(EXIF, old, OTHER), new) == jxl(EXIF, new, OTHER)
    assert signed(jxl(EXIF, after=old), new) == jxl(new, EXIF)
    assert stripped(jxl(EXIF, after=old)) == jxl(EXIF)


def test_a_store_with_a_long_header_or_up_to_the_end_is_read() -> None:
    store = store_of(100)
    long = b"\0\0\0\1jumb" + (len(store) + 8).to_bytes(8) + store[8:]
    assert located(jxl(long)).store == long
    to_the_end = b"\0\0\0\0" + store[4:]
    assert located(jxl(after=to_the_end)).store == to_the_end


def test_other_jumbf_boxes_are_not_ours() -> None:
    assert located(jxl(OTHER)).count == 0
    assert stripped(signed(jxl(OTHER), store_of(100))) == jxl(OTHER)


def test_several_stores_are_none_and_all_go() -> None:
    asset = jxl(store_of(100), EXIF, after=store_of(200))
    assert (located(asset).store, located(asset).count) == (None, 2)
    assert stripped(asset) == jxl(EXIF)


def test_a_packed_store_is_none() -> None:
    packed = box(b"brob", b"jumb" + brotli.compress(store_of(100)[8:]))
    assert located(jxl(packed)).count == 0
    boxes = CONTAINER.boxes(BufferSource(jxl(packed)), DEFAULT_LIMITS)
    assert boxes is not None
    assert boxes[2].name == "brob"


def test_boxes_are_named_by_type() -> None:
    asset = signed(jxl(LEVEL, EXIF, OTHER, box(b"\0abc")), store_of(100))
    boxes = CONTAINER.boxes(BufferSource(asset), DEFAULT_LIMITS)
    assert boxes is not None
    names = ["JXL ", "ftyp", "jxll", "C2PA", "Exif", "jumb", "0x00616263", "jxlc"]
    assert [one.name for one in boxes] == names
    assert boxes[3].span == Span(len(SIGNATURE + TYPE + LEVEL), 100)
    assert sum(one.span.length for one in boxes) == len(asset)


@pytest.mark.parametrize(
    "text",
    [box(b"xml ", XMP), box(b"brob", b"xml " + brotli.compress(XMP))],
    ids=["plain", "packed"],
)
def test_xmp_names_a_remote_store(text: bytes) -> None:
    exif = box(b"brob", b"Exif" + brotli.compress(bytes(20)))
    for asset in (jxl(exif, text), jxl(after=text)):
        assert located(asset) == Located(remote_url=URL)
        assert located(signed(asset, store_of(80))).remote_url is None


def test_packed_xmp_is_not_unpacked_without_bound() -> None:
    bomb = jxl(box(b"brob", b"xml " + brotli.compress(XMP + b" " * (17 << 20))))
    assert len(bomb) < 2000
    assert located(bomb).remote_url is None
    assert located(bomb, Limits(text_bytes=20 << 20)).remote_url == URL


@pytest.mark.parametrize("data", [b"", b"xml ", b"xml \xff\xff\xff", b"xml " + b"\0"])
def test_packed_xmp_that_is_broken_names_nothing(data: bytes) -> None:
    assert located(jxl(box(b"brob", data))).remote_url is None


def test_a_box_past_the_end_is_told_with_its_place() -> None:
    asset = jxl()[:-1]
    with pytest.raises(MalformedError, match=r"^jxlc box at byte 32: 40 bytes long, 39 left"):
        located(asset)
    with pytest.raises(MalformedError, match=r"^box header at byte 32: 8 bytes wanted, 3 left"):
        located(SIGNATURE + TYPE + b"\0\0\0")
    store = store_of(100)
    assert located(jxl(store)[:-1]).store == store


def test_a_box_up_to_the_end_takes_no_store_into_itself() -> None:
    asset = SIGNATURE + b"\0\0\0\0" + TYPE[4:]
    with pytest.raises(MalformedError, match=r"^ftyp box at byte 12: goes on to the end"):
        signed(asset, store_of(100))
    open_ended = SIGNATURE + TYPE + b"\0\0\0\0jxlc" + CODESTREAM
    assert stripped(signed(open_ended, store_of(100))) == open_ended


def test_many_boxes_are_walked_quickly() -> None:
    asset = jxl(*[box(b"jumb")] * 100_000)
    began = time.process_time()
    assert located(asset).count == 0
    assert time.process_time() - began < 2
    with pytest.raises(LimitError, match="more than 50 boxes"):
        located(asset, Limits(container_items=50))


def test_a_bare_codestream_is_known_and_takes_a_sidecar_only() -> None:
    assert registry.find(BufferSource(CODESTREAM), ".jxl") is BARE
    assert registry.by_media_type("image/jxl") is CONTAINER
    assert not BARE.can_embed
    assert BARE.locate(BufferSource(CODESTREAM), DEFAULT_LIMITS) == Located()
    with pytest.raises(UnsupportedFormatError, match="put it into a JPEG XL container first"):
        BARE.plan(BufferSource(CODESTREAM), 100, DEFAULT_LIMITS)
