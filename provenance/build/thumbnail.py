"""A small JPEG of a picture. No thumbnail is better than a slow or a costly one."""

import io
import struct
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

from provenance.source import ByteSource

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["jpeg", "make_thumbnail", "thumbnail_of"]

EDGE = 512  # pixels of the longer side
_DECODED = 24 << 20  # bytes a picture may take in memory while it is decoded
_QUALITY = 80
# What Pillow's readers raise over a damaged picture: each has its own ways, and OSError is but the
# usual one. A RuntimeError is the AVIF decoder's.
_UNDECODED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    RuntimeError,
    MemoryError,
    struct.error,
)


class _Reader(io.RawIOBase):
    """A byte source as the stream that Pillow reads."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._source.size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:  # a reader may have gone past the end, which is no error of a stream
            return b""
        data = self._source.read(self._at, wanted)
        self._at += wanted
        return data

    def tell(self) -> int:
        return self._at


def thumbnail_of(image: "Image") -> bytes | None:
    """The same of a picture that is in memory already, which stays as it is."""
    factor = max(image.size) // EDGE
    try:
        plain = image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB")
        small = (plain.reduce(factor) if factor > 1 else plain).convert("RGB")  # always a copy
        small.thumbnail((EDGE, EDGE))
        return jpeg(small)
    except (OSError, ValueError, MemoryError):
        return None


def jpeg(small: "Image") -> bytes:
    """A picture as a JPEG."""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def make_thumbnail(
    source: ByteSource,
    *,
    edge: int = EDGE,
    decoded: int = _DECODED,
    formats: tuple[str, ...] | None = None,
    encode: "Callable[[Image], bytes]" = jpeg,
) -> bytes | None:
    """A small picture of a picture, upright.

    Args:
        source: the asset.
        edge: pixels of its longer side, at most.
        decoded: bytes that the picture may take in memory while it is decoded.
        formats: as Pillow names them, that are read; all that it knows when absent.
        encode: makes the file of it.

    Returns:
        None when Pillow cannot read the asset, or decoding it would take more than that.
    """
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of oddities in files; they are not ours
        try:
            with Image.open(cast(BinaryIO, _Reader(source)), formats=formats) as opened:
                opened.draft("RGB", (edge, edge))  # a JPEG is decoded at a fraction of its size
                if opened.width * opened.height * 4 > decoded:
                    return None
                small = opened.convert("RGB")
                small.thumbnail((edge, edge))
                return encode(ImageOps.exif_transpose(small))
        except (*_UNDECODED, Image.DecompressionBombError):
            return None
