"""ONNX: one more entry at the end of a message whose other fields are not touched."""

import io
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import onnx
import pytest

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.onnx import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, StreamSource
from provenance.spans import Span
from tests.formats.sample_model import field, onnx_model, varint
from tests.formats.samples import noise, store_of, written

library: Any = onnx


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def prop(store: bytes, key: bytes = b"c2pa:manifest") -> bytes:
    return field(1, key) + field(2, b64encode(store))


def test_the_store_is_the_last_entry_and_nothing_else_moves() -> None:
    plain, store = onnx_model(), store_of(300)
    asset = signed(plain, store)
    assert asset.startswith(plain)
    text = b64encode(store)
    assert asset.endswith(text)
    assert located(asset).carriers == (Span(len(asset) - len(text), len(text)),)
    assert stripped(asset) == plain


@pytest.mark.parametrize("length", [60, 200, 70_000, 3_000_000])
def test_other_software_sees_the_same_model(length: int) -> None:
    author = field(1, b"author") + field(2, b"nobody")
    plain = onnx_model(author)
    before = library.load_from_string(plain)
    library.checker.check_model(before)
    after = library.load_from_string(signed(plain, store_of(length)))
    library.checker.check_model(after)
    props = {one.key: one.value for one in after.metadata_props}
    assert props == {"author": "nobody", "c2pa:manifest": b64encode(store_of(length)).decode()}
    del after.metadata_props[:], before.metadata_props[:]
    assert after.SerializeToString() == before.SerializeToString()


def test_a_model_that_other_software_wrote_is_known_and_signed() -> None:
    made: Any = library.parser.parse_model(
        '<ir_version: 8, opset_import: ["": 13]> g (float[N] x) => (float[N] y) { y = Abs(x) }'
    )
    made.doc_string = "x" * 5000
    made.producer_name = "parser"
    library.helper.set_model_props(made, {"c2pa:manifest": b64encode(store_of(90)).decode()})
    asset = made.SerializeToString()
    assert HANDLER.sniff(asset[:4096])
    assert located(asset).store == store_of(90)
    again = library.load_from_string(signed(asset, store_of(4000)))
    assert [one.value for one in again.metadata_props] == [b64encode(store_of(4000)).decode()]


def test_an_entry_of_others_keeps_its_place() -> None:
    backwards = field(2, b64encode(store_of(100))) + field(1, b"c2pa:manifest")
    other = field(1, b"a") + field(2, b"b")
    asset = onnx_model(backwards, other)
    assert located(asset).store == store_of(100)
    again = signed(asset, store_of(200))
    assert located(again).store == store_of(200)
    assert again.endswith(field(14, other))
    assert stripped(again) == stripped(asset) == onnx_model(other)


def test_several_stores_are_none_and_all_go() -> None:
    asset = onnx_model(prop(store_of(100)), prop(store_of(200)))
    found = located(asset)
    assert (found.store, found.count, len(found.carriers)) == (None, 2, 2)
    assert stripped(asset) == onnx_model()
    assert located(signed(asset, store_of(64))).store == store_of(64)


def test_another_key_is_another_entry() -> None:
    asset = onnx_model(prop(store_of(70), b"c2pa:manifest2"), prop(store_of(70), b"c2pa:manifes"))
    assert located(asset).count == 0


def test_an_entry_without_a_value_holds_an_empty_store() -> None:
    found = located(onnx_model(field(1, b"c2pa:manifest")))
    assert (found.store, found.count) == (b"", 1)


def test_what_is_broken_behind_the_store_does_not_hide_it() -> None:
    asset = onnx_model(prop(store_of(100))) + b"\x72\xff\xff\xff\x0f"
    assert located(asset).store == store_of(100)
    with pytest.raises(MalformedError, match="33554431 bytes long, 0 left"):
        signed(asset, store_of(100))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (b"\x7b", "no key and length"),  # a group
        (b"\0\0", "no key and length"),  # number 0
        (b"\x72" + b"\xff" * 11, "no key and length"),
        (b"\x72", "no key and length"),
        (b"\x75\0\0", "4 bytes long, 2 left"),
        (field(14, b"\x0a\x05abc"), "5 bytes long, 3 left"),
        (field(14, field(1, b"c2pa:manifest") + field(2, b"!!")), "is no Base64"),
    ],
)
def test_what_is_no_field_is_told(more: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        located(onnx_model() + more)


def test_fields_of_all_kinds_are_stepped_over() -> None:
    others = b"\x71" + bytes(8) + b"\x75" + bytes(4) + field(1000, 7) + field(70_000, b"x")
    assert located(onnx_model() + others + field(14, prop(store_of(80)))).store == store_of(80)


class Sparse(io.RawIOBase):
    """A file of 5 GB that is zeros but for its ends; reading its middle is a mistake."""

    def __init__(self, start: bytes, gap: int, end: bytes) -> None:
        self._parts = ((0, start), (len(start) + gap, end))
        self._size = len(start) + gap + len(end)
        self._at = 0

    def seek(self, at: int, whence: int = io.SEEK_SET) -> int:
        self._at = at if whence == io.SEEK_SET else self._size + at
        return self._at

    def read(self, length: int = -1) -> bytes:
        assert 0 <= length <= 1 << 20
        out = bytearray(min(length, self._size - self._at))
        for start, data in self._parts:
            for index in range(max(self._at, start), min(self._at + len(out), start + len(data))):
                out[index - self._at] = data[index - start]
        self._at += len(out)
        return bytes(out)


def test_a_graph_of_five_gigabytes_is_stepped_over() -> None:
    start = field(1, 8) + b"\x3a" + varint(5 << 30)
    stream: Any = Sparse(start, 5 << 30, field(14, prop(store_of(100))))
    source = StreamSource(stream)
    assert HANDLER.locate(source, DEFAULT_LIMITS).store == store_of(100)
    plan = HANDLER.plan(source, 70_000, DEFAULT_LIMITS)
    assert plan.size > 5 << 30
    assert plan.unbound[0].start > 5 << 30


def test_a_store_that_our_lengths_cannot_tell_is_refused() -> None:
    with pytest.raises(LimitError, match="we write less than 268435456 in ONNX"):
        HANDLER.plan(BufferSource(onnx_model()), 1 << 28, DEFAULT_LIMITS)


def test_many_fields_are_walked_quickly_or_refused() -> None:
    began = time.process_time()
    assert located(onnx_model() + field(14, field(1, b"a")) * 60_000).count == 0
    with pytest.raises(LimitError, match="too many fields"):
        located(onnx_model() + field(14, field(1, b"a")) * 300_000)
    assert time.process_time() - began < 4  # about 1 s
    with pytest.raises(LimitError, match="too many fields"):
        located(onnx_model(), Limits(container_items=3))


def heads() -> Iterator[bytes]:
    yield b"\x08\x08" + noise(4000)
    yield b"\x08\x08\x12"
    yield field(1, 8)
    yield field(1, 8) + field(2, b"pytorch")
    yield field(1, 0) + field(2, b"a") + field(7, field(1, b"")) + field(8, b"")
    yield field(1, 8) + field(7, b"\x08\x01")  # a graph that starts with a number
    yield field(1, 8) + field(9, b"what") + field(7, field(1, b""))
    yield field(2, b"some") + field(3, b"message") + field(4, b"else")
    yield b"\x08\x01\x12\x03abc\x1a\x02"  # a key without its bytes


@pytest.mark.parametrize("head", [*heads()][:-1])
def test_another_message_is_not_taken(head: bytes) -> None:
    assert not HANDLER.sniff(head[:4096])


def test_a_model_is_known_by_its_fields() -> None:
    for head in (
        onnx_model(),
        field(1, 8) + field(2, b"pytorch") + field(3, b"2.1") + field(7, field(1, noise(9000))),
        field(1, 3) + field(7, field(1, noise(9000))),
        field(1, 8) + field(2, b"a") + field(6, b"x" * 9000),
    ):
        assert HANDLER.sniff(head[:4096])
