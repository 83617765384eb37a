"""The stealth layer: text in the lowest bits of a picture's alpha channel, or of its colours.

    bits column by column, bit 7 of a byte first:
    'stealth_pnginfo' or 'stealth_pngcomp' | length in bits, u32 | UTF-8, gzip for 'comp'
    'stealth_rgbinfo', 'stealth_rgbcomp': bits of red, green and blue, pixel by pixel

The only place where pixels are decoded, so the picture's size is looked at first. NovelAI writes
the JSON of its PNG texts, others the text of `parameters`.
"""

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from provenance.errors import MalformedError
from provenance.generation.containers import png
from provenance.generation.texts import Text, as_json, decoded
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["texts"]

_PIXELS = 16 << 20
_BYTES = 48 << 20
_MAGIC = 15  # bytes
_ALPHA = {b"stealth_pnginfo": False, b"stealth_pngcomp": True}
_COLOURS = {b"stealth_rgbinfo": False, b"stealth_rgbcomp": True}
_FORMATS = ("PNG", "WEBP")


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts of the layer, if the picture has one."""
    head = source.read(0, min(12, source.size))
    if not (head.startswith(b"\x89PNG") or head[8:12] == b"WEBP") or source.size > _BYTES:
        return
    if head.startswith(b"\x89PNG") and not png.is_decodable(source):
        return
    payload = _payload(source, limits)
    if payload is None:
        return
    words = decoded(payload)
    whole = as_json(words, limits.json_bytes)
    if not isinstance(whole, dict):
        yield Text("stealth", "parameters", words)
        return
    for key, value in whole.items():
        if isinstance(value, str):
            yield Text("stealth", key, value)


def _payload(source: ByteSource, limits: Limits) -> bytes | None:
    from PIL import Image, UnidentifiedImageError

    try:
        data = b"".join(map(bytes, source.blocks(Span(0, source.size))))
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > _PIXELS or getattr(image, "n_frames", 1) > 1:
                return None
            if image.mode not in ("RGB", "RGBA"):
                return None
            found = _layer(image, "A", _ALPHA, limits) if image.mode == "RGBA" else None
            return found or _layer(image, "RGB", _COLOURS, limits)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, MalformedError):
        return None  # a picture that Pillow cannot decode hides nothing that we could read


def _layer(
    image: "Image.Image", mode: str, magics: dict[bytes, bool], limits: Limits
) -> bytes | None:
    start = 8 * _MAGIC
    head = _samples(image, mode, start + 32)
    packed = magics.get(_bytes(head[:start]))
    if packed is None or len(head) < start + 32:
        return None
    length = int.from_bytes(_bytes(head[start:])) // 8
    end = start + 32 + 8 * length
    if length > limits.text_bytes or end > image.width * image.height * len(mode):
        return None
    data = _bytes(_samples(image, mode, end)[start + 32 :])
    if not packed:
        return data
    inflater = zlib.decompressobj(wbits=31)
    try:
        found = inflater.decompress(data, limits.text_bytes + 1)
    except zlib.error:
        return None
    return found if len(found) <= limits.text_bytes else None


def _samples(image: "Image.Image", mode: str, count: int) -> bytes:
    """The first samples of a channel, or of the colours, column by column."""
    from PIL import Image

    columns = -(-count // (len(mode) * image.height))
    part = image.crop((0, 0, min(columns, image.width), image.height))
    part = part.getchannel(mode) if mode == "A" else part.convert(mode)
    return part.transpose(Image.Transpose.TRANSPOSE).tobytes()[:count]  # columns become rows


_LOWEST = bytes(48 + (value & 1) for value in range(256))  # "0" or "1"


def _bytes(samples: bytes) -> bytes:
    """The lowest bits of samples, eight to a byte."""
    if not samples:
        return b""
    bits = samples.translate(_LOWEST)
    pieces = (bits[at : at + 8192] for at in range(0, len(bits) - len(bits) % 8, 8192))
    return b"".join(int(one, 2).to_bytes(len(one) // 8) for one in pieces)
