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

_HTML = (
    '<!DOCTYPE html>\n<!-- <head> --><html lang="en">\n<HEAD>\n<meta charset="utf-8">\n'
    "<title>A <b> & the </head></title>\n"
    "<script type='module'>if (a < b) document.write('<link rel=\"c2pa-manifest\">')</script>\n"
    "</HEAD>\n<body>\n<p>Content hère.</p>\n</body>\n</html>\n"
)
_PYTHON = "#!/usr/bin/env python3\nprint('grün')\n"
_MARKDOWN = "---\ntitle: A text\n---\n\n# Title\n\nSome *Märkdown*.\n"
_VTT = "WEBVTT - a film\n\n00:00.000 --> 00:05.000\nThe first subtitle.\n"
_XML = '<?xml version="1.0"?>\n<rss version="2.0"><channel/></rss>\n'

TEXT_SAMPLES: dict[str, Callable[[], bytes]] = {
    "HTML": _HTML.encode,
    "JSON": b'{"a": [1, 2]}\n'.__bytes__,
    "JSON Lines": b'{"a": 1}\n{"a": 2}\n'.__bytes__,
    "Markdown": _MARKDOWN.encode,
    "Plain text": "\ufeffEin Text über nichts,\nin zwei Zeilen.\n".encode,
    "SVG": _SVG.encode,
    "Source text": _PYTHON.encode,
    "WebVTT": _VTT.encode,
    "XML": _XML.encode,
    "YAML": b"---\na: 1\n".__bytes__,
}
