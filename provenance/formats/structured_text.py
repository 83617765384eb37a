"""Source code, markup and configuration: the manifest store in a comment.

Where the comment goes: on the first line; where the first line has a meaning of its own, on a new
last one; in front matter, if there is any; behind the header of a WebVTT file. In front matter it
is one comment, not the standard's three bare lines, which no YAML parser takes; and in XML it is a
processing instruction, for no XML comment may hold the two hyphens of the delimiters. A reader
finds the delimiters either way. Source: C2PA 2.4 §A.9; 2.5 §A.9.4 (WebVTT, front matter).
"""

import re
from collections.abc import Mapping, Sequence
from os.path import splitext

from provenance.formats import armour
from provenance.formats._texts import TextHandler, is_text
from provenance.formats.base import Handler, New, Piece, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLERS"]

_BOM = b"\xef\xbb\xbf"
_HEAD = 64 << 10
_Comment = tuple[str, str]  # what opens and what closes it
_HASH: _Comment = ("#", "")
_STYLES: Mapping[_Comment, str] = {
    _HASH: "py pyw pyi sh bash zsh fish rb pl pm r jl toml cfg conf properties mk cmake ps1 tcl "
    "awk ex exs nix graphql gql tf dockerfile env gitignore editorconfig",
    ("//", ""): "c h cpp hpp cc cxx hh m mm java kt kts cs go rs swift scala dart proto zig "
    "groovy gradle glsl wgsl vert frag sol adoc asciidoc php",
    ("/*!", "*/"): "js mjs cjs jsx ts mts cts tsx css scss less",
    ("--", ""): "sql lua hs elm adb ads vhd vhdl",
    (";", ""): "ini asm s lisp el clj cljs scm rkt",
    ("%", ""): "tex sty cls bib erl hrl prolog ps",
    ("..", ""): "rst",
    ("<!--", "-->"): "vue svelte",
}
_BY_SUFFIX = {f".{one}": style for style, known in _STYLES.items() for one in known.split()}
_FIRST_LINE_TAKEN = re.compile(
    rb"\xef\xbb\xbf|\#!|<\?|@charset|\#cloud-config|\#[ \t]*(?:syntax|escape)="
    rb"|(?:[^\n]*\n)?[ \t\f]*\#[^\n]*?coding[:=]",
)
_FRONT_MATTER = re.compile(
    rb"(---|\+\+\+)[ \t]*\r?\n (?:[^\n]*\n)*? \1[ \t]*(?:\r?\n|\Z)", re.VERBOSE
)
_VTT_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?WEBVTT(?:[ \t][^\n]*)?\r?\n(?:[^\r\n][^\n]*\n)*\r?\n")


class _Structured(TextHandler):
    comment: _Comment = _HASH

    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """See `TextHandler`."""
        del limits
        head = source.read(0, min(source.size, _HEAD))
        if not self.first_line_is_taken(head):
            return 0, (self.line(source, head, store_length),)
        return source.size, (self.line(source, head, store_length, last=True),)

    def first_line_is_taken(self, head: bytes) -> bool:
        """Must the first line stay the first?"""
        return _FIRST_LINE_TAKEN.match(head) is not None

    def line(
        self, source: ByteSource, head: bytes, store_length: int, *, last: bool = False
    ) -> Slot:
        """A comment on a line of its own; a last one has a line break before it, too."""
        opens, closes = (part.encode() for part in self.style(source))
        ends = _break(head[: head.find(b"\n") + 1])
        before = (ends if last else b"") + opens + b" " + armour.BEGIN + b" "
        after = b" " + armour.END + (b" " + closes if closes else b"") + ends
        return armour.slot(before, after, store_length)

    def style(self, source: ByteSource) -> _Comment:
        """How a comment is written in this file."""
        del source
        return self.comment


class _Source(_Structured):
    name: str = "Source text"
    media_types: tuple[str, ...] = (
        *("text/x-source", "text/x-python", "text/x-script.python", "text/javascript"),
        *("application/javascript", "text/css", "text/x-c", "text/x-java", "text/x-rust"),
        *("application/x-sh", "text/x-shellscript", "application/sql", "application/toml"),
        *("text/x-tex", "application/x-tex", "text/x-rst", "text/asciidoc"),
    )
    suffixes: tuple[str, ...] = tuple(_BY_SUFFIX)

    def style(self, source: ByteSource) -> _Comment:
        """By the suffix of its name; a source without one is taken for a script."""
        return _BY_SUFFIX.get(splitext(source.name)[1].lower(), _HASH)


class _Markdown(_Structured):
    name: str = "Markdown"
    media_types: tuple[str, ...] = ("text/markdown", "text/x-markdown")
    suffixes: tuple[str, ...] = (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd")
    comment: _Comment = ("<!--", "-->")

    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """See `TextHandler`. Front matter, YAML or TOML, takes it up as a comment of its own."""
        head = source.read(0, min(source.size, _HEAD))
        if not _FRONT_MATTER.match(head):
            return super().fresh(source, store_length, limits)
        return head.index(b"\n") + 1, (_YAML.line(source, head, store_length),)


class _Yaml(_Structured):
    name: str = "YAML"
    media_types: tuple[str, ...] = ("application/yaml", "text/yaml", "application/x-yaml")
    suffixes: tuple[str, ...] = (".yaml", ".yml")


class _Xml(_Structured):
    name: str = "XML"
    media_types: tuple[str, ...] = (
        *("application/xml", "text/xml", "application/rss+xml", "application/atom+xml"),
        *("application/mathml+xml", "application/xslt+xml"),
    )
    suffixes: tuple[str, ...] = (".xml", ".rss", ".atom", ".xsd", ".xsl", ".xslt", ".mml")
    comment: _Comment = ("<?c2pa", "?>")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. With a declaration it needs no suffix; SVG and XHTML are asked before."""
        return is_text(head) and head.removeprefix(_BOM).lstrip()[:1] == b"<"


class _WebVtt(_Structured):
    name: str = "WebVTT"
    media_types: tuple[str, ...] = ("text/vtt",)
    suffixes: tuple[str, ...] = (".vtt",)
    weak: bool = False
    comment: _Comment = ("NOTE", "")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        text = head.removeprefix(_BOM)
        return text[:6] == b"WEBVTT" and text[6:7] in b" \t\r\n" and is_text(head)

    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """See `TextHandler`. A comment is a block of its own, with an empty line behind it."""
        del limits
        head = source.read(0, min(source.size, _HEAD))
        header = _VTT_HEADER.match(head)
        line = self.line(source, head, store_length, last=header is None)
        if header is None:  # and nothing behind it
            return source.size, (line,)
        return header.end(), (line, New(_break(head[: header.end()])))

    def with_room(self, source: ByteSource, span: Span) -> Span:
        """See `TextHandler`. The empty line behind the comment, if there is one before it, too."""
        around = source.read(max(0, span.start - 4), min(4, span.start))
        behind = source.read(span.end, min(2, source.size - span.end))
        for ends in (b"\r\n", b"\n"):
            if around.endswith(ends * 2) and behind.startswith(ends):
                return Span(span.start, span.length + len(ends))
        return span


def _break(text: bytes) -> bytes:
    """The line break that a text ends with."""
    return b"\r\n" if text.endswith(b"\r\n") else b"\n"


_YAML = _Yaml()
HANDLERS: tuple[Handler, ...] = (_Source(), _Markdown(), _YAML, _Xml(), _WebVtt())
