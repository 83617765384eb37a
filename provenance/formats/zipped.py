"""ZIP and what is made of it: the manifest store is an entry of its own, stored as it is.

    entries … | META-INF/content_credential.c2pa | central directory | end record

EPUB and OpenDocument want their first entry to stay the first; so the store comes last. Only what
must change does: the directory gains a header, the end record counts it, and an Office package
declares the type of `.c2pa` files (else Office calls the package damaged). Nothing is unpacked but
that declaration's file.

C2PA 2.2 wants a CRC of 0 in the store's headers, at which every ZIP reader takes offence; since
2.4 the directory's hash leaves it out, so it may be right, and here it is.
Source: C2PA 2.2 §A.6; 2.4 §A.6.2.2; 2.5 §A.6 on `[Content_Types].xml`.
"""

import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from provenance.errors import EncryptedError, LimitError, MalformedError
from provenance.formats import _content_types
from provenance.formats._relative import relative_uri
from provenance.formats._zip import (
    CENTRAL,
    CENTRAL_MAGIC,
    LOCAL,
    LOCAL_MAGIC,
    Archive,
    Entry,
    Local,
    mentions,
    read_archive,
    read_local,
)
from provenance.formats._zip_kinds import KINDS, kinds_of, main_folder
from provenance.formats._zip_rewrite import Edit, HeaderEdit, rewritten
from provenance.formats.base import (
    BindingKind,
    Handler,
    Located,
    Member,
    Members,
    New,
    Plan,
    Slot,
)
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["HANDLERS"]

_STORE = b"META-INF/content_credential.c2pa"
_CRC = 16  # where it stands in a central header
_DATE = 0x21  # 1980-01-01, the first that there is
_VERSION, _WIDE_VERSION = 20, 45
_ENCRYPTED = 0x01
_FULL = 0xFFFFFFFF
_NOTHING = 2  # bytes that deflate makes of none


@dataclass(frozen=True, slots=True)
class _Zip(Handler):
    name: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    family: str = "ZIP"
    can_embed: bool = True
    weak: bool = False
    bindings: tuple[BindingKind, ...] = ("collection",)

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A package that does not say what it is may be any of its family."""
        return self.name in kinds_of(head)

    def confirm(self, source: ByteSource) -> bool:
        """See `Handler`. What an Office package is, its folders tell."""
        try:
            archive = read_archive(source, DEFAULT_LIMITS)
        except (MalformedError, LimitError):
            return True
        return mentions(source, archive.directory, main_folder(self.name))

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`."""
        archive = read_archive(source, limits)
        found = _named(source, archive, _STORE)
        if not found:
            return Located()
        places = [read_local(source, one, archive.directory.start) for one in found]
        crcs = (Span(entry.at + _CRC, 4) for entry in found)
        carriers = tuple(sorted((*map(_span, places), *crcs)))
        if len(found) > 1:
            return Located(carriers=carriers, count=len(found))
        entry, place = found[0], places[0]
        if entry.flags & _ENCRYPTED:
            raise EncryptedError(
                "manifest store", "is encrypted; it must be stored", offset=entry.start
            )
        if entry.method != 0 or entry.packed != entry.size:
            raise MalformedError(
                "manifest store", "is packed; it must be stored", offset=entry.start
            )
        if entry.size > limits.store_bytes:
            raise LimitError(
                "manifest store",
                f"{entry.size} bytes long, of which we read {limits.store_bytes}",
                offset=place.data,
            )
        return Located(store=source.read(place.data, entry.size), carriers=carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store that is there is replaced in its place."""
        archive = read_archive(source, limits)
        if archive.trailing:
            raise MalformedError("ZIP", f"{archive.trailing} bytes behind its end record")
        start = archive.directory.start
        found = _named(source, archive, _STORE, _content_types.NAME)
        old = [
            (one, read_local(source, one, start))
            for one in sorted((one for one in found if one.name == _STORE), key=_place)
        ]
        edits = [Edit(_span(place)) for _, place in old]
        headers = [HeaderEdit(entry) for entry, _ in old]
        if store_length:
            slot = _slot(store_length)
            at = old[0][1].start if old else start
            edits[:1] = [Edit(edits[0].span if edits else Span(at, 0), slot)]
            entry = old[0][0] if old else None
            headers[:1] = [HeaderEdit(entry, lambda at: _header(store_length, at), at)]
        if store_length or old:
            for one in found:
                if one.name != _STORE:
                    place = read_local(source, one, start)
                    _declare(source, one, place, bool(store_length), limits, edits, headers)
        return rewritten(source, archive, edits, headers)

    def members(self, source: ByteSource, limits: Limits) -> Members | None:
        """See `Handler`. The store's own entry is none of them."""
        archive = read_archive(source, limits)
        starts, data_ends, ends = array("Q"), array("Q"), array("Q")
        stores, folders = [], bytearray()
        for entry in archive.entries(source):
            place = read_local(source, entry, archive.directory.start)
            starts.append(place.start)
            data_ends.append(place.data_end)
            ends.append(place.end)
            folders.append(_is_folder(entry, place))
            if entry.name == _STORE:
                stores.append(entry)
        covered = _disjoint(starts, ends)
        return Members(
            files=_members(archive.entries(source), starts, data_ends, ends, folders),
            directory=_directory_spans(source, archive, stores),
            loose=archive.directory.start - covered,
        )


HANDLERS: tuple[Handler, ...] = tuple(_Zip(*kind) for kind in KINDS)


def _named(source: ByteSource, archive: Archive, *names: bytes) -> list[Entry]:
    """The entries of these names; most archives have none, and are not walked then."""
    if not any(mentions(source, archive.directory, name) for name in names):
        return []
    return [entry for entry in archive.entries(source) if entry.name in names]


def _place(entry: Entry) -> int:
    return entry.start


def _span(place: Local) -> Span:
    return Span.between(place.start, place.end)


def _slot(store_length: int) -> Slot:
    def wrap(store: bytes) -> bytes:
        head = LOCAL.pack(
            *(LOCAL_MAGIC, _VERSION, 0, 0, 0, _DATE, zlib.crc32(store)),
            *(len(store), len(store), len(_STORE), 0),
        )
        return b"".join((head, _STORE, store))

    if store_length >= _FULL:
        raise LimitError("manifest store", f"{store_length} bytes, too long for an entry")
    return Slot(LOCAL.size + len(_STORE) + store_length, wrap)


def _header(store_length: int, offset: int) -> tuple[New | Slot, ...]:
    """The store's central header, with a slot for its CRC."""
    extra = struct.pack("<HHQ", 1, 8, offset) if offset >= _FULL else b""
    version = _WIDE_VERSION if extra else _VERSION
    raw = CENTRAL.pack(
        *(CENTRAL_MAGIC, version, version, 0, 0, 0, _DATE, 0, store_length, store_length),
        *(len(_STORE), len(extra), 0, 0, 0, 0, min(offset, _FULL)),
    )
    crc = Slot(4, lambda store: struct.pack("<I", zlib.crc32(store)))
    return New(raw[:_CRC]), crc, New(raw[_CRC + 4 :] + _STORE + extra)


def _declare(
    source: ByteSource,
    entry: Entry,
    place: Local,
    wanted: bool,
    limits: Limits,
    edits: list[Edit],
    headers: list[HeaderEdit],
) -> None:
    """Say in a package what a `.c2pa` file is, or take that out again."""
    if entry.flags & _ENCRYPTED or max(entry.packed, entry.size) > limits.text_bytes:
        return
    data = source.read(place.data, entry.packed)
    changed = _content_types.changed(data, entry.method, wanted, limits.text_bytes)
    if changed is None:
        return
    packed, crc, size = changed
    local = bytearray(source.read(place.start, place.data - place.start))
    flags = entry.flags & ~0x08  # the sizes stand here, not behind the data
    struct.pack_into("<H", local, 6, flags)
    struct.pack_into("<III", local, 14, crc, len(packed), size)
    edits.append(Edit(_span(place), New(bytes(local) + packed)))
    raw = bytearray(source.read(entry.at, entry.length))
    struct.pack_into("<H", raw, 8, flags)
    struct.pack_into("<III", raw, _CRC, crc, len(packed), size)
    if entry.wide is None:
        headers.append(HeaderEdit(entry, lambda at: _moved(raw, at), place.start))
    else:
        raise LimitError("[Content_Types].xml", "lies beyond 4 GiB")


def _moved(raw: bytearray, offset: int) -> tuple[New | Slot, ...]:
    if offset >= _FULL:
        raise LimitError("[Content_Types].xml", "would lie beyond 4 GiB")
    struct.pack_into("<I", raw, 42, offset)
    return (New(bytes(raw)),)


def _disjoint(starts: "array[int]", ends: "array[int]") -> int:
    """Bytes that lie in an entry.

    Raises:
        MalformedError: some lie in two; hashing such an archive could take for ever.
    """
    spans: Iterable[tuple[int, int]] = zip(starts, ends, strict=True)
    if any(a > b for a, b in pairwise(starts)):
        spans = sorted(spans)
    last = covered = 0
    for start, end in spans:
        if start < last:
            raise MalformedError("ZIP", "two entries share bytes", offset=start)
        last, covered = end, covered + end - start
    return covered


def _is_folder(entry: Entry, place: Local) -> bool:
    """Is it the mere name of a folder, of which the directory says all there is?"""
    empty = entry.size == 0 and place.end - place.data <= _NOTHING
    return entry.name.endswith(b"/") and empty and place.agrees


def _members(
    entries: Iterator[Entry],
    starts: "array[int]",
    data_ends: "array[int]",
    ends: "array[int]",
    folders: bytearray,
) -> Iterator[Member]:
    rows = zip(entries, starts, data_ends, ends, folders, strict=True)
    for entry, start, data_end, end, folder in rows:
        if entry.name != _STORE:
            yield Member(
                uri=relative_uri(entry.text),
                size=end - start,
                span=Span.between(start, end),
                shorter=Span.between(start, data_end) if data_end < end else None,
                names=_names(entry),
                is_folder=bool(folder),
            )


def _names(entry: Entry) -> tuple[str, ...]:
    """What a URI may call an entry: also a folder without its slash, and UTF-8 unannounced."""
    text = entry.text
    names = [text, text.removesuffix("/")]
    if not entry.name.isascii():
        names.append(entry.name.decode("utf-8", "replace"))
    return tuple(names)


def _directory_spans(
    source: ByteSource, archive: Archive, stores: list[Entry]
) -> tuple[tuple[Span, ...], ...]:
    """What the directory's hash is over, in both readings; to the last byte of the file."""
    start = archive.directory.start
    whole = (Span.between(start, source.size),)
    if len(stores) != 1:
        return (whole,)
    crc = stores[0].at + _CRC
    return (Span.between(start, crc), Span.between(crc + 4, source.size)), whole
