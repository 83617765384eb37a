"""Tables of a BMFF file point at the same things after a store has come, changed or gone."""

import struct
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Keep, New, Slot
from provenance.formats.bmff import HANDLERS
from provenance.formats.bmff.plan import plan_store
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_bmff import (
    BMFF_SAMPLES,
    WORDS,
    aims,
    box,
    carrier,
    film,
    fragments,
    full,
    head,
    heif,
    table,
)
from tests.formats.samples import store_of, written

MP4 = HANDLERS[0]
ISOM = head(b"isom")
HEIC = head(b"heic", b"mif1")


def with_store(asset: bytes, length: int = 5000) -> bytes:
    plan = plan_store(BufferSource(asset), length, DEFAULT_LIMITS)
    return written(plan, asset, store_of(length) if length else b"")


def shifted_saio(version: int, flags: int, at: int) -> bytes:
    form = "I" if version == 0 else "Q"
    kind = b"cenc" + bytes(4) if flags else b""
    return full(b"saio", version, flags, kind, struct.pack(f">I2{form}", 2, at, at + 5))


FILES: dict[str, Callable[[], bytes]] = {
    **{f"sample {kind}": make for kind, make in BMFF_SAMPLES.items() if kind != "MP4 segment"},
    "media before the movie": partial(film, ISOM, first=False),
    "co64": partial(film, ISOM, kind=b"co64"),
    "QuickTime without ftyp": partial(film, b"", first=False),
    "boxes around": partial(film, ISOM, between=box(b"free", bytes(33)), after=box(b"skip")),
    "auxiliary information": partial(film, ISOM, extra=partial(shifted_saio, 0, 0)),
    "auxiliary of a kind": partial(film, ISOM, extra=partial(shifted_saio, 1, 1)),
    "fragments with a base": partial(fragments, ISOM),
    "fragments from their moof": partial(fragments, ISOM, based=False),
    "64 bits": partial(fragments, ISOM, version=1),
    "no index": partial(fragments, ISOM, indexed=False),
    "events between": partial(fragments, ISOM, before=box(b"emsg", bytes(11))),
    **{
        f"iloc {version} {sizes} {base}": partial(
            heif, HEIC, version=version, sizes=sizes, base=base
        )
        for version in (0, 1, 2)
        for sizes, base in (
            ((4, 4, 0, 0), None),
            ((8, 8, 0, 0), None),
            ((4, 4, 4, 0), None),
            ((4, 4, 4, 4), 0),
            ((8, 4, 4, 8), -5),
        )
    },
}
each_file = pytest.mark.parametrize("make", FILES.values(), ids=FILES)


@each_file
def test_every_offset_points_where_it_pointed(make: Callable[[], bytes]) -> None:
    asset = make()
    once = with_store(asset)
    assert aims(asset)
    assert aims(once) == aims(asset)
    assert aims(with_store(once, 50_000)) == aims(asset)
    assert aims(with_store(with_store(once, 50_000), 200)) == aims(asset)


@each_file
def test_the_store_gone_all_is_as_before(make: Callable[[], bytes]) -> None:
    asset = make()
    assert with_store(with_store(with_store(asset), 70_000), 0) == asset


@each_file
@given(length=st.integers(60, 1 << 20))
def test_a_plan_moves_the_media_by_the_box_and_changes_little(
    make: Callable[[], bytes], length: int
) -> None:
    asset = make()
    plan = plan_store(BufferSource(asset), length, DEFAULT_LIMITS)
    assert plan.size == len(asset) + length + 45
    assert sum(isinstance(piece, Slot) for piece in plan.pieces) == 1
    changed = sum(len(piece.data) for piece in plan.pieces if isinstance(piece, New))
    assert changed < 300


@pytest.mark.parametrize("kind", [b"stco", b"co64"])
def test_a_store_behind_the_media_is_moved_before_it_and_the_chunks_go_along(kind: bytes) -> None:
    plain = film(ISOM, kind=kind)
    old = carrier(b"manifest", bytes(8) + store_of(200))
    new = with_store(plain + old, 300)
    assert new == with_store(plain, 300)


def test_chunks_before_and_after_an_old_store_go_each_their_way() -> None:
    old = carrier(b"manifest", bytes(8) + store_of(200))
    media = box(b"mdat", b"behind it")
    start = len(ISOM) + 8
    inner = table(b"stco", [start, start + 9 + len(old) + 8])
    movie = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", inner)))))
    asset = ISOM + box(b"mdat", b"before it") + old + media + movie
    assert [word for _, word in aims(asset, 9)] == [b"before it", b"behind it"]
    assert aims(with_store(asset), 9) == aims(asset, 9)
    assert aims(with_store(asset, 0), 9) == aims(asset, 9)


def refers(*flags: int) -> bytes:
    entries = [full(b"url ", 0, flag) for flag in flags]
    return full(b"dref", 0, 0, struct.pack(">I", len(flags)), *entries)


def test_a_track_with_its_data_in_another_file_is_left_alone() -> None:
    asset = film(ISOM, references=refers(0))
    plan = plan_store(BufferSource(asset), 500, DEFAULT_LIMITS)
    assert not any(isinstance(piece, New) for piece in plan.pieces)


@pytest.mark.parametrize("references", [refers(1, 1), refers(), full(b"dref", 0, 0)])
def test_a_track_with_its_data_here_moves(references: bytes) -> None:
    asset = film(ISOM, references=references)
    assert aims(with_store(asset)) == aims(asset)


def test_a_track_with_data_here_and_there_is_refused() -> None:
    with pytest.raises(LimitError, match=r"stco box at byte \d+: points into this file and into"):
        with_store(film(ISOM, references=refers(1, 0)))


def test_items_of_other_methods_are_left_alone() -> None:
    inside = bytes(8)
    rows = b"".join(
        struct.pack(">HHHHII", number, method, 0, 1, 400, 4)
        for number, method in ((1, 1), (2, 2), (3, 0))
    )
    location = full(b"iloc", 1, 0, b"\x44\0", struct.pack(">H", 3), rows)
    handler = full(b"hdlr", 0, 0, bytes(20))
    asset = HEIC + full(b"meta", 0, 0, handler, location, box(b"idat", inside)) + bytes(400)
    new = with_store(asset, 1000)
    moved = [
        struct.unpack_from(">I", new, new.index(rows[:2] + b"\0\1") + 8 + 16 * at)[0]
        for at in range(3)
    ]
    assert moved == [400, 400, 400 + 1045]


def test_items_in_another_file_are_left_alone() -> None:
    row = struct.pack(">HHHII", 1, 1, 1, 400, 4)
    location = full(b"iloc", 0, 0, b"\x44\0", struct.pack(">H", 1), row)
    handler = full(b"hdlr", 0, 0, bytes(20))
    for flag, differs in ((0, False), (1, True)):
        inside = handler, box(b"dinf", refers(flag)), location
        asset = HEIC + full(b"meta", 0, 0, *inside) + box(b"mdat", bytes(400))
        assert (row not in with_store(asset)) is differs


def test_a_number_that_outgrows_its_field_is_told_with_its_box() -> None:
    movie = box(
        b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", table(b"stco", [2**32 - 9])))))
    )
    with pytest.raises(LimitError, match=r"^stco box at byte \d+: an offset would no longer fit"):
        with_store(ISOM + movie, 500)
    location = full(b"iloc", 0, 0, b"\x44\0\0\1", struct.pack(">HHHII", 1, 0, 1, 2**32 - 9, 4))
    picture = HEIC + full(b"meta", 0, 0, full(b"hdlr", 0, 0, bytes(20)), location)
    with pytest.raises(LimitError, match=r"^iloc box at byte \d+: an offset would no longer fit"):
        with_store(picture, 500)


def test_a_compressed_movie_cannot_move() -> None:
    asset = ISOM + box(b"moov", box(b"cmov", bytes(20)))
    with pytest.raises(LimitError, match="cmov box at byte 28: the movie's tables are compressed"):
        with_store(asset)


@pytest.mark.parametrize("kind", [b"stco", b"co64", b"saio"])
def test_a_table_longer_than_its_box_is_told(kind: bytes) -> None:
    inner = full(kind, 0, 0, b"\xff\xff\xff\xff", bytes(16))
    movie = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", inner)))))
    with pytest.raises(MalformedError, match=f"{kind.decode()} box at byte .*: 4294967295 entries"):
        with_store(ISOM + movie)


@pytest.mark.parametrize("kind", [b"stco", b"tfhd", b"tfra", b"sidx", b"iloc", b"saio", b"trun"])
def test_a_table_cut_anywhere_is_told(kind: bytes) -> None:
    whole = {**dict(_tables(fragments(ISOM, version=1))), **dict(_tables(film(ISOM)))}
    whole |= dict(_tables(heif(HEIC)))
    around = {b"stco": (b"moov", b"trak", b"mdia", b"minf", b"stbl"), b"tfra": (b"mfra",)}
    around |= {b"iloc": (b"meta",), b"saio": (b"moof", b"traf"), b"sidx": ()}
    data = whole[kind][8:]
    for end in range(len(data)):
        inner = box(kind, data[:end])
        for outer in reversed(around.get(kind, (b"moof", b"traf"))):
            inner = full(outer, 0, 0, inner) if outer == b"meta" else box(outer, inner)
        try:
            with_store(ISOM + inner + box(b"mdat"))
        except (MalformedError, LimitError) as error:
            assert kind.decode() in str(error)


def _tables(data: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    for kind in (b"stco", b"tfhd", b"tfra", b"sidx", b"iloc", b"saio", b"trun"):
        at = data.find(kind)
        if at >= 0:
            found.append((kind, data[at - 4 : at - 4 + int.from_bytes(data[at - 4 : at])]))
    return found


def test_media_is_only_kept() -> None:
    asset = film(ISOM, words=(*WORDS, bytes(1 << 20)))
    plan = plan_store(BufferSource(asset), 500, DEFAULT_LIMITS)
    last = plan.pieces[-1]
    assert isinstance(last, Keep)
    assert last.span.end == len(asset)
    assert last.span.length > 1 << 20


def test_the_boxes_counted_are_those_of_the_whole_file() -> None:
    asset = ISOM + box(b"moov", box(b"free") * 60, box(b"trak", box(b"free") * 60))
    with pytest.raises(LimitError, match="more than 100 in all"):
        plan_store(BufferSource(asset), 500, Limits(container_items=100))


def test_several_stores_make_room_for_one() -> None:
    old = carrier(b"manifest", bytes(8) + store_of(200))
    plain = film(ISOM)
    asset = ISOM + old + plain[len(ISOM) :] + old
    shifted = with_store(plain, len(old) - 45)  # as far as the first of them moves the rest
    asset = shifted[: len(ISOM)] + old + shifted[len(ISOM) + len(old) :] + old
    assert MP4.locate(BufferSource(asset), DEFAULT_LIMITS).count == 2
    assert with_store(asset) == with_store(plain)
    assert with_store(asset, 0) == plain
    spans = MP4.locate(BufferSource(asset), DEFAULT_LIMITS).carriers
    assert spans == (Span(len(ISOM), len(old)), Span(len(asset) - len(old), len(old)))
