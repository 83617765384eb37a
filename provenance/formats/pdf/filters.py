"""Unpacking streams, as far as they can lead to a manifest store: Flate, with or without predictor.

Source: ISO 32000-1 §7.4.4.
"""

import zlib
from itertools import accumulate

from provenance.errors import LimitError, MalformedError

__all__ = ["inflate", "unpredict"]

_MIXED = 1 << 20  # bytes; rows of several kinds are undone one byte at a time


def inflate(packed: bytes, most: int, what: str) -> bytes:
    """What Flate packed.

    Raises:
        LimitError: more than `most` bytes.
        MalformedError: it was not Flate that packed this, or the end is missing.
    """
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise MalformedError(what, f"cannot be unpacked ({error})") from error
    if len(data) > most:
        raise LimitError(what, f"unpacks to more than {most} bytes")
    if not unpacker.eof:
        raise MalformedError(what, "its packed data has no end")
    return data


def unpredict(data: bytes, predictor: int, columns: int, what: str) -> bytes:
    """Undo a PNG predictor over rows of `columns` bytes, each after a byte that names its kind.

    Raises:
        MalformedError: a predictor that is not of PNG's.
        LimitError: much data, and rows of different kinds.
    """
    if predictor < 2:
        return data
    if not (10 <= predictor <= 15 and 0 < columns <= 1 << 16):
        raise MalformedError(what, f"predictor {predictor} over {columns} columns is not known")
    stride = columns + 1
    rows = len(data) // stride
    data = data[: rows * stride]
    kinds = set(data[::stride])
    if kinds <= {2}:  # as all writers have it
        out = bytearray(rows * columns)
        for at in range(columns):
            sums = accumulate(data[at + 1 :: stride])
            out[at::columns] = bytes(map((255).__and__, sums))
        return bytes(out)
    if len(data) > _MIXED and kinds != {0}:
        raise LimitError(what, f"{len(data)} bytes of rows predicted in different ways")
    return _row_by_row(data, stride, what)


def _row_by_row(data: bytes, stride: int, what: str) -> bytes:
    out = bytearray()
    above = bytes(stride - 1)
    for start in range(0, len(data), stride):
        row = bytearray(data[start + 1 : start + stride])
        kind = data[start]
        if kind > 4:
            raise MalformedError(what, f"a row predicted in way {kind}, PNG has 0 to 4")
        for at in range(len(row)) if kind else ():
            left, up = (row[at - 1], above[at]) if at else (0, above[0])
            corner = above[at - 1] if at else 0
            guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
            row[at] = (row[at] + guess) & 0xFF
        out += row
        above = bytes(row)
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))
