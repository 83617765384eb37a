"""Plain text: the manifest store in characters that nobody sees, behind the last visible one.

The data hash is taken over the text without them, in Unicode's composed form (NFC). Its exclusion
counts bytes of the composed text in 2.4 and of the stored text in 2.5. Signing changes no
character of a text; where not all of it is composed, the store goes before the first line that is
not, so that both count the same. Source: C2PA 2.4 §A.8; 2.5 §A.8.
"""

from collections.abc import Sequence

from provenance.errors import UnsupportedFormatError
from provenance.formats._texts import TextHandler
from provenance.formats.base import Handler, Piece, Slot
from provenance.formats.composed import composed_until
from provenance.formats.wrapper import wrap, wrapped_length
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["HANDLERS"]


class _Plain(TextHandler):
    name: str = "Plain text"
    media_types: tuple[str, ...] = ("text/plain", "text/csv", "text/tab-separated-values")
    suffixes: tuple[str, ...] = (".txt", ".text", ".log", ".csv", ".tsv", ".srt")

    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """See `TextHandler`."""
        at = composed_until(source, limits)
        return at, (Slot(wrapped_length(store_length), wrap),)


class _Json(_Plain):
    """Neither comments nor unseen characters may stand in it, so its store lies beside it."""

    name: str = "JSON"
    media_types: tuple[str, ...] = ("application/json", "application/geo+json")
    suffixes: tuple[str, ...] = (".json", ".geojson", ".webmanifest", ".ipynb")
    can_embed: bool = False

    def fresh(
        self, source: ByteSource, store_length: int, limits: Limits
    ) -> tuple[int, Sequence[Piece]]:
        """See `TextHandler`.

        Raises:
            UnsupportedFormatError: always.
        """
        del store_length, limits
        told = f"{self.name} has no place for a manifest store; a sidecar file can hold it"
        raise UnsupportedFormatError(source.name, told)


class _JsonLines(_Json):
    """A store may be in its last line; see `checkpoints`. Writing those is for who appends."""

    name: str = "JSON Lines"
    media_types: tuple[str, ...] = ("application/jsonl", "application/x-ndjson")
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")


HANDLERS: tuple[Handler, ...] = (_Plain(), _Json(), _JsonLines())
