"""A picture that cannot be decoded has no thumbnail, and is signed all the same."""

import io
import struct

import pytest
from PIL import Image, features

from provenance.build.thumbnail import make_thumbnail
from provenance.source import BufferSource
from tests.formats.samples import picture, saved


def test_a_picture_has_a_small_one() -> None:
    made = make_thumbnail(BufferSource(saved("PNG", picture(1200, 40))))
    assert made is not None
    assert max(Image.open(io.BytesIO(made)).size) == 512


@pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")
def test_a_damaged_avif_has_none() -> None:
    data = bytearray(saved("AVIF", picture(64, 64)))
    at = data.index(b"mdat") + 4
    data[at : at + 200] = b"\xff" * 200
    assert make_thumbnail(BufferSource(bytes(data))) is None


@pytest.mark.parametrize(
    "error", [RuntimeError, KeyError, IndexError, TypeError, struct.error, ZeroDivisionError]
)
def test_whatever_a_decoder_raises_there_is_none(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error("a damaged picture")

    monkeypatch.setattr(Image.Image, "convert", broken)
    assert make_thumbnail(BufferSource(saved("PNG"))) is None
