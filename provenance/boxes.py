"""ISO box headers: what JUMBF, BMFF and JPEG XL have in common.

    LBox u32 | TBox 4 | [XLBox u64 when LBox is 1] | payload;   LBox 0: to the end of what holds it

Source: ISO 19566-5, B.2; ISO 14496-12 §4.2.
"""

import struct
from typing import NamedTuple

from provenance.errors import MalformedError

__all__ = ["BoxHeader", "box", "read_header"]

_SHORT = struct.Struct(">I4s")
_LONG = struct.Struct(">Q")


class BoxHeader(NamedTuple):
    """A box's type and place; offsets count from the start of the data it was read from."""

    type: bytes
    start: int
    body: int  # where the payload starts
    end: int


def read_header(data: bytes | memoryview, at: int, end: int) -> BoxHeader:
    """Read the header at `at` of a box that must not reach past `end`.

    Raises:
        MalformedError: too few bytes, shorter than its own header, or past the end.
    """
    left = end - at
    if left >= 8:
        length, kind = _SHORT.unpack_from(data, at)
        if 8 <= length <= left:  # nearly always
            return BoxHeader(kind, at, at + 8, at + length)
    if left < 8:
        raise MalformedError("box header", f"8 bytes wanted, {left} left", offset=at)
    length, kind = _SHORT.unpack_from(data, at)
    body = at + 8
    if length == 1:
        if left < 16:
            raise MalformedError("box header", f"16 bytes wanted, {left} left", offset=at)
        (length,) = _LONG.unpack_from(data, at + 8)
        body = at + 16
    elif length == 0:
        length = left
    if length < body - at:
        raise MalformedError(
            f"{_name(kind)} box", f"{length} bytes long, its header alone {body - at}", offset=at
        )
    if length > left:
        raise MalformedError(f"{_name(kind)} box", f"{length} bytes long, {left} left", offset=at)
    return BoxHeader(kind, at, body, at + length)


def _name(kind: bytes) -> str:
    return kind.decode("latin-1") if kind.isalnum() else f"0x{kind.hex()}"


def box(kind: bytes, payload: bytes) -> bytes:
    """A box; the 64-bit length is used only when 32 bits do not do."""
    length = len(payload) + 8
    if length < 1 << 32:
        return _SHORT.pack(length, kind) + payload
    return _SHORT.pack(1, kind) + _LONG.pack(length + 8) + payload
