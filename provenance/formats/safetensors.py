"""SafeTensors: the manifest store is an entry of the header's `__metadata__`, in Base64.

    header length u64, little-endian | header, JSON | tensors
    {"__metadata__":{"c2pa:manifest":"BASE64"  ,"format":"pt"},"weight":{"dtype":…},…}

The header is spliced, never written anew: all other entries keep their bytes and their order.
Spaces behind our entry make it a multiple of 8 bytes long, so that tensors stay as aligned as they
were. Those behind the value belong to an entry put into metadata that was there, those behind the
brace to metadata that came with the entry: taken out again, either leaves what was before. A data
hash leaves out the Base64 text alone, as the draft says; so the store's length is bound, and an
update manifest, which makes it longer, has no room.
Source: C2PA 2.5 (draft) §A.3.16; SafeTensors format, "Format" (header of 100 MB at the most).
"""

import json
from binascii import Error, a2b_base64
from collections.abc import Container

from provenance.errors import LimitError, MalformedError
from provenance.formats._base64 import decoded, encoded, encoded_length
from provenance.formats._safetensors_header import Entry, Header
from provenance.formats.base import Handler, Keep, Located, New, Piece, Plan, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, complement, merge

__all__ = ["HANDLER", "read_metadata"]

_START = 8  # of the header
_LONGEST = 100_000_000  # bytes of a header
_UNIT = 8  # bytes, of alignment
_KEY = b'"c2pa:manifest":"'
_METADATA = b'"__metadata__":{'
_SPACE = b" \t\r\n"


class _SafeTensors(Handler):
    family: str = "Models"
    name: str = "SafeTensors"
    media_types: tuple[str, ...] = ("application/x-safetensors",)
    suffixes: tuple[str, ...] = (".safetensors",)

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A length that a header can have, and JSON of an object with a key."""
        length = int.from_bytes(head[:_START], "little")
        start = head[_START + 1 : _START + length].lstrip(_SPACE)
        return (
            2 <= length <= _LONGEST
            and head[_START : _START + 1] == b"{"
            and start[:1] in (b'"', b"}")
        )

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`."""
        header = _header(source, limits)
        carriers = tuple(_in_file(entry.value) for entry in header.stores)
        if len(header.stores) != 1:
            return Located(carriers=carriers, count=len(carriers))
        if len(header.metadata) > 1:
            raise MalformedError("SafeTensors header", "has __metadata__ twice", offset=_START)
        length = carriers[0].length // 4 * 3
        if length > limits.store_bytes + 2:
            raise LimitError(
                "c2pa:manifest",
                f"{length} bytes long, of which we read {limits.store_bytes}",
                offset=carriers[0].start,
            )
        store = _store(memoryview(header.text)[_slice(header.stores[0].value)])
        if store is None:
            raise MalformedError("c2pa:manifest", "is no Base64", offset=carriers[0].start)
        if len(store) > limits.store_bytes:
            raise LimitError(
                "c2pa:manifest",
                f"{len(store)} bytes long, of which we read {limits.store_bytes}",
                offset=carriers[0].start,
            )
        return Located(store=store, carriers=carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store keeps its place; a first one comes before all other entries."""
        header = _header(source, limits)
        if len(header.metadata) > 1:
            raise MalformedError("SafeTensors header", "has __metadata__ twice", offset=_START)
        if len(header.stores) == 1 and store_length:
            pieces = _replaced(header, header.stores[0], store_length)
        elif header.stores:
            rest = Header.read(_without(header), limits)
            pieces = _inserted(rest, store_length) if store_length else [New(rest.text)]
        elif store_length:
            pieces = _inserted(header, store_length)
        else:
            return Plan((Keep(Span(0, source.size)),))
        length = Plan(tuple(pieces)).size
        if length > _LONGEST:
            raise LimitError("SafeTensors header", f"{length} bytes, {_LONGEST} are allowed")
        start = New(length.to_bytes(_START, "little"))
        tensors = Keep(Span.between(_START + len(header.text), source.size))
        return Plan((start, *pieces, tensors))


HANDLER: Handler = _SafeTensors()


def read_metadata(
    source: ByteSource, wanted: Container[str], limits: Limits
) -> dict[str, str] | None:
    """Some entries of `__metadata__`, as text; of a key that is there twice, the first.

    Returns:
        None for what is no SafeTensors file.

    Raises:
        MalformedError, LimitError: its header cannot be read.
    """
    if not HANDLER.sniff(source.read(0, min(source.size, 4096))):
        return None
    header = _header(source, limits)
    found: dict[str, str] = {}
    for entry in header.metadata[0].entries if header.metadata else ():
        key = entry.key.decode("utf-8", "replace")
        if key in wanted and key not in found and entry.end - entry.value <= limits.text_bytes:
            try:
                value = json.loads(header.text[entry.value : entry.end])
            except ValueError:
                continue
            found[key] = str(value)
    return found


def _header(source: ByteSource, limits: Limits) -> Header:
    """Read the header.

    Raises:
        MalformedError: it is longer than the file, or not the JSON it should be.
        LimitError: it is longer than the format allows, or has too many entries.
    """
    length = int.from_bytes(source.read(0, _START), "little")
    if length > source.size - _START:
        left = source.size - _START
        raise MalformedError(
            "SafeTensors header", f"{length} bytes long, {left} left in the file", offset=0
        )
    if length > _LONGEST:
        raise LimitError(
            "SafeTensors header", f"{length} bytes long, {_LONGEST} are allowed", offset=0
        )
    return Header.read(source.read(_START, length), limits)


def _in_file(span: Span) -> Span:
    return Span(_START + span.start, span.length)


def _slice(span: Span) -> slice:
    return slice(span.start, span.end)


def _store(text: memoryview) -> bytes | None:
    """What the text of a JSON string encodes; None if it is no Base64."""
    try:
        return a2b_base64(text, strict_mode=True)
    except Error:
        plain = bytes(text)
    if b"\\" in plain:
        try:
            plain = json.loads(b'"' + plain + b'"').encode()
        except ValueError:
            return None
    return decoded(plain)


# Writing


def _slot(store_length: int) -> Slot:
    return Slot(encoded_length(store_length), encoded)


def _spaces(length: int) -> New:
    """One to eight, to make a length a multiple of eight."""
    return New(b" " * (_UNIT - length % _UNIT))


def _replaced(header: Header, entry: Entry, store_length: int) -> list[Piece]:
    """Another store in the place of one, with as many spaces as keep the tensors aligned."""
    slot = _slot(store_length)
    change = slot.length - entry.value.length - entry.padding.length
    return [
        _kept(0, entry.value.start),
        slot,
        _kept(entry.value.end, entry.padding.start),
        _spaces(change),
        _kept(entry.padding.end, len(header.text)),
    ]


def _inserted(header: Header, store_length: int) -> list[Piece]:
    """A first entry, in metadata that is there or in such of its own."""
    slot = _slot(store_length)
    if header.metadata:
        at, before, after = header.metadata[0].inside, _KEY, b'"'
        others = bool(header.metadata[0].entries)
    else:
        at, before, after = header.inside, _METADATA + _KEY, b'"}'
        others = bool(header.members)
    end = b"," if others else b""
    spaces = _spaces(len(before) + slot.length + len(after) + len(end))
    return [
        New(header.text[:at] + before),
        slot,
        New(b"".join((after, spaces.data, end, header.text[at:]))),
    ]


def _kept(start: int, end: int) -> Piece:
    return Keep(Span.between(_START + start, _START + end))


def _without(header: Header) -> bytes:
    """The header's text with all its stores taken out, and the tensors as aligned as before."""
    text = header.text
    gone = merge(entry.whole for entry in header.stores)
    rest = b"".join(text[_slice(span)] for span in complement(gone, len(text)))
    return rest if len(text) % _UNIT else rest + b" " * (-len(rest) % _UNIT)
