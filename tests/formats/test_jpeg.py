"""JPEG: a store over many APP11 segments, among others' segments."""

import io
import struct
import time

import pytest
from PIL import Image

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.jpeg import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.samples import picture, saved, store_of, written

URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()

SOI = b"\xff\xd8"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34" * 10 + b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
TABLE = segment(0xDB, bytes(65))


def app11(data: bytes, *, z: int, en: int = 0x0211) -> bytes:
    return segment(0xEB, struct.pack(">2sHI", b"JP", en, z) + data)


def spread(store: bytes, room: int, *, en: int = 0x0211, header: int = 8) -> list[bytes]:
    """A box over segments as ISO 19566-5 D.2 has it, made apart from the code under test."""
    head, body = store[:header], store[header:]
    parts = [body[at : at + room] for at in range(0, len(body), room)]
    return [app11(head + part, z=z, en=en) for z, part in enumerate(parts, 1)]


def jpeg(*segments: bytes) -> bytes:
    return b"".join((SOI, *segments, SCAN))


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


FOREIGN = app11(store_of(90).replace(b"jumdc2pa", b"jumdwxyz"), z=1, en=0x0300)


# Reading


@pytest.mark.parametrize("room", [50, 64_000, 65_000])
def test_the_box_header_is_in_every_segment_and_once_in_the_store(room: int) -> None:
    store = store_of(150_000)
    carriers = b"".join(spread(store, room))
    found = located(jpeg(JFIF, carriers, TABLE))
    assert found.store == store
    assert found.carriers == (Span(2 + len(JFIF), len(carriers)),)


def test_a_64_bit_length_is_repeated_as_well() -> None:
    short = store_of(150_000)
    store = b"\0\0\0\1jumb" + (len(short) + 8).to_bytes(8) + short[8:]
    assert located(jpeg(*spread(store, 60_000, header=16))).store == store


def test_a_box_without_a_length_runs_as_far_as_its_segments() -> None:
    store = bytes(4) + store_of(1000)[4:]
    assert located(jpeg(*spread(store, 300), FOREIGN)).store == store


def test_others_boxes_in_app11_are_not_ours_and_stay() -> None:
    store = store_of(500)
    quality = segment(0xEB, b"HDR_RI ver=11\n")
    short = segment(0xEB, b"JP\2\x11")
    asset = jpeg(JFIF, FOREIGN, quality, *spread(store, 200), short, TABLE)
    assert located(asset).store == store
    assert stripped(asset) == jpeg(JFIF, FOREIGN, quality, short, TABLE)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"jumdc2pa", b"jumdc2ma"), (b"\3c2pa\0", b"\3c2pb\0"), (b"\3c2pa\0", b"\1c2pa\0")],
)
def test_type_and_label_both_make_a_store(before: bytes, after: bytes) -> None:
    store = store_of(500)
    assert located(jpeg(*spread(store, 200))).count == 1
    assert located(jpeg(*spread(store.replace(before, after), 200))) == Located()


@pytest.mark.parametrize("second", [0x0211, 0x0212])
def test_two_stores_are_none_and_both_go(second: int) -> None:
    one, two = spread(store_of(500), 200), spread(store_of(700), 400, en=second)
    asset = jpeg(JFIF, *one, *two, TABLE)
    found = located(asset)
    assert (found.store, found.count) == (None, 2)
    assert found.carriers == (Span(20, sum(map(len, one + two))),)
    assert stripped(asset) == jpeg(JFIF, TABLE)
    assert located(signed(asset, store_of(300))).store == store_of(300)


def test_two_stores_apart_are_none_and_both_go() -> None:
    carrier = spread(store_of(500), 1000)[0]
    asset = jpeg(carrier, TABLE, carrier)
    assert located(asset).carriers == (
        Span(2, len(carrier)),
        Span(2 + len(carrier) + len(TABLE), len(carrier)),
    )
    assert stripped(asset) == jpeg(TABLE)


def test_what_follows_the_box_belongs_to_the_store_as_found() -> None:
    padded = store_of(500) + bytes(30)
    assert located(jpeg(*spread(padded, 1000))).store == padded


def test_fill_bytes_and_markers_without_a_length_are_passed_over() -> None:
    store = store_of(500)
    fill, alone = b"\xff\xff", b"\xff\x01\xff\xd0"
    carriers = spread(store, 1000)
    asset = jpeg(fill, JFIF, alone, fill, *carriers, fill, TABLE)
    found = located(asset)
    assert found.store == store
    assert found.carriers == (Span(2 + 2 + len(JFIF) + 4 + 2, len(carriers[0])),)
    assert stripped(asset) == jpeg(fill, JFIF, alone, fill, fill, TABLE)


def test_nothing_is_looked_for_after_the_start_of_the_scan() -> None:
    asset = jpeg(JFIF, TABLE) + b"".join(spread(store_of(500), 200))
    assert located(asset) == Located()
    assert located(SOI + b"\xff\xd9" + spread(store_of(500), 900)[0]) == Located()


# Broken files: what is wrong, and where


def test_a_segment_out_of_number_is_malformed() -> None:
    one, two, three = spread(store_of(500), 200)
    for wrong, place in (((one, three, two), 1), ((one, one, two), 1), ((one, two, two), 2)):
        at = 2 + sum(map(len, wrong[:place]))
        with pytest.raises(
            MalformedError, match=rf"^APP11 segment at byte {at}: numbered \d where"
        ):
            located(jpeg(*wrong))


def test_a_segment_that_repeats_another_header_is_malformed() -> None:
    one, *_ = spread(store_of(500), 300)
    other = spread(store_of(501), 300)[1]
    with pytest.raises(
        MalformedError, match=rf"at byte {2 + len(one)}: repeats another box header"
    ):
        located(jpeg(one, other))


@pytest.mark.parametrize("between", [b"", TABLE, FOREIGN])
def test_a_store_with_its_end_missing_is_malformed(between: bytes) -> None:
    one, two = spread(store_of(500), 300)
    with pytest.raises(MalformedError, match=r"^manifest store at byte 2: 500 bytes long, 308 in"):
        located(jpeg(one, between, b"" if not between else two))


def test_a_length_of_four_gigabytes_is_malformed_and_takes_no_memory() -> None:
    (carrier,) = spread(b"\xff\xff\xff\xff" + store_of(500)[4:], 1000)
    with pytest.raises(MalformedError, match="4294967295 bytes long, 500 in its segments"):
        located(jpeg(carrier))
    (carrier,) = spread(b"\0\0\0\1jumb" + b"\xff" * 8 + store_of(500)[8:], 1000, header=16)
    with pytest.raises(MalformedError, match="18446744073709551615 bytes long, 508 in"):
        located(jpeg(carrier))


def test_a_segment_past_the_end_is_malformed() -> None:
    with pytest.raises(MalformedError) as caught:
        located(SOI + JFIF + b"\xff\xe1\xff\xffExif")
    assert str(caught.value) == "APP1 segment at byte 20: 65535 bytes long, 6 left in the file"


@pytest.mark.parametrize(
    ("tail", "problem"),
    [
        (b"", "JPEG at byte 20: ends before its scan"),
        (b"\xff", "JPEG at byte 20: ends before its scan"),
        (b"\x12\x34", "JPEG marker at byte 20: 0x1234 in its place"),
        (b"\xff\x00\x00", "JPEG marker at byte 20: 0xff00 in its place"),
        (b"\xff\xdb\x00", "FFDB segment at byte 20: a length of 2 or more is missing"),
        (b"\xff\xee\x00\x01", "APP14 segment at byte 20: a length of 2 or more is missing"),
    ],
)
def test_a_broken_marker_is_told_with_its_place(tail: bytes, problem: str) -> None:
    with pytest.raises(MalformedError) as caught:
        located(SOI + JFIF + tail)
    assert str(caught.value) == problem


def test_hostile_numbers_of_segments_are_refused_soon() -> None:
    began = time.process_time()
    with pytest.raises(LimitError, match="more than 65536 segments and fill bytes"):
        located(jpeg(segment(0xEB, b"") * 100_000))
    with pytest.raises(LimitError, match="more than 65536"):
        located(jpeg(b"\xff" * 1_000_000))
    (carrier,) = spread(store_of(70), 1000)
    assert located(jpeg(carrier * 30_000)).count == 30_000
    assert time.process_time() - began < 10  # about 1 s; a search in squares takes minutes


# Writing


def test_a_first_store_goes_after_jfif_and_before_exif() -> None:
    store = store_of(300)
    exif, more = segment(0xE1, b"Exif\0\0"), segment(0xE0, b"JFXX\0\x13")
    (carrier,) = spread(store, 1000)
    assert signed(jpeg(JFIF, more, exif), store) == jpeg(JFIF, more, carrier, exif)
    assert signed(jpeg(exif, JFIF), store) == jpeg(carrier, exif, JFIF)
    assert signed(jpeg(), store) == jpeg(carrier)


def test_a_store_keeps_its_place() -> None:
    old, new = spread(store_of(500), 200), spread(store_of(300), 1000)
    assert signed(jpeg(JFIF, TABLE, *old, FOREIGN), store_of(300)) == jpeg(
        JFIF, TABLE, *new, FOREIGN
    )


def test_segments_are_filled_as_the_field_does() -> None:
    store = store_of(64_000 * 2 + 10)
    asset = signed(jpeg(JFIF), store)
    lengths: list[int] = []
    at = 20
    for _ in range(3):
        kind, length, ci, en, z, header = struct.unpack_from(">2sH2sHI8s", asset, at)
        assert (kind, ci, en, z, header) == (
            b"\xff\xeb",
            b"JP",
            0x0211,
            len(lengths) + 1,
            store[:8],
        )
        lengths.append(length)
        at += 2 + length
    assert lengths == [64_000 + 10, 64_000 + 18, 10 + 18]
    assert asset[at:] == SCAN


def test_four_gigabytes_are_refused() -> None:
    with pytest.raises(LimitError, match="4294967296 bytes"):
        HANDLER.plan(BufferSource(jpeg()), 1 << 32, DEFAULT_LIMITS)


def test_a_foreign_64_bit_header_fits_one_segment_and_is_refused_in_more() -> None:
    for length in (500, 64_000):
        short = store_of(length - 8)
        store = b"\0\0\0\1jumb" + length.to_bytes(8) + short[8:]
        assert located(signed(jpeg(), store)).store == store
    short = store_of(70_000)
    store = b"\0\0\0\1jumb" + (70_008).to_bytes(8) + short[8:]
    with pytest.raises(MalformedError, match="64-bit box length"):
        signed(jpeg(), store)


def test_a_picture_of_several_images_keeps_them() -> None:
    frames = [picture(16, 16), picture(24, 8)]
    asset = saved("MPO", frames[0], save_all=True, append_images=frames[1:])
    output = signed(asset, store_of(1000))
    assert located(output).store == store_of(1000)
    assert stripped(output) == asset
    before, after = Image.open(io.BytesIO(asset)), Image.open(io.BytesIO(output))
    for frame in (0, 1):  # the second is found by an offset from within the first
        before.seek(frame)
        after.seek(frame)
        assert after.size == frames[frame].size
        assert after.tobytes() == before.tobytes()


# XMP


def test_xmp_names_a_remote_store() -> None:
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    exif = segment(0xE1, b"Exif\0\0http://ns.adobe.com/xap/1.0/\0")
    assert located(jpeg(JFIF, exif, xmp)) == Located(remote_url=URL)


def test_xmp_that_other_software_wrote_is_read() -> None:
    assert located(saved("JPEG", xmp=XMP)).remote_url == URL


def test_an_embedded_store_goes_before_a_remote_one() -> None:
    found = located(signed(saved("JPEG", xmp=XMP), store_of(300)))
    assert (found.store, found.remote_url) == (store_of(300), None)


@pytest.mark.parametrize(
    "xmp",
    [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP[:-5]),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + XMP),
        segment(0xE2, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    ],
)
def test_xmp_that_cannot_be_read_names_nothing(xmp: bytes) -> None:
    assert located(jpeg(xmp)) == Located()
