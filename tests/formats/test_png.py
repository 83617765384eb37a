"""PNG: one caBX chunk, and what files in the field do."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image, PngImagePlugin

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.png import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, StreamSource
from provenance.spans import Span
from tests.formats.samples import noise, saved, store_of, written

URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\x7f"))
END = chunk(b"IEND")


def png(*chunks: bytes, after: bytes = b"") -> bytes:
    return b"".join((SIGNATURE, HEADER, *chunks, END, after))


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def test_the_store_goes_right_after_the_header() -> None:
    store = store_of(100)
    assert signed(png(PIXELS), store) == png(chunk(b"caBX", store), PIXELS)


def test_what_we_write_passes_the_checks_of_other_software() -> None:
    image = Image.open(io.BytesIO(signed(saved("PNG"), store_of(5000))))
    image.verify()  # every CRC


def test_a_store_after_the_pixels_is_read_and_moved_before_them() -> None:
    store = store_of(100)
    asset = png(PIXELS, chunk(b"caBX", store))
    assert located(asset).store == store
    assert signed(asset, store) == png(chunk(b"caBX", store), PIXELS)
    assert stripped(asset) == png(PIXELS)


def test_a_store_before_the_pixels_keeps_its_place() -> None:
    text = chunk(b"tEXt", b"a\0b")
    old, new = chunk(b"caBX", store_of(100)), chunk(b"caBX", store_of(300))
    assert signed(png(text, old, PIXELS), store_of(300)) == png(text, new, PIXELS)


def test_several_stores_are_none_and_all_go() -> None:
    one, two = chunk(b"caBX", store_of(100)), chunk(b"caBX", store_of(200))
    asset = png(one, PIXELS, two)
    found = located(asset)
    assert (found.store, found.count) == (None, 2)
    assert found.carriers == (Span(33, len(one)), Span(33 + len(one) + len(PIXELS), len(two)))
    assert stripped(asset) == png(PIXELS)
    assert signed(asset, store_of(100)) == png(one, PIXELS)


def test_bytes_after_the_end_are_kept_and_not_searched() -> None:
    tail = chunk(b"caBX", store_of(100)) + b"tail"
    asset = png(PIXELS, after=tail)
    assert located(asset).count == 0
    assert signed(asset, store_of(80)) == png(chunk(b"caBX", store_of(80)), PIXELS, after=tail)


def test_a_wrong_crc_is_no_reason_to_refuse() -> None:
    store = store_of(100)
    carrier = chunk(b"caBX", store)[:-4] + b"\0\0\0\0"
    assert located(png(carrier, PIXELS)).store == store


def test_an_empty_carrier_holds_an_empty_store() -> None:
    found = located(png(chunk(b"caBX"), PIXELS))
    assert (found.store, found.count) == (b"", 1)


def test_another_chunk_may_come_before_the_header() -> None:
    asset = b"".join((SIGNATURE, chunk(b"CgBI", b"\x50\0\x20\2"), HEADER, PIXELS, END))
    assert located(asset).count == 0
    assert located(signed(asset, store_of(100))).store == store_of(100)
    assert stripped(signed(asset, store_of(100))) == asset


def test_a_chunk_that_is_too_long_is_told_with_its_place() -> None:
    asset = png(struct.pack(">I", 0xFFFFFFFF) + b"caBX" + bytes(100))
    with pytest.raises(MalformedError) as caught:
        located(asset)
    left = len(asset) - 33 - 12
    assert (
        str(caught.value)
        == f"caBX chunk at byte 33: 4294967295 bytes long, {left} left in the file"
    )


def test_a_chunk_type_out_of_order_is_named_in_hexadecimal() -> None:
    with pytest.raises(MalformedError, match=r"^0x00ff0a0d chunk at byte 33: "):
        located(png(struct.pack(">I", 1 << 20) + b"\0\xff\n\r"))


def test_a_file_without_an_end_is_malformed() -> None:
    with pytest.raises(MalformedError, match=r"at byte 33: 0 bytes left, and no IEND chunk yet"):
        located(SIGNATURE + HEADER)


def test_a_file_without_a_header_is_malformed() -> None:
    with pytest.raises(MalformedError, match="has no IHDR chunk"):
        located(SIGNATURE + PIXELS + END)


def test_a_store_that_no_chunk_holds_is_refused() -> None:
    with pytest.raises(LimitError, match="2147483648 bytes, a PNG chunk holds 2147483647"):
        HANDLER.plan(BufferSource(png(PIXELS)), 1 << 31, DEFAULT_LIMITS)


def xmp(text: bytes, flag: bytes = b"\0") -> bytes:
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + flag + b"\0\0\0" + text)


@pytest.mark.parametrize("before", [True, False], ids=["before pixels", "after pixels"])
@pytest.mark.parametrize(
    "text", [xmp(XMP), xmp(zlib.compress(XMP), b"\1")], ids=["plain", "compressed"]
)
def test_xmp_names_a_remote_store(text: bytes, before: bool) -> None:
    comment = chunk(b"iTXt", b"Comment\0\0\0\0\0" + XMP)
    asset = png(comment, text, PIXELS) if before else png(comment, PIXELS, text)
    found = located(asset)
    assert found == Located(remote_url=URL)


def test_xmp_that_other_software_wrote_is_read() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), "", "", zip=True)
    assert located(saved("PNG", pnginfo=info)).remote_url == URL


def test_an_embedded_store_goes_before_a_remote_one() -> None:
    asset = signed(png(xmp(XMP), PIXELS), store_of(100))
    found = located(asset)
    assert (found.store, found.remote_url) == (store_of(100), None)


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"iTXt", b"XML:com.adobe.xmp\0"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0no end"),
        chunk(b"iTXt", b"XML:com.adobe"),
        xmp(XMP, b"\1"),
        xmp(b""),
        chunk(b"iTXt", b"Comment\0\0\0\0\0" + XMP),
        chunk(b"tEXt", b"XML:com.adobe.xmp\0" + XMP),
    ],
)
def test_xmp_that_cannot_be_read_names_nothing(text: bytes) -> None:
    assert located(png(text, PIXELS)).remote_url is None


def test_compressed_xmp_is_not_unpacked_without_bound() -> None:
    bomb = xmp(zlib.compress(XMP + b" " * (4 << 20)), b"\1")
    assert len(bomb) < 10_000
    assert located(png(bomb, PIXELS)).remote_url == URL
    assert located(png(bomb, PIXELS), Limits(text_bytes=1 << 20)).remote_url is None
    assert located(png(xmp(XMP), PIXELS), Limits(text_bytes=100)).remote_url is None


def test_many_chunks_are_walked_quickly() -> None:
    asset = png(*[chunk(b"IDAT", noise(100))] * 25_000)
    for source in (BufferSource(asset), StreamSource(io.BytesIO(asset))):
        began = time.process_time()
        assert HANDLER.locate(source, DEFAULT_LIMITS).count == 0
        assert time.process_time() - began < 2  # about 0.03 s; a walk in squares takes minutes


def test_more_chunks_than_the_limit_are_refused() -> None:
    asset = png(*[chunk(b"tEXt")] * 100, PIXELS)
    with pytest.raises(LimitError, match=r"^PNG at byte .*: more than 50 chunks"):
        located(asset, Limits(container_items=50))
