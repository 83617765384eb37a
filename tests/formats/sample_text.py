"""Samples of the formats that are text."""

from collections.abc import Callable

__all__ = ["TEXT_SAMPLES"]

_SVG = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a "drawing" > -->\n'
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY w "width">]>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" data-x=">">\n'
    "  <title>Über &w; <![CDATA[<metadata>]]></title>\n"
    '  <rect width="5" height="5"/>\n</svg>\n'
)

TEXT_SAMPLES: dict[str, Callable[[], bytes]] = {
    "SVG": _SVG.encode,
}
