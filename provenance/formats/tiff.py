"""TIFF and the camera raws made of it: the manifest store is the value of tag 52545.

    II 2A 00 | IFD … | … | IFD with the tag | store

The tag stands in the last IFD of the main chain; older files have it in the first, and we take it
from any. How many bytes the store has stands in the entry: an update manifest changes that, so it
is left out of a data hash together with the store. Where the store goes is `_tiff_edit`'s to say.
Source: C2PA 2.2 §A.3.5; 2.4 §A.3.6; TIFF 6.0; DNG 1.7 (DNGVersion); XMP part 3, §1.1.8.
"""

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats._patches import through
from provenance.formats._tiff_edit import TAG, TYPE, Layout, added, replaced, stripped
from provenance.formats._tiff_ifd import Directory, Entry, directories, read_shape
from provenance.formats.base import Handler, Keep, Located, Plan
from provenance.formats.planned import PlannedSource
from provenance.formats.xmp import remote_manifest
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, ByteSource
from provenance.spans import Span

__all__ = ["HANDLERS"]

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")
_CR2 = b"CR\x02"  # at byte 8: Canon's own header, and not ours
_SUBFILE_TYPE, _MAKE, _SUB_IFDS, _XMP, _DNG_VERSION = 254, 271, 330, 700, 50706
_REDUCED = 1  # the picture of the first IFD is a preview of the raw one
_BYTES = (1, 7)  # types that XMP is stored as


class _Tiff(Handler):
    family: str = "TIFF"

    def __init__(
        self,
        name: str,
        media_types: tuple[str, ...],
        suffixes: tuple[str, ...],
        *,
        can_embed: bool = True,
    ) -> None:
        self.name = name
        self.media_types = media_types
        self.suffixes = suffixes
        self.can_embed = can_embed

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. When the first IFD is further off, any of us: the suffix decides."""
        if not head.startswith(_MAGIC) or head.startswith(_CR2, 8):
            return False
        kind = _kind(head)
        return kind is None or kind == self.name

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store."""
        layout = _read(source, limits, past_damage=True)
        entries = [entry for _, entry in layout.stores]
        if not entries:
            return Located(remote_url=_remote_url(source, layout.directories[0], limits))
        carriers = layout.carriers()
        if len(entries) > 1:
            return Located(carriers=carriers, count=len(entries))
        entry, place = entries[0], layout.store_span()
        _check(entry, place, source, limits)
        store = source.read(place.start, place.length)
        return Located(store=store, carriers=carriers, core=(place,), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: a store should go into a camera's own raw format.
        """
        if store_length and not self.can_embed:
            raise UnsupportedFormatError(
                source.name, f"{self.name} is a camera's own format; sign with a sidecar"
            )
        layout = _read(source, limits)
        if not layout.stores:
            if not store_length:
                return Plan((Keep(Span(0, source.size)),))
            return added(source, layout, store_length)
        plan = replaced(source, layout, store_length) if store_length else None
        if plan is not None:
            return plan
        without = stripped(source, layout)
        if not store_length:
            return without
        emptied = PlannedSource(without, source)
        return through(without, added(emptied, _read(emptied, limits), store_length))


HANDLERS: tuple[Handler, ...] = (
    _Tiff("TIFF", ("image/tiff",), (".tif", ".tiff")),
    _Tiff("DNG", ("image/x-adobe-dng", "image/dng"), (".dng",)),
    _Tiff("ARW", ("image/x-sony-arw",), (".arw",), can_embed=False),
    _Tiff("NEF", ("image/x-nikon-nef",), (".nef",), can_embed=False),
)


def _kind(head: bytes) -> str | None:
    """Which of us it is, as its first IFD tells; None when that is not within reach."""
    source = BufferSource(head)
    try:
        first = next(directories(source, read_shape(source), DEFAULT_LIMITS))
    except (MalformedError, LimitError):
        return None
    if first.find(_DNG_VERSION):
        return "DNG"
    preview = any(_number(one, first) & _REDUCED for one in first.find(_SUBFILE_TYPE))
    if preview and first.find(_SUB_IFDS):
        make = _text(source, first)
        if make.startswith(b"SONY"):
            return "ARW"
        if make.startswith(b"NIKON"):
            return "NEF"
    return "TIFF"


def _number(entry: Entry, directory: Directory) -> int:
    """The value of an entry that is one number."""
    value = entry.field[:2] if entry.type == 3 else entry.field
    return int.from_bytes(value, "little" if directory.shape.order == "<" else "big")


def _text(source: ByteSource, directory: Directory) -> bytes:
    """Who made the camera."""
    for entry in directory.find(_MAKE):
        place = entry.value(directory.shape)
        if place.end <= source.size:
            return source.read(place.start, min(place.length, 16)).upper()
    return b""


def _read(source: ByteSource, limits: Limits, *, past_damage: bool = False) -> Layout:
    shape = read_shape(source)
    found: list[Directory] = []
    stores: list[tuple[Directory, Entry]] = []
    try:
        for directory in directories(source, shape, limits):
            found.append(directory)
            stores += ((directory, entry) for entry in directory.find(TAG))
    except MalformedError:
        if not (past_damage and stores):
            raise
    return Layout(shape, tuple(found), tuple(stores))


def _check(entry: Entry, place: Span, source: ByteSource, limits: Limits) -> None:
    if entry.type != TYPE:
        raise MalformedError("C2PA tag", f"of type {entry.type}, not {TYPE}", offset=entry.at)
    if place.length > limits.store_bytes:
        raise LimitError(
            "manifest store",
            f"{place.length} bytes, of which we read {limits.store_bytes}",
            offset=place.start,
        )
    if place.end > source.size:
        raise MalformedError(
            "manifest store",
            f"{place.length} bytes long, {max(0, source.size - place.start)} left in the file",
            offset=place.start,
        )


def _remote_url(source: ByteSource, first: Directory, limits: Limits) -> str | None:
    for entry in first.find(_XMP):
        place = entry.value(first.shape)
        inside = place.end <= source.size and place.length <= limits.text_bytes
        if entry.type in _BYTES and inside:
            return remote_manifest(source.read(place.start, place.length), limits)
    return None
