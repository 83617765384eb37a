"""Values to CBOR bytes: RFC 8949 §4.2.1, core deterministic encoding.

Shortest integers and floats, definite lengths, map keys in the bytewise order of their encoding.
The one exception is `Fixed32`.
"""

import math
import struct
from collections.abc import Mapping
from operator import itemgetter

from provenance.cbor.values import CborValue, Fixed32, Tag, Undefined

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
    match value:
        case str():
            data = value.encode()
            _head(3, len(data), out)
            out += data
        case bytes() | bytearray() | memoryview():
            _head(2, len(value), out)
            out += value
        case bool():
            out.append(0xF5 if value else 0xF4)
        case Fixed32():
            out += struct.pack(">BI", 0x1A, value)
        case int():
            if value >= 0:
                _head(0, value, out)
            else:
                _head(1, -1 - value, out)
        case None:
            out.append(0xF6)
        case Mapping():
            _write_map(value, out)
        case list() | tuple():
            _head(4, len(value), out)
            for item in value:
                _write(item, out)
        case Tag(number, inner):
            _head(6, number, out)
            _write(inner, out)
        case float():
            out += _float(value)
        case Undefined():
            out.append(0xF7)
        case _:
            raise TypeError(f"no CBOR form for {type(value).__name__}")


def _write_map(value: Mapping[CborValue, CborValue], out: bytearray) -> None:
    _head(5, len(value), out)
    rows = sorted(((encode(key), item) for key, item in value.items()), key=itemgetter(0))
    for key, item in rows:
        out += key
        _write(item, out)


def _float(value: float) -> bytes:
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
