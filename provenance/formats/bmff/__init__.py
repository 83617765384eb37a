"""ISO base media files: MP4, QuickTime, M4A, HEIF, AVIF, and the segments of a stream.

The manifest store is the data of a `uuid` box; a hard binding names boxes to leave out by their
paths. What the members of the family share is in this package, one idea a file:

    brands     which of them is it?            tree      boxes, and paths to them
    carriers   C2PA's own boxes                remote    XMP, for a store elsewhere
    moves      where each byte goes            offsets   tables that follow
    plan       all of it together

For who builds on it: `tree`, `carriers.merkle_boxes`, `plan.plan_segment`, `plan.plan_store`.
Source: C2PA 2.2 §A.5; ISO 14496-12; QuickTime File Format.
"""

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.base import BindingKind, Handler, Located, Piece, Plan, Slot
from provenance.formats.bmff.brands import kind_of
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["HANDLERS"]


class _Bmff(Handler):
    family: str = "BMFF"
    bindings: tuple[BindingKind, ...] = ("bmff",)

    def __init__(self, name: str, media_types: tuple[str, ...], suffixes: tuple[str, ...]) -> None:
        self.name = name
        self.media_types = media_types
        self.suffixes = suffixes

    def sniff(self, head: bytes) -> bool:
        """See `Handler`."""
        return kind_of(head) == self.name

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store.

        What is broken behind a store does not hide it: that is for its hard binding to tell.
        """
        from provenance.formats.bmff.carriers import STORES, read_carrier, read_store
        from provenance.formats.bmff.remote import XMP, remote_url
        from provenance.formats.bmff.tree import scan

        found, texts = [], []
        try:
            for box in scan(source, 0, source.size, limits):
                carrier = read_carrier(source, box) if box.usertype else None
                if carrier is not None and carrier.purpose in STORES:
                    found.append(carrier)
                    if len(found) > limits.manifests:
                        raise LimitError("manifest boxes", f"more than {limits.manifests}")
                elif box.usertype == XMP or box.type in (b"meta", b"moov"):
                    texts.append(box)
        except MalformedError:
            if not found:
                raise
        if not found:
            return Located(remote_url=remote_url(source, texts, limits))
        spans = tuple(one.span for one in found)
        store = read_store(source, found, limits)
        return Located(store=store, carriers=spans, count=1 if store is not None else len(found))

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store before the media keeps its place."""
        from provenance.formats.bmff.plan import plan_store

        return plan_store(source, store_length, limits)

    def plan_update(self, source: ByteSource, store: bytes, limits: Limits) -> Plan:
        """See `Handler`. Update manifests go into a box of their own at the end (§A.5.3)."""
        from provenance.formats.bmff.carriers import carriers, split_store
        from provenance.formats.bmff.plan import plan_update
        from provenance.formats.bmff.tree import top_level

        found = tuple(carriers(source, top_level(source, limits)))
        original, update = split_store(source, found, store, limits)
        plan = plan_update(source, len(update), limits, original=original)
        return Plan(tuple(_with_store(piece, update) for piece in plan.pieces))


def _with_store(piece: Piece, store: bytes) -> Piece:
    """A slot that takes a store of its own, whatever it is given."""
    if not isinstance(piece, Slot):
        return piece
    return Slot(piece.length, lambda _: piece.wrap(store))


class _Segment(_Bmff):
    can_embed: bool = False

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`. A store belongs to the whole stream, and is in its first file.

        Raises:
            UnsupportedFormatError: always, but to take nothing out.
        """
        from provenance.formats.bmff.plan import plan_segment

        if store_length:
            raise UnsupportedFormatError(
                source.name,
                "is a media segment: sign it together with the initialization segment of its "
                "stream, which holds the manifest store",
            )
        return plan_segment(source, 0, limits)


HANDLERS: tuple[Handler, ...] = (
    _Bmff("MP4", ("video/mp4", "application/mp4"), (".mp4", ".mpg4", ".3gp", ".3g2", ".f4v")),
    _Bmff("MOV", ("video/quicktime",), (".mov", ".qt")),
    _Bmff("M4A", ("audio/mp4", "audio/x-m4a"), (".m4a", ".m4b", ".m4p")),
    _Bmff("M4V", ("video/x-m4v",), (".m4v",)),
    _Bmff("HEIC", ("image/heic", "image/heic-sequence"), (".heic", ".heics")),
    _Bmff("HEIF", ("image/heif", "image/heif-sequence"), (".heif", ".hif", ".heifs")),
    _Bmff("AVIF", ("image/avif", "image/avif-sequence"), (".avif", ".avifs")),
    _Segment(
        "MP4 segment",
        ("video/iso.segment", "audio/iso.segment"),
        (".m4s", ".cmfv", ".cmfa"),
    ),
)
