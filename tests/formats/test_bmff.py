"""The BMFF family: which member a file is, where its store is, and what else carries one."""

import json
import struct
from pathlib import Path

import pytest

from provenance.errors import LimitError, MalformedError
from provenance.formats import registry
from provenance.formats.base import Located
from provenance.formats.bmff import HANDLERS
from provenance.formats.bmff.brands import kind_of
from provenance.formats.bmff.carriers import C2PA, merkle_boxes
from provenance.formats.bmff.plan import plan_update
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, open_source
from tests.formats.sample_bmff import aims, box, carrier, film, full, head, heif
from tests.formats.samples import noise, store_of, written

MP4 = HANDLERS[0]
ISOM = head(b"isom")
FILM = film(ISOM)
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
XMP_BOX = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), XMP)


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return MP4.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(MP4.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def manifest(store: bytes, purpose: bytes = b"manifest", offset: int = 0) -> bytes:
    return carrier(purpose, struct.pack(">Q", offset) + store)


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ((b"isom",), "MP4"),
        ((b"mp42", b"M4A "), "MP4"),
        ((b"iso6", b"dash", b"cmfc"), "MP4"),
        ((b"3gp5",), "MP4"),
        ((b"made", b"up  "), "MP4"),
        ((b"qt  ",), "MOV"),
        ((b"M4A ", b"mp42"), "M4A"),
        ((b"M4B ",), "M4A"),
        ((b"M4V ",), "M4V"),
        ((b"heic", b"mif1"), "HEIC"),
        ((b"heix",), "HEIC"),
        ((b"mif1", b"heic"), "HEIC"),
        ((b"msf1", b"hevc"), "HEIC"),
        ((b"mif1", b"miaf"), "HEIF"),
        ((b"mif2", b"j2ki"), "HEIF"),
        ((b"avif", b"mif1"), "AVIF"),
        ((b"mif1", b"avif"), "AVIF"),
        ((b"avis",), "AVIF"),
        ((b"jp2 ",), None),
        ((b"crx ",), None),
        ((b"jxl ",), None),
    ],
)
def test_brands_tell_the_member(brands: tuple[bytes, ...], kind: str | None) -> None:
    assert kind_of(head(*brands) + box(b"free")) == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (box(b"moov", bytes(20)), "MOV"),
        (struct.pack(">I4sQ", 1, b"mdat", 1 << 40), "MOV"),
        (box(b"wide") + struct.pack(">I4s", 0, b"mdat"), "MOV"),
        (box(b"free", bytes(5)) + box(b"skip") + box(b"mdat"), "MOV"),
        (box(b"free") + ISOM, "MP4"),
        (carrier(b"manifest", bytes(5000)), "MOV"),
        (box(b"uuid", bytes(16)) + box(b"moov"), "MOV"),
        (box(b"uuid", bytes(5000)), None),
        (box(b"free", bytes(5000)), None),
        (box(b"free") * 3, None),
        (box(b"free") + box(b"text"), None),
        (struct.pack(">I4s", 0, b"mdat"), None),
        (struct.pack(">I4s", 7, b"moov"), None),
        (box(b"styp", b"msdh"), "MP4 segment"),
        (box(b"ftyp", b"isom"), None),
    ],
)
def test_boxes_tell_the_member_when_there_is_no_brand(start: bytes, kind: str | None) -> None:
    assert kind_of(start[:4096]) == kind


def test_a_file_known_only_by_its_boxes_is_signed_and_known_again() -> None:
    asset = film(b"", first=False)
    new = signed(asset, store_of(70_000))
    handler = registry.find(BufferSource(new))
    assert handler.name == "MOV"
    assert new[4:8] == b"uuid"
    assert handler.locate(BufferSource(new), DEFAULT_LIMITS).store == store_of(70_000)


def test_the_store_goes_right_after_ftyp_with_no_merkle_box_told() -> None:
    store = store_of(100)
    assert signed(FILM, store)[len(ISOM) :].startswith(manifest(store))


def test_a_store_before_the_media_keeps_its_place() -> None:
    free = box(b"free", b"here")
    old, new = manifest(store_of(100)), manifest(store_of(300))
    asset = film(ISOM + free + old)
    assert signed(asset, store_of(300)) == film(ISOM + free + new)


def test_what_pads_a_store_is_no_part_of_it() -> None:
    store = store_of(100)
    assert located(ISOM + manifest(store + bytes(50))).store == store


@pytest.mark.parametrize("data", [b"", b"jumb", bytes(100), b"\xff\xff\xff\xffjumb" + bytes(50)])
def test_what_is_no_store_is_handed_on_as_it_is(data: bytes) -> None:
    found = located(ISOM + manifest(data))
    assert (found.store, found.count) == (data, 1)


def test_a_long_size_of_the_store_is_read() -> None:
    store = struct.pack(">I4sQ", 1, b"jumb", 30) + noise(14)
    assert located(ISOM + manifest(store + bytes(9))).store == store


def test_a_box_that_ends_before_its_store_is_told() -> None:
    with pytest.raises(MalformedError, match="manifest box at byte 20: ends before its store"):
        located(box(b"ftyp", b"isom", bytes(8)) + carrier(b"manifest", bytes(7)))


@pytest.mark.parametrize(
    "other",
    [
        box(b"uuid", C2PA),
        box(b"uuid", C2PA, bytes(4)),
        carrier(b"something", store_of(100)),
        box(b"uuid", C2PA, bytes(4), b"manifest"),
        box(b"uuid", noise(16), bytes(4), b"manifest\0", bytes(8), store_of(100)),
        box(b"free", C2PA, bytes(4), b"manifest\0", bytes(8), store_of(100)),
        box(b"moov", manifest(store_of(100))),
    ],
)
def test_boxes_without_a_purpose_that_we_know_are_left_alone(other: bytes) -> None:
    asset = ISOM + other
    assert located(asset).count == 0
    assert signed(asset, store_of(80)) == ISOM + manifest(store_of(80)) + other


def test_several_stores_are_none() -> None:
    one, two = manifest(store_of(100)), manifest(store_of(200))
    found = located(ISOM + one + two)
    assert (found.store, found.count) == (None, 2)


def test_a_broken_box_behind_a_store_does_not_hide_it() -> None:
    asset = ISOM + manifest(store_of(100)) + b"\0\0\xff\xffmdat"
    assert located(asset).store == store_of(100)
    with pytest.raises(MalformedError, match="mdat box"):
        located(ISOM + b"\0\0\xff\xffmdat")


# Updates


UPDATE = store_of(60)


def joined(original: bytes, update: bytes) -> bytes:
    description = int.from_bytes(update[8:12])
    return box(b"jumb", original[8:], update[8 + description :])


@pytest.mark.parametrize("offset", [b"", bytes(8)], ids=["2.5", "with an offset field"])
def test_an_update_and_its_original_are_one_store(offset: bytes) -> None:
    first = manifest(store_of(100) + bytes(20), b"original")
    last = carrier(b"update", offset + UPDATE)
    asset = film(ISOM + first) + last
    found = located(asset)
    assert (found.store, found.count) == (joined(store_of(100), UPDATE), 1)
    assert [span.length for span in found.carriers] == [len(first), len(last)]
    assert signed(asset, store_of(300)) == film(ISOM + manifest(store_of(300)))


@pytest.mark.parametrize(
    "purposes",
    [(b"original",), (b"update",), (b"manifest", b"update"), (b"update", b"manifest")],
)
def test_an_update_and_its_original_go_together(purposes: tuple[bytes, ...]) -> None:
    asset = ISOM + b"".join(manifest(store_of(100), purpose) for purpose in purposes)
    with pytest.raises(MalformedError, match="go together, and one of them is not there"):
        located(asset)


@pytest.mark.parametrize("twice", [b"original", b"update"])
def test_several_updates_are_none(twice: bytes) -> None:
    purposes = (b"original", twice, b"update")
    found = located(ISOM + b"".join(manifest(store_of(100), purpose) for purpose in purposes))
    assert (found.store, found.count) == (None, 3)


@pytest.mark.parametrize("update", [b"jumb", b"\0\0\0\x08jumb", b"\0\0\0\x10jumb\0\0\0\x09free"])
def test_an_update_that_is_no_store_is_told(update: bytes) -> None:
    asset = ISOM + manifest(store_of(100), b"original") + carrier(b"update", bytes(8) + update)
    with pytest.raises(MalformedError):
        located(asset)


def updated(asset: bytes, update: bytes, original: bytes | None = None) -> bytes:
    plan = plan_update(BufferSource(asset), len(update), DEFAULT_LIMITS, original=original)
    return written(plan, asset, update)


def test_an_update_moves_nothing_and_renames_the_original() -> None:
    once = signed(FILM, store_of(500))
    twice = updated(once, UPDATE)
    assert twice[: len(once)] == once.replace(b"manifest\0", b"original\0")
    assert twice[len(once) :] == manifest(UPDATE, b"update")
    assert located(twice).store == joined(store_of(500), UPDATE)
    thrice = updated(twice, store_of(400))
    assert thrice == updated(once, store_of(400))
    assert aims(thrice) == aims(FILM)


def test_an_update_may_shorten_what_it_stands_upon() -> None:
    once = signed(FILM, store_of(500))
    new = updated(once, UPDATE, store_of(450))
    assert located(new).store == joined(store_of(450), UPDATE)
    assert aims(new) == aims(FILM)
    with pytest.raises(LimitError, match="original box: 501 bytes, it has room for 500"):
        updated(once, UPDATE, store_of(501))


def test_an_update_needs_one_store_and_the_end_of_the_file() -> None:
    with pytest.raises(MalformedError, match="has 0 manifest stores, an update needs 1"):
        updated(FILM, UPDATE)
    early = ISOM + manifest(store_of(90), b"original") + manifest(UPDATE, b"update") + box(b"mdat")
    with pytest.raises(MalformedError, match=r"update box at byte \d+: is not the last one"):
        updated(early, UPDATE)
    open_ended = ISOM + manifest(store_of(90)) + struct.pack(">I4s", 0, b"mdat")
    with pytest.raises(MalformedError, match=r"mdat box at byte \d+: has no length"):
        updated(open_ended, UPDATE)


# XMP


def test_xmp_in_a_box_names_a_store_elsewhere() -> None:
    assert located(FILM + XMP_BOX).remote_url == URL
    assert located(signed(FILM + XMP_BOX, store_of(100))).remote_url is None


def test_xmp_of_quicktime_names_a_store_elsewhere() -> None:
    asset = head(b"qt  ") + box(b"moov", box(b"udta", box(b"name"), box(b"XMP_", XMP), bytes(4)))
    assert located(asset).remote_url == URL


def entry(number: int, *, version: int = 2, kind: bytes = b"application/rdf+xml") -> bytes:
    wide = 2 if version == 2 else 4
    return full(b"infe", version, 1, number.to_bytes(wide), b"\0\0mime", b"XMP\0", kind, b"\0\0")


@pytest.mark.parametrize("version", [2, 3])
def test_xmp_of_a_picture_is_an_item(version: int) -> None:
    row = struct.pack(">HHHHII", 7, 1, 0, 1, 3, len(XMP))
    location = full(b"iloc", 1, 0, b"\x44\0", struct.pack(">H", 1), row)
    info = full(
        b"iinf", 0, 0, struct.pack(">H", 2), entry(5, kind=b"text/plain"), entry(7, version=version)
    )
    inside = full(b"hdlr", 0, 0, bytes(20)), info, location, box(b"idat", b"...", XMP)
    assert located(head(b"heic", b"mif1") + full(b"meta", 0, 0, *inside)).remote_url == URL


def test_xmp_of_a_picture_may_lie_in_the_media() -> None:
    start = head(b"avif")
    asset = heif(start, words=(b"pixels", XMP), entries=entry(2))
    assert located(asset).remote_url is None  # it lies in two parts, as nobody writes it
    row = struct.pack(">HHHII", 2, 0, 1, 0, len(XMP))
    location = full(b"iloc", 0, 0, b"\x44\0\0\1", row)
    info = full(b"iinf", 0, 0, struct.pack(">H", 1), entry(2))
    meta = full(b"meta", 0, 0, full(b"hdlr", 0, 0, bytes(20)), info, location)
    at = len(start) + len(meta) + 8
    meta = meta.replace(row, struct.pack(">HHHII", 2, 0, 1, at, len(XMP)))
    assert located(start + meta + box(b"mdat", XMP)).remote_url == URL


@pytest.mark.parametrize(
    "broken", [box(b"meta", b"\0\0\0\xff" * 5), box(b"moov", b"\0\0\0\xff" * 5)]
)
def test_what_is_broken_where_xmp_could_be_names_nothing(broken: bytes) -> None:
    assert located(ISOM + broken).remote_url is None


# Files from the field


def test_stores_of_the_corpus_are_found_where_the_reference_finds_them(shared: Path) -> None:
    index = json.loads((shared / "corpus" / "expected.json").read_text())
    names, seen = {handler.name for handler in HANDLERS}, 0
    for entry in index["files"]:
        path = shared / "corpus" / entry["file"]
        if entry["format"] not in ("mp4", "mov", "m4a", "m4v", "heic", "heif", "avif"):
            continue
        if entry["class"] == "malformed":
            continue
        with open_source(path) as source:
            handler = registry.find(source, path.suffix)
            assert handler.name in names
            found = handler.locate(source, DEFAULT_LIMITS)
        assert (found.store is not None) == (entry["manifest"] == "embedded"), path
        assert found.remote_url == entry["remote_url"], path
        seen += found.count
    assert seen > 15


def test_a_segment_that_the_reference_made_has_its_merkle_box(shared: Path) -> None:
    with open_source(shared / "corpus" / "mp4" / "c2pa-rs_dash1.m4s") as source:
        (found,) = merkle_boxes(source, DEFAULT_LIMITS)
        assert source.read(found.box.end + 4, 4) == b"moof"
        assert b"uniqueId" in source.read(found.data.start, found.data.length)
