"""What a container handler is: bytes in, places out. It has never heard of a claim.

sniff(head)       is this ours? Content decides, a suffix only breaks ties
locate(source)    where the manifest store lies, its bytes, a remote URL if any
plan(source, n)   the output as pieces; plan(source, 0) takes the store out
boxes(source)     named spans, if the container suits a general box hash
members(source)   its files, if it is a collection of such
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from provenance.errors import MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, complement, merge

__all__ = [
    "BindingKind",
    "Handler",
    "Keep",
    "Located",
    "Member",
    "Members",
    "NamedBox",
    "New",
    "Note",
    "NoteKind",
    "Piece",
    "Plan",
    "Slot",
    "rearrange",
]

BindingKind = Literal["data", "boxes", "bmff", "collection"]

NoteKind = Literal[
    "corrupted wrapper",  # text: the mark of a store, and no store behind it
    "several wrappers",
    "several elements",  # HTML
    "lone delimiter",  # structured text: the rest are of it too
    "empty reference",
    "malformed reference",
    "several references",
    "no way to reference",
    "broken checkpoint",  # text that only grows
    "unreadable text",  # a place for a store, and what stands there is not Base64
]


@dataclass(frozen=True, slots=True)
class Note:
    """That a container promises a store and does not hold one that could be read."""

    kind: NoteKind
    told: str  # what was seen
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where the manifest store of an asset lies.

    `carriers` are the spans of the file that carry the store, headers and all: what a data hash
    may leave out. `core` are those that it must: the same, unless writers differ in how much of
    the wrapping they leave out. Several stores in one asset are none (C2PA 2.2 §15.5.1): `store`
    is then None and `count` tells. `notes` say why there is no store where one is promised.
    """

    store: bytes | None = None
    carriers: tuple[Span, ...] = ()
    core: tuple[Span, ...] | None = None  # None: all carriers
    count: int = 0
    remote_url: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A part of the container as a general box hash names it (C2PA 2.2 §18.7.3)."""

    name: str
    span: Span
    optional: bool = False  # some writers leave it out
    zeroed: Span | None = None  # of the file: counts as zeros, as it depends on the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a collection, as a collection hash names it (C2PA 2.2 §18.8, §A.6.2.1).

    Its bytes are a span of the asset, or a file of its own; or it has none that could be hashed,
    and `left_out` says why.
    """

    uri: str  # relative, percent-encoded
    size: int  # bytes to hash
    span: Span | None = None
    shorter: Span | None = None  # the same, as some writers hash it
    path: Path | None = None
    names: tuple[str, ...]  # what a decoded URI may call it, the likeliest first
    is_folder: bool = False  # the mere name of one: no file, and need not be listed
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The files of a collection.

    `directory` is the spans that the hash of a ZIP's central directory is over: as the standard
    has them now, then as it had them before. `loose` counts the bytes that lie in no file.
    """

    files: Iterator[Member]  # in order, once
    directory: tuple[tuple[Span, ...], ...] = ()
    loose: int = 0
    folder: str | None = None  # what URIs may start with: they count from the folder above


@dataclass(frozen=True, slots=True)
class Keep:
    """A span of the input, carried over as it is."""

    span: Span


@dataclass(frozen=True, slots=True)
class New:
    """Bytes that the input did not have.

    `unbound` ones are left out of a data hash: a length of the store that stands elsewhere, and
    that an update manifest must be able to change (the count of a TIFF entry, the size of a RIFF).
    """

    data: bytes
    unbound: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the manifest store goes: `length` bytes that `wrap` makes of the store's n bytes.

    The length depends on n alone, so the store can be written again, and changed, in place. A
    second slot may hold what else depends on the store's bytes, such as a checksum elsewhere.
    """

    length: int
    wrap: Callable[[bytes], bytes]


Piece = Keep | New | Slot


@dataclass(frozen=True, slots=True)
class Plan:
    """The output of a signing or stripping as pieces, in order."""

    pieces: tuple[Piece, ...]

    def placed(self) -> Iterator[tuple[int, Piece]]:
        """Each piece with its offset in the output."""
        at = 0
        for piece in self.pieces:
            yield at, piece
            at += piece_length(piece)

    @property
    def slot_span(self) -> Span | None:
        """Where the store's slot lies in the output: the longest, if there are several."""
        slots = [Span(at, one.length) for at, one in self.placed() if isinstance(one, Slot)]
        return max(slots, key=lambda span: span.length, default=None)

    @property
    def unbound(self) -> tuple[Span, ...]:
        """What of the output a data hash leaves out."""
        return merge(
            Span(at, piece_length(one))
            for at, one in self.placed()
            if isinstance(one, Slot) or (isinstance(one, New) and one.unbound)
        )

    @property
    def size(self) -> int:
        """Bytes of the output."""
        return sum(piece_length(piece) for piece in self.pieces)


def rearrange(size: int, left_out: Sequence[Span], at: int, slot: Slot | New | None) -> Plan:
    """A plan that keeps all of the input but some spans, and puts a slot at one place.

    Args:
        size: bytes of the input.
        left_out: spans in bytes, ascending, not overlapping: the old store's carriers.
        at: where in the input the slot goes; not inside a span left out.
        slot: or other bytes for that place; None to leave it empty.
    """
    pieces: list[Piece] = []
    for span in complement(left_out, size):
        if slot and span.end > at:
            if span.start < at:
                pieces.append(Keep(Span.between(span.start, at)))
            pieces.append(slot)
            span, slot = Span.between(max(span.start, at), span.end), None
        pieces.append(Keep(span))
    if slot:
        pieces.append(slot)
    return Plan(tuple(pieces))


def piece_length(piece: Piece) -> int:
    """Bytes that a piece takes in the output."""
    match piece:
        case Keep(span):
            return span.length
        case New(data):
            return len(data)
        case Slot(length):
            return length


class Handler(Protocol):
    """One container format. It keeps no state and moves no bytes.

    A handler derives from this class and sets or overrides what differs from the defaults.
    """

    name: str  # "PNG"
    media_types: tuple[str, ...]  # the usual one first
    suffixes: tuple[str, ...]  # with the dot, lower case, the usual one first
    family: str = ""  # what it goes by together with its kin: "BMFF"
    can_embed: bool = True  # False: this container takes a sidecar only
    weak: bool = False  # True: its content looks like much else; asked when nobody else takes it
    bindings: tuple[BindingKind, ...] = ("data",)  # how it can be bound, the usual way first

    def sniff(self, head: bytes) -> bool:
        """Is this ours, judged by the first 4096 bytes (or fewer)?"""
        ...

    def confirm(self, source: ByteSource) -> bool:
        """Is this ours on a closer look? Asked when several of one file take the first bytes."""
        del source
        return True

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """Find the manifest store.

        Raises:
            MalformedError: the container is broken on the way to the store.
            LimitError: too many parts.
        """
        ...

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """The output with any store taken out and one slot for `store_length` bytes put in.

        Args:
            source: the asset, with or without a store.
            store_length: bytes of the store to come; 0 for none, and no slot.
        """
        ...

    def plan_update(self, source: ByteSource, store: bytes, limits: Limits) -> Plan:
        """A signed asset with a longer store in it, for update manifests: what is bound stays put.

        Args:
            source: the asset, with a store.
            store: the new one: all manifests of the old one, some of them maybe shorter, and more.
            limits: how much untrusted input to read.

        Raises:
            MalformedError: the container is broken, or its store would have to move.
            LimitError: too many parts.
        """
        plan, before = self.plan(source, len(store), limits), self.locate(source, limits)
        places = {place.start for place in (*before.carriers, *(before.core or ()))}
        if plan.slot_span is None or plan.slot_span.start not in places:
            raise MalformedError(
                "manifest store", "is not inside the asset, or would move; sign anew instead"
            )
        return plan

    def plan_reference(self, source: ByteSource, url: str, limits: Limits) -> Plan | None:
        """The output with any store taken out and the address of one put in; None: no place for it.

        Raises:
            MalformedError: the container is broken, or its metadata cannot take an address.
            LimitError: too many parts.
        """
        del source, url, limits
        return None

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """All of the container as named boxes, in order; None if it is not made of any.

        Raises:
            MalformedError: the container is broken.
            LimitError: too many parts.
        """
        del source, limits
        return None

    def normalized(
        self, source: ByteSource, left_out: Sequence[Span], limits: Limits
    ) -> Iterator[bytes] | None:
        """What a data hash is taken over, in blocks; None: the bytes as they lie.

        Args:
            source: the asset.
            left_out: spans in bytes, ascending, not overlapping; none of it comes out.
            limits: how much untrusted input to read.

        Raises:
            LimitError: a part that must be read whole is too long.
        """
        del source, left_out, limits
        return None

    def members(self, source: ByteSource, limits: Limits) -> Members | None:
        """The files that a collection hash names; None if it is not made of any.

        Raises:
            MalformedError: the container is broken.
            LimitError: too many of them.
            OSError: a folder cannot be read.
        """
        del source, limits
        return None
