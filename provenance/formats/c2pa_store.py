"""A manifest store on its own: a `.c2pa` file beside an asset, or one fetched from elsewhere.

    LBox u32 | 'jumb' | [XLBox u64] | LBox u32 | 'jumd' | type UUID 16 | toggles u8 | label 00

Source: C2PA 2.2 §11.4; ISO 19566-5:2023, annex A.
"""

from provenance.errors import LimitError
from provenance.formats.base import Handler, Located, NamedBox, Plan, Slot
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["HANDLER", "describes_store"]

_UUID = b"c2pa" + bytes.fromhex("00110010800000AA00389B71")
_LABELLED = 0x02


def describes_store(data: bytes, at: int) -> bool:
    """Is the box at `at` the description of a manifest store: type UUID and label "c2pa"?"""
    return (
        _has_type(data, at)
        and bool(data[at + 24 : at + 25])
        and bool(data[at + 24] & _LABELLED)
        and data.startswith(b"c2pa\0", at + 25)
    )


def _has_type(data: bytes, at: int) -> bool:
    return data.startswith(b"jumd" + _UUID, at + 4)


class _C2paStore(Handler):
    name: str = "C2PA manifest store"
    media_types: tuple[str, ...] = ("application/c2pa", "application/x-c2pa-manifest-store")
    suffixes: tuple[str, ...] = (".c2pa",)
    can_embed: bool = False

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A wrong label is for the reader of the store to report."""
        long = head.startswith(b"\0\0\0\1")
        return head.startswith(b"jumb", 4) and _has_type(head, 16 if long else 8)

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. The store is the whole file, so there are no carriers."""
        if source.size > limits.store_bytes:
            raise LimitError(
                "manifest store", f"{source.size} bytes, of which we read {limits.store_bytes}"
            )
        return Located(store=source.read(0, source.size), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. The store is all there is: without it, nothing is left."""
        return Plan((Slot(store_length, bytes),) if store_length else ())

    def boxes(self, source: ByteSource, limits: Limits) -> tuple[NamedBox, ...] | None:
        """See `Handler`: it is not made of boxes that could be named."""
        del source, limits
        return None


HANDLER: Handler = _C2paStore()
