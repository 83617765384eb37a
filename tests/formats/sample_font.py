"""Small fonts, made by fontTools: a square, and a space."""

import io
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

__all__ = ["FONT_SAMPLES", "otf", "ttf"]

GLYPHS = [".notdef", "space", "square"]
METRICS = dict.fromkeys(GLYPHS, (600, 0))


def square(pen: Any) -> Any:
    pen.moveTo((0, 0))
    for point in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen


def built(builder: Any) -> bytes:
    builder.setupCharacterMap({32: "space", 0x25A0: "square"})
    builder.setupHorizontalMetrics(METRICS)
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 3_500_000_000
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


@cache
def ttf() -> bytes:
    """A TrueType font."""
    new: Any = FontBuilder
    builder = new(1000, isTTF=True)
    builder.setupGlyphOrder(GLYPHS)
    pens: Any = TTGlyphPen
    empty, full = pens(None).glyph(), square(pens(None)).glyph()
    builder.setupGlyf({".notdef": empty, "space": empty, "square": full})
    return built(builder)


@cache
def otf() -> bytes:
    """An OpenType font with CFF outlines."""
    new: Any = FontBuilder
    builder = new(1000, isTTF=False)
    builder.setupGlyphOrder(GLYPHS)
    pens: Any = T2CharStringPen
    empty, full = pens(600, None).getCharString(), square(pens(600, None)).getCharString()
    strings = {".notdef": empty, "space": empty, "square": full}
    builder.setupCFF("Squares", {"FullName": "Squares Regular"}, strings, {})
    return built(builder)


def collection() -> bytes:
    """Two names for one font."""
    return b"ttcf" + struct.pack(">HHIII", 1, 0, 2, 20, 20) + ttf()


def packed(flavour: str) -> bytes:
    """A WOFF's header, and nothing that would unpack."""
    return flavour.encode() + ttf()[:4] + bytes(36)


FONT_SAMPLES: dict[str, Callable[[], bytes]] = {
    "TTF": ttf,
    "OTF": otf,
    "a font collection": collection,
    "WOFF": lambda: packed("wOFF"),
    "WOFF2": lambda: packed("wOF2"),
}
