"""Where C2PA's boxes go in an ISO base media file, and what moves with them.

    ftyp | uuid manifest | moov … mdat | [uuid merkle …] | [uuid update]
    styp | sidx | uuid merkle | moof | mdat | uuid merkle | moof | mdat

The media itself is only kept, never read.
Source: C2PA 2.2 §A.5; 2.5 §A.5.2 (before the first mdat).
"""

from collections.abc import Callable, Iterator, Sequence

from provenance.errors import LimitError, MalformedError
from provenance.formats._patches import Patch
from provenance.formats.base import Keep, New, Piece, Plan, Slot
from provenance.formats.bmff.carriers import (
    STORES,
    Carrier,
    carriers,
    manifest_slot,
    merkle_slot,
    update_slot,
)
from provenance.formats.bmff.moves import Move
from provenance.formats.bmff.offsets import moved_offsets
from provenance.formats.bmff.tree import BmffBox, top_level
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["moof_count", "plan_segment", "plan_store", "plan_update"]

Fill = Callable[[int], bytes]


def _blank(_: int) -> bytes:
    return b""


def plan_store(
    source: ByteSource,
    store_length: int,
    limits: Limits,
    *,
    merkle: Sequence[int] = (),
    fill: Fill = _blank,
) -> Plan:
    """A file with all of C2PA's boxes taken out, and a `manifest` box put in.

    A store before the media keeps its place; otherwise it goes behind `ftyp`.

    Args:
        source: the file; one with `moof` boxes in it, too.
        store_length: bytes of the store to come; 0 for none.
        merkle: for each `merkle` box its length, header and all. They go before the `moof` boxes,
            one each, if there are any; else behind the last `mdat`, together.
        fill: gives the bmff-merkle-map of the box with this number, from 0, when it is written;
            called whenever the plan's slots are, so it may give nothing at first.

    Raises:
        MalformedError: the boxes are broken, or one that must be followed by another reaches to
            the end of the file without saying how long it is.
        LimitError: too many boxes; or an offset would outgrow its field.
    """
    roots = top_level(source, limits)
    found = tuple(carriers(source, roots))
    rest = _without(roots, found)
    lengths = [manifest_slot(store_length).length] if store_length else []
    places = [_place(rest, found)] if store_length else []
    if merkle:
        places += _before_moofs(rest, len(merkle)) or _behind_media(source, rest, len(merkle))
        lengths += merkle
    move = Move.of(source.size, [one.span for one in found], _inserts(places, lengths))
    slots = [merkle_slot(length, _nth(fill, at)) for at, length in enumerate(merkle)]
    if store_length:
        slots.insert(0, manifest_slot(store_length, move.places[1] if merkle else 0))
    return _plan(source, rest, move, slots, limits)


def plan_segment(
    source: ByteSource, merkle_length: int, limits: Limits, *, fill: Fill = _blank
) -> Plan:
    """A media segment with a `merkle` box right before each `moof`, in place of those it has.

    Args:
        source: the segment, a file of its own.
        merkle_length: of each box, header and all; 0 takes them out.
        fill: as in `plan_store`; the numbers count the segment's `moof` boxes.

    Raises:
        MalformedError: the boxes are broken, or there is no `moof`.
        LimitError: too many boxes; or an offset would outgrow its field.
    """
    roots = top_level(source, limits)
    found = tuple(one for one in carriers(source, roots) if one.purpose == "merkle")
    rest = _without(roots, found)
    places = [box.start for box in rest if box.type == b"moof"]
    if not places:
        raise MalformedError(source.name, "has no moof box, so it is no media segment")
    many = len(places) if merkle_length else 0
    lengths = [merkle_length] * many
    move = Move.of(source.size, [one.span for one in found], _inserts(places[:many], lengths))
    slots = [merkle_slot(merkle_length, _nth(fill, number)) for number in range(many)]
    return _plan(source, rest, move, slots, limits)


def plan_update(
    source: ByteSource, update_length: int, limits: Limits, *, original: bytes | None = None
) -> Plan:
    """A signed file with update manifests in a box of their own at the end: nothing moves.

    The box `manifest` is renamed `original`; a slot is for the store with the update manifests
    alone, in the place of an older one. `read_store` joins the two.

    Args:
        source: the file, with a store in it.
        update_length: bytes of the store to come.
        original: what the first box shall hold instead, no longer than what it holds, such as
            the same store with something redacted; zeros fill up.

    Raises:
        MalformedError: there is not one store to update, or something else comes after it.
        LimitError: too many boxes; or `original` is longer than its room.
    """
    roots = top_level(source, limits)
    found = [one for one in carriers(source, roots) if one.purpose in STORES]
    standing = [one for one in found if one.purpose != "update"]
    updates = [one for one in found if one.purpose == "update"]
    if len(standing) != 1 or len(updates) > 1:
        raise MalformedError(source.name, f"has {len(standing)} manifest stores, an update needs 1")
    rest = _without(roots, updates)
    end = rest[-1].end
    if updates and updates[0].box.start != end:
        raise MalformedError("update box", "is not the last one", offset=updates[0].box.start)
    _sized(source, rest[-1])
    patches = _as_original(standing[0], original)
    return Plan((*_patched(Span(0, end), patches), update_slot(update_length)))


def moof_count(source: ByteSource, limits: Limits) -> int:
    """How many `moof` boxes a file or a segment has."""
    return sum(box.type == b"moof" for box in top_level(source, limits))


def _without(roots: Sequence[BmffBox], found: Sequence[Carrier]) -> list[BmffBox]:
    out = {one.box.start for one in found}
    return [box for box in roots if box.start not in out]


def _place(rest: Sequence[BmffBox], found: Sequence[Carrier]) -> int:
    """Where a store goes: to the only one there is, or behind `ftyp`, and before the media."""
    media = next((box.start for box in rest if box.type in (b"moof", b"mdat")), None)
    standing = [one.box.start for one in found if one.purpose in ("manifest", "original")]
    if len(standing) == 1 and (media is None or standing[0] < media):
        return standing[0]
    for box in rest:
        if box.type in (b"moov", b"mdat", b"moof"):
            break
        if box.type == b"ftyp":
            return box.end
    return 0


def _before_moofs(rest: Sequence[BmffBox], many: int) -> list[int]:
    moofs = [box.start for box in rest if box.type == b"moof"]
    if moofs and len(moofs) != many:
        raise MalformedError("merkle boxes", f"{many}, for {len(moofs)} moof boxes")
    return moofs


def _behind_media(source: ByteSource, rest: Sequence[BmffBox], many: int) -> list[int]:
    media = [box for box in rest if box.type == b"mdat"] or rest[-1:]
    if media:
        _sized(source, media[-1])
    return [media[-1].end if media else 0] * many


def _sized(source: ByteSource, box: BmffBox) -> None:
    """Hold a box to say how long it is: one that reaches to the end would take in what comes."""
    if box.end == source.size and source.read(box.start, 4) == bytes(4):
        raise MalformedError(
            f"{box.type.decode('latin-1')} box",
            "has no length but reaches to the end, so nothing can be put behind it",
            offset=box.start,
        )


def _inserts(places: Sequence[int], lengths: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(places, lengths, strict=True))


def _nth(fill: Fill, number: int) -> Callable[[], bytes]:
    return lambda: fill(number)


def _as_original(carrier: Carrier, store: bytes | None) -> list[Patch]:
    """What makes an `original` of a `manifest` box: the words are equally long."""
    word = b"original\0"
    patches = [Patch(carrier.data.start - len(word), word)]
    if store is not None:
        room = carrier.data.length - 8
        if len(store) > room:
            raise LimitError("original box", f"{len(store)} bytes, it has room for {room}")
        patches.append(Patch(carrier.data.start + 8, store.ljust(room, b"\0")))
    return patches


def _plan(
    source: ByteSource, rest: Sequence[BmffBox], move: Move, slots: Sequence[Slot], limits: Limits
) -> Plan:
    """The pieces of a move, with the offsets in the file's tables set right."""
    patches = sorted(moved_offsets(source, rest, move, limits))
    pieces: list[Piece] = []
    at, slot = 0, 0
    for span, start in zip(move.kept, move.starts, strict=True):
        while slot < len(slots) and move.places[slot] < start:
            pieces.append(slots[slot])
            slot += 1
        last = at
        while last < len(patches) and patches[last].at < span.end:
            last += 1
        pieces += _patched(span, patches[at:last])
        at = last
    return Plan((*pieces, *slots[slot:]))


def _patched(span: Span, patches: Sequence[Patch]) -> Iterator[Piece]:
    """A kept span with what changes in it; patches ascend and do not overlap."""
    at = span.start
    for patch in patches:
        if at < patch.at:
            yield Keep(Span.between(at, patch.at))
        yield New(patch.data)
        at = patch.end
    if at < span.end:
        yield Keep(Span.between(at, span.end))
