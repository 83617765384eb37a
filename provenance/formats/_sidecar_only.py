"""A container that we know by its first bytes, and that has no place for a manifest store."""

from provenance.errors import UnsupportedFormatError
from provenance.formats.base import Handler, Keep, Located, Plan
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["SidecarOnly"]


class SidecarOnly(Handler):
    """Its manifest store lies beside it (C2PA 2.2 §11.4)."""

    can_embed: bool = False

    def __init__(
        self,
        name: str,
        media_types: tuple[str, ...],
        suffixes: tuple[str, ...],
        magic: bytes,
        family: str = "",
    ) -> None:
        self.name = name
        self.family = family
        self.media_types = media_types
        self.suffixes = suffixes
        self._magic = magic

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return head.startswith(self._magic)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. There is nothing to look for."""
        del source, limits
        return Located()

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: a store should go in, and there is no place for one.
        """
        del limits
        if store_length:
            raise UnsupportedFormatError(
                source.name, f"is {self.name}, which holds no manifest store; a sidecar file can"
            )
        return Plan((Keep(Span(0, source.size)),))
