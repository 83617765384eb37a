"""Small TIFFs: by Pillow, and by hand in either byte order and width, with tags of one's choice."""

import io
import struct
from collections.abc import Callable, Mapping, Sequence

from PIL import Image, TiffImagePlugin

__all__ = ["TIFF_SAMPLES", "Tags", "pages", "tiff"]

Tags = Mapping[int, tuple[int, int | bytes]]  # tag: type, and a number or the bytes of the value

_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 16: 8}


def tiff(*directories: Tags, order: str = "<", big: bool = False) -> bytes:
    """A chain of IFDs; each has a picture of 4 by 4 grey pixels, and more tags or others."""
    offset = "Q" if big else "I"
    mark = b"II" if order == "<" else b"MM"
    out = bytearray(mark + struct.pack(order + ("HHHQ" if big else "HI"), *_magic(big)))
    pointer_at = len(out) - struct.calcsize(offset)
    for tags in directories or ({},):
        pixels_at = len(out)
        out += bytes(range(16))
        at, entries = _directory(out, {**_picture(pixels_at), **tags}, order, big)
        struct.pack_into(order + offset, out, pointer_at, at)
        out += entries
        pointer_at = len(out) - struct.calcsize(offset)
    return bytes(out)


def _magic(big: bool) -> Sequence[int]:
    return (43, 8, 0, 0) if big else (42, 0)


def _picture(at: int) -> Tags:
    short, long = 3, 4
    return {
        256: (short, 4),
        257: (short, 4),
        258: (short, 8),
        259: (short, 1),
        262: (short, 1),
        273: (long, at),
        278: (short, 4),
        279: (long, 16),
    }


def _directory(out: bytearray, tags: Tags, order: str, big: bool) -> tuple[int, bytes]:
    """The place of an IFD and its bytes; values that it points to are added to the file."""
    offset, width = ("Q", 8) if big else ("I", 4)
    entries = []
    for tag, (kind, value) in sorted(tags.items()):
        if isinstance(value, int):
            code = {3: "H", 4: "I", 16: "Q"}[kind]
            value = struct.pack(order + code, value)
        count = len(value) // _WIDTHS[kind]
        if len(value) > width:
            place = len(out)
            out += value + bytes(len(value) % 2)
            value = struct.pack(order + offset, place)
        head = struct.pack(order + "HH" + offset, tag, kind, count)
        entries.append(head + value.ljust(width, b"\0"))
    number = struct.pack(order + ("Q" if big else "H"), len(entries))
    return len(out), number + b"".join(entries) + bytes(width)


def pages(number: int, **options: object) -> bytes:
    """A TIFF of several pages, by Pillow."""
    images = [Image.linear_gradient("L").resize((24, 16 + at)) for at in range(number)]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], **options)
    return out.getvalue()


def _dng() -> bytes:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[271], info[50706] = "Maker", b"\1\4\0\0"
    info.tagtype[50706] = 1
    return pages(1, tiffinfo=info)


def _raw(make: bytes) -> bytes:
    """A camera's own format: a preview, and the raw picture in an IFD of its own."""
    raw = tiff()
    return tiff({254: (4, 1), 271: (2, make + b"\0"), 330: (4, 8), 700: (1, raw)})


TIFF_SAMPLES: dict[str, Callable[[], bytes]] = {
    "TIFF": lambda: pages(1),
    "DNG": _dng,
    "ARW": lambda: _raw(b"SONY"),
    "NEF": lambda: _raw(b"NIKON CORPORATION"),
}
