"""RIFF (WebP, WAV, AVI): the manifest store is the data of one `C2PA` chunk.

    'RIFF' | size u32 | form 4 | chunk … | 'C2PA' | size u32 | store | pad |  'RIFF' … 'AVIX' …
    chunk: id 4 | size u32 | data | a zero byte after data of an odd size

Sizes are little-endian. The store's chunk is the last of the first RIFF chunk; a large AVI goes on
in further ones. A wave over 4 GiB is an RF64 or BW64: its sizes stand in its first chunk, `ds64`.
The size at the start counts the store too, so it is left out of a data hash together with it:
otherwise no update manifest could ever be added.
Source: C2PA 2.2 §A.3.6, §18.7.3.5; 2.5 §A.3.7 (the size left out); EBU Tech 3306 (RF64).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats._avi_index import moved
from provenance.formats._patches import Patch, kept
from provenance.formats.base import (
    BindingKind,
    Handler,
    Located,
    NamedBox,
    New,
    Piece,
    Plan,
    Slot,
)
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLERS"]

_HEADER = struct.Struct("<4sI")
_HEAD = 12  # of a RIFF chunk: id, size, form
_RIFF, _LARGE = b"RIFF", (b"RF64", b"BW64")
_ELSEWHERE = 0xFFFFFFFF  # a size that ds64 has
_DS64 = struct.Struct("<4sIQQQI")  # id, size | RIFF size, data size, samples, table length
_DS64_AT = 12
_STORE = b"C2PA"
_XMP = (b"XMP ", b"_PMX")  # WebP; WAV and AVI


class _Chunk(NamedTuple):
    id: bytes
    start: int
    body: int
    data_end: int
    end: int  # the pad byte included


@dataclass(frozen=True, slots=True)
class _Form:
    """A RIFF chunk, the first of the file unless said otherwise."""

    start: int
    type: bytes
    size_at: Span  # where its size stands
    end: int  # as its size says, made even if a zero byte follows
    data_size: int | None = None  # of the data chunk, for RF64

    @property
    def chunks_at(self) -> int:
        """Where its chunks start."""
        return self.start + _HEAD


class _Riff(Handler):
    family: str = "RIFF"
    can_embed: bool = True
    bindings: tuple[BindingKind, ...] = ("data", "boxes")

    def __init__(
        self, name: str, form: bytes, media_types: tuple[str, ...], suffixes: tuple[str, ...]
    ) -> None:
        self.name = name
        self.media_types = media_types
        self.suffixes = suffixes
        self._form = form

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        form = head[8:12] == self._form
        return form and (
            head.startswith(_RIFF) or (self._form == b"WAVE" and head.startswith(_LARGE))
        )

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        The pad byte of the store's chunk counts as what lies beside it: c2pa-rs hashes it, and
        finds fault with who does not. The size at the start may be left out or not.
        """
        form = _first_form(source)
        stores: list[_Chunk] = []
        texts: list[_Chunk] = []
        try:
            for chunk in _chunks(source, form, limits):
                if chunk.id == _STORE:
                    stores.append(chunk)
                elif chunk.id in _XMP:
                    texts.append(chunk)
        except MalformedError:
            if not stores:
                raise
        if not stores:
            return Located(remote_url=_remote_url(source, texts, limits))
        places = tuple(Span.between(one.start, one.data_end) for one in stores)
        carriers = (form.size_at, *places)
        if len(stores) > 1:
            return Located(carriers=carriers, count=len(stores))
        chunk = stores[0]
        length = chunk.data_end - chunk.body
        if length > limits.store_bytes:
            raise LimitError(
                "C2PA chunk",
                f"{length} bytes long, of which we read {limits.store_bytes}",
                offset=chunk.start,
            )
        store = source.read(chunk.body, length)
        return Located(store=store, carriers=carriers, core=places, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. The store becomes, or stays, the last chunk of the first RIFF chunk."""
        form = _first_form(source)
        if form.end > source.size:
            raise _too_long(form, source)
        chunks = tuple(_chunks(source, form, limits))
        stores = [chunk for chunk in chunks if chunk.id == _STORE]
        if not stores and not store_length:
            return Plan(tuple(kept(Span(0, source.size))))
        last = chunks[-1] if chunks else None
        unpadded = last is not None and last.id != _STORE and (last.end - last.start) % 2 == 1
        slot = _slot(store_length) if store_length else None
        added = (1 if unpadded else 0) + (slot.length + store_length % 2 if slot else 0)
        end = form.end - sum(one.end - one.start for one in stores) + added
        patches = [_size(form, end - form.start - 8, unbound=slot is not None)]
        if form.type == b"AVI " and source.size > form.end:
            patches += _moved_index(source, chunks, form.end, end - form.end, limits)
        pieces: list[Piece] = []
        at = 0
        for one in stores:
            pieces += kept(Span.between(at, one.start), patches)
            at = one.end
        pieces += kept(Span.between(at, form.end), patches)
        if unpadded:
            pieces.append(New(b"\0"))
        if slot:
            pieces.append(slot)
        if store_length % 2:
            pieces.append(New(b"\0"))
        pieces += kept(Span.between(form.end, source.size), patches)
        return Plan(tuple(pieces))

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`. The head of each RIFF chunk is a box of its own (§18.7.3.5)."""
        found: list[NamedBox] = []
        form: _Form | None = _first_form(source)
        at = 0
        while form is not None:
            found.append(NamedBox(_name(form.type), Span(form.start, _HEAD)))
            for chunk in _chunks(source, form, limits):
                span = Span.between(chunk.start, chunk.end)
                found.append(NamedBox(_box_name(source, chunk), span))
            if len(found) > limits.container_items:
                most = limits.container_items
                raise LimitError("RIFF", f"more than {most} chunks", offset=form.start)
            at = form.end
            form = _next_form(source, at)
        if at < source.size:
            found.append(NamedBox("c2pa.after", Span.between(at, source.size)))
        return tuple(found)


HANDLERS: tuple[Handler, ...] = (
    _Riff("WebP", b"WEBP", ("image/webp",), (".webp",)),
    _Riff(
        "WAV",
        b"WAVE",
        ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
        (".wav", ".wave", ".bwf", ".rf64"),
    ),
    _Riff(
        "AVI",
        b"AVI ",
        ("video/x-msvideo", "video/avi", "video/msvideo", "application/x-troff-msvideo"),
        (".avi",),
    ),
)


# Reading


def _first_form(source: ByteSource) -> _Form:
    if source.size < _HEAD:
        raise MalformedError("RIFF", f"{source.size} bytes long, its head alone {_HEAD}")
    head = source.read(0, min(_HEAD + _DS64.size, source.size))
    kind, size = _HEADER.unpack_from(head)
    form = head[8:_HEAD]
    if kind in _LARGE:
        return _large_form(source, head, size)
    if kind != _RIFF:
        raise MalformedError("RIFF", f"starts with 0x{kind.hex()}")
    return _Form(0, form, Span(4, 4), _even(source, 8 + size))


def _large_form(source: ByteSource, head: bytes, size: int) -> _Form:
    if len(head) < _HEAD + _DS64.size or head[_HEAD : _HEAD + 4] != b"ds64":
        raise MalformedError("RF64", "does not start with a ds64 chunk", offset=_HEAD)
    _, _, riff_size, data_size, _, _ = _DS64.unpack_from(head, _DS64_AT)
    if size != _ELSEWHERE:
        return _Form(0, head[8:_HEAD], Span(4, 4), _even(source, 8 + size), data_size)
    at = Span(_DS64_AT + 8, 8)
    return _Form(0, head[8:_HEAD], at, _even(source, 8 + riff_size), data_size)


def _next_form(source: ByteSource, at: int) -> _Form | None:
    """The RIFF chunk after another; None if something else, or nothing, is there."""
    if at + _HEAD > source.size:
        return None
    head = source.read(at, _HEAD)
    kind, size = _HEADER.unpack_from(head)
    if kind != _RIFF:
        return None
    return _Form(at, head[8:], Span(at + 4, 4), _even(source, at + 8 + size))


def _even(source: ByteSource, end: int) -> int:
    """The end of a RIFF chunk; some writers do not count the pad byte of its last chunk."""
    padded = end % 2 == 1 and end < source.size and source.read(end, 1) == b"\0"
    return end + 1 if padded else end


def _too_long(form: _Form, source: ByteSource) -> MalformedError:
    return MalformedError(
        "RIFF chunk",
        f"{form.end - form.start} bytes long, {source.size - form.start} left in the file",
        offset=form.start,
    )


def _chunks(source: ByteSource, form: _Form, limits: Limits) -> Iterator[_Chunk]:
    """The chunks of a RIFF chunk, not those in its LISTs."""
    at, read = form.chunks_at, source.read
    end = min(form.end, source.size)
    for _ in range(limits.container_items):
        left = end - at
        if left <= 0:
            if form.end > source.size:
                raise _too_long(form, source)
            return
        if left < 8:
            raise MalformedError("RIFF chunk", f"{left} bytes left for its header", offset=at)
        kind, length = _HEADER.unpack(read(at, 8))
        if length == _ELSEWHERE and kind == b"data" and form.data_size is not None:
            length = form.data_size
        if length > left - 8:
            raise MalformedError(
                f"{_name(kind)} chunk", f"{length} bytes long, {left - 8} left", offset=at
            )
        data_end = at + 8 + length
        chunk = _Chunk(kind, at, at + 8, data_end, min(data_end + length % 2, end))
        yield chunk
        at = chunk.end
    raise LimitError("RIFF", f"more than {limits.container_items} chunks", offset=at)


def _name(kind: bytes) -> str:
    printable = all(0x20 <= byte < 0x7F for byte in kind)
    return kind.decode("ascii") if printable else f"0x{kind.hex()}"


def _box_name(source: ByteSource, chunk: _Chunk) -> str:
    """A LIST is named by what it lists."""
    if chunk.id == b"LIST" and chunk.data_end - chunk.body >= 4:
        return _name(source.read(chunk.body, 4))
    return _name(chunk.id)


def _remote_url(source: ByteSource, texts: list[_Chunk], limits: Limits) -> str | None:
    for chunk in texts:
        length = chunk.data_end - chunk.body
        if length <= limits.text_bytes:
            return remote_manifest(source.read(chunk.body, length), limits)
    return None


# Writing


def _size(form: _Form, size: int, *, unbound: bool) -> Patch:
    width = form.size_at.length
    if size >= (_ELSEWHERE if width == 4 else 1 << 64):
        raise LimitError("RIFF", f"{size} bytes with the manifest store, it holds less than 4 GiB")
    return Patch(form.size_at.start, size.to_bytes(width, "little"), unbound)


def _moved_index(
    source: ByteSource, chunks: tuple[_Chunk, ...], start: int, shift: int, limits: Limits
) -> Iterator[Patch]:
    for chunk in chunks:
        if chunk.id == b"LIST" and _box_name(source, chunk) == "hdrl":
            header = Span.between(chunk.body + 4, chunk.data_end)
            yield from moved(source, header, start, shift, limits.container_items)


def _slot(store_length: int) -> Slot:
    if store_length >= _ELSEWHERE:
        raise LimitError("C2PA chunk", f"{store_length} bytes, a chunk holds less than 4 GiB")
    return Slot(8 + store_length, _wrap)


def _wrap(store: bytes) -> bytes:
    return _HEADER.pack(_STORE, len(store)) + store
