"""A small unsigned asset of each format, made on the spot; and stores to put into it.

A new handler joins the contract tests by a function here, named in `SAMPLES` by the handler's name.
"""

import io
from collections.abc import Callable

from PIL import Image

from provenance.boxes import box
from provenance.formats.base import Handler, Keep, New, Plan, Slot
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.source import BufferSource
from tests.formats.sample_audio import AUDIO_SAMPLES
from tests.formats.sample_bmff import BMFF_SAMPLES
from tests.formats.sample_font import FONT_SAMPLES
from tests.formats.sample_jxl import JXL_SAMPLES
from tests.formats.sample_model import MODEL_SAMPLES
from tests.formats.sample_pdf import PDF_SAMPLES
from tests.formats.sample_riff import RIFF_SAMPLES
from tests.formats.sample_text import TEXT_SAMPLES
from tests.formats.sample_tiff import TIFF_SAMPLES
from tests.formats.sample_zip import ZIP_SAMPLES

__all__ = ["SAMPLES", "noise", "picture", "sample", "saved", "store_of", "written"]


def noise(length: int, seed: int = 1) -> bytes:
    """Bytes without a pattern, always the same."""
    state, out = seed, bytearray()
    while len(out) < length:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        out += (state >> 16).to_bytes(6)
    return bytes(out[:length])


def picture(width: int = 24, height: int = 16) -> Image.Image:
    """A picture that does not compress to nothing."""
    return Image.frombytes("RGB", (width, height), noise(width * height * 3))


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """A picture as a file of a format that Pillow writes."""
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def store_of(length: int) -> bytes:
    """A manifest store of just this many bytes: well-formed, its one box is filler."""
    empty = len(superbox(uuids.MANIFEST_STORE, "c2pa", (box(b"free", b""),)))
    filler = box(b"free", noise(length - empty, seed=length))
    return superbox(uuids.MANIFEST_STORE, "c2pa", (filler,))


def written(plan: Plan, asset: bytes, store: bytes = b"") -> bytes:
    """What comes of a plan."""
    source, out = BufferSource(asset), bytearray()
    for at, piece in plan.placed():
        assert len(out) == at
        match piece:
            case Keep(span):
                out += source.read(span.start, span.length)
            case New(data):
                out += data
            case Slot(length, wrap):
                wrapped = wrap(store)
                assert len(wrapped) == length
                out += wrapped
    assert len(out) == plan.size
    return bytes(out)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "C2PA manifest store": lambda: store_of(500),
    "GIF": lambda: saved("GIF", comment=b"hello"),
    "JPEG": lambda: saved("JPEG", exif=b"Exif\0\0MM\0\x2a\0\0\0\x08" + bytes(6), comment=b"hello"),
    "PNG": lambda: saved("PNG"),
    **AUDIO_SAMPLES,
    **BMFF_SAMPLES,
    **FONT_SAMPLES,
    **MODEL_SAMPLES,
    **JXL_SAMPLES,
    **PDF_SAMPLES,
    **RIFF_SAMPLES,
    **TEXT_SAMPLES,
    **TIFF_SAMPLES,
    **ZIP_SAMPLES,
}


def sample(handler: Handler) -> bytes:
    """An asset of a handler's format; a handler without one breaks the tests, as it should."""
    assert handler.name in SAMPLES, f"tests/formats/samples.py has no sample of {handler.name}"
    return SAMPLES[handler.name]()
