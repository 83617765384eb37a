"""What the handlers of text share: the same look for a store, and the same way to replace it.

Where a new store goes is for each to say.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import chain

from provenance.errors import UnsupportedFormatError
from provenance.formats import armour
from provenance.formats._splice import spliced
from provenance.formats._text_carriers import TextCarriers, locate_text, read_carriers
from provenance.formats.armour import Block
from provenance.formats.base import Handler, Located, Piece, Plan, Slot
from provenance.formats.composed import composed
from provenance.formats.wrapper import begins, wrap, wrapped_length
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["TextHandler", "is_declared_xml", "is_text"]

_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\v\f\r\x1b") + b"\x7f"


def is_text(head: bytes) -> bool:
    """Could this be the beginning of a text in UTF-8?"""
    if not head or head.translate(None, _CONTROLS) != head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) - error.start < 4 and error.reason == "unexpected end of data"
    return True


def is_declared_xml(head: bytes) -> bool:
    """Does a text say of itself that it is XML?"""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml")


class TextHandler(Handler):
    """A format that is text in UTF-8."""

    family: str = "Text"
    can_embed: bool = True
    weak: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return is_text(head) and not is_declared_xml(head)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. All that may carry a store in a text is looked for, whatever its name."""
        return locate_text(source, limits)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. One carrier that is there already is used again, whatever it is.

        Raises:
            UnsupportedFormatError: the text grows by checkpoints, which seal it part by part.
        """
        found = read_carriers(source, limits)
        if not store_length:
            return spliced(source.size, self._gone(source, found), 0, ())
        if found.sentinel is not None or found.broken_sentinel:
            told = "grows by C2PA checkpoints; a store for the whole of it would break them"
            raise UnsupportedFormatError(source.name, told)
        again = _again(source, found, store_length)
        if again is not None:
            span, slot = again
            return spliced(source.size, (span,), span.start, (slot,))
        at, pieces = self.fresh(source, store_length, limits)
        return spliced(source.size, self._gone(source, found, urls=True), at, pieces)

    @abstractmethod
    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """Where in a text without a store one goes, and as what."""
        ...

    def with_room(self, source: ByteSource, span: Span) -> Span:
        """A block's span, with what came into the text only to set it apart."""
        del source
        return span

    def _gone(
        self, source: ByteSource, found: TextCarriers, *, urls: bool = False
    ) -> tuple[Span, ...]:
        """What to take out. A reference to elsewhere stays, unless a store comes in."""
        blocks = (
            self.with_room(source, one.span)
            for one in found.blocks
            if urls or one.reference.kind != "url"
        )
        sentinel = found.sentinel
        ends = (sentinel.span,) if sentinel is not None and sentinel.reference.store else ()
        return merge(chain((one.span for one in found.wrappers), blocks, ends))

    def normalized(
        self, source: ByteSource, left_out: Sequence[Span], limits: Limits
    ) -> Iterator[bytes] | None:
        """See `Handler`. Only text with an unseen wrapper is composed before it is hashed."""
        if any(begins(source, span.start) for span in left_out if span.end <= source.size):
            return composed(source, left_out, limits)
        return None


def _again(source: ByteSource, found: TextCarriers, store_length: int) -> tuple[Span, Slot] | None:
    """The one carrier that is there, and a slot to take its place."""
    sound = found.sound
    match (sound, found.blocks):
        case ([wrapper], []):
            return wrapper.span, Slot(wrapped_length(store_length), wrap)
        case ([], [block]):
            return block.span, _refilled(source, block, store_length)
    return None


def _refilled(source: ByteSource, block: Block, store_length: int) -> Slot:
    span, text = block.span, block.text
    before = source.read(span.start, text.start - span.start)
    after = source.read(text.end, span.end - text.end)
    return armour.slot(before, after, store_length)
