"""A file elsewhere is asked for in ranges: what is needed, once, and in bounded memory."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.digests import digest, digest_outside
from provenance.errors import MalformedError
from provenance.remote.blocks import BLOCK, Blocks
from provenance.remote.source import RemoteSource, sidecars
from provenance.source import open_source
from provenance.spans import Span
from tests.remote.counted import counted

MIB = 1 << 20
DATA = random.Random(7).randbytes(3 * MIB + 5)


class Held:
    """Ranges of bytes that are here."""

    name = "held://x"

    def __init__(self, data: bytes, at_once: int = 2) -> None:
        self.data, self.at_once, self.size = data, at_once, len(data)
        self.asked: list[tuple[int, int]] = []

    def fetch(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return self.data[start:end]


class Zeros(Held):
    """A file of any length, made as it is asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(b"")
        self.size = size

    def fetch(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return bytes(end - start)


spans = st.integers(0, len(DATA)).flatmap(
    lambda start: st.tuples(st.just(start), st.integers(0, len(DATA) - start))
)


@given(st.lists(spans, max_size=6), st.integers(1, 4))
def test_whatever_is_asked_for_comes(wanted: list[tuple[int, int]], kept: int) -> None:
    source = RemoteSource(Held(DATA), Blocks(kept))
    for start, length in wanted:
        assert source.read(start, length) == DATA[start : start + length]
        assert b"".join(source.blocks(Span(start, length))) == DATA[start : start + length]


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_large_file_is_hashed_in_large_ranges_each_byte_once(at_once: int) -> None:
    data = DATA * 9
    held = Held(data, at_once)
    source = RemoteSource(held)
    assert source.read(0, 12) == data[:12]
    assert source.read(len(data) - 8, 8) == data[-8:]
    assert len(held.asked) == 2
    assert digest_outside(source, (), "sha256") == digest(data, "sha256")
    asked = sorted(held.asked)
    assert [start for start, _ in asked] == [0, *(end for _, end in asked[:-1])]
    assert asked[-1][1] == len(data)
    assert len(asked) == 2 + -(-(len(data) - 2 * BLOCK) // (4 * MIB))


def test_memory_is_bounded_however_long_the_file_is() -> None:
    source = RemoteSource(Zeros(400 * MIB))
    tracemalloc.start()
    try:
        digest_outside(source, (), "sha256")
        for start in range(0, source.size, 10 * MIB):
            source.read(start, 10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB


def test_only_what_is_needed_is_fetched() -> None:
    held = Zeros(1 << 30)
    source = RemoteSource(held)
    source.read(0, 16)
    source.read(1 << 29, 16)
    source.read((1 << 30) - 16, 16)
    source.read(100, 16)
    assert [end - start for start, end in held.asked] == [BLOCK] * 3


def test_small_reads_that_follow_each_other_come_in_growing_ranges() -> None:
    held = Zeros(64 * MIB)
    source = RemoteSource(held)
    for at in range(0, 32 * MIB, 8192):
        source.read(at, 8)
    assert len(held.asked) < 14
    assert sum(end - start for start, end in held.asked) <= 36 * MIB


def test_blocks_of_many_files_share_their_bound() -> None:
    kept = Blocks(3)
    files = [RemoteSource(Held(bytes([number]) * 9), kept) for number in range(9)]
    for _ in range(2):
        for number, one in enumerate(files):
            assert one.read(0, 9) == bytes([number]) * 9
    assert len(kept._kept) == 3


def test_reading_past_the_end_is_malformed_and_asks_nobody() -> None:
    held = Held(b"abc")
    source = RemoteSource(held)
    for start, length in ((2, 2), (-1, 1), (0, -1), (4, 0)):
        with pytest.raises(MalformedError):
            source.read(start, length)
        with pytest.raises(MalformedError):
            list(source.blocks(Span(start, length)))
    assert source.read(3, 0) == b""
    assert not held.asked


@pytest.mark.parametrize("size", [10, 20 * MIB])
def test_fewer_bytes_than_promised_are_an_error_of_the_system(size: int) -> None:
    held = Held(bytes(size - 1))
    held.size = size
    with pytest.raises(OSError, match="were asked for at byte"):
        list(RemoteSource(held).blocks(Span(0, size)))


def test_who_stops_reading_ends_what_is_on_its_way() -> None:
    held = Zeros(1 << 30)
    blocks: Iterator[memoryview] = iter(RemoteSource(held).blocks(Span(0, held.size)))
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]  # a generator
    assert len(held.asked) <= 3


def test_an_address_opens_a_file_of_fsspec() -> None:
    with counted(**{"a/x.bin": DATA}) as asked, open_source("counted://a/x.bin") as source:
        assert (source.name, source.size) == ("counted://a/x.bin", len(DATA))
        assert source.read(2 * MIB, 5) == DATA[2 * MIB :][:5]
        assert (asked.requests, asked.bytes) == (2, BLOCK)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("a.jpg", ("a.jpg.c2pa", "a.c2pa")),
        ("a", ("a.c2pa",)),
        (".a", (".a.c2pa",)),
        ("a.b.c", ("a.b.c.c2pa", "a.b.c2pa")),
        ("a.c2pa", ("a.c2pa.c2pa",)),
    ],
)
def test_a_sidecar_is_called_as_one_of_a_local_file(name: str, places: tuple[str, ...]) -> None:
    from pathlib import Path

    from provenance.formats import sidecar

    assert sidecars(name) == places
    assert tuple(map(str, sidecar.candidates(Path(name)))) == places
