"""Values to CBOR bytes: RFC 8949 §4.2.1, core deterministic encoding.

Shortest integers and floats, definite lengths, map keys in the bytewise order of their encoding.
The exceptions are `Fixed32` and `Fixed64`.
"""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from provenance.cbor.values import UNDEFINED, CborValue, Fixed32, Fixed64, Simple, Tag

__all__ = ["encode"]


def encode(value: CborValue) -> bytes:
    """Write a value; equal values give equal bytes.

    Raises:
        TypeError: a value that CBOR, or this encoder, has no form for.
    """
    out = bytearray()
    _write(value, out)
    return bytes(out)


def _head(major: int, number: int, out: bytearray) -> None:
    top = major << 5
    if number < 24:
        out.append(top | number)
    elif number < 0x100:
        out += bytes((top | 24, number))
    elif number < 0x1_0000:
        out += struct.pack(">BH", top | 25, number)
    elif number < 0x1_0000_0000:
        out += struct.pack(">BI", top | 26, number)
    elif number < 0x1_0000_0000_0000_0000:
        out += struct.pack(">BQ", top | 27, number)
    else:
        raise TypeError(f"integer beyond 64 bits: {number}")


def _write(value: CborValue, out: bytearray) -> None:
    writer = _WRITERS.get(type(value))
    if writer is None:  # a subclass, or nothing we know
        writer = next((one for kind, one in _WRITERS.items() if isinstance(value, kind)), None)
        if writer is None:
            raise TypeError(f"no CBOR form for {type(value).__name__}")
    writer(value, out)


def _text(value: str, out: bytearray) -> None:
    data = value.encode()
    _head(3, len(data), out)
    out += data


def _bytes(value: bytes | bytearray | memoryview, out: bytearray) -> None:
    _head(2, len(value), out)
    out += value


def _integer(value: int, out: bytearray) -> None:
    if value >= 0:
        _head(0, value, out)
    else:
        _head(1, -1 - value, out)


def _array(value: Sequence[CborValue], out: bytearray) -> None:
    _head(4, len(value), out)
    for item in value:
        _write(item, out)


def _map(value: Mapping[CborValue, CborValue], out: bytearray) -> None:
    _head(5, len(value), out)
    rows = sorted([(_key(key), item) for key, item in value.items()], key=itemgetter(0))
    for key, item in rows:
        out += key
        _write(item, out)


def _key(value: CborValue) -> bytes:
    return _text_key(value) if type(value) is str else encode(value)


@lru_cache(maxsize=1024)  # the same few field names stand in every map
def _text_key(value: str) -> bytes:
    return encode(value)


def _tag(value: Tag, out: bytearray) -> None:
    _head(6, value.number, out)
    _write(value.value, out)


def _float(value: float, out: bytearray) -> None:
    out += _packed(value)


def _packed(value: float) -> bytes:
    if math.isnan(value):
        return b"\xf9\x7e\x00"
    for head, form in ((0xF9, ">e"), (0xFA, ">f")):
        try:
            packed = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == value:
            return bytes((head,)) + packed
    return b"\xfb" + struct.pack(">d", value)


# The order matters to subclasses only: a Fixed32 is an int, and so is a bool.
_WRITERS: dict[type, Callable[[Any, bytearray], None]] = {
    str: _text,
    bytes: _bytes,
    Fixed32: lambda value, out: out.extend(struct.pack(">BI", 0x1A, value)),
    Fixed64: lambda value, out: out.extend(struct.pack(">BQ", 0x1B, value)),
    bool: lambda value, out: out.append(0xF5 if value else 0xF4),
    int: _integer,
    dict: _map,
    list: _array,
    tuple: _array,
    type(None): lambda value, out: out.append(0xF6),
    Tag: _tag,
    float: _float,
    bytearray: _bytes,
    memoryview: _bytes,
    type(UNDEFINED): lambda value, out: out.append(0xF7),
    Simple: lambda value, out: _head(7, value.value, out),
    Mapping: _map,
}
