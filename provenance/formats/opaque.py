"""Any file whose container we do not know: its manifest store lies elsewhere, in a sidecar.

Not scanned by the registry, since it would claim every file; who wants it names it.
Source: C2PA 2.2 §11.4.
"""

from provenance.errors import UnsupportedFormatError
from provenance.formats.base import Handler, Located, NamedBox, Plan, rearrange
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["OPAQUE"]


class _Opaque(Handler):
    name: str = "any file"
    media_types: tuple[str, ...] = ("application/octet-stream",)
    suffixes: tuple[str, ...] = ()
    can_embed: bool = False

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. Every file is one of these."""
        return True

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. Nothing is looked for."""
        return Located()

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: a store should go in, and there is no place for one.
        """
        if store_length:
            raise UnsupportedFormatError(
                source.name, "holds no manifest store in a way we know; a sidecar file can"
            )
        return rearrange(source.size, (), 0, None)

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`: it is not made of boxes that could be named."""
        del source, limits
        return None


OPAQUE: Handler = _Opaque()
