"""ONNX: the manifest store is an entry of the model's `metadata_props`, in Base64.

    ModelProto, as Protocol Buffers: field | field | …
    field:  number and kind, varint | a varint, 4 or 8 bytes, or length varint and bytes
    1 ir_version | 7 graph | 8 opset_import | 14 metadata_props {1 key: c2pa:manifest, 2 value}

Only the outermost fields are walked; a graph of any size is stepped over. A first entry is put at
the end, where it leaves all other bytes as they are. Its lengths are written with four bytes each,
so that the value starts at one place whatever its length. A data hash leaves out the Base64 text
alone, as the draft says; so the store's length is bound, and an update manifest, which makes it
longer, has no room. Tensors in files of their own (external data) are not part of the asset.
Source: C2PA 2.5 (draft) §A.3.15; onnx.proto; Protocol Buffers, "Encoding".
"""

from collections.abc import Iterator
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.formats._base64 import decoded, encoded, encoded_length
from provenance.formats._splice import spliced
from provenance.formats.base import Handler, Located, New, Piece, Plan, Slot
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource
from provenance.spans import Span

__all__ = ["HANDLER"]

_KEY = b"c2pa:manifest"
_HEAD = 20  # bytes: two varints of the longest kind
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_IR_VERSION, _GRAPH, _OPSETS, _PROPS = 1, 7, 8, 14
_NUMBERS = frozenset((_IR_VERSION, 5))
_PARTS = frozenset((2, 3, 4, 6, _GRAPH, _OPSETS, _PROPS, 20, 25, 26))
_OF_GRAPH = frozenset((1, 2, 5, 10, 11, 12, 13, 14, 15, 16))
_FIXED = 4  # bytes of the lengths that we write
_MOST = 1 << 7 * _FIXED  # what they can say
_MOST_FIELDS = 1 << 17  # outermost and in entries; a model has a few
_VERSIONS = range(1, 100)
_ENOUGH = 3  # fields of a model, when its graph is not in sight


class _Field(NamedTuple):
    number: int
    kind: int
    start: int
    value: int
    end: int
    says: int  # a varint's value


class _Onnx(Handler):
    family: str = "Models"
    name: str = "ONNX"
    media_types: tuple[str, ...] = ("application/onnx", "application/x-onnx")
    suffixes: tuple[str, ...] = (".onnx",)

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. Protocol Buffers have no mark: the fields must be those of a model."""
        source, at, seen = BufferSource(head), 0, 0
        while at < len(head):
            field = _field(source, at)
            if field is None or not _is_of_model(field, first=at == 0):
                return False
            at, seen = field.end, seen + 1
            if field.number == _GRAPH and field.value < len(head):
                inner = _field(source, field.value)
                return inner is not None and inner.number in _OF_GRAPH and inner.kind == _BYTES
        return seen >= _ENOUGH

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. What is broken behind a store does not hide it."""
        stores: list[Span] = []
        try:
            for _, value in _stores(source, limits):
                stores.append(value)  # kept when a later one cannot be read
        except MalformedError:
            if not stores:
                raise
        carriers = tuple(stores)
        if len(carriers) != 1:
            return Located(carriers=carriers, count=len(carriers))
        (span,) = carriers
        length = span.length // 4 * 3
        if length > limits.store_bytes + 2:
            raise _too_long(length, span, limits)
        store = decoded(source.read(span.start, span.length))
        if store is None:
            raise MalformedError("c2pa:manifest", "is no Base64", offset=span.start)
        if len(store) > limits.store_bytes:
            raise _too_long(len(store), span, limits)
        return Located(store=store, carriers=carriers, count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store keeps its place; a first one comes last."""
        entries = [entry for entry, _ in _stores(source, limits)]
        at = entries[0].start if len(entries) == 1 else source.size
        pieces = _entry(store_length) if store_length else ()
        return spliced(source.size, entries, at, pieces)


HANDLER: Handler = _Onnx()


# Reading


def _field(source: ByteSource, at: int) -> _Field | None:
    """The field at an offset, which may end past the source; None if there can be none."""
    head = source.read(at, min(_HEAD, source.size - at))
    key = _varint(head, 0)
    if key is None:
        return None
    number, kind, value = key[0] >> 3, key[0] & 7, at + key[1]
    if not number:
        return None
    if kind in (_FOUR, _EIGHT):
        return _Field(number, kind, at, value, value + (4 if kind == _FOUR else 8), 0)
    length = _varint(head, key[1])
    if kind not in (_VARINT, _BYTES) or length is None:
        return None
    after = at + length[1]
    if kind == _VARINT:
        return _Field(number, kind, at, value, after, length[0])
    return _Field(number, kind, at, after, after + length[0], 0)


def _varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A number of 7 bits a byte, the least first, and where it ends."""
    number = 0
    for shift in range(10):
        if at + shift >= len(data):
            return None
        byte = data[at + shift]
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return number, at + shift + 1
    return None


def _is_of_model(field: _Field, *, first: bool) -> bool:
    if first:
        return (field.number, field.kind) == (_IR_VERSION, _VARINT) and field.says in _VERSIONS
    return field.kind == (_VARINT if field.number in _NUMBERS else _BYTES) and (
        field.number in _NUMBERS or field.number in _PARTS
    )


def _fields(source: ByteSource, start: int, end: int, budget: list[int]) -> Iterator[_Field]:
    """The fields of a message.

    Raises:
        MalformedError: one is none, or reaches past the end.
        LimitError: too many of them.
    """
    at = start
    while at < end:
        field = _field(source, at)
        if field is None:
            raise MalformedError("ONNX field", "no key and length where one starts", offset=at)
        if field.end > end:
            raise MalformedError(
                f"ONNX field {field.number}",
                f"{field.end - field.value} bytes long, {end - field.value} left",
                offset=at,
            )
        budget[0] -= 1
        if budget[0] < 0:
            raise LimitError("ONNX", "too many fields", offset=at)
        yield field
        at = field.end


def _stores(source: ByteSource, limits: Limits) -> Iterator[tuple[Span, Span]]:
    """The entries that carry a manifest store, each with the span of its value."""
    budget = [min(limits.container_items, _MOST_FIELDS)]
    for field in _fields(source, 0, source.size, budget):
        if field.number != _PROPS or field.kind != _BYTES:
            continue
        key, value = b"", Span(field.end, 0)
        for part in _fields(source, field.value, field.end, budget):
            if part.kind == _BYTES and part.number == 1:
                key = source.read(part.value, min(part.end - part.value, len(_KEY) + 1))
            elif part.kind == _BYTES and part.number == 2:
                value = Span.between(part.value, part.end)
        if key == _KEY:
            yield Span.between(field.start, field.end), value


def _too_long(length: int, span: Span, limits: Limits) -> LimitError:
    return LimitError(
        "c2pa:manifest",
        f"{length} bytes long, of which we read {limits.store_bytes}",
        offset=span.start,
    )


# Writing


def _entry(store_length: int) -> tuple[Piece, ...]:
    """An entry with a slot for the store."""
    slot = Slot(encoded_length(store_length), encoded)
    inner = b"".join((_lead(1), bytes((len(_KEY),)), _KEY, _lead(2), _padded(slot.length)))
    whole = b"".join((_lead(_PROPS), _padded(len(inner) + slot.length), inner))
    return New(whole), slot


def _lead(number: int) -> bytes:
    return bytes((number << 3 | _BYTES,))


def _padded(number: int) -> bytes:
    """A varint with as many bytes as its longest sibling."""
    if number >= _MOST:
        raise LimitError("c2pa:manifest", f"{number} bytes, we write less than {_MOST} in ONNX")
    return bytes(number >> 7 * i & 0x7F | (0x80 if i < _FIXED - 1 else 0) for i in range(_FIXED))
