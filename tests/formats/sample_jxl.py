"""A small JPEG XL, 8 by 8 pixels of one colour: the codestream, and a container around it."""

import struct
from collections.abc import Callable

__all__ = ["CODESTREAM", "JXL_SAMPLES", "SIGNATURE", "TYPE", "box", "jxl"]

CODESTREAM = bytes.fromhex("ff0a4140240800010054004b188b1500d488418cf10e20464c59b070c8734e05")


def box(kind: bytes, data: bytes = b"") -> bytes:
    """A box with a 32-bit length."""
    return struct.pack(">I4s", len(data) + 8, kind) + data


SIGNATURE = box(b"JXL ", b"\r\n\x87\n")
TYPE = box(b"ftyp", b"jxl \0\0\0\0jxl ")


def jxl(*before: bytes, after: bytes = b"") -> bytes:
    """A container with boxes before and after its codestream."""
    return b"".join((SIGNATURE, TYPE, *before, box(b"jxlc", CODESTREAM), after))


JXL_SAMPLES: dict[str, Callable[[], bytes]] = {
    "JPEG XL": lambda: jxl(box(b"jxll", b"\x05")),
    "JPEG XL codestream": lambda: CODESTREAM,
}
