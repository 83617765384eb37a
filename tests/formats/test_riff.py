"""RIFF: one C2PA chunk at the end of the first RIFF chunk, and sizes that follow it."""

import io
import struct
import time
import wave
from itertools import pairwise
from operator import attrgetter

import pytest
from PIL import Image

from provenance.errors import LimitError, MalformedError
from provenance.formats import registry
from provenance.formats.base import Handler, Located
from provenance.formats.riff import HANDLERS
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_riff import avi, chunk, large_wave, listed, riff, wav, webp
from tests.formats.samples import store_of, written

WEBP, WAV, AVI = HANDLERS
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
FORMAT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
SOUND = chunk(b"data", b"\x80\x81\x82")


def located(asset: bytes, handler: Handler = WAV, limits: Limits = DEFAULT_LIMITS) -> Located:
    return handler.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes, handler: Handler = WAV) -> bytes:
    plan = handler.plan(BufferSource(asset), len(store), DEFAULT_LIMITS)
    return written(plan, asset, store)


def stripped(asset: bytes, handler: Handler = WAV) -> bytes:
    return written(handler.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def names(asset: bytes, handler: Handler) -> list[str]:
    boxes = handler.boxes(BufferSource(asset), DEFAULT_LIMITS)
    assert boxes is not None
    assert boxes[0].span.start == 0
    assert boxes[-1].span.end == len(asset)
    return [box.name for box in boxes]


@pytest.mark.parametrize("length", [100, 101])
def test_the_store_is_the_last_chunk_and_the_size_follows(length: int) -> None:
    store = store_of(length)
    wanted = riff(b"WAVE", FORMAT, SOUND, chunk(b"C2PA", store))
    assert signed(riff(b"WAVE", FORMAT, SOUND), store) == wanted
    assert located(wanted).store == store


@pytest.mark.parametrize("length", [100, 101])
def test_size_and_chunk_are_unbound_and_the_pad_byte_is_not(length: int) -> None:
    asset = riff(b"WAVE", FORMAT, SOUND)
    plan = WAV.plan(BufferSource(asset), length, DEFAULT_LIMITS)
    assert plan.unbound == (Span(4, 4), Span(len(asset), length + 8))
    found = located(signed(asset, store_of(length)))
    assert found.carriers == plan.unbound
    assert found.core == plan.unbound[1:]


def test_the_waves_of_other_software_still_sound_the_same() -> None:
    asset = wav(101)
    with wave.open(io.BytesIO(signed(asset, store_of(101)))) as after:
        assert after.getnframes() == 101
        assert after.readframes(101) == bytes(at * 37 % 256 for at in range(101))


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("extended", [True, False])
def test_a_webp_keeps_its_picture_in_either_file_format(lossless: bool, extended: bool) -> None:
    more = {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"} if extended else {}
    asset = webp(lossless=lossless, **more)
    assert (b"VP8X" in asset) is extended
    output = signed(asset, store_of(1000), WEBP)
    assert (b"VP8X" in output) is extended
    before, after = Image.open(io.BytesIO(asset)), Image.open(io.BytesIO(output))
    assert after.tobytes() == before.tobytes()
    assert after.info.get("exif") == before.info.get("exif")


def test_a_store_that_is_not_last_is_read_and_moved_to_the_end() -> None:
    store, more = store_of(100), chunk(b"bext", b"more")
    asset = riff(b"WAVE", FORMAT, chunk(b"C2PA", store), SOUND, more)
    assert located(asset).store == store
    assert signed(asset, store) == riff(b"WAVE", FORMAT, SOUND, more, chunk(b"C2PA", store))
    assert stripped(asset) == riff(b"WAVE", FORMAT, SOUND, more)


def test_several_stores_are_none_and_all_go() -> None:
    one, two = chunk(b"C2PA", store_of(100)), chunk(b"C2PA", store_of(201))
    asset = riff(b"WAVE", one, FORMAT, SOUND, two)
    assert (located(asset).store, located(asset).count) == (None, 2)
    assert stripped(asset) == riff(b"WAVE", FORMAT, SOUND)
    assert signed(asset, store_of(100)) == riff(b"WAVE", FORMAT, SOUND, one)


def test_a_chunk_inside_a_list_is_no_store() -> None:
    assert located(riff(b"WAVE", FORMAT, listed(b"INFO", chunk(b"C2PA", store_of(80))))).count == 0


def test_data_without_its_pad_byte_gets_one_before_the_store() -> None:
    sound = SOUND[:-1]
    asset = riff(b"WAVE", FORMAT, sound)
    store = store_of(100)
    assert signed(asset, store) == riff(b"WAVE", FORMAT, SOUND, chunk(b"C2PA", store))


def test_a_pad_byte_that_the_size_does_not_count_is_no_second_part() -> None:
    asset = riff(b"WAVE", FORMAT, SOUND[:-1]) + b"\0"
    store = store_of(100)
    assert signed(asset, store) == riff(b"WAVE", FORMAT, SOUND, chunk(b"C2PA", store))
    assert names(asset, WAV) == ["WAVE", "fmt ", "data"]


def test_bytes_after_the_end_are_kept_and_not_searched() -> None:
    tail = chunk(b"C2PA", store_of(100)) + b"tail"
    asset = riff(b"WAVE", FORMAT, SOUND) + tail
    assert located(asset).count == 0
    assert signed(asset, store_of(80)).endswith(chunk(b"C2PA", store_of(80)) + tail)


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_a_large_wave_keeps_its_size_in_its_first_chunk(magic: bytes) -> None:
    asset = large_wave(b"\x80\x81\x82", magic)
    assert registry.find(BufferSource(asset)) is WAV
    output = signed(asset, store_of(101))
    assert output[4:8] == b"\xff" * 4
    assert int.from_bytes(output[20:28], "little") == len(output) - 8
    found = located(output)
    assert found.store == store_of(101)
    assert found.carriers[0] == Span(20, 8)
    assert stripped(output) == asset
    assert names(output, WAV) == ["WAVE", "ds64", "fmt ", "data", "C2PA"]


def test_a_large_wave_without_its_sizes_is_malformed() -> None:
    asset = b"RF64" + b"\xff" * 4 + b"WAVE" + FORMAT + SOUND
    with pytest.raises(MalformedError, match="does not start with a ds64 chunk"):
        located(asset)


def test_boxes_are_heads_and_chunks_and_lists_by_what_they_list() -> None:
    asset = signed(avi(riff(b"AVIX", listed(b"movi")), b"tail"), store_of(101), AVI)
    wanted = ["AVI ", "hdrl", "movi", "idx1", "C2PA", "AVIX", "movi", "c2pa.after"]
    assert names(asset, AVI) == wanted
    boxes = AVI.boxes(BufferSource(asset), DEFAULT_LIMITS)
    assert boxes is not None
    assert boxes[0].span == Span(0, 12)
    assert all(a.span.end == b.span.start for a, b in pairwise(boxes))


def large_avi() -> tuple[bytes, int]:
    """An AVI in two RIFF chunks, its index pointing into the second; where that starts."""
    blank = avi(index=chunk(b"indx", bytes(24 + 16)))
    frames_at = len(blank) + 12 + 12
    frames = struct.pack("<HBBI4sQI", 2, 0, 1, 1, b"00db", frames_at - 12, 0) + bytes(8)
    second = riff(b"AVIX", listed(b"movi", chunk(b"ix00", frames)))
    lists = struct.pack("<HBBI4s12xQII", 4, 0, 0, 1, b"00db", frames_at, len(frames) + 8, 1)
    return avi(second, index=chunk(b"indx", lists)), frames_at


def test_the_index_of_a_large_avi_follows_what_it_points_at() -> None:
    asset, at = large_avi()
    output = signed(asset, store_of(101), AVI)
    (place,) = struct.unpack_from("<Q", output, asset.index(b"indx") + 8 + 24)
    assert place == at + 8 + 102
    assert output[place : place + 4] == b"ix00"
    (base,) = struct.unpack_from("<Q", output, place + 8 + 12)
    assert base == place - 12
    assert stripped(output, AVI) == asset
    again = signed(output, store_of(300), AVI)
    assert again == signed(asset, store_of(300), AVI)


@pytest.mark.parametrize("change", [(24, b"\xff" * 8), (3, b"\x07"), (4, b"\xff" * 4)])
def test_an_index_that_makes_no_sense_stays_as_it_is(change: tuple[int, bytes]) -> None:
    asset, _ = large_avi()
    at = asset.index(b"indx") + 8 + change[0]
    broken = asset[:at] + change[1] + asset[at + len(change[1]) :]
    assert stripped(signed(broken, store_of(101), AVI), AVI) == broken


def test_a_store_in_a_later_part_of_an_avi_is_not_looked_for() -> None:
    asset = avi(riff(b"AVIX", chunk(b"C2PA", store_of(100))))
    assert located(asset, AVI).count == 0


@pytest.mark.parametrize("kind", [b"XMP ", b"_PMX"])
def test_xmp_names_a_remote_store(kind: bytes) -> None:
    asset = riff(b"WAVE", FORMAT, SOUND, chunk(kind, XMP))
    assert located(asset) == Located(remote_url=URL)
    assert located(signed(asset, store_of(80))).remote_url is None
    assert located(asset, limits=Limits(text_bytes=10)).remote_url is None


def test_a_size_past_the_end_is_told() -> None:
    asset = riff(b"WAVE", FORMAT, SOUND)[:-2]
    with pytest.raises(MalformedError, match=r"^data chunk at byte 36: 3 bytes long, 2 left"):
        located(asset)
    longer = riff(b"WAVE", FORMAT, SOUND, bytes(100))[:-100]
    with pytest.raises(MalformedError, match=r"^RIFF chunk at byte 0: 148 bytes long, 48 left"):
        located(longer)


def test_a_wrong_size_hides_no_store() -> None:
    asset = bytearray(signed(riff(b"WAVE", FORMAT, SOUND), store_of(100)))
    asset[4:8] = b"\xff\xff\xff\x7f"
    assert located(bytes(asset)).store == store_of(100)
    with pytest.raises(MalformedError):
        signed(bytes(asset), store_of(80))


def test_what_would_pass_four_gigabytes_is_refused() -> None:
    asset = riff(b"WAVE", FORMAT, SOUND)
    with pytest.raises(LimitError, match="less than 4 GiB"):
        WAV.plan(BufferSource(asset), (1 << 32) - 40, DEFAULT_LIMITS)
    with pytest.raises(LimitError, match="less than 4 GiB"):
        WAV.plan(BufferSource(asset), 1 << 33, DEFAULT_LIMITS)


def test_lists_in_lists_are_not_walked_into() -> None:
    data = b""
    for _ in range(1000):
        data = listed(b"INFO", data)
    asset = riff(b"WAVE", FORMAT, data)
    assert located(asset).count == 0
    nested = riff(b"AVI ", listed(b"hdrl", data)) + riff(b"AVIX")
    assert located(signed(nested, store_of(80), AVI), AVI).count == 1


def test_many_chunks_are_walked_quickly() -> None:
    asset = riff(b"WAVE", *[chunk(b"note")] * 100_000)
    began = time.process_time()
    assert located(asset).count == 0
    assert time.process_time() - began < 2
    with pytest.raises(LimitError, match="more than 50 chunks"):
        located(asset, limits=Limits(container_items=50))


def test_many_parts_of_an_avi_are_refused() -> None:
    asset = avi(*[riff(b"AVIX")] * 100)
    with pytest.raises(LimitError, match="more than 50 chunks"):
        AVI.boxes(BufferSource(asset), Limits(container_items=50))


@pytest.mark.parametrize("handler", HANDLERS, ids=attrgetter("name"))
def test_other_forms_are_nobodys(handler: Handler) -> None:
    assert not handler.sniff(riff(b"ACON", chunk(b"anih")))
    assert not handler.sniff(b"RF64" + riff(b"WEBP")[4:])
