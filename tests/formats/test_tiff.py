"""TIFF: tag 52545 at the end of the file, in both byte orders and both widths."""

import io
import struct
import time
from itertools import product

import pytest
from PIL import Image, ImageSequence

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Handler, Located
from provenance.formats.tiff import HANDLERS
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_tiff import TIFF_SAMPLES, pages, tiff
from tests.formats.samples import noise, store_of, written

TIFF, DNG, ARW, NEF = HANDLERS
C2PA = 52545
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
EVERY_WAY = [
    pytest.param(tiff(*[{}] * number, order=order, big=big) + tail, id=f"{order}{number}{big}{odd}")
    for order, number, big, (odd, tail) in product(
        "<>", (1, 2, 3), (False, True), (("", b""), ("odd", b"x"))
    )
]


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return TIFF.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(TIFF.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(TIFF.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def chain(asset: bytes) -> list[dict[int, tuple[int, int, bytes]]]:
    """The IFDs of a classic TIFF of little-endian numbers: type, count and field by tag."""
    found = []
    (at,) = struct.unpack_from("<I", asset, 4)
    while at:
        (number,) = struct.unpack_from("<H", asset, at)
        end = at + 2 + 12 * number
        rows = struct.iter_unpack("<HHI4s", asset[at + 2 : end])
        tags = [(tag, (kind, count, field)) for tag, kind, count, field in rows]
        assert [tag for tag, _ in tags] == sorted({tag for tag, _ in tags})
        assert at % 2 == 0
        found.append(dict(tags))
        (at,) = struct.unpack_from("<I", asset, end)
    return found


@pytest.mark.parametrize("asset", EVERY_WAY)
def test_a_store_goes_in_at_the_end_and_comes_out_without_a_trace(asset: bytes) -> None:
    for length in (100, 101):
        output = signed(asset, store_of(length))
        found = located(output)
        assert found.store == store_of(length)
        assert output.endswith(store_of(length))
        assert stripped(output) == asset
        again = signed(output, store_of(300))
        assert again == signed(asset, store_of(300))


@pytest.mark.parametrize("asset", EVERY_WAY)
def test_only_the_pointer_to_the_new_directory_changes_in_what_was_there(asset: bytes) -> None:
    output = signed(asset, store_of(100))
    changed = [at for at in range(len(asset)) if asset[at] != output[at]]
    assert changed
    assert changed[-1] - changed[0] < 8


def test_the_count_of_the_entry_is_unbound_and_the_store_alone_is_needed() -> None:
    asset = tiff()
    plan = TIFF.plan(BufferSource(asset), 100, DEFAULT_LIMITS)
    found = located(signed(asset, store_of(100)))
    assert found.carriers == plan.unbound
    assert [span.length for span in found.carriers] == [4, 100]
    assert found.core == found.carriers[1:]


def test_a_single_directory_gets_the_tag_and_stays_single() -> None:
    asset = tiff({50000: (3, 7), 60000: (3, 9)})
    (before,), (after,) = chain(asset), chain(signed(asset, store_of(100)))
    kind, count, _ = after.pop(C2PA)
    assert (kind, count) == (7, 100)
    assert after == before


def test_several_directories_get_one_more_with_the_tag_alone() -> None:
    asset = tiff({}, {})
    before, after = chain(asset), chain(signed(asset, store_of(100)))
    assert after[:2] == before
    assert list(after[2]) == [C2PA]


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("big", [True, False])
def test_other_software_sees_the_same_pages(number: int, big: bool) -> None:
    asset = pages(number, big_tiff=big)
    before = Image.open(io.BytesIO(asset))
    after = Image.open(io.BytesIO(signed(asset, store_of(5000))))
    seen = [page.tobytes() for _, page in zip(range(number), ImageSequence.Iterator(after))]  # noqa: B905
    assert seen == [page.tobytes() for page in ImageSequence.Iterator(before)]


def with_store(at: str, store: bytes) -> bytes:
    """Two or three directories, one of them with a store that others wrote before the next."""
    tags = {C2PA: (7, store)}
    return {
        "first": tiff(tags, {}),
        "middle": tiff({}, tags, {}),
        "last": tiff({}, tags),
        "only": tiff(tags),
    }[at]


@pytest.mark.parametrize("at", ["first", "middle", "last", "only"])
def test_a_store_in_any_directory_is_read_and_replaced_at_the_end(at: str) -> None:
    store = store_of(100)
    asset = with_store(at, store)
    assert located(asset).store == store
    output = signed(asset, store_of(200))
    assert output.endswith(store_of(200))
    assert located(output).store == store_of(200)
    assert b"c2pa\0" not in stripped(output)
    assert stripped(output) == stripped(asset)


@pytest.mark.parametrize("at", ["first", "middle", "last", "only"])
def test_a_store_that_others_wrote_goes_and_leaves_the_directories(at: str) -> None:
    asset, without = with_store(at, store_of(100)), stripped(with_store(at, store_of(100)))
    wanted = [{k: v for k, v in one.items() if k != C2PA} for one in chain(asset)]
    assert chain(without) == wanted
    assert len(without) <= len(asset)


def test_directories_of_the_tag_alone_are_passed_over() -> None:
    store = store_of(100)
    asset = bytearray(tiff({}, {C2PA: (7, store)}, {}))
    at = asset.index(struct.pack("<HHI", C2PA, 7, 100))
    # The middle directory loses all its entries but the last one.
    start = at - 8 * 12 - 2
    asset[start : at + 16] = struct.pack("<H", 1) + asset[at : at + 16] + bytes(8 * 12)
    assert [len(one) for one in chain(bytes(asset))] == [8, 1, 8]
    without = stripped(bytes(asset))
    assert [len(one) for one in chain(without)] == [8, 8]
    assert b"c2pa\0" not in without


def test_several_stores_are_none_and_all_go() -> None:
    one, two = {C2PA: (7, store_of(100))}, {C2PA: (7, store_of(200))}
    asset = tiff(one, {}, two)
    assert (located(asset).store, located(asset).count) == (None, 2)
    assert b"c2pa\0" not in stripped(asset)
    assert located(signed(asset, store_of(80))).store == store_of(80)


def test_a_store_that_is_a_picture_leaves_the_picture_when_it_goes() -> None:
    asset = bytearray(tiff({C2PA: (7, store_of(100))}))
    at = asset.index(struct.pack("<HHI", C2PA, 7, 100)) + 8
    asset[at : at + 4] = struct.pack("<I", 8)  # where the pixels are
    output = stripped(bytes(asset))
    assert output[8:24] == bytes(range(16))
    assert located(output).count == 0


@pytest.mark.parametrize("kind", [1, 7])
def test_xmp_names_a_remote_store(kind: int) -> None:
    asset = tiff({700: (kind, XMP)}, {})
    assert located(asset) == Located(remote_url=URL)
    assert located(signed(asset, store_of(80))).remote_url is None
    assert located(asset, Limits(text_bytes=10)).remote_url is None
    assert located(tiff({}, {700: (kind, XMP)})).remote_url is None


@pytest.mark.parametrize("name", TIFF_SAMPLES)
def test_the_first_directory_tells_the_family_apart(name: str) -> None:
    asset = TIFF_SAMPLES[name]()
    assert registry.find(BufferSource(asset), ".tif").name == name
    far = asset[:4] + struct.pack("<I", 1 << 20) + asset[8:]
    assert registry.find(BufferSource(far), f".{name.lower()}").name == name
    assert registry.find(BufferSource(far), "").name == "TIFF"


def test_a_picture_that_a_camera_makers_software_saved_is_a_tiff() -> None:
    asset = tiff({254: (4, 0), 271: (2, b"SONY\0"), 330: (4, 8)})
    assert registry.find(BufferSource(asset)) is TIFF


@pytest.mark.parametrize("handler", [ARW, NEF], ids=["ARW", "NEF"])
def test_cameras_own_formats_are_read_and_not_written(handler: Handler) -> None:
    asset = TIFF_SAMPLES[handler.name]()
    signed_by_camera = signed(asset, store_of(100))
    found = handler.locate(BufferSource(signed_by_camera), DEFAULT_LIMITS)
    assert found.store == store_of(100)
    assert not handler.can_embed
    with pytest.raises(UnsupportedFormatError, match="sign with a sidecar"):
        handler.plan(BufferSource(asset), 100, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "head", [b"II*\0\x10\0\0\0CR\2\0", b"IIU\0\x18\0\0\0", b"IIRO\x08\0\0\0", b"8BPS\0\1"]
)
def test_what_is_like_a_tiff_is_none(head: bytes) -> None:
    assert not any(handler.sniff(head.ljust(100, b"\0")) for handler in HANDLERS)


@pytest.mark.parametrize("big", [True, False])
@pytest.mark.parametrize("back_to", [0, 1])
def test_a_chain_that_bites_its_tail_is_malformed(big: bool, back_to: int) -> None:
    asset = bytearray(tiff({}, {}, big=big))
    places = [at for at in range(16, len(asset)) if asset[at : at + 2] == b"\x08\0"]
    size = "<Q" if big else "<I"
    first = struct.unpack_from(size, asset, 8 if big else 4)[0]
    second = struct.unpack_from(size, asset, first + (8 + 160 if big else 2 + 96))[0]
    assert {first, second} <= set(places)
    width = struct.calcsize(size)
    asset[-width:] = struct.pack(size, (first, second)[back_to])
    with pytest.raises(MalformedError, match="is met for the second time"):
        located(bytes(asset))
    with pytest.raises(MalformedError):
        signed(bytes(asset), store_of(100))


def test_a_store_before_the_damage_is_not_hidden() -> None:
    asset = bytearray(tiff({C2PA: (7, store_of(100))}, {}))
    asset[-4:] = b"\xff\xff\xff\x7f"
    assert located(bytes(asset)).store == store_of(100)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (2, 4, r"^C2PA tag at byte \d+: of type 4, not 7"),
        (4, 1_000_000, r"^manifest store at byte \d+: 1000000 bytes long, \d+ left"),
        (8, 1 << 31, r"^manifest store at byte 2147483648: 100 bytes long, 0 left"),
    ],
)
def test_an_entry_that_is_wrong_says_how(field: int, value: int, message: str) -> None:
    asset = bytearray(tiff({C2PA: (7, store_of(100))}))
    at = asset.index(struct.pack("<HHI", C2PA, 7, 100))
    struct.pack_into("<H" if field == 2 else "<I", asset, at + field, value)
    with pytest.raises(MalformedError, match=message):
        located(bytes(asset))
    assert located(stripped(bytes(asset))).count == 0


def test_a_store_as_small_as_an_offset_stands_in_its_entry() -> None:
    assert located(tiff({C2PA: (7, b"abc")})).store == b"abc"
    assert located(signed(tiff({C2PA: (7, b"abc")}), store_of(100))).store == store_of(100)


def test_more_entries_or_pages_than_the_limit_are_refused() -> None:
    with pytest.raises(LimitError, match="more than 0 entries"):
        located(tiff({}, {}), Limits(container_items=8))
    asset = bytearray(b"II*\0\x08\0\0\0")
    for at in range(8, 8 + 6 * 70_000, 6):
        asset += struct.pack("<HI", 0, at + 6)
    began = time.process_time()
    with pytest.raises(LimitError, match="more than 65536 IFDs"):
        located(bytes(asset))
    assert time.process_time() - began < 2


def test_a_count_of_entries_past_the_end_asks_for_no_memory() -> None:
    with pytest.raises(MalformedError, match=r"^IFD at byte 16: \d+ entries, 50 bytes left"):
        located(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 60) + bytes(42))


def test_a_classic_tiff_does_not_pass_four_gigabytes() -> None:
    with pytest.raises(LimitError, match="less than 4 GiB"):
        TIFF.plan(BufferSource(tiff()), (1 << 32) - 100, DEFAULT_LIMITS)
    assert TIFF.plan(BufferSource(tiff(big=True)), 1 << 33, DEFAULT_LIMITS).size > 1 << 33


def test_a_file_whose_entries_are_out_of_order_keeps_them_all() -> None:
    asset = bytearray(tiff({60000: (3, 9)}))
    at = asset.index(struct.pack("<HHI", 60000, 3, 1))
    asset[at - 12 : at + 12] = asset[at : at + 12] + asset[at - 12 : at]
    output = signed(bytes(asset), store_of(100))
    assert located(output).store == store_of(100)
    assert stripped(output) == asset


def test_noise_behind_a_header_gives_a_result_or_an_error() -> None:
    for seed in range(300):
        asset = tiff()[:8] + noise(400, seed=seed)
        try:
            located(asset)
            signed(asset, store_of(100))
        except (MalformedError, LimitError) as error:
            assert str(error)


def test_the_span_of_a_store_is_what_its_entry_says() -> None:
    store = store_of(100)
    output = signed(tiff(), store)
    assert located(output).carriers[1] == Span(len(output) - 100, 100)
