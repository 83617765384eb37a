"""C2PA's own boxes in an ISO base media file, and the manifest store they hold.

    size u32 | 'uuid' | usertype 16 | version 0 and flags 0 u32 | purpose NUL-terminated | data
    manifest, original    offset of the first merkle box u64, 0 if none | store | zero padding
    update                the same, or without the offset: writers differ
    merkle                CBOR of a bmff-merkle-map | zero padding

When an update manifest joins a signed file, whose bytes must not move, the box `manifest` is
renamed `original`, and a box `update` at the end of the file holds the update manifests. Both
together are one store.
Source: C2PA 2.2 §A.5; 2.5 §A.5.3.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from provenance.boxes import box as make_box
from provenance.boxes import read_header
from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Slot
from provenance.formats.bmff.tree import BmffBox, scan
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = [
    "C2PA",
    "MERKLE_HEAD",
    "STORES",
    "Carrier",
    "carriers",
    "manifest_slot",
    "merkle_boxes",
    "merkle_slot",
    "read_carrier",
    "read_store",
    "split_store",
    "update_slot",
]

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
STORES = ("manifest", "original", "update")
_PURPOSES = {purpose.encode(): purpose for purpose in (*STORES, "merkle")}
_AHEAD = 20  # usertype, version and flags
MERKLE_HEAD = 8 + _AHEAD + len(b"merkle\0")
_OFFSET = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A box of C2PA's; `data` is what follows the purpose, in the file."""

    purpose: str  # "manifest", "original", "update" or "merkle"
    box: BmffBox
    data: Span

    @property
    def span(self) -> Span:
        """All of the box."""
        return Span.between(self.box.start, self.box.end)


def read_carrier(source: ByteSource, box: BmffBox) -> Carrier | None:
    """What a root box is to C2PA: nothing, unless it is a `uuid` box with a purpose we know."""
    if box.usertype != C2PA:
        return None
    at = box.body + _AHEAD
    if at >= box.end:
        return None
    head = source.read(at, min(16, box.end - at))
    word, nul, _ = head.partition(b"\0")
    purpose = _PURPOSES.get(word) if nul else None
    if purpose is None:
        return None
    return Carrier(purpose, box, Span.between(at + len(word) + 1, box.end))


def carriers(source: ByteSource, boxes: Iterable[BmffBox]) -> Iterator[Carrier]:
    """C2PA's boxes among the root boxes, merkle boxes too, in file order."""
    for box in boxes:
        found = read_carrier(source, box)
        if found is not None:
            yield found


def merkle_boxes(source: ByteSource, limits: Limits) -> tuple[Carrier, ...]:
    """The `merkle` boxes of a file or a segment, in file order; their `data` is padded CBOR.

    Raises:
        MalformedError, LimitError: as `top_level`.
    """
    boxes = scan(source, 0, source.size, limits)
    return tuple(one for one in carriers(source, boxes) if one.purpose == "merkle")


def read_store(source: ByteSource, found: Iterable[Carrier], limits: Limits) -> bytes | None:
    """The manifest store of a file, joined when there is an update; None if there are several.

    Args:
        found: the file's carriers; merkle boxes are passed over.

    Raises:
        MalformedError: an update of nothing, an original without its update, or no store in a box.
        LimitError: longer than `store_bytes`.
    """
    stores = [one for one in found if one.purpose in STORES]
    updates = [one for one in stores if one.purpose == "update"]
    standing = [one for one in stores if one.purpose != "update"]
    if len(standing) > 1 or len(updates) > 1:
        return None
    for one in stores:
        if bool(updates) != (one.purpose != "manifest") or not standing:
            raise MalformedError(
                f"{one.purpose} box",
                "an update and the original under it go together, and one of them is not there",
                offset=one.box.start,
            )
    bytes_of = [_store(source, one, limits) for one in (*standing, *updates)]
    return bytes_of[0] if len(bytes_of) == 1 else _joined(*bytes_of)


def split_store(
    source: ByteSource, found: Iterable[Carrier], store: bytes, limits: Limits
) -> tuple[bytes, bytes]:
    """A longer store, as what stands already and what updates it.

    Args:
        found: the file's carriers.
        store: the manifests of the file's own store, in their order, and more.

    Raises:
        MalformedError: no JUMBF superbox; nothing stands, or nothing is new.
    """
    standing = [one for one in found if one.purpose in ("manifest", "original")]
    if len(standing) != 1:
        raise MalformedError(source.name, f"has {len(standing)} manifest stores, an update needs 1")
    many = len(_children(_store(source, standing[0], limits)))
    described, *manifests = _children(store)
    if len(manifests) < many:
        raise MalformedError("manifest store", "holds no update")
    kept, new = manifests[: many - 1], manifests[many - 1 :]
    return (
        make_box(b"jumb", b"".join((described, *kept))),
        make_box(b"jumb", b"".join((described, *new))),
    )


def _children(store: bytes) -> list[bytes]:
    """The boxes inside a superbox: its description, then its manifests."""
    at, end = read_header(store, 0, len(store)).body, len(store)
    boxes: list[bytes] = []
    while at < end:
        header = read_header(store, at, end)
        boxes.append(store[at : header.end])
        at = header.end
    return boxes


def _store(source: ByteSource, carrier: Carrier, limits: Limits) -> bytes:
    """The store in a box, without what pads it."""
    start, end = carrier.data.start, carrier.data.end
    if carrier.purpose != "update" or source.read(start, min(8, end - start))[4:] != b"jumb":
        start += _OFFSET.size
    if start > end:
        raise MalformedError(
            f"{carrier.purpose} box", "ends before its store", offset=carrier.box.start
        )
    length = _own_length(source.read(start, min(16, end - start)), end - start)
    if length > limits.store_bytes:
        raise LimitError(
            f"{carrier.purpose} box",
            f"{length} bytes long, of which we read {limits.store_bytes}",
            offset=carrier.box.start,
        )
    return source.read(start, length)


def _own_length(head: bytes, most: int) -> int:
    """How long a store says it is; all there is, if that makes no sense."""
    length, kind = int.from_bytes(head[:4]), head[4:8]
    if length == 1:
        length = int.from_bytes(head[8:16])
    return length if kind == b"jumb" and 8 <= length <= most else most


def _joined(original: bytes, update: bytes) -> bytes:
    """One store of two: the manifests of the update come last, for the last one is active."""
    outer, added = (read_header(store, 0, len(store)) for store in (original, update))
    description = read_header(update, added.body, added.end)
    manifests = update[description.end : added.end]
    return make_box(outer.type, original[outer.body : outer.end] + manifests)


def manifest_slot(store_length: int, merkle_at: int = 0) -> Slot:
    """A `manifest` box for a store of some length.

    Args:
        merkle_at: where the first merkle box will be in the file; 0 if there is none.
    """
    return _slot(b"manifest\0" + _OFFSET.pack(merkle_at), store_length)


def update_slot(store_length: int) -> Slot:
    """An `update` box, with the offset field that the field writes and 2.5 leaves out."""
    return _slot(b"update\0" + bytes(_OFFSET.size), store_length)


def _slot(before: bytes, length: int) -> Slot:
    size = 8 + _AHEAD + len(before) + length
    if size >= 1 << 32:
        raise LimitError("uuid box", f"{size} bytes, its size field holds 4294967295")
    head = struct.pack(">I4s16sI", size, b"uuid", C2PA, 0) + before
    return Slot(size, lambda store: head + store)


def merkle_slot(length: int, content: Callable[[], bytes]) -> Slot:
    """A `merkle` box.

    Args:
        length: of the whole box, `MERKLE_HEAD` bytes and what follows them.
        content: gives the bmff-merkle-map in CBOR when the box is written, which may be more than
            once; zeros fill what it leaves.
    """
    head = struct.pack(">I4s16sI", length, b"uuid", C2PA, 0) + b"merkle\0"

    def wrap(_: bytes) -> bytes:
        data = head + content()
        if len(data) > length:
            raise LimitError("merkle box", f"{length} bytes, {len(data)} are needed")
        return data.ljust(length, b"\0")

    return Slot(length, wrap)
