"""ZIP and its family: what the contract cannot say."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest

from provenance.errors import LimitError, MalformedError
from provenance.formats import registry
from provenance.formats.base import Handler, Members
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from tests.formats.sample_zip import ZIP_SAMPLES, archive, packed
from tests.formats.samples import store_of, written

STORE = "META-INF/content_credential.c2pa"
OFFICE = ("DOCX", "XLSX", "PPTX", "OpenXPS")
DECLARED = b'<Default Extension="c2pa" ContentType="application/c2pa"/>'


def handler_of(data: bytes, suffix: str = "") -> Handler:
    return registry.find(BufferSource(data), suffix)


def signed(data: bytes, store: bytes = store_of(3000)) -> bytes:
    plan = handler_of(data).plan(BufferSource(data), len(store), DEFAULT_LIMITS)
    return written(plan, data, store)


def stripped(data: bytes) -> bytes:
    return written(handler_of(data).plan(BufferSource(data), 0, DEFAULT_LIMITS), data)


def located(data: bytes) -> bytes | None:
    return handler_of(data).locate(BufferSource(data), DEFAULT_LIMITS).store


def members(data: bytes) -> Members:
    found = handler_of(data).members(BufferSource(data), DEFAULT_LIMITS)
    assert found is not None
    return found


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


class Pipe(io.RawIOBase):
    """Where one cannot go back: zipfile puts sizes behind the data then."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # it is given bytes
        self.data += data
        return len(data)


def streamed() -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", "hello " * 50)
        made.writestr("b.bin", bytes(100))
    return bytes(pipe.data)


def wide() -> bytes:
    """With a ZIP64 end record, as an archive of many files has it, at the size of a small one."""
    data = archive(("a.txt", "hello"), ("b.txt", "world"))
    end = data.rindex(b"PK\5\6")
    _, _, _, _, count, size, offset, _ = struct.unpack("<4sHHHHIIH", data[end:])
    far = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    full = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:end] + far + locator + full


either = pytest.mark.parametrize("form", [bytes, packed])


@either
@pytest.mark.parametrize("kind", ZIP_SAMPLES)
def test_other_software_reads_what_was_signed(kind: str, form: Callable[[bytes], bytes]) -> None:
    data, store = form(ZIP_SAMPLES[kind]()), store_of(5000)
    with opened(data) as before, opened(signed(data, store)) as after:
        assert after.testzip() is None
        assert after.namelist() == [*before.namelist(), STORE]
        assert after.read(STORE) == store
        assert after.getinfo(STORE).compress_type == zipfile.ZIP_STORED
        assert after.getinfo(STORE).flag_bits == 0
        for name in set(before.namelist()) - {"[Content_Types].xml"}:
            assert after.read(name) == before.read(name)


@either
@pytest.mark.parametrize("kind", ZIP_SAMPLES)
def test_a_kind_is_told_by_its_content_and_its_suffix_agrees(
    kind: str, form: Callable[[bytes], bytes]
) -> None:
    data = form(ZIP_SAMPLES[kind]())
    assert handler_of(data).name == kind
    assert handler_of(data, handler_of(data).suffixes[0]).name == kind


@either
@pytest.mark.parametrize("kind", OFFICE)
def test_an_office_package_declares_the_manifest(kind: str, form: Callable[[bytes], bytes]) -> None:
    asset = form(ZIP_SAMPLES[kind]())
    data = signed(asset)
    assert opened(data).read("[Content_Types].xml").count(DECLARED) == 1
    assert opened(signed(data)).read("[Content_Types].xml").count(DECLARED) == 1
    assert stripped(data) == asset


def test_a_type_that_is_declared_already_stays_as_it_is() -> None:
    types = '<Types xmlns="x"><Default ContentType="application/c2pa" Extension="C2PA"/></Types>'
    data = archive(("[Content_Types].xml", types), ("word/document.xml", "<x/>"))
    assert opened(signed(data)).read("[Content_Types].xml").decode() == types
    assert stripped(signed(data)) == data


@pytest.mark.parametrize(
    "types",
    [
        "",
        "no xml",
        "<Types/>",
        "<!-- <Types> --><Other/>",
        "\ufeff<Types xmlns='x'".encode("utf-16"),
    ],
)
def test_a_list_of_types_that_cannot_be_read_is_left_alone(types: str | bytes) -> None:
    data = archive(("[Content_Types].xml", types), ("word/document.xml", "<x/>"))
    assert opened(signed(data)).testzip() is None
    assert stripped(signed(data)) == data


def test_a_prefixed_list_of_types_is_extended_in_kind() -> None:
    data = archive(("[Content_Types].xml", '<o:Types xmlns:o="x"></o:Types>'), ("xl/a.xml", "<x/>"))
    types = opened(signed(data)).read("[Content_Types].xml")
    assert b'<o:Types xmlns:o="x"><o:Default Extension="c2pa"' in types


def test_a_package_that_tells_late_what_it_is_is_told_by_its_folders() -> None:
    filler = tuple((f"docProps/{number:03}.xml", bytes(20)) for number in range(100))
    data = archive(*filler, ("xl/workbook.xml", "<x/>"))
    assert handler_of(data).name == "XLSX"


@pytest.mark.parametrize("make", [streamed, wide, lambda: archive(("a", "b"))])
def test_all_ways_of_writing_an_archive_come_back(make: object) -> None:
    assert callable(make)
    data = make()
    once = signed(data)
    assert opened(once).testzip() is None
    assert located(once) == store_of(3000)
    assert stripped(once) == data


def test_a_comment_stays() -> None:
    out = io.BytesIO(archive(("a", "b")))
    with zipfile.ZipFile(out, "a") as made:
        made.comment = b"for you"
    data = out.getvalue()
    assert opened(signed(data)).comment == b"for you"
    assert stripped(signed(data)) == data


@pytest.mark.parametrize("adjusted", [True, False])
def test_a_program_before_the_archive_stays(adjusted: bool) -> None:
    start = b"#!/usr/bin/env python3\n"
    data = archive(("__main__.py", "print('hello')"), ("b", "c" * 300))
    if adjusted:  # offsets that count from the start of the file
        out = io.BytesIO(start)
        with zipfile.ZipFile(out, "a") as made, opened(data) as old:
            for info in old.infolist():
                made.writestr(info, old.read(info))
        whole = out.getvalue()
    else:
        whole = start + data
    once = signed(whole)
    assert once.startswith(start)
    assert opened(once).testzip() is None
    assert opened(once).read("b") == b"c" * 300
    assert stripped(once) == whole
    assert members(once).loose == len(start)


def test_what_lies_behind_a_store_moves_with_it() -> None:
    out = io.BytesIO(signed(archive(("a.txt", "hello"))))
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("later.txt", "world " * 100)
    for length in (100, 3000, 9000):
        data = signed(out.getvalue(), store_of(length))
        assert located(data) == store_of(length)
        assert opened(data).testzip() is None
        assert opened(data).namelist() == ["a.txt", STORE, "later.txt"]
        assert opened(data).read("later.txt") == b"world " * 100
        assert opened(stripped(data)).read("later.txt") == b"world " * 100


def test_the_parts_cover_all_but_the_store() -> None:
    data = signed(streamed())
    found = members(data)
    files = tuple(found.files)
    assert [one.uri for one in files] == ["a.txt", "b.bin"]
    assert files[0].span is not None
    assert files[1].span is not None
    assert files[0].span.start == 0
    assert files[0].span.end == files[1].span.start  # the descriptor between is the first one's
    assert data[files[1].span.end :].startswith(b"PK\3\4")
    assert found.loose == 0
    (head, tail), (whole,) = found.directory
    assert tail.start - head.end == 4
    assert (head.start, tail.end) == (whole.start, len(data))


def test_names_become_uris() -> None:
    data = archive(("a b.txt", "x"), ("[x]", "y"), ("ü/z", "z"), ("folder/", ""))
    files = tuple(members(data).files)
    assert [one.uri for one in files] == ["a%20b.txt", "%5Bx%5D", "%C3%BC/z", "folder/"]
    assert [one.is_folder for one in files] == [False, False, False, True]


def test_a_folder_with_something_in_it_is_a_file() -> None:
    assert next(members(packed(archive(("folder/", "")))).files).is_folder
    assert not next(members(archive(("folder/", "payload"))).files).is_folder


def entry(data: bytes, name: bytes = STORE.encode()) -> int:
    """Where an entry's central header starts."""
    return data.rindex(name) - 46


def changed(data: bytes, at: int, form: str, value: int) -> bytes:
    out = bytearray(data)
    struct.pack_into(form, out, at, value)
    return bytes(out)


@pytest.mark.parametrize(
    ("at", "form", "value", "told"),
    [
        (8, "<H", 1, "encrypted"),  # flags
        (10, "<H", 8, "packed"),  # method
        (24, "<I", 7, "packed"),  # size
        (20, "<I", 1 << 30, "left"),  # packed
        (42, "<I", 1 << 31, "past all"),  # offset
        (42, "<I", 1, "no local header"),
    ],
)
def test_a_store_that_is_not_as_it_must_be_is_none(
    at: int, form: str, value: int, told: str
) -> None:
    data = signed(archive(("a", "b")))
    with pytest.raises(MalformedError, match=told):
        located(changed(data, entry(data) + at, form, value))


def test_two_stores_count_as_none() -> None:
    out = io.BytesIO(signed(archive(("a", "b"))))
    with zipfile.ZipFile(out, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr(STORE, store_of(200))
    found = handler_of(out.getvalue()).locate(BufferSource(out.getvalue()), DEFAULT_LIMITS)
    assert (found.store, found.count) == (None, 2)
    assert opened(signed(out.getvalue())).namelist() == ["a", STORE]


def test_an_archive_with_two_ends_is_refused() -> None:
    data = bytearray(archive(("a", "b")))
    other = archive(("c", "d"))
    struct.pack_into("<H", data, len(data) - 2, len(other))
    with pytest.raises(MalformedError, match="2 ends"):
        located(bytes(data) + other)


def test_bytes_behind_the_end_are_seen() -> None:
    data = signed(archive(("a", "b"))) + b"more"
    assert located(data) == store_of(3000)
    assert members(data).directory[0][-1].end == len(data)
    with pytest.raises(MalformedError, match="behind its end record"):
        signed(data)


def test_entries_that_share_bytes_are_refused() -> None:
    data = archive(("a", "x" * 100), ("b", "y"), method=zipfile.ZIP_STORED)
    at = data.rindex(b"PK\1\2")
    with pytest.raises(MalformedError):
        members(changed(data, at + 42, "<I", 0))
    first = data.index(b"PK\1\2")
    with pytest.raises(MalformedError, match="share"):
        members(changed(changed(data, first + 20, "<I", 110), first + 24, "<I", 110))


def test_a_directory_outside_of_the_file_is_refused() -> None:
    data = archive(("a", "b"))
    end = data.rindex(b"PK\5\6")
    for at, form, value in ((12, "<I", 1 << 30), (16, "<I", 1 << 30), (4, "<H", 3), (10, "<H", 9)):
        with pytest.raises(MalformedError):
            members(changed(data, end + at, form, value))


def test_an_archive_at_the_edge_of_zip64_is_not_broken() -> None:
    data = archive(("a", "b"))
    end = data.rindex(b"PK\5\6")
    full = changed(changed(data, end + 8, "<H", 0xFFFE), end + 10, "<H", 0xFFFE)
    with pytest.raises((LimitError, MalformedError)):
        signed(full)


def many(count: int) -> bytes:
    """An archive of empty files, put together by hand: zipfile would take a minute."""
    entries, headers = bytearray(), bytearray()
    for number in range(count):
        name = b"%06d" % number
        at = len(entries)
        sizes = struct.pack("<HHHHHIIIH", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name))
        entries += b"PK\3\4" + sizes + bytes(2) + name
        headers += b"PK\1\2\x14\0" + sizes + bytes(12) + struct.pack("<I", at) + name
    end = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, *(count % 65536,) * 2, len(headers), len(entries), 0
    )
    return bytes(entries + headers) + end


def test_very_many_entries_take_little_memory_and_time() -> None:
    data = many(200_000)
    tracemalloc.start()
    try:
        start = time.process_time()
        found = handler_of(data).locate(BufferSource(data), DEFAULT_LIMITS)
        took, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.store is None
    assert took < 1
    assert peak < 16 << 20


def test_more_entries_than_the_limit_are_refused_at_once() -> None:
    data = many(50)
    with pytest.raises(LimitError, match="50 entries"):
        handler_of(data).members(BufferSource(data), Limits(container_items=49))


def test_a_list_of_types_that_unpacks_to_no_end_is_left_alone() -> None:
    text = "<Types xmlns='x'>" + " " * (DEFAULT_LIMITS.text_bytes + 1) + "</Types>"
    data = packed(archive(("[Content_Types].xml", text), ("word/document.xml", "<x/>")))
    lying = bytearray(data)  # a size that promises little
    struct.pack_into("<I", lying, entry(data, b"[Content_Types].xml") + 24, 100)
    assert len(data) < 1 << 20
    tracemalloc.start()
    try:
        output = signed(bytes(lying))
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
    assert zlib.crc32(output[: data.index(b"PK\1\2")]) == zlib.crc32(data[: data.index(b"PK\1\2")])
