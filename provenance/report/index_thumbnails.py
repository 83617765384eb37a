"""Thumbnails for the page of an index: decoded within bounds, and made anew.

What a file or a manifest has as a picture never reaches the page as it is: its pixels do, as a
small WebP of ours without metadata. Only what a few well-kept decoders read is read at all.
"""

import io
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from types import TracebackType
from typing import TYPE_CHECKING, Self

from provenance.build.thumbnail import make_thumbnail
from provenance.source import BufferSource, ByteSource

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["EDGE", "Sheet", "small_picture"]

EDGE = 64  # pixels of the longer side
_DECODED = 96 << 20  # bytes: 24 megapixels, of a JPEG many times more
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF")
_QUALITY = 60
_IN_MEMORY = 1 << 20  # bytes


def small_picture(source: ByteSource | bytes | memoryview) -> bytes | None:
    """A WebP of at most 64 by 64 pixels; None of what is no picture, damaged, or too large."""
    held = BufferSource(source) if isinstance(source, (bytes, memoryview)) else source
    return make_thumbnail(held, edge=EDGE, decoded=_DECODED, formats=_known(), encode=_webp)


@cache
def _known() -> tuple[str, ...]:
    """The formats that this Pillow reads, of those that we want read: not every build has AVIF."""
    from PIL import Image

    Image.init()
    return tuple(one for one in _FORMATS if one in Image.OPEN)


def _webp(small: "Image") -> bytes:
    from PIL import Image

    # Profiles and texts of the file, which Pillow would take along, are not in the new one.
    plain = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


class Sheet:
    """The thumbnails of a page, each once, kept on disk once they are many."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # see __exit__
        self._numbers: dict[bytes, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, picture: bytes) -> int:
        """The number of a picture; those that are alike have the same."""
        digest = sha256(picture).digest()
        if digest not in self._numbers:
            self._numbers[digest] = len(self._numbers)
            self._file.write(b64encode(picture) + b"\n")
        return self._numbers[digest]

    def groups(self, size: int) -> Iterator[list[str]]:
        """All of them in Base64, so many together."""
        self._file.seek(0)
        group: list[str] = []
        for line in self._file:
            group.append(line.decode().rstrip())
            if len(group) == size:
                yield group
                group = []
        if group:
            yield group
