"""Ogg: a stream of its own among others, in one span, with sums that other software checks."""

import io
import time
from typing import Any

import pytest
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.ogg import HANDLER, checksum
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.conftest import SHARED
from tests.formats.sample_audio import ogg_page, opus
from tests.formats.samples import noise, store_of, written

page_of: Any = OggPage
song_of: Any = OggOpus
SKELETON = ogg_page(b"fishead\0" + bytes(56), flags=2, serial=3)
UNSIGNED = SHARED / "corpus" / "unsigned"


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def stream(store: bytes, serial: int = 99, flags: int = 6) -> bytes:
    """A store in one page, as others might write it."""
    return ogg_page(b"\0c2pa" + store, flags=flags, serial=serial)


def first_page() -> bytes:
    return opus()[: 28 + 19]


@pytest.mark.parametrize("length", [60, 249, 250, 251, 65_019, 65_020, 65_021, 200_000])
def test_other_software_reads_the_pages_and_their_sums(length: int) -> None:
    store, asset = store_of(length), signed(opus(), store_of(length))
    stream, pages = io.BytesIO(asset), []
    while stream.tell() < len(asset):
        start = stream.tell()
        pages.append(page_of(stream))
        raw = bytearray(asset[start : stream.tell()])
        raw[22:26] = bytes(4)
        assert checksum(bytes(raw)) == int.from_bytes(asset[start + 22 : start + 26], "little")
        assert pages[-1].write() == asset[start : stream.tell()]
    ours = [page for page in pages if page.serial != 7]
    assert pages[0].first
    assert pages[1 : 1 + len(ours)] == ours  # in one span, behind the first pages
    assert [page.first for page in ours] == [True, *[False] * (len(ours) - 1)]
    assert [page.last for page in ours] == [*[False] * (len(ours) - 1), True]
    assert [page.sequence for page in ours] == list(range(len(ours)))
    assert all(page.position == -1 for page in ours[:-1])
    assert page_of.to_packets(ours) == [b"\0c2pa" + store]


def test_the_fast_sum_is_the_slow_one() -> None:
    page = bytearray(ogg_page(noise(3000)))
    expected, page[22:26] = int.from_bytes(page[22:26], "little"), bytes(4)
    assert checksum(bytes(page)) == expected


def test_a_long_store_is_wrapped_in_no_time() -> None:
    store = store_of(200_000)
    began = time.process_time()
    signed(opus(), store)
    assert time.process_time() - began < 0.05  # about 1 ms; a table of 256 takes 50


def test_other_software_sees_the_same_song() -> None:
    before, after = (
        song_of(io.BytesIO(opus())),
        song_of(io.BytesIO(signed(opus(), store_of(70_000)))),
    )
    assert after.tags == before.tags
    assert after.pprint() == before.pprint()


@pytest.mark.parametrize("name", ["fixture.ogg", "fixture.opus"])
def test_real_files_stay_what_they_are(name: str) -> None:
    path = UNSIGNED / f"sindresorhus-file-type_fixture-{name}"
    if not path.exists():
        pytest.skip("needs ../shared/corpus")
    plain = path.read_bytes()
    asset = signed(plain, store_of(100_000))
    assert located(asset).store == store_of(100_000)
    assert stripped(asset) == plain


def test_the_store_comes_behind_the_first_pages_of_all_streams() -> None:
    asset = signed(SKELETON + opus(), store_of(300))
    end = len(SKELETON + first_page())
    assert asset.startswith(SKELETON + first_page())
    assert located(asset).carriers == (Span(end, len(asset) - len(SKELETON + opus())),)
    assert stripped(asset) == SKELETON + opus()


def test_a_number_that_another_stream_has_is_not_taken() -> None:
    taken = int.from_bytes(b"c2pa", "little")
    asset = signed(opus(taken), store_of(100))
    assert located(asset).store == store_of(100)
    assert stripped(asset) == opus(taken)
    serials = {
        asset[at + 14 : at + 18] for at in range(len(asset)) if asset[at:].startswith(b"OggS")
    }
    assert len(serials) == 2


def test_a_stream_of_others_is_read_wherever_it_starts() -> None:
    rest = opus()[len(first_page()) :]
    asset = stream(store_of(100)) + first_page() + rest
    assert located(asset).store == store_of(100)
    again = signed(asset, store_of(90_000))
    assert again.startswith(first_page())
    assert located(again).store == store_of(90_000)
    assert stripped(asset) == stripped(again) == opus()


def test_pages_between_those_of_others_are_one_store() -> None:
    packet = b"\0c2pa" + store_of(700)
    one = ogg_page(packet[:510], flags=2, serial=99)
    one = one[:26] + b"\2" + one[27:29] + one[30:]  # without the lacing value that ends a packet
    two = ogg_page(packet[510:], flags=5, serial=99, number=1)
    rest = opus()[len(first_page()) :]
    end = rest.index(b"OggS", 4)
    asset = one + first_page() + rest[:end] + two + rest[end:]
    found = located(asset)
    assert found.store == store_of(700)
    assert len(found.carriers) == 2
    assert stripped(asset) == opus()
    assert len(located(signed(asset, store_of(700))).carriers) == 1


def test_only_the_first_chain_is_looked_at() -> None:
    assert located(opus() + signed(opus(), store_of(100))).count == 0
    both = signed(opus(), store_of(100)) + signed(opus(), store_of(200))
    assert located(both).store == store_of(100)
    assert stripped(both) == opus() + signed(opus(), store_of(200))


def test_several_stores_are_none_and_all_go() -> None:
    one, two = stream(store_of(100), 98), stream(store_of(200), 99)
    asset = one + two + opus()
    found = located(asset)
    assert (found.store, found.count) == (None, 2)
    assert stripped(asset) == opus()
    assert located(signed(asset, store_of(60))).store == store_of(60)
    assert located(one + one + opus()).count == 2


def test_a_stream_without_an_end_is_read_to_where_it_goes() -> None:
    asset = stream(store_of(100), flags=2) + opus()
    assert located(asset).store == store_of(100)
    assert located(asset[:-20]).store == store_of(100)  # the last page is cut
    assert located(stream(store_of(100), flags=2)).store == store_of(100)


def test_a_packet_without_an_end_is_told() -> None:
    whole = stream(store_of(505), flags=6)  # 510 bytes: the third lacing value is 0
    cut = whole[:26] + b"\2" + whole[27:29] + whole[30:]
    with pytest.raises(MalformedError, match=r"^manifest store at byte 0: its packet does not end"):
        located(cut + opus())


@pytest.mark.parametrize(
    ("asset", "told"),
    [
        (ogg_page(b"x"), "does not start with the first page of a stream"),
        (opus()[:20], "27 bytes wanted, 20 left"),
        (opus()[:27], "1 bytes too short"),
        (opus()[:40], "7 bytes too short"),
        (first_page() + b"junk" * 10, r"^Ogg page at byte 47: 'OggS' and a zero are not where"),
        (first_page() + b"OggS\1" + bytes(40), "'OggS' and a zero are not where"),
        (first_page() + stream(store_of(100))[:-1], "1 bytes too short"),
    ],
)
def test_what_is_no_page_is_told(asset: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        located(asset)


def test_a_store_past_the_limit_is_refused() -> None:
    with pytest.raises(LimitError, match="we write less than 4 GiB in Ogg"):
        HANDLER.plan(BufferSource(opus()), 1 << 32, DEFAULT_LIMITS)


def test_many_pages_are_walked_quickly() -> None:
    page = ogg_page(b"\0", flags=2, serial=5)
    began = time.process_time()
    assert located(page * 200_000 + opus()).count == 0
    assert time.process_time() - began < 2
    with pytest.raises(LimitError, match="more than 50 pages"):
        located(page * 200, Limits(container_items=50))
