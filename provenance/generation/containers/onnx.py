"""ONNX: what the outermost message says of its maker; the graph is stepped over.

    1 ir_version | 2 producer_name | 3 producer_version | 6 doc_string | 7 graph {2 name}
    8 opset_import {1 domain, 2 version} | 14 metadata_props {1 key, 2 value}

Source: onnx.proto; Protocol Buffers, "Encoding".
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from provenance.errors import MalformedError
from provenance.formats.onnx import HANDLER
from provenance.generation.texts import decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["read", "sniff"]

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_HEAD = 20
_TEXT = 1 << 16
_MOST = 10_000  # fields


class _Field(NamedTuple):
    number: int
    says: int  # a varint's value
    start: int
    end: int


def sniff(source: ByteSource) -> bool:
    """Do the first fields look like a model's?"""
    return HANDLER.sniff(source.read(0, min(4096, source.size)))


def read(source: ByteSource, limits: Limits) -> dict[str, Any]:
    """The model's own words.

    Raises:
        MalformedError: a field is none, or reaches past its message.
    """
    budget = [min(_MOST, limits.container_items)]
    said: dict[str, Any] = {"ir_version": None, "producer_name": None, "producer_version": None}
    said |= {"opset": [], "graph": None, "metadata_props": {}}
    texts = {2: "producer_name", 3: "producer_version", 6: "doc_string"}
    for field in _fields(source, 0, source.size, budget):
        if field.number == 1:
            said["ir_version"] = field.says
        elif field.number in texts:
            said[texts[field.number]] = _text(source, field)
        elif field.number == 7:
            for inner in _fields(source, field.start, field.end, budget):
                if inner.number == 2:
                    said["graph"] = _text(source, inner)
                    break
        elif field.number == 8:
            said["opset"].append(_opset(source, field, budget))
        elif field.number == 14:
            row = {
                one.number: _text(source, one)
                for one in _fields(source, field.start, field.end, budget)
            }
            if 1 in row and row[1] != "c2pa:manifest":
                said["metadata_props"][row[1]] = row.get(2, "")
    return said


def _opset(source: ByteSource, field: _Field, budget: list[int]) -> list[Any]:
    domain, version = "", None
    for one in _fields(source, field.start, field.end, budget):
        if one.number == 1:
            domain = _text(source, one)
        elif one.number == 2:
            version = one.says
    return [domain, version]


def _text(source: ByteSource, field: _Field) -> str:
    return decoded(source.read(field.start, min(field.end - field.start, _TEXT)))


def _fields(source: ByteSource, at: int, end: int, budget: list[int]) -> Iterator[_Field]:
    while at < end and budget[0] > 0:
        budget[0] -= 1
        head = source.read(at, min(_HEAD, end - at))
        key, used = _varint(head, 0)
        kind = key & 7
        value, used = _varint(head, used) if kind in (_VARINT, _BYTES) else (0, used)
        start = at + used
        length = {_VARINT: 0, _BYTES: value, _FOUR: 4, _EIGHT: 8}.get(kind)
        if length is None or not key >> 3:
            raise MalformedError("ONNX field", "no key and length where one starts", offset=at)
        if start + length > end:
            raise MalformedError(
                f"ONNX field {key >> 3}", f"{length} bytes long, {end - start} left", offset=at
            )
        yield _Field(key >> 3, value, start, start + length)
        at = start + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift, byte in enumerate(data[at : at + 10]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return number, at + shift + 1
    raise MalformedError("ONNX field", "a number without an end")
