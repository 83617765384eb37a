"""Small RIFF files: a WebP by Pillow, a WAV by `wave`, an AVI by hand."""

import io
import struct
import wave
from collections.abc import Callable

from PIL import Image

__all__ = ["RIFF_SAMPLES", "avi", "chunk", "large_wave", "listed", "riff", "wav", "webp"]


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """A chunk with its pad byte."""
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(form: bytes, *chunks: bytes) -> bytes:
    """A RIFF chunk of some form."""
    data = form + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(data)) + data


def listed(kind: bytes, *chunks: bytes) -> bytes:
    """A LIST chunk."""
    return chunk(b"LIST", kind + b"".join(chunks))


def webp(**options: object) -> bytes:
    """A small WebP in the simple file format, unless options ask for more."""
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((24, 16)).convert("RGB")
    image.save(out, "WEBP", **options)
    return out.getvalue()


def wav(frames: int = 100) -> bytes:
    """Mono, 8 bits, 8000 a second."""
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(bytes(at * 37 % 256 for at in range(frames)))
    return out.getvalue()


def large_wave(data: bytes, magic: bytes = b"RF64") -> bytes:
    """A wave with its sizes in a ds64 chunk."""
    layout = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
    body = b"data" + b"\xff" * 4 + data + b"\0" * (len(data) % 2)
    size = 4 + 36 + len(layout) + len(body)
    sizes = chunk(b"ds64", struct.pack("<QQQI", size, len(data), len(data), 0))
    return magic + b"\xff" * 4 + b"WAVE" + sizes + layout + body


def avi(*more: bytes, index: bytes = b"") -> bytes:
    """One stream with one frame; `more` RIFF chunks after the first."""
    main = struct.pack("<14I", 40_000, 0, 0, 0x10, 1, 0, 1, 0, 8, 8, 0, 0, 0, 0)
    stream = b"vidsDIB " + struct.pack("<10I", 0, 0, 0, 1, 25, 0, 1, 0, 0, 0) + bytes(8)
    bitmap = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, 192, 0, 0, 0, 0)
    header = listed(
        b"hdrl",
        chunk(b"avih", main),
        listed(b"strl", chunk(b"strh", stream), chunk(b"strf", bitmap), index),
    )
    movie = listed(b"movi", chunk(b"00db", bytes(range(192))))
    places = chunk(b"idx1", b"00db" + struct.pack("<III", 0x10, 4, 192))
    return riff(b"AVI ", header, movie, places) + b"".join(more)


RIFF_SAMPLES: dict[str, Callable[[], bytes]] = {"WebP": webp, "WAV": wav, "AVI": avi}
