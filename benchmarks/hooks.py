"""A signed save against a plain one: Pillow encodes both, and both are written to a file."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from benchmarks.material import Material
from benchmarks.paired import median, ratios
from benchmarks.table import Bar, Row
from provenance.generation.record import GenerationRecord, Model
from provenance.integrations.pillow import save_signed

__all__ = ["hooks"]

_ROUNDS = 21
_EDGE = 1024
_RECORD = GenerationRecord(
    family="bench",
    generator="Painter",
    version="2.1",
    prompt="a field of flax under a low sun, wide, muted",
    negative_prompt="blurry",
    seed=1234567890123,
    steps=30,
    sampler="euler",
    cfg=7.0,
    size=(_EDGE, _EDGE),
    models=(Model(kind="checkpoint", name="base.safetensors"),),
)


def hooks(material: Material) -> Iterator[Row]:
    """Saving a picture of 1024 by 1024 as PNG, with what a generator knows of it."""
    picture, signer, folder = _photograph(), material.signer(), material.folder

    def plain() -> None:
        picture.save(folder / "plain.png")

    def signed() -> None:
        save_signed(picture, folder / "signed.png", _RECORD, signer=signer)

    def swept() -> None:
        for path in folder.glob("signed.png*"):
            path.unlink()

    figure = (median(ratios(signed, plain, _ROUNDS, before=swept)) - 1) * 100
    yield Row(
        name="save a PNG of 1024x1024 signed, over plain",
        figure=figure,
        unit="% more",
        bar=Bar(10, at_least=False),
        note="Pillow; with thumbnail, commitments, salts, and read once more",
    )


def _photograph() -> Image.Image:
    """Smooth shapes with a little grain: compresses as photographs do."""
    random = np.random.default_rng(1)
    coarse = Image.fromarray(random.integers(0, 256, (48, 48, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((_EDGE, _EDGE), Image.Resampling.BICUBIC)).astype(np.int16)
    grain = random.integers(-2, 3, smooth.shape, dtype=np.int16)
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))
