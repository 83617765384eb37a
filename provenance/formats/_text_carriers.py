"""Where a text carries its manifest store: unseen, in a comment, or in its last line.

A text is looked at for all three, whatever its name says it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.formats import armour, checkpoints
from provenance.formats._text_scan import find_all
from provenance.formats.armour import Block
from provenance.formats.base import Located, Note, NoteKind
from provenance.formats.checkpoints import Sentinel
from provenance.formats.wrapper import MARK, Wrapper, begins, read_wrapper
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["TextCarriers", "locate_text", "read_carriers"]

_NOTES = 8
_WRONG: dict[str, tuple[NoteKind, str]] = {
    "empty": ("empty reference", "nothing stands between the delimiters"),
    "malformed": ("malformed reference", "what stands between the delimiters is no reference"),
    "unknown scheme": ("no way to reference", "the reference is neither data: nor of the web"),
}


@dataclass(frozen=True, slots=True)
class TextCarriers:
    """All that is in a text to carry a store, sound or not."""

    wrappers: Sequence[Wrapper]
    blocks: Sequence[Block]
    lone: Sequence[Note]  # delimiters of a block that have no partner
    sentinel: Sentinel | None
    broken_sentinel: bool

    @property
    def sound(self) -> list[Wrapper]:
        """The wrappers that hold a store."""
        return [one for one in self.wrappers if one.store is not None]


def read_carriers(source: ByteSource, limits: Limits) -> TextCarriers:
    """Look through a text, once.

    Raises:
        LimitError: more marks, or a longer store, than we read.
    """
    marks = (MARK, armour.BEGIN, armour.END, checkpoints.BEGIN, checkpoints.KEY)
    places = find_all(source, marks, limits.container_items)
    wrappers = [read_wrapper(source, at, limits) for at in places[MARK] if begins(source, at)]
    found, lone = armour.blocks(source, places, limits)
    sentinel = checkpoints.sentinel_among(source, places, limits)
    broken = sentinel is None and checkpoints.is_promised(source, places)
    return TextCarriers(wrappers, found, lone, sentinel, broken)


def locate_text(source: ByteSource, limits: Limits) -> Located:
    """See `Handler.locate`."""
    found = read_carriers(source, limits)
    sound = found.sound
    kinds = bool(sound) + bool(found.blocks) + (found.sentinel is not None)
    if kinds > 1:
        return Located(count=kinds)
    if sound:
        return _wrapped(sound)
    if found.blocks:
        return _armoured(found.blocks)
    if found.sentinel is not None:
        return _sealed(found.sentinel)
    notes = [Note("corrupted wrapper", one.problem, one.span) for one in found.wrappers]
    notes += found.lone
    if found.broken_sentinel:
        notes.append(Note("broken checkpoint", "the last checkpoint's line is broken"))
    return Located(notes=tuple(notes[:_NOTES]))


def _wrapped(sound: Sequence[Wrapper]) -> Located:
    spans = tuple(one.span for one in sound)
    if len(sound) > 1:
        note = Note("several wrappers", f"{len(sound)} stores in one text")
        return Located(carriers=spans, count=len(sound), notes=(note,))
    return Located(store=sound[0].store, carriers=spans, count=1)


def _armoured(found: Sequence[Block]) -> Located:
    spans = tuple(one.span for one in found)
    if len(found) > 1:
        note = Note("several references", f"{len(found)} manifest blocks in one text")
        return Located(carriers=spans, count=len(found), notes=(note,))
    ref = found[0].reference
    if ref.kind == "url":
        return Located(remote_url=ref.url)
    if ref.store is None:
        kind, told = _WRONG[ref.kind]
        return Located(carriers=spans, count=1, notes=(Note(kind, told, found[0].span),))
    return Located(store=ref.store, carriers=spans, core=(found[0].text,), count=1)


def _sealed(sentinel: Sentinel) -> Located:
    ref = sentinel.reference
    if ref.kind == "url":
        return Located(remote_url=ref.url)
    if ref.store is None:
        note = Note("broken checkpoint", "its reference cannot be read", sentinel.span)
        return Located(carriers=(sentinel.span,), count=1, notes=(note,))
    return Located(store=ref.store, carriers=(sentinel.span,), core=(sentinel.text,), count=1)
