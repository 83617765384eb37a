"""MP3 and FLAC: a GEOB frame among others' frames, and tags as they are found."""

import io
import time
from typing import Any

import pytest
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.mp3 import MP3

from provenance.errors import LimitError, MalformedError
from provenance.formats import registry
from provenance.formats.base import Handler, Located
from provenance.formats.id3 import HANDLERS
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_audio import flac, id3, mp3_frames, sevens, text_frame
from tests.formats.samples import noise, store_of, written

MP3_HANDLER, FLAC_HANDLER = HANDLERS
tags_of: Any = ID3
sound_of: Any = MP3
song_of: Any = FLAC
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return MP3_HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes, handler: Handler = MP3_HANDLER) -> bytes:
    return written(handler.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(MP3_HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def geob(
    store: bytes, version: int = 4, flags: bytes = b"\0\0", lead: bytes = b"", wide: bool = False
) -> bytes:
    """A frame as other software writes it: with other texts, maybe in UTF-16."""
    texts = "c\0Ā\0".encode("utf-16-be") if wide else b"file\0about\0"
    if wide:
        texts = "c".encode("utf-16") + b"\0\0" + "Ā".encode("utf-16") + b"\0\0"
    content = lead + bytes((1 if wide else 3,)) + b"application/c2pa\0" + texts + store
    if version == 2:
        return b"GEO" + len(content).to_bytes(3) + content
    size = sevens(len(content)) if version == 4 else len(content).to_bytes(4)
    return b"GEOB" + size + flags + content


def test_a_file_without_a_tag_gets_one_with_the_store_alone() -> None:
    store = store_of(100)
    asset = signed(mp3_frames(), store)
    content = b"\0application/c2pa\0c2pa\0c2pa manifest store\0" + store
    frame = b"GEOB" + len(content).to_bytes(4) + b"\0\0" + content
    assert asset == id3(frame, version=3) + mp3_frames()
    assert stripped(asset) == mp3_frames()


def test_the_store_comes_after_the_frames_and_before_the_padding() -> None:
    title = text_frame()
    asset = signed(id3(title, padding=500) + mp3_frames(), store_of(300))
    assert asset[10:].startswith(title + b"GEOB")
    assert stripped(asset) == id3(title, padding=500) + mp3_frames()


def test_a_store_keeps_its_place_among_other_frames() -> None:
    asset = id3(geob(store_of(100)), text_frame()) + mp3_frames()
    again = signed(asset, store_of(5000))
    assert located(again).store == store_of(5000)
    assert again[10:14] == b"GEOB"
    assert stripped(again) == id3(text_frame()) + mp3_frames()


@pytest.mark.parametrize("version", [2, 3, 4])
def test_each_version_of_the_tag_keeps_its_own(version: int) -> None:
    title = text_frame(b"TT2" if version == 2 else b"TIT2", version=version)
    plain = id3(title, version=version, padding=20) + mp3_frames()
    asset = signed(plain, store_of(70_000))
    assert asset[3] == version
    assert located(asset).store == store_of(70_000)
    assert stripped(asset) == plain
    assert sound_of(io.BytesIO(asset)).tags["TIT2"].text == ["Silence"]


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("wide", [False, True], ids=["8 bit", "UTF-16"])
def test_what_others_write_is_read(version: int, wide: bool) -> None:
    store = store_of(700)
    asset = id3(geob(store, version, wide=wide), version=version) + mp3_frames()
    found = located(asset)
    assert found.store == store
    assert found.core == (Span(asset.index(store), len(store)),)


def test_data_before_the_content_is_no_part_of_it() -> None:
    grouped = id3(geob(store_of(90), 3, b"\0\x20", b"g"), version=3)
    assert located(grouped + mp3_frames()).store == store_of(90)
    both = id3(geob(store_of(90), 4, b"\0\x41", b"g" + sevens(150)))
    assert located(both + mp3_frames()).store == store_of(90)


@pytest.mark.parametrize(("version", "flags"), [(3, b"\0\x80"), (3, b"\0\x40"), (4, b"\0\x08")])
def test_what_is_compressed_or_encrypted_is_not_searched(version: int, flags: bytes) -> None:
    assert located(id3(geob(store_of(90), version, flags), version=version)).count == 0


STUFFED = store_of(4000).replace(b"\xff", b"\xfe") + b"\xff\0\xff\0\0"


@pytest.mark.parametrize("version", [2, 3])
def test_unsynchronisation_of_a_whole_tag_is_undone(version: int) -> None:
    body = text_frame(version=version) + geob(STUFFED, version)
    raw = body.replace(b"\xff\0", b"\xff\0\0")
    tag = b"ID3" + bytes((version, 0, 0x80)) + sevens(len(raw)) + raw
    found = located(tag + mp3_frames())
    assert found.store == STUFFED
    assert found.carriers == (Span.between(tag.index(b"GEO"), len(tag)),)
    again = signed(tag + mp3_frames(), store_of(200))
    assert again[5] == 0
    assert located(again).store == store_of(200)
    assert stripped(again) == id3(text_frame(version=version), version=version) + mp3_frames()


@pytest.mark.parametrize("all_of_it", [True, False], ids=["the tag says", "the frame says"])
def test_unsynchronisation_of_a_frame_is_undone(all_of_it: bool) -> None:
    flags = b"\0\0" if all_of_it else b"\0\2"
    raw = STUFFED.replace(b"\xff\0", b"\xff\0\0")
    asset = id3(geob(raw, flags=flags), flags=0x80 if all_of_it else 0) + mp3_frames()
    assert located(asset).store == STUFFED


def test_a_frame_goes_on_saying_that_it_is_unsynchronised() -> None:
    raw = text_frame(text=b"a\xc3\xbf\xff\0\0b")
    asset = signed(id3(raw, text_frame(b"TPE1"), flags=0x80) + mp3_frames(), store_of(100))
    assert asset[5] == 0
    assert asset[10:20] == raw[:9] + b"\2"
    assert located(asset).store == store_of(100)


def test_sizes_of_eight_bits_a_byte_are_understood() -> None:
    long = b"T" * 300
    frame = b"TXXX" + (len(long) + 1).to_bytes(4) + b"\0\0" + b"\0" + long
    plain = id3(frame, text_frame(), padding=30) + mp3_frames()
    asset = signed(plain, store_of(1000))
    assert located(asset).store == store_of(1000)
    assert stripped(asset) == plain
    assert sound_of(io.BytesIO(asset)).tags.getall("GEOB")[0].data == store_of(1000)


def test_a_footer_repeats_the_header() -> None:
    frames = text_frame()
    footer = b"3DI" + bytes((4, 0, 0x10)) + sevens(len(frames))
    plain = id3(frames, flags=0x10) + footer + mp3_frames()
    asset = signed(plain, store_of(300))
    found = located(asset)
    end = asset.index(b"3DI")
    assert found.store == store_of(300)
    assert asset[end + 3 : end + 10] == asset[3:10]
    assert found.carriers[-1] == Span(end + 6, 4)
    assert stripped(asset) == plain


@pytest.mark.parametrize(
    ("version", "extended", "kept"),
    [
        (3, (6).to_bytes(4) + bytes(6), False),
        (3, (10).to_bytes(4) + b"\x80\0" + bytes(8), False),
        (4, sevens(6) + b"\1\0", True),
        (4, sevens(12) + b"\1\x20\5" + bytes(5), False),
    ],
)
def test_an_extended_header_stays_if_it_can(version: int, extended: bytes, kept: bool) -> None:
    title = text_frame(version=version)
    asset = id3(extended, title, version=version, flags=0x40) + mp3_frames()
    again = signed(asset, store_of(100))
    assert located(again).store == store_of(100)
    assert again[10:].startswith(extended + title if kept else title)
    assert bool(again[5] & 0x40) is kept


def test_several_stores_are_none_and_all_go() -> None:
    one, two = geob(store_of(100)), geob(store_of(200))
    asset = id3(one, text_frame(), two) + mp3_frames()
    found = located(asset)
    assert (found.store, found.count, len(found.carriers)) == (None, 2, 2)
    assert stripped(asset) == id3(text_frame()) + mp3_frames()
    assert located(signed(asset, store_of(60))).store == store_of(60)


def test_another_object_is_left_alone() -> None:
    other = geob(b"data").replace(b"application/c2pa", b"application/pdf!")
    assert located(id3(other) + mp3_frames()).count == 0
    assert other in signed(id3(other) + mp3_frames(), store_of(100))


def test_xmp_names_a_remote_store() -> None:
    content = b"XMP\0" + XMP
    frame = b"PRIV" + sevens(len(content)) + b"\0\0" + content
    other = b"PRIV" + sevens(4) + b"\0\0" + b"a\0bc"
    assert located(id3(other, frame) + mp3_frames()) == Located(remote_url=URL)
    assert located(signed(id3(frame) + mp3_frames(), store_of(70))).remote_url is None


def test_an_empty_frame_is_a_frame() -> None:
    empty = b"TCOP" + bytes(6)
    assert located(id3(empty, geob(store_of(100))) + mp3_frames()).store == store_of(100)


def test_audio_cannot_be_hidden_in_the_tag() -> None:
    asset = bytearray(signed(id3(text_frame(), padding=50) + mp3_frames(), store_of(100)))
    asset[6:10] = sevens(len(asset) - 10 - 2000)
    with pytest.raises(MalformedError, match=r"^ID3 tag at byte .*: holds more than frames and"):
        located(bytes(asset))


def test_a_tag_with_something_else_in_it_is_not_signed() -> None:
    with pytest.raises(MalformedError, match="holds more than frames and zeros"):
        signed(id3(text_frame(), b"\1junk") + mp3_frames(), store_of(100))


@pytest.mark.parametrize(
    ("asset", "told"),
    [
        (b"ID3\4\0\0\0\0\x7f\x7f" + bytes(10), r"16393 bytes long, 20 in the file"),
        (id3(b"\0\0\x7f\x7f", version=3, flags=0x40), r"32643 bytes long, 4 in the tag"),
        (id3(b"\0\0\0\2" + bytes(9), flags=0x40), r"2 bytes long, 13 in the tag"),
    ],
)
def test_a_length_past_the_end_is_told(asset: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        located(asset)


def test_a_store_that_no_tag_holds_is_refused() -> None:
    for asset in (mp3_frames(), id3(text_frame(version=2), version=2) + mp3_frames()):
        with pytest.raises(LimitError):
            MP3_HANDLER.plan(BufferSource(asset), 1 << 28, DEFAULT_LIMITS)


def test_too_much_unsynchronisation_is_not_undone() -> None:
    asset = id3(bytes(200), version=3, flags=0x80)
    with pytest.raises(LimitError, match="to undo unsynchronisation"):
        located(asset, Limits(text_bytes=100))


def test_many_frames_are_walked_quickly() -> None:
    asset = id3(text_frame(text=b"") * 100_000)
    began = time.process_time()
    assert located(asset).count == 0
    assert time.process_time() - began < 2


def test_a_flac_is_told_from_an_mp3_behind_a_long_tag() -> None:
    for tag in (b"", id3(text_frame()), id3(text_frame(text=b"x" * 9000))):
        assert registry.find(BufferSource(tag + flac()), ".mp3").name == "FLAC"
        assert registry.find(BufferSource(tag + mp3_frames()), ".flac").name == "MP3"


def test_a_flac_that_is_none_is_not_signed() -> None:
    with pytest.raises(MalformedError, match="'fLaC' is not where the audio starts"):
        signed(id3(text_frame()) + mp3_frames(), store_of(100), FLAC_HANDLER)


def test_other_software_sees_the_same_tags() -> None:
    plain = id3(text_frame(), text_frame(b"TPE1", b"Nobody"), padding=64) + mp3_frames()
    before, after = tags_of(io.BytesIO(plain)), tags_of(io.BytesIO(signed(plain, store_of(70_000))))
    objects = after.getall("GEOB")
    assert [(one.mime, one.data) for one in objects] == [("application/c2pa", store_of(70_000))]
    after.delall("GEOB")
    assert after.pprint() == before.pprint()
    sound = sound_of(io.BytesIO(signed(plain, store_of(70_000)))).info
    assert (sound.sample_rate, sound.bitrate) == (44100, 128000)
    song = song_of(io.BytesIO(signed(flac(), store_of(70_000), FLAC_HANDLER)))
    assert song["title"] == ["Silence"]


@pytest.mark.parametrize(
    "head",
    [
        mp3_frames(),
        mp3_frames(2),
        (b"\xff\xf3\x44\xc4" + bytes(92)) * 5,  # MPEG 2, 32 kbit/s at 24 kHz
        (b"\xff\xfd\xa4\0" + bytes(572)) * 5,  # layer II, 192 kbit/s at 48 kHz
        id3(text_frame()) + mp3_frames(1),
    ],
)
def test_audio_without_a_tag_is_known_by_its_frames(head: bytes) -> None:
    assert MP3_HANDLER.sniff(head[:4096])


@pytest.mark.parametrize(
    "head",
    [
        mp3_frames(1),
        b"\xff\xfb\x90\0" + noise(4000),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 50,  # ADTS: AAC
        id3(text_frame()) + (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 50,
        b"\xff\xfe" + "text of some length".encode("utf-16-le") * 100,
        (b"\xff\xfb\x90\0" + bytes(413)) + (b"\xff\xfb\x94\0" + bytes(413)) * 3,
        b"\xff" * 4096,
    ],
)
def test_what_only_starts_like_audio_is_not_taken(head: bytes) -> None:
    assert not MP3_HANDLER.sniff(head[:4096])
    assert not FLAC_HANDLER.sniff(head[:4096])
