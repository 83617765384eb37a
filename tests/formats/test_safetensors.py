"""SafeTensors: the header is spliced, the tensors stay where they were and as aligned."""

import json
import time
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.safetensors import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_model import TENSORS
from tests.formats.sample_model import safetensors as model
from tests.formats.samples import store_of, written

load: Any = safetensors.numpy.load
save: Any = safetensors.numpy.save


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def header_of(asset: bytes) -> bytes:
    return asset[8 : 8 + int.from_bytes(asset[:8], "little")]


HEADERS = {
    "metadata": b'{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[1]}}',
    "spaced": b'{ "__metadata__" : { "format" : "pt" } , "a" : { "shape" : [ 1 ] } } ',
    "none": b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    "empty metadata": b'{"a":{},"__metadata__":{}}   ',
    "spaced empty metadata": b'{"__metadata__": { } , "a":{}}',
    "nothing but metadata": b'{"__metadata__":{"a":"b"}}',
    "nothing": b"{}",
    "braces in texts": b'{"a}{\\"":{"dtype":"]}","shape":[]},"__metadata__":{"}":"{\\\\"}}',
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("length", [60, 61, 62, 1000])
def test_a_header_gains_one_entry_and_gets_back_what_it_was(header: bytes, length: int) -> None:
    plain, store = model(header), store_of(length)
    asset = signed(plain, store)
    entries = json.loads(header_of(asset))
    assert entries["__metadata__"].pop("c2pa:manifest") == b64encode(store).decode()
    before = json.loads(header)
    assert entries == before | {"__metadata__": before.get("__metadata__", {})}
    assert (len(asset) - len(plain)) % 8 == 0
    again = signed(asset, store_of(5001))
    assert located(again).store == store_of(5001)
    assert located(again).carriers[0].start == located(asset).carriers[0].start
    assert (len(again) - len(plain)) % 8 == 0
    assert stripped(asset) == stripped(again) == plain


def test_the_base64_text_alone_is_left_out_of_a_data_hash() -> None:
    store = store_of(500)
    asset = signed(model(), store)
    text = b64encode(store)
    assert located(asset).carriers == (Span(asset.index(text), len(text)),)
    assert HANDLER.plan(BufferSource(model()), 500, DEFAULT_LIMITS).unbound == (
        Span(asset.index(text), len(text)),
    )


def test_other_software_loads_the_same_tensors() -> None:
    weights = {"w": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.ones(3, np.int8)}
    for metadata in ({"format": "np"}, None):
        plain = save(weights, metadata=metadata)
        for asset in (signed(plain, store_of(70_001)), stripped(signed(plain, store_of(99)))):
            found = load(asset)
            assert found.keys() == weights.keys()
            for name, tensor in weights.items():
                np.testing.assert_array_equal(found[name], tensor)


@pytest.mark.parametrize(
    "text",
    [
        '{{"__metadata__": {{"format": "pt", "c2pa:manifest": "{0}"}}, "a": {{}}}}',
        '{{"a": {{}}, "__metadata__": {{"c2pa:manifest": "{0}", "format": "pt"}}}}',
        '{{"__metadata__":{{"c2pa:manifest":"{0}"}}}}',
        '{{"__metadata__":{{"c2pa\\u003amanifest":"{0}"}}}}',
        '{{"__metadata__":\n  {{ "c2pa:manifest" : "{1}"\n}}\n}}',
    ],
)
def test_an_entry_of_others_is_read_and_keeps_its_place(text: str) -> None:
    encoded = b64encode(store_of(200)).decode()
    header = text.format(encoded, encoded.replace("/", "\\/")).encode()
    asset = model(header + b" " * (-len(header) % 8))
    found = located(asset)
    assert found.store == store_of(200)
    again = signed(asset, store_of(900))
    assert located(again).store == store_of(900)
    assert located(again).carriers[0].start == found.carriers[0].start
    assert len(header_of(again)) % 8 == 0
    for signed_by_any in (asset, again):
        left = header_of(stripped(signed_by_any))
        assert len(left) % 8 == 0
        assert "c2pa:manifest" not in json.loads(left).get("__metadata__", {})
        assert stripped(signed_by_any).endswith(bytes(range(24)))


def twice(value: str = "") -> bytes:
    return f'{{"__metadata__":{{"c2pa:manifest":"{value}","c2pa:manifest":"{value}"}}}}'.encode()


def test_several_stores_are_none_and_all_go() -> None:
    value = b64encode(store_of(100)).decode()
    asset = model(twice(value))
    found = located(asset)
    assert (found.store, found.count, len(found.carriers)) == (None, 2, 2)
    assert json.loads(header_of(stripped(asset))) == {"__metadata__": {}}
    assert located(signed(asset, store_of(64))).store == store_of(64)


def test_metadata_that_is_there_twice_is_no_place_for_a_store() -> None:
    value = b64encode(store_of(100)).decode()
    both = f'{{"__metadata__":{{}},"__metadata__":{{"c2pa:manifest":"{value}"}}}}'.encode()
    for look in (located, lambda asset: signed(asset, store_of(100)), stripped):
        with pytest.raises(MalformedError, match="has __metadata__ twice"):
            look(model(both))
    assert located(model(b'{"__metadata__":{},"__metadata__":{}}')) == Located()


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"[]", "does not start with a brace"),
        (b'{"a":{}', "a brace is missing"),
        (b'{"a":{},}', "a comma with nothing behind it"),
        (b'{"a":{}}x', "goes on behind its object"),
        (b'{"a":[1]}', "the description of a tensor is missing"),
        (b'{"a":{"b":{}}}', "the description of a tensor is missing"),
        (b'{"a":' + b'{"a":' * 1000, "the description of a tensor is missing"),
        (b'{"__metadata__":"x"}', "__metadata__ is no object"),
        (b'{"__metadata__":{"a":1}}', "a text is missing"),
        (b'{"__metadata__":{"c2pa:manifest":"!"}}', "is no Base64"),
        (b'{"__metadata__":{"c2pa:manifest":"\\x"}}', "is no Base64"),
        (b'{"a', "a brace is missing"),
    ],
)
def test_what_is_no_header_is_told(header: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        located(model(header))


def test_a_header_longer_than_the_file_is_told() -> None:
    with pytest.raises(
        MalformedError, match=r"^SafeTensors header at byte 0: 99 bytes long, 2 left"
    ):
        located((99).to_bytes(8, "little") + b"{}")


def test_a_header_longer_than_the_format_allows_is_refused() -> None:
    with pytest.raises(LimitError, match="100000000 are allowed"):
        HANDLER.plan(BufferSource(model()), 80_000_000, DEFAULT_LIMITS)
    with pytest.raises(LimitError, match="100000001 bytes long"):
        located((100_000_001).to_bytes(8, "little") + b"{}".ljust(100_000_001))


def test_more_entries_than_the_limit_are_refused() -> None:
    with pytest.raises(LimitError, match="has too many entries"):
        located(model(), Limits(container_items=2))


@pytest.mark.parametrize(
    "header",
    [
        b"{"
        + b",".join(b'"layer.%d":{"dtype":"F32","shape":[9]}' % i for i in range(200_000))
        + b"}",
        b'{"a":{' + b"[" * 8_000_000,
        b'{"a":{' + b"[]" * 4_000_000 + b"}}",
        b'{"a' + b"\\" * 8_000_000,
        b"{" + b" " * 8_000_000,
        b'{"__metadata__":{' + b",".join([b'"c2pa:manifest":""'] * 200_000) + b"}}",
    ],
    ids=["many tensors", "open lists", "lists", "a text", "spaces", "stores"],
)
def test_a_long_header_is_read_quickly(header: bytes) -> None:
    began = time.process_time()
    try:
        located(model(header))
    except (MalformedError, LimitError):
        pass
    assert time.process_time() - began < 2


def test_tensors_of_the_sample_are_those_of_the_library() -> None:
    assert load(model()).keys() == TENSORS.keys()
