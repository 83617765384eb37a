"""A source gives exactly what is asked for, or says that it cannot."""

import io
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.digests import digest, digest_outside, is_allowed
from provenance.errors import MalformedError
from provenance.source import (
    BLOCK,
    BufferSource,
    ByteSource,
    FileSource,
    FolderSource,
    PathSource,
    StreamSource,
    open_source,
)
from provenance.spans import Span

DATA = bytes(range(256)) * 4
LARGE = bytes(3 * BLOCK + 5)
AT_OFFSETS = hasattr(os, "preadv")
needs_offsets = pytest.mark.skipif(not AT_OFFSETS, reason="no reads at offsets here")


class Trickle(io.BytesIO):
    """A stream that gives at most seven bytes at a time, as a socket or a raw file may."""

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer
        return super().readinto(view[:7])


class Plain:
    """A stream that has no `readinto`."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def seek(self, at: int, whence: int = 0) -> int:
        return self._stream.seek(at, whence)


@cache
def kept(data: bytes) -> "tempfile._TemporaryFileWrapper[bytes]":
    """A file of the system with some content; one for all examples."""
    stream = tempfile.NamedTemporaryFile()  # noqa: SIM115  # it lives as long as the tests
    stream.write(data)
    stream.flush()
    return stream


def file_source(data: bytes) -> FileSource:
    return FileSource(kept(data).fileno(), len(data), "<file>")


def sources() -> list[ByteSource]:
    of_files: list[ByteSource] = [file_source(DATA), PathSource(kept(DATA).name)]
    return [
        *(of_files if AT_OFFSETS else ()),
        BufferSource(DATA),
        BufferSource(bytearray(DATA)),
        StreamSource(io.BytesIO(DATA)),
        StreamSource(Trickle(DATA)),
        StreamSource(Plain(DATA)),  # type: ignore[arg-type]  # all that is used of a stream
    ]


KINDS = range(len(sources()))


@pytest.mark.parametrize("which", KINDS)
@given(start=st.integers(0, len(DATA)), length=st.integers(0, len(DATA)))
def test_a_read_is_exact_or_refused(which: int, start: int, length: int) -> None:
    source = sources()[which]
    if start + length > len(DATA):
        with pytest.raises(MalformedError, match="bytes wanted"):
            source.read(start, length)
        with pytest.raises(MalformedError, match="bytes wanted"):
            list(source.blocks(Span(start, length)))
    else:
        assert source.read(start, length) == DATA[start : start + length]
        blocks = [bytes(block) for block in source.blocks(Span(start, length))]
        assert b"".join(blocks) == DATA[start : start + length]


@pytest.mark.parametrize("which", KINDS)
@pytest.mark.parametrize(("start", "length"), [(-1, 5), (5, -1), (-5, -5)])
def test_a_negative_place_is_refused(which: int, start: int, length: int) -> None:
    source = sources()[which]
    with pytest.raises(MalformedError):
        source.read(start, length)
    with pytest.raises(MalformedError):
        list(source.blocks(Span(start, length)))


@pytest.mark.parametrize("which", KINDS)
def test_the_size_is_known(which: int) -> None:
    assert sources()[which].size == len(DATA)


def test_an_asset_that_shrinks_is_no_endless_loop() -> None:
    stream = io.BytesIO(DATA)
    source = StreamSource(stream)
    stream.truncate(10)
    with pytest.raises(MalformedError):
        list(source.blocks(Span(0, len(DATA))))
    with pytest.raises(MalformedError):
        source.read(0, len(DATA))


@needs_offsets
def test_a_file_that_shrinks_is_no_endless_loop(tmp_path: Path) -> None:
    path = tmp_path / "asset"
    path.write_bytes(bytes(2 * BLOCK))
    with open_source(path) as source:
        os.truncate(path, BLOCK)
        with pytest.raises(MalformedError, match=f"{BLOCK} left"):
            list(source.blocks(Span(0, 2 * BLOCK)))
        with pytest.raises(MalformedError):
            source.read(0, 2 * BLOCK)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StreamSource(io.BytesIO(LARGE)),
        pytest.param(lambda: file_source(LARGE), marks=needs_offsets),
    ],
)
def test_a_block_is_at_most_a_mebibyte(make: Callable[[], ByteSource]) -> None:
    sizes = [len(block) for block in make().blocks(Span(0, len(LARGE)))]
    assert max(sizes) <= BLOCK
    assert sum(sizes) == len(LARGE)


@needs_offsets
def test_threads_that_share_a_file_are_not_in_each_others_way(tmp_path: Path) -> None:
    path = tmp_path / "asset"
    data = os.urandom(4 * BLOCK)
    path.write_bytes(data)
    spans = [Span(at * 4096, 3 * 4096) for at in range(1000)]
    with open_source(path) as source, ThreadPoolExecutor(8) as pool:
        assert source.shared
        read = pool.map(lambda span: b"".join(map(bytes, source.blocks(span))), spans)
        for span, found in zip(spans, read, strict=True):
            assert found == data[span.start : span.end]


def test_a_small_file_and_a_large_one_are_opened_and_closed(tmp_path: Path) -> None:
    for size in (0, 100, (1 << 20) + 1):
        path = tmp_path / "asset"
        path.write_bytes(bytes(size))
        with open_source(path) as source:
            assert source.size == size
            assert source.name == str(path)
            assert source.read(0, size) == bytes(size)
        path.unlink()


def test_a_file_that_is_not_there_is_the_callers_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_source(tmp_path / "nothing"):
        pass
    with pytest.raises(FileNotFoundError):
        PathSource(tmp_path / "nothing")


def test_a_folder_has_no_bytes_of_its_own(tmp_path: Path) -> None:
    with open_source(str(tmp_path)) as source:
        assert isinstance(source, FolderSource)
        assert (source.size, source.path, source.name) == (0, tmp_path, str(tmp_path))


def test_a_stream_of_the_caller_stays_open() -> None:
    stream: BinaryIO = io.BytesIO(DATA)
    with open_source(stream) as source:
        source.read(0, 4)
    assert not stream.closed


@given(
    st.lists(st.integers(0, len(DATA)), max_size=8), st.sampled_from(["sha256", "sha384", "sha512"])
)
def test_a_hash_with_spans_left_out_is_the_hash_of_the_rest(cuts: list[int], alg: str) -> None:
    assert is_allowed(alg)
    places = sorted(cuts)
    spans = [Span.between(a, b) for a, b in zip(places[::2], places[1::2], strict=False)]
    kept = bytearray(DATA)
    for one in reversed(spans):
        del kept[one.start : one.end]
    for source in sources():
        assert digest_outside(source, spans, alg) == digest(bytes(kept), alg)


@pytest.mark.parametrize("alg", ["md5", "sha1", "SHA256", "", None, 5, "sha224", b"sha256"])
def test_no_other_hash_is_allowed(alg: object) -> None:
    assert not is_allowed(alg)
