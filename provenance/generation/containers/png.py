"""PNG: text chunks before and after the pixels, ComfyUI's `comf` chunks, and EXIF in `eXIf`.

    tEXt  keyword 00 text            comf  the same, animated pictures by ComfyUI
    zTXt  keyword 00 method u8 | zlib
    iTXt  keyword 00 compressed? u8 | method u8 | language 00 | translated keyword 00 | text

The three are used as if they were one. XMP counts as such under any of them.
Source: ISO 15948 §11.3.4; PNG extensions 1.5.0 (eXIf).
"""

import struct
import zlib
from collections.abc import Iterator

from provenance.generation.containers import exif, xmp
from provenance.generation.texts import Text, decoded
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource

__all__ = ["is_decodable", "texts"]

_HEADER = struct.Struct(">I4s")
_AROUND = 12
_START = 8
_TEXTS = frozenset((b"tEXt", b"zTXt", b"iTXt", b"comf"))
_MOST = 200_000  # chunks: pixels of gigabytes
_MOST_DECODED = 20_000  # chunks of a picture that we decode
_KEYWORD = 80
_XMP = "XML:com.adobe.xmp"


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts up to IEND, or to where the chunks end too early."""
    at = _START
    for _ in range(min(_MOST, limits.container_items)):
        left = source.size - at - _AROUND
        if left < 0:
            return
        length, kind = _HEADER.unpack(source.read(at, 8))
        if length > left or kind == b"IEND":
            return
        if kind in _TEXTS:
            name = kind.decode("ascii")
            if length > limits.text_bytes:
                yield Text(f"png:{name}", _keyword(source.read(at + 8, _KEYWORD)), None)
            else:
                yield from _text(name, source.read(at + 8, length), limits)
        elif kind == b"eXIf" and length <= limits.text_bytes:
            yield from exif.texts(BufferSource(source.read(at + 8, length)))
        at += length + _AROUND


def is_decodable(source: ByteSource) -> bool:
    """Is it of few enough chunks to be worth handing to a decoder, and in colour?"""
    at = _START
    if source.size < 33 or source.read(25, 1) not in (b"\2", b"\6"):
        return False
    for _ in range(_MOST_DECODED):
        if at + _AROUND > source.size:
            return True
        length, kind = _HEADER.unpack(source.read(at, 8))
        if kind == b"IEND":
            return True
        at += length + _AROUND
    return False


def _keyword(data: bytes) -> str:
    return data.partition(b"\0")[0][:_KEYWORD].decode("latin-1")


def _text(kind: str, data: bytes, limits: Limits) -> Iterator[Text]:
    keyword, _, rest = data.partition(b"\0")
    key = keyword[:_KEYWORD].decode("latin-1")
    content: bytes | None = rest
    if kind == "zTXt":
        content = _inflated(rest[1:], limits)
    elif kind == "iTXt":
        parts = rest[2:].split(b"\0", 2)
        if len(parts) < 3:
            return
        content = _inflated(parts[2], limits) if rest[:1] == b"\1" else parts[2]
    if content is None:
        yield Text(f"png:{kind}", key, None)
    elif key == _XMP:
        yield from xmp.texts(content)
    else:
        yield Text(f"png:{kind}", key, decoded(content.rstrip(b"\0")))


def _inflated(data: bytes, limits: Limits) -> bytes | None:
    """What zlib data holds, as far as it is whole; None for more than we read."""
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, limits.text_bytes + 1)
    except zlib.error:
        return b""
    return found if len(found) <= limits.text_bytes else None
