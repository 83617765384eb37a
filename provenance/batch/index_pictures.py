"""Thumbnails of indexed files, made by workers: from the manifest where it holds, else the file.

What a valid manifest shows of its asset is what was signed, and small already. Of all others the
file itself is decoded: an invalid manifest may well show something else. A file that has changed
since it was indexed gets none, for what is known of it is not known of what lies there now.
"""

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from provenance.batch.task import Loss
from provenance.batch.walk import Mark, mark_of
from provenance.errors import ProvenanceError, UnsupportedFormatError
from provenance.formats import registry, sidecar
from provenance.limits import DEFAULT_LIMITS
from provenance.model.assertions.content import EmbeddedFile, decode_content
from provenance.model.store import ManifestStore
from provenance.remote.address import is_address
from provenance.report.index_thumbnails import small_picture
from provenance.report.thumbnails import media_type
from provenance.source import ByteSource, open_source

__all__ = ["Draw", "Drawn", "Lack", "Subject"]

_CLAIM = "c2pa.thumbnail.claim"
_THUMBNAIL_BYTES = 4 << 20  # of a thumbnail in a manifest
_RASTER = "image/"


class Lack(IntEnum):
    """Why a file has no thumbnail; the page knows these numbers."""

    NONE_IN_IT = -2
    UNDECODED = -3
    CHANGED = -4
    UNREAD = -5


class Subject(NamedTuple):
    """A file to make a thumbnail of."""

    number: int  # its row
    path: str
    mark: Mark  # as it was indexed
    holds: bool  # its manifest is valid
    format: str | None


class Drawn(NamedTuple):
    """What came of it."""

    subject: Subject
    picture: bytes | None
    lack: Lack | None = None


class Draw:
    """The task for an engine: see `provenance.batch.task`."""

    def start(self) -> Callable[[Subject], Drawn]:
        """See `Task`."""
        return draw

    def lost(self, item: Subject, loss: Loss) -> Drawn:
        """See `Task`."""
        return Drawn(item, None, Lack.UNDECODED if loss.memory else Lack.UNREAD)


def draw(subject: Subject) -> Drawn:
    """Make the thumbnail of one file; that there is none is a result too."""
    if is_address(subject.path):  # what stands in an index must not lead out of this machine
        return Drawn(subject, None, Lack.UNREAD)
    found = mark_of(subject.path)
    # An inode is another after a copy, which keeps size and time.
    if found is None or found[:2] != subject.mark[:2]:
        return Drawn(subject, None, Lack.CHANGED)
    try:
        with open_source(subject.path) as source:
            return _drawn(subject, source)
    except OSError:
        return Drawn(subject, None, Lack.UNREAD)


def _drawn(subject: Subject, source: ByteSource) -> Drawn:
    signed = _signed(subject.path, source) if subject.holds else None
    if signed is not None and media_type(signed) is not None:
        picture = small_picture(signed)
        if picture is not None:
            return Drawn(subject, picture)
    if not (subject.format or "").startswith(_RASTER):
        return Drawn(subject, None, Lack.NONE_IN_IT)
    picture = small_picture(source)
    return Drawn(subject, picture, None if picture else Lack.UNDECODED)


def _signed(path: str, source: ByteSource) -> memoryview | None:
    """The picture that the active manifest has of its asset."""
    try:
        store = _store(Path(path), source)
        active = ManifestStore.parse(store).active if store is not None else None
        for box in active.assertion_boxes if active is not None else ():
            if box.label is not None and box.label.startswith(_CLAIM):
                held = decode_content(box)
                if isinstance(held, EmbeddedFile) and len(held.data) <= _THUMBNAIL_BYTES:
                    return held.data
    except (ProvenanceError, OSError):
        return None  # it could be read when it was indexed: the file itself shall do
    return None


def _store(path: Path, source: ByteSource) -> bytes | None:
    try:
        store = registry.find(source, path.suffix.lower()).locate(source, DEFAULT_LIMITS).store
    except UnsupportedFormatError:
        store = None  # its manifest lies beside it
    if store is not None:
        return store
    beside = sidecar.paired(path)
    if beside is None:
        return None
    with open_source(beside) as stored:
        return stored.read(0, min(stored.size, DEFAULT_LIMITS.store_bytes))
