"""JPEG XL: the manifest store is one `jumb` box at the top level of the container.

    0000000C 'JXL ' 0D0A870A | 'ftyp' | ['jxll'] | 'jumb' | … | 'jxlc', or 'jxlp' …
    FF 0A …                                                        a codestream without container

Other `jumb` boxes are not ours. A `brob` box holds another box, packed by Brotli: XMP is read from
one, a manifest store is not, for no hash could leave it out. A bare codestream has no place for a
store, only for a sidecar beside it.
Source: C2PA 2.2 §A.3.8; ISO 18181-2:2024, §4, §9.
"""

from collections.abc import Iterator

from provenance.boxes import BoxHeader, read_header
from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.base import BindingKind, Handler, Located, NamedBox, Plan, Slot, rearrange
from provenance.formats.c2pa_store import describes_store
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLERS"]

_SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
_BARE = b"\xff\x0a"
_FIRST = (b"JXL ", b"ftyp", b"jxll")  # boxes that come before a store
_CODESTREAM = (b"jxlc", b"jxlp")
_XMP, _PACKED = b"xml ", b"brob"
_DESCRIPTION = 64  # bytes: enough for the start of a JUMBF description box


class _Jxl(Handler):
    name: str = "JPEG XL"
    media_types: tuple[str, ...] = ("image/jxl",)
    suffixes: tuple[str, ...] = (".jxl",)
    can_embed: bool = True
    bindings: tuple[BindingKind, ...] = ("data", "boxes")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(_SIGNATURE)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        stores: list[Span] = []
        texts: list[BoxHeader] = []
        try:
            for box in _boxes(source, limits):
                if _is_store(source, box):
                    stores.append(_span(box))
                elif box.type in (_XMP, _PACKED):
                    texts.append(box)
        except MalformedError:
            if not stores:
                raise
        if not stores:
            return Located(remote_url=_remote_url(source, texts, limits))
        if len(stores) > 1:
            return Located(carriers=tuple(stores), count=len(stores))
        place = stores[0]
        if place.length > limits.store_bytes:
            raise LimitError(
                "jumb box",
                f"{place.length} bytes long, of which we read {limits.store_bytes}",
                offset=place.start,
            )
        store = source.read(place.start, place.length)
        return Located(store=store, carriers=(place,), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store before the codestream keeps its place."""
        stores: list[Span] = []
        first = codestream = 0  # where a new store goes; where the picture starts
        box: BoxHeader | None = None
        for box in _boxes(source, limits):
            if _is_store(source, box):
                stores.append(_span(box))
            elif box.type in _CODESTREAM:
                codestream = codestream or box.start
            elif box.type in _FIRST and not codestream:
                first = box.end
        at = first
        if len(stores) == 1 and not 0 < codestream < stores[0].start:
            at = stores[0].start
        if store_length and box is not None and at == box.end:
            _check_closed(source, box)
        slot = Slot(store_length, bytes) if store_length else None
        return rearrange(source.size, stores, at, slot)

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`. Names are box types, with the spaces that some end in."""
        return tuple(
            NamedBox("C2PA" if _is_store(source, box) else _name(box.type), _span(box))
            for box in _boxes(source, limits)
        )


class _Codestream(Handler):
    name: str = "JPEG XL codestream"
    media_types: tuple[str, ...] = ("image/jxl",)
    suffixes: tuple[str, ...] = (".jxl",)
    can_embed: bool = False

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(_BARE)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. There is no place for a store, nor for XMP."""
        del source, limits
        return Located()

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: a store should go in.
        """
        if store_length:
            raise UnsupportedFormatError(
                source.name,
                "is a bare JPEG XL codestream, which holds no manifest store; sign with a "
                "sidecar, or put it into a JPEG XL container first",
            )
        return rearrange(source.size, (), 0, None)


HANDLERS: tuple[Handler, ...] = (_Jxl(), _Codestream())


def _boxes(source: ByteSource, limits: Limits) -> Iterator[BoxHeader]:
    """The boxes at the top level."""
    at, size, read = 0, source.size, source.read
    if not read(0, min(len(_SIGNATURE), size)) == _SIGNATURE:
        raise MalformedError("JPEG XL", "does not start with its signature box")
    for _ in range(limits.container_items):
        if at >= size:
            return
        left = size - at
        try:
            box = read_header(read(at, min(16, left)), 0, left)
        except MalformedError as error:
            raise MalformedError(error.what, error.problem, offset=at) from None
        box = BoxHeader(box.type, at, at + box.body, at + box.end)
        yield box
        at = box.end
    raise LimitError("JPEG XL", f"more than {limits.container_items} boxes", offset=at)


def _span(box: BoxHeader) -> Span:
    return Span.between(box.start, box.end)


def _check_closed(source: ByteSource, box: BoxHeader) -> None:
    """What comes after a box that says it goes on to the end would be in it."""
    if not any(source.read(box.start, 4)):
        raise MalformedError(
            f"{_name(box.type)} box", "goes on to the end, no store can follow", offset=box.start
        )


def _is_store(source: ByteSource, box: BoxHeader) -> bool:
    if box.type != b"jumb":
        return False
    return describes_store(source.read(box.body, min(_DESCRIPTION, box.end - box.body)), 0)


def _name(kind: bytes) -> str:
    printable = all(0x20 <= byte < 0x7F for byte in kind)
    return kind.decode("ascii") if printable else f"0x{kind.hex()}"


def _remote_url(source: ByteSource, texts: list[BoxHeader], limits: Limits) -> str | None:
    for box in texts:
        length = box.end - box.body
        if length > limits.text_bytes:
            continue
        data = source.read(box.body, length)
        if box.type == _PACKED:
            if not data.startswith(_XMP):
                continue
            data = _unpacked(data[4:], limits)
        return remote_manifest(data, limits)
    return None


def _unpacked(data: bytes, limits: Limits) -> bytes:
    """What a Brotli stream holds, not much past the limit; nothing of a broken one."""
    import brotli

    try:
        unpacked: bytes = brotli.Decompressor().process(
            data, output_buffer_limit=limits.text_bytes + 1
        )
    except brotli.error:
        return b""
    return unpacked
