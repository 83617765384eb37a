"""GIF: one application extension before the first image, and what files in the field do."""

import io
import time

import pytest
from PIL import Image, ImageSequence

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.gif import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, StreamSource
from provenance.spans import Span
from tests.formats.samples import noise, picture, saved, store_of, written

URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
TRAILER = b"\1" + bytes(range(255, -1, -1))
SCREEN = b"\1\0\1\0\x80\0\0" + b"\0\0\0\xff\xff\xff"
IMAGE = b"\x2c\0\0\0\0\1\0\1\0\0" + b"\2\2\x44\1\0"
COMMENT = b"\x21\xfe\5hello\0"
CONTROL = b"\x21\xf9\4\0\0\0\0\0"
END = b"\x3b"


def blocks_of(data: bytes) -> bytes:
    """Data in sub-blocks."""
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def carrier(store: bytes) -> bytes:
    return b"\x21\xff\x0bC2PA_GIF\1\0\0" + blocks_of(store)


def gif(*blocks: bytes, version: bytes = b"89a", after: bytes = b"") -> bytes:
    return b"".join((b"GIF", version, SCREEN, *blocks, END, after))


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


@pytest.mark.parametrize("length", [100, 255, 256, 510, 511])
def test_the_store_comes_first_of_the_blocks(length: int) -> None:
    store = store_of(length)
    wanted = gif(carrier(store), COMMENT, IMAGE)
    assert signed(gif(COMMENT, IMAGE), store) == wanted
    assert located(wanted).store == store
    assert located(wanted).carriers == (Span(19, len(carrier(store))),)


def test_an_old_version_becomes_the_one_that_has_extensions() -> None:
    assert signed(gif(IMAGE, version=b"87a"), store_of(100)) == gif(carrier(store_of(100)), IMAGE)
    assert stripped(gif(IMAGE, version=b"87a")) == gif(IMAGE, version=b"87a")


def frames(asset: bytes) -> list[bytes]:
    image = Image.open(io.BytesIO(asset))
    return [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(image)]


def test_all_pictures_of_an_animation_stay() -> None:
    more = [picture().rotate(90), picture().rotate(180)]
    asset = saved("GIF", picture(), save_all=True, append_images=more, loop=0)
    output = signed(asset, store_of(5000))
    assert len(frames(asset)) == 3
    assert frames(output) == frames(asset)
    assert Image.open(io.BytesIO(output)).info["loop"] == 0


def test_a_store_keeps_its_place_before_the_first_image() -> None:
    asset = gif(COMMENT, carrier(store_of(100)), CONTROL, IMAGE)
    assert signed(asset, store_of(300)) == gif(COMMENT, carrier(store_of(300)), CONTROL, IMAGE)


def test_what_stands_after_the_first_image_is_no_store() -> None:
    late = carrier(store_of(100))
    assert located(gif(IMAGE, late)).count == 0
    assert signed(gif(IMAGE, late), store_of(80)) == gif(carrier(store_of(80)), IMAGE, late)


def test_several_stores_are_none_and_all_go() -> None:
    asset = gif(carrier(store_of(100)), COMMENT, carrier(store_of(200)), IMAGE)
    assert (located(asset).store, located(asset).count) == (None, 2)
    assert stripped(asset) == gif(COMMENT, IMAGE)
    assert signed(asset, store_of(80)) == gif(carrier(store_of(80)), COMMENT, IMAGE)


def test_another_version_of_the_extension_is_not_ours() -> None:
    other = b"\x21\xff\x0bC2PA_GIF\2\0\0" + blocks_of(store_of(100))
    assert located(gif(other, IMAGE)).count == 0


def test_boxes_have_the_names_of_the_standard() -> None:
    text = b"\x21\1\x0c" + bytes(12) + b"\0"
    coloured = IMAGE[:9] + b"\x80" + bytes(6) + IMAGE[10:]
    loop = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    asset = gif(carrier(store_of(300)), loop, COMMENT, CONTROL, coloured, text, IMAGE, after=b"x")
    boxes = HANDLER.boxes(BufferSource(asset), DEFAULT_LIMITS)
    assert boxes is not None
    names = "GIF89a LSD C2PA 21FF 21FE 21F9 2C TBID 2101 2C TBID 3B c2pa.after"
    assert [box.name for box in boxes] == names.split()
    assert boxes[1].span == Span(6, 13)  # with the colours of the screen
    assert boxes[6].span.length == 16  # with those of the image
    assert sum(box.span.length for box in boxes) == len(asset)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize(
    "packet",
    [XMP + TRAILER + b"\0", blocks_of(XMP + TRAILER)],
    ids=["as the standard has it", "in real sub-blocks"],
)
def test_xmp_names_a_remote_store(packet: bytes, place: str) -> None:
    text = b"\x21\xff\x0bXMP DataXMP" + packet
    asset = gif(text, IMAGE) if place == "before" else gif(IMAGE, text)
    assert located(asset) == Located(remote_url=URL)
    assert located(signed(asset, store_of(80))).remote_url is None
    assert located(asset, Limits(text_bytes=10)).remote_url is None


@pytest.mark.parametrize("packet", [b"\0", b"\1x\0", XMP[:3], b"\xff"])
def test_xmp_that_cannot_be_read_names_nothing(packet: bytes) -> None:
    text = b"\x21\xff\x0bXMP DataXMP" + packet.ljust(2, b"\0")
    assert located(gif(IMAGE, text)).remote_url is None


def test_what_is_broken_behind_the_first_image_hides_nothing() -> None:
    store = store_of(100)
    assert located(gif(carrier(store), IMAGE)[:-4]).store == store
    assert located(gif(IMAGE)[:-4]).count == 0
    assert located(gif(IMAGE, b"\x99")).count == 0


def test_what_is_broken_before_it_is_told_with_its_place() -> None:
    with pytest.raises(MalformedError, match=r"^GIF block at byte 19: 0x99 in its place"):
        located(gif(b"\x99", IMAGE))
    with pytest.raises(MalformedError, match=r"ends before its trailer"):
        located(gif(COMMENT)[:22])
    with pytest.raises(MalformedError, match=r"ends before its screen descriptor"):
        located(b"GIF89a")


def test_a_store_in_the_smallest_sub_blocks_is_read() -> None:
    store = store_of(1000)
    asset = gif(b"\x21\xff\x0bC2PA_GIF\1\0\0" + b"".join(b"\1%c" % one for one in store) + b"\0")
    assert located(asset).store == store
    with pytest.raises(LimitError, match="1000 bytes, of which we read 999"):
        located(asset, Limits(store_bytes=999))
    with pytest.raises(LimitError):
        located(asset, Limits(store_bytes=100))


def test_many_blocks_are_walked_quickly() -> None:
    asset = gif(*[COMMENT] * 100_000, IMAGE, b"\x2c" + bytes(9) + b"\2" + b"\1\0" * 1_000_000)
    for source in (BufferSource(asset), StreamSource(io.BytesIO(asset))):
        began = time.process_time()
        assert HANDLER.locate(source, DEFAULT_LIMITS).count == 0
        assert time.process_time() - began < 2
    with pytest.raises(LimitError, match="more than 50 blocks"):
        located(asset, Limits(container_items=50))


def test_a_large_picture_is_walked_in_windows() -> None:
    asset = gif(b"\x2c" + bytes(9) + b"\2" + blocks_of(noise(500_000)), COMMENT)
    boxes = HANDLER.boxes(StreamSource(io.BytesIO(asset)), DEFAULT_LIMITS)
    assert boxes is not None
    assert [box.name for box in boxes] == ["GIF89a", "LSD", "2C", "TBID", "21FE", "3B"]


def test_more_sub_blocks_than_the_limit_are_refused() -> None:
    asset = gif(b"\x2c" + bytes(9) + b"\2" + b"\1x" * 300_000 + b"\0")
    with pytest.raises(LimitError, match="sub-blocks"):
        located(asset, Limits(container_items=1000))
