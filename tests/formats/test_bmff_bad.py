"""BMFF files made to hurt: a result or an error on purpose, soon and in little memory."""

import io
import struct
import time
import tracemalloc
from collections.abc import Callable

import pytest

from provenance.errors import ProvenanceError
from provenance.formats.bmff import HANDLERS
from provenance.limits import DEFAULT_LIMITS
from provenance.source import StreamSource
from tests.formats.sample_bmff import C2PA, box, carrier, full, head, table

MP4 = HANDLERS[0]
ISOM = head(b"isom")
SECONDS = 2.0  # of this process; a tenth of the bombs' size keeps slow machines far below
MEMORY = 256 << 20


def nested(depth: int, kind: bytes = b"moov") -> bytes:
    data = b""
    for _ in range(depth):
        data = box(kind, data)
    return data


def track(*tables: bytes) -> bytes:
    media = box(b"minf", box(b"stbl", *tables))
    return box(b"moov", box(b"trak", box(b"mdia", media)))


def pictured(*inside: bytes) -> bytes:
    return full(b"meta", 0, 0, full(b"hdlr", 0, 0, bytes(20)), *inside)


def items(version: int, sizes: bytes, count: int, rows: bytes) -> bytes:
    return pictured(
        full(b"iloc", version, 0, sizes, count.to_bytes(4 if version == 2 else 2), rows)
    )


FRAGMENT = box(
    b"moof", box(b"traf", full(b"tfhd", 0, 0x20000, bytes(4)), full(b"trun", 0, 1, bytes(8)))
)
ENTRY = full(b"infe", 2, 0, b"\0\1\0\0mime\0application/rdf+xml\0")
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

BOMBS: dict[str, Callable[[], bytes]] = {
    "a hundred thousand boxes": lambda: box(b"free") * 100_000,
    "as many fragments": lambda: FRAGMENT * 25_000,
    "as many in one": lambda: box(b"moof", box(b"traf", full(b"trun", 0, 1, bytes(8)) * 100_000)),
    "as many in a movie": lambda: box(b"moov", box(b"free") * 100_000),
    "as many stores": lambda: carrier(b"manifest", bytes(8)) * 100_000,
    "as many of somebody's": lambda: box(b"uuid", bytes(16)) * 100_000,
    "as many without a purpose": lambda: box(b"uuid", C2PA) * 100_000,
    "as many XMP packets": lambda: box(b"uuid", XMP, b"dcterms http://purl.org/dc/terms/") * 20_000,
    "a deep movie": lambda: nested(1000),
    "a deep meta": lambda: nested(1000, b"meco"),
    "a deep box that nobody enters": lambda: nested(1000, b"abcd"),
    "a table of everything": lambda: track(full(b"stco", 0, 0, b"\xff" * 4, bytes(64))),
    "a long table": lambda: track(table(b"stco", [100] * 2_000_000)),
    "a table to and fro": lambda: track(table(b"stco", [0, 1 << 30] * 1_000_000)),
    "many tables": lambda: track(table(b"stco", [100]) * 50_000),
    "many tables that lie elsewhere": lambda: track(
        full(b"dinf", 0, 0), table(b"stco", [1]) * 50_000
    ),
    "many segments": lambda: full(b"sidx", 0, 0, bytes(18), b"\xff\xff", bytes(12 * 65_535)) * 5,
    "items without end": lambda: items(
        2, b"\0\0", 0xFFFFFFFF, b"\0\0\0\1\0\0\0\0\xff\xff" * 100_000
    ),
    "items of everything": lambda: items(1, b"\x44\x44", 1, b"\0\1\0\0\0\0" + b"\xff" * 40),
    "items on each other": lambda: items(
        0, b"\x44\0", 60_000, struct.pack(">HHHII", 1, 0, 1, 0, 1 << 31) * 60_000
    ),
    "many tables of items": lambda: pictured(full(b"iloc", 0, 0, b"\x44\0\0\0") * 20_000),
    "items that are XMP": lambda: pictured(
        full(b"iinf", 0, 0, b"\0\0", ENTRY * 20_000), full(b"iloc", 0, 0, b"\x44\0\0\0")
    ),
    "a size of all there is": lambda: struct.pack(">I4sQ", 1, b"mdat", (1 << 64) - 1) + bytes(100),
    "no size in the middle": lambda: bytes(4) + b"moov" + bytes(4) + b"trak" + bytes(1000),
    "a store of all there is": lambda: carrier(
        b"manifest", bytes(8) + b"\xff\xff\xff\xffjumb" + bytes(1000)
    ),
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_in_time_and_in_little_memory(make: Callable[[], bytes]) -> None:
    source = StreamSource(io.BytesIO(ISOM + make()))
    for look in (
        lambda: MP4.locate(source, DEFAULT_LIMITS),
        lambda: MP4.plan(source, 100, DEFAULT_LIMITS),
        lambda: MP4.plan(source, 0, DEFAULT_LIMITS),
    ):
        began = time.process_time()
        try:
            look()
        except ProvenanceError as error:
            assert len(str(error)) < 300
        assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", ["a hundred thousand boxes", "a long table", "many tables"])
def test_the_memory_a_bomb_takes(name: str) -> None:
    source = StreamSource(io.BytesIO(ISOM + BOMBS[name]()))
    tracemalloc.start()
    try:
        MP4.locate(source, DEFAULT_LIMITS)
        MP4.plan(source, 100, DEFAULT_LIMITS)
        assert tracemalloc.get_traced_memory()[1] < MEMORY // 4
    finally:
        tracemalloc.stop()


class Sparse:
    """A file of a gigabyte that counts what is read of it."""

    shared = False
    name = "sparse"

    def __init__(self, start: bytes, size: int) -> None:
        self.start, self.size, self.taken = start, size, 0

    def read(self, start: int, length: int) -> bytes:
        self.taken += length
        return self.start[start : start + length].ljust(length, b"\0")


def test_of_a_gigabyte_only_the_headers_are_read() -> None:
    size = 1 << 30
    begin = ISOM + box(b"moov", track(table(b"stco", [4000]))[8:])
    media = struct.pack(">I4s", size - len(begin), b"mdat")
    source = Sparse(begin + media, size)
    assert MP4.locate(source, DEFAULT_LIMITS).count == 0  # type: ignore[arg-type]  # no blocks
    plan = MP4.plan(source, 100, DEFAULT_LIMITS)  # type: ignore[arg-type]  # no blocks
    assert plan.size == size + 145
    assert source.taken < 100_000
