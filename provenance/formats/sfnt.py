"""TrueType and OpenType fonts: the manifest store lies in the font's `C2PA` table.

    version 4 | count u16 | 3 × u16 | record … | table, each padded with zeros to a multiple of 4
    record:  tag 4 | checksum u32 | offset u32 | length u32
    C2PA:    version 2 × u16 | URI: offset u32, length u16 | 0 u16 | store: offset u32, length u32

A font's usual binding is the box hash: its tables by their tags, in the directory's order. Neither
the directory nor what lies between tables is part of it, and `checkSumAdjustment` in the head
table, which makes the words of the file add up, counts as zero. A data hash is possible too; it
leaves out the C2PA table, its checksum and that adjustment.
A first store goes right behind the directory, so that all that follows moves by one distance.
Source: C2PA 2.2 §A.3.10, §18.7.3.6; ISO 14496-22 §4.3, §5.2.2.
"""

from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats import _sfnt_rewrite
from provenance.formats._sidecar_only import SidecarOnly
from provenance.formats.base import BindingKind, Handler, Keep, Located, NamedBox, Plan
from provenance.formats.c2pa_store import describes_store
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["HANDLERS"]

_URL_LENGTH = 8192


class _Carried(NamedTuple):
    """What a C2PA table says, spans in the file."""

    table: Span
    store: Span | None
    uri: Span | None


class _Sfnt(Handler):
    family: str = "Fonts"
    bindings: tuple[BindingKind, ...] = ("boxes", "data")

    def __init__(
        self,
        name: str,
        media_types: tuple[str, ...],
        suffixes: tuple[str, ...],
        versions: tuple[bytes, ...],
    ) -> None:
        self.name = name
        self.media_types = media_types
        self.suffixes = suffixes
        self._versions = versions

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A version of 00 01 00 00 alone says little: the first tag must be text."""
        tag = head[_sfnt_rewrite.START : _sfnt_rewrite.START + 4]
        return (
            head[:4] in self._versions
            and len(tag) == 4
            and all(0x20 <= byte < 0x7F for byte in tag)
            and head[4:6] not in (b"\0\0", b"")
        )

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. A URI in the table is looked at only when there is no store."""
        font = _sfnt_rewrite.read_directory(source, limits)
        found = [_read(source, table) for table in font.tables if table.tag == b"C2PA"]
        if not found:
            return Located()
        if len(found) > 1:
            return Located(carriers=merge(one.table for one in found), count=len(found))
        carried = found[0]
        if carried.store is None:
            return Located(remote_url=_remote_url(source, carried.uri))
        if carried.store.length > limits.store_bytes:
            raise LimitError(
                "C2PA table",
                f"a store of {carried.store.length} bytes, of which we read {limits.store_bytes}",
                offset=carried.table.start,
            )
        core = [carried.table, font.checksum_of(b"C2PA")]
        head = font.find(b"head")
        if head is not None:
            core.append(_sfnt_rewrite.adjustment(head))
        return Located(
            store=source.read(carried.store.start, carried.store.length),
            carriers=merge((*core, Span(0, font.end))),
            core=merge(core),
            count=1,
        )

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A table that only names a store elsewhere stays when none is put in."""
        font = _sfnt_rewrite.read_directory(source, limits)
        if not store_length:
            tables = [table for table in font.tables if table.tag == b"C2PA"]
            if len(tables) < 2 and all(_read(source, one).store is None for one in tables):
                return Plan((Keep(Span(0, source.size)),))
        return _sfnt_rewrite.rewritten(source, font, store_length)

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`. Boxes are tables, in the order of the directory."""
        font = _sfnt_rewrite.read_directory(source, limits)
        font.check(source)
        return tuple(
            NamedBox(
                table.tag.decode("latin-1"),
                table.span,
                zeroed=_sfnt_rewrite.adjustment(table) if table.tag == b"head" else None,
            )
            for table in font.tables
        )


def _read(source: ByteSource, table: _sfnt_rewrite.Table) -> _Carried:
    """Read a C2PA table.

    Raises:
        MalformedError: it, or what it points to, reaches past the end.
    """
    table.check(source)
    span = table.span
    head = source.read(span.start, min(64, span.length))
    if describes_store(head, 8):  # early writers put the store in the table as it is
        length = min(int.from_bytes(head[:4]), span.length)
        return _Carried(span, Span(span.start, length), None)
    if len(head) < _sfnt_rewrite.C2PA.size:
        raise MalformedError("C2PA table", f"{span.length} bytes long", offset=span.start)
    _, _, uri_at, uri_length, _, store_at, store_length = _sfnt_rewrite.C2PA.unpack_from(head)
    return _Carried(
        span,
        _inside(span, store_at, store_length, "store"),
        _inside(span, uri_at, uri_length, "URI"),
    )


def _inside(table: Span, at: int, length: int, what: str) -> Span | None:
    if not at or not length:
        return None
    if at + length > table.length:
        raise MalformedError(
            "C2PA table",
            f"its {what} ends {at + length - table.length} bytes past it",
            offset=table.start,
        )
    return Span(table.start + at, length)


def _remote_url(source: ByteSource, uri: Span | None) -> str | None:
    if uri is None or uri.length > _URL_LENGTH:
        return None
    try:
        text = source.read(uri.start, uri.length).decode().strip("\0 ")
    except UnicodeDecodeError:
        return None
    return text if text.lower().startswith(("http://", "https://")) else None


HANDLERS: tuple[Handler, ...] = (
    _Sfnt(
        "TTF",
        ("font/ttf", "font/sfnt", "application/font-sfnt", "application/x-font-ttf"),
        (".ttf",),
        (b"\0\1\0\0", b"true"),
    ),
    _Sfnt("OTF", ("font/otf", "application/x-font-opentype"), (".otf",), (b"OTTO",)),
    SidecarOnly("a font collection", ("font/collection",), (".ttc", ".otc"), b"ttcf", "Fonts"),
    SidecarOnly("WOFF", ("font/woff", "application/font-woff"), (".woff",), b"wOFF", "Fonts"),
    SidecarOnly("WOFF2", ("font/woff2",), (".woff2",), b"wOF2", "Fonts"),
)
