"""What is measured upon: keys, pictures, a very large PNG, each made on the spot."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

import provenance
from provenance.trust.devpki import create

__all__ = ["DEFINITION", "SHARED_CORPUS", "Material", "jpeg", "write_large_png"]

SHARED_CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
# The same manifest that the peers are asked for: one action, one hard binding.
DEFINITION: dict[str, Any] = {
    "title": "bench",
    "claim_generator_info": {"name": "Painter", "version": "2.1"},
    "digital_source_type": "trainedAlgorithmicMedia",
    "thumbnail": False,
}


@dataclass(frozen=True, slots=True)
class Material:
    """A folder with development keys in it."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Material":
        """Keys in all algorithms."""
        create(folder, now=datetime.now(UTC))
        return cls(folder)

    @property
    def root(self) -> Path:
        """The trust anchor."""
        return self.folder / "root.pem"

    @property
    def key(self) -> Path:
        """The key that signs."""
        return self.folder / "es256.key.pem"

    @property
    def chain(self) -> Path:
        """Its certificates."""
        return self.folder / "es256.chain.pem"

    def signer(self) -> provenance.LocalSigner:
        """An ES256 signer."""
        return provenance.LocalSigner.from_files(key=self.key, chain=self.chain)

    def signed(self, picture: bytes) -> bytes:
        """A picture, signed."""
        out = io.BytesIO()
        provenance.sign(picture, out, DEFINITION, signer=self.signer(), verify_after=False)
        return out.getvalue()


def jpeg(size: int) -> bytes:
    """A JPEG of about `size` bytes, never more: noise, in as many pixels as fit."""
    side, best = 16, b""
    while True:
        out = io.BytesIO()
        noise = Image.effect_noise((side, side), 60).convert("RGB")
        noise.save(out, "JPEG", quality=85)
        if len(out.getvalue()) > size:
            return best
        best = out.getvalue()
        side += 8


def write_large_png(path: Path, size: int) -> None:
    """A valid PNG of about `size` bytes, stored without compression, written as a stream."""
    width = 8192
    row = b"\0" + bytes(value & 0xFF for value in range(width * 3))
    height = size // len(row)
    with path.open("wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        _chunk(out, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        for data in _stored(row, height):
            _chunk(out, b"IDAT", data)
        _chunk(out, b"IEND", b"")


def _stored(row: bytes, height: int) -> Iterator[bytes]:
    deflate = zlib.compressobj(0)
    for _ in range(height):
        if data := deflate.compress(row):
            yield data
    yield deflate.flush()


def _chunk(out: BinaryIO, kind: bytes, data: bytes) -> None:
    out.write(struct.pack(">I", len(data)) + kind + data)
    out.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
