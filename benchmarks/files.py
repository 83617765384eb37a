"""A folder of many mixed files, made on the spot, as a publisher of generated media has it.

    python -m benchmarks.files FOLDER COUNT

Nearly every file is signed, and made of one of 60 pictures by one of 5 adapters of 2 models, each
with a manifest of its own: so a store has four manifests, or five, and all but one of them stand in
many others too. One file in 25 is not signed, one in 100 was changed after it was. With `alone` the
files are made of nothing else, and a store has one manifest.
"""

import io
import random
import struct
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

import provenance
from benchmarks.material import Material

__all__ = ["ANCHORS", "make"]

ANCHORS = "root.pem"  # below the folder of sources
_SHARES = {
    "jpg": 40,
    "png": 20,
    "webp": 12,
    "gif": 4,
    "tiff": 4,
    "svg": 5,
    "mp4": 6,
    "wav": 5,
    "mp3": 4,
}
_ALGS = ("es256",) * 7 + ("ps256",) * 2 + ("ed25519",)
_MODELS, _ADAPTERS, _PARENTS = 2, 5, 60
_UNSIGNED, _CHANGED = 25, 100
_FOLDER = 500  # files in one
_SIZES = (8 << 10, 120 << 10)  # bytes, of what is in a file; the middle is 40 KiB
_MODEL = "trainedAlgorithmicMedia"


def make(folder: Path, count: int, *, sources: Path, alone: bool = False) -> Path:
    """Fill a folder.

    Args:
        folder: where the files go, 500 in a folder of their own.
        count: how many.
        sources: where keys, models and parents go, and the anchor (see `ANCHORS`); those of an
            earlier call are used again.
        alone: made of nothing else.
    """
    if not sources.exists():
        sources.mkdir(parents=True)
        material = Material.make(sources)
        _models(material)
        _parents(material)
    for first in range(0, count, _FOLDER):
        (folder / f"{first // _FOLDER:04}").mkdir(parents=True)
    with get_context("spawn").Pool(2) as pool:
        numbers = zip(repeat(folder), repeat(sources), range(count), repeat(alone), strict=False)
        for _ in pool.imap_unordered(_one, numbers, chunksize=50):
            pass
    return folder


def _models(material: Material) -> None:
    header = b'{"__metadata__":{"format":"pt"}}'
    for number in range(_MODELS + _ADAPTERS):
        path = Path(_model(material.folder, number))
        path.write_bytes(struct.pack("<Q", len(header)) + header)
        said: dict[str, Any] = {"title": path.name, "kind": "model", "thumbnail": False}
        if number >= _MODELS:
            base = _model(material.folder, number % _MODELS)
            said |= {"kind": "adapter", "bases": [{"path": base}]}
        provenance.sign(path, None, said, signer=_signer(material, number), sidecar=True)


def _parents(material: Material) -> None:
    for number in range(_PARENTS):
        source = _picture(random.Random(-number), "jpg", 20 << 10)
        said = {
            "title": f"parent {number}",
            "generator": {"name": "Painter", "version": "2.1"},
            "digital_source_type": _MODEL,
            "models": [{"path": _model(material.folder, number % _MODELS)}],
        }
        path = material.folder / f"parent-{number}.jpg"
        provenance.sign(source, path, said, signer=_signer(material, number), verify_after=False)


def _model(sources: Path, number: int) -> str:
    return str(sources / f"model-{number}.safetensors")


@dataclass(frozen=True)
class _Signers:
    material: Material

    @cached_property
    def all(self) -> tuple[provenance.LocalSigner, ...]:
        folder = self.material.folder
        return tuple(
            provenance.LocalSigner.from_files(
                key=folder / f"{alg}.key.pem", chain=folder / f"{alg}.chain.pem"
            )
            for alg in _ALGS
        )


_known: dict[Path, _Signers] = {}


def _signer(material: Material, number: int) -> provenance.LocalSigner:
    signers = _known.setdefault(material.folder, _Signers(material)).all
    return signers[number % len(signers)]


def _one(job: tuple[Path, Path, int, bool]) -> None:
    folder, sources, number, alone = job
    chance = random.Random(number)
    (suffix,) = chance.choices(list(_SHARES), list(_SHARES.values()))
    path = folder / f"{number // _FOLDER:04}" / f"{number:07}.{suffix}"
    size = round(_SIZES[0] * (_SIZES[1] / _SIZES[0]) ** chance.random())
    plain = _MAKERS[suffix](chance, suffix, size)
    if number % _UNSIGNED == 7:
        path.write_bytes(plain)
        return
    parent = chance.randrange(_PARENTS)
    said: dict[str, Any] = {
        "title": path.name,
        "generator": {"name": "Painter", "version": "2.1"},
        "thumbnail": False,
    }
    if alone:
        said["digital_source_type"] = _MODEL
    else:
        said["parent"] = str(sources / f"parent-{parent}.jpg")
        said["models"] = [{"path": _model(sources, _MODELS + parent % _ADAPTERS)}]
    out = io.BytesIO()
    signer = _signer(Material(sources), chance.randrange(len(_ALGS)))
    provenance.sign(plain, out, said, signer=signer, verify_after=False)
    data = bytearray(out.getvalue())
    if number % _CHANGED == 11:
        data[-100 if suffix != "svg" else -8] ^= 1
    path.write_bytes(data)


def _picture(chance: random.Random, suffix: str, size: int) -> bytes:
    """Noise that takes about so many bytes."""
    per_pixel = {"jpg": 0.9, "png": 3.0, "webp": 0.6, "gif": 1.2, "tiff": 3.0}[suffix]
    side = max(16, round((size / per_pixel) ** 0.5))
    picture = Image.frombytes("RGB", (side, side), chance.randbytes(side * side * 3))
    out = io.BytesIO()
    picture.save(out, {"jpg": "JPEG"}.get(suffix, suffix.upper()))
    return out.getvalue()


def _drawing(chance: random.Random, _: str, size: int) -> bytes:
    """An SVG of outlines with eight curves each, as a drawing program writes them."""
    curves = "c" + ",".join(["{:.2f}"] * 48)
    line = f'<path fill="#{{:06x}}" d="M{{}},{{}}{curves}z"/>\n'
    drawn = (
        line.format(*(chance.randrange(1 << 10) for _ in range(3)), *_numbers(chance, 48))
        for _ in range(size // 320)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(drawn)}</svg>\n'.encode()


def _numbers(chance: random.Random, count: int) -> list[float]:
    return [chance.uniform(-50, 50) for _ in range(count)]


def _film(chance: random.Random, _: str, size: int) -> bytes:
    head = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"mp41")
    return head + struct.pack(">I4s", size + 8, b"mdat") + chance.randbytes(size)


def _sound(chance: random.Random, _: str, size: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((2, 2, 44_100, 0, "NONE", "not compressed"))
        sound.writeframes(chance.randbytes(size // 4 * 4))
    return out.getvalue()


def _song(chance: random.Random, _: str, size: int) -> bytes:
    """MPEG-1 layer III frames of 128 kbit/s at 44.1 kHz, 417 bytes each."""
    tag = b"ID3\x03\0\0\0\0\0\0"
    return tag + b"".join(b"\xff\xfb\x90\0" + chance.randbytes(413) for _ in range(size // 417))


_MAKERS: dict[str, Callable[[random.Random, str, int], bytes]] = {
    **dict.fromkeys(("jpg", "png", "webp", "gif", "tiff"), _picture),
    "svg": _drawing,
    "mp4": _film,
    "wav": _sound,
    "mp3": _song,
}


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), sources=Path(f"{sys.argv[1]}-sources"))
