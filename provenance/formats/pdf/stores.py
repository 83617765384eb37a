"""The manifest stores of a PDF: what the catalogue names as associated files.

    catalogue → AF → file specification (AFRelationship C2PA_Manifest) → EF → stream

Each incremental update may bring a store, and all of them count as one; two that came with one
update count as none of it. A file specification that hangs on another object speaks of that
object alone and is passed over here. Source: C2PA 2.2 §A.4, §15.5.2.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.boxes import box, read_header
from provenance.errors import EncryptedError, LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.base import Located
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object
from provenance.formats.pdf.syntax import Array, Dictionary, Item, Ref, Value
from provenance.formats.xmp import remote_manifest
from provenance.spans import Span

__all__ = ["RELATIONSHIP", "Associated", "associated", "catalog_of", "listed_files", "located"]

RELATIONSHIP = b"C2PA_Manifest"
_JUMD = 8 + 16 + 1  # bytes of a description box before its label


@dataclass(frozen=True, slots=True)
class Associated:
    """A file specification of a manifest store, as the catalogue lists it."""

    item: Item  # in the list
    specification: Dictionary
    holder: Object | None  # of the specification; None: it stands in the list itself


@dataclass(frozen=True, slots=True)
class _Store:
    stream: Object
    span: Span  # of its data

    @property
    def carriers(self) -> tuple[Span, ...]:
        """Its length, where that stands beside it, and its data."""
        length = self.stream.dictionary.get(b"Length") if self.stream.dictionary else None
        if length is None or isinstance(length.value, Ref):
            return (self.span,)
        base = self.stream.base
        return (Span.between(base + length.start, base + length.end), self.span)


def catalog_of(document: Document, since: int = 0) -> Object:
    """The document catalogue.

    Raises:
        MalformedError: there is none.
    """
    root = document.trailer(b"Root", since)
    if root is None or not isinstance(root[0].value, Ref):
        raise document.damage or MalformedError("PDF trailer", "names no catalogue")
    catalog = document.load(root[0].value, since)
    if catalog is None or catalog.dictionary is None:
        number = root[0].value.number
        raise document.damage or MalformedError("PDF catalogue", f"object {number} is none")
    return catalog


def listed_files(
    document: Document, catalog: Object, since: int = 0
) -> tuple[bytes, tuple[Item, ...]]:
    """The associated files of a catalogue, and the buffer that they were read from.

    The standard's words allow a single one, ISO 32000 a list of them.
    """
    item = (catalog.dictionary or Dictionary()).get(b"AF")
    if item is None:
        return b"", ()
    held = document.load(item.value, since) if isinstance(item.value, Ref) else None
    if held is not None and isinstance(held.value, Array):
        return held.text, tuple(held.value)
    return catalog.text, tuple(item.value) if isinstance(item.value, Array) else (item,)


def associated(document: Document, since: int = 0) -> tuple[Associated, ...]:
    """The manifest stores that the catalogue names."""
    found = []
    _, files = listed_files(document, catalog_of(document, since), since)
    for item in files:
        document.budget.spend()
        holder = document.load(item.value, since) if isinstance(item.value, Ref) else None
        specification = holder.dictionary if holder else item.value
        if not isinstance(specification, Dictionary):
            continue
        if document.get(specification, b"AFRelationship", since) == RELATIONSHIP:
            found.append(Associated(item, specification, holder))
    return tuple(found)


def located(document: Document) -> Located:
    """The store of a document, and what goes with it.

    Raises:
        MalformedError: the way to the store is broken.
        EncryptedError: there is a store, and it cannot be read without a password.
        UnsupportedFormatError: whether there is a store cannot be told without one.
        LimitError: more than we read.
    """
    by_update = _stores(document)
    if not by_update:
        return Located(remote_url=_remote_url(document))
    alone = [stores[0] for _, stores in sorted(by_update.items()) if len(stores) == 1]
    if not alone:
        every = [store for stores in by_update.values() for store in stores]
        carriers = sorted(span for store in every for span in store.carriers)
        return Located(carriers=tuple(carriers), count=len(every))
    total = sum(store.span.length for store in alone)
    if total > document.limits.store_bytes:
        raise LimitError(
            "manifest store",
            f"{total} bytes long, of which we read {document.limits.store_bytes}",
            offset=alone[0].span.start,
        )
    newest = _read(document, alone[0])
    earlier = tuple(_earlier(document, alone[1:]))
    return Located(
        store=_joined(newest, earlier),
        carriers=alone[0].carriers,
        core=(alone[0].span,),
        count=1,
    )


def _stores(document: Document) -> dict[int, list[_Store]]:
    """The stores by the update that brought them; 0 is the newest."""
    found: dict[int, list[_Store]] = {}
    seen: set[int] = set()
    for since in range(len(document.updates)):
        try:
            streams = [_stream(document, one, since) for one in associated(document, since)]
            for stream in streams:
                if stream.at not in seen:
                    seen.add(stream.at or 0)
                    store = _Store(stream, document.data_span(stream, since))
                    found.setdefault(stream.update, []).append(store)
        except (MalformedError, UnsupportedFormatError):
            if since == 0:
                raise
            break  # what is broken in an earlier state does not hide what is there now
        if not streams:
            break  # taken out by an update: what was before that is no longer meant
    return found


def _stream(document: Document, one: Associated, since: int) -> Object:
    files = document.get(one.specification, b"EF", since)
    place = one.holder.at if one.holder else None
    if isinstance(files, Dictionary):
        target = files.value(b"F") or files.value(b"UF")
        stream = document.load(target, since) if isinstance(target, Ref) else None
        if stream is not None:
            return stream
    raise MalformedError("PDF file specification", "of a manifest store, has none", offset=place)


def _read(document: Document, store: _Store) -> bytes:
    stream, span = store.stream, store.span
    raw = document.source.read(span.start, span.length)
    if raw[4:8] != b"jumb" and _is_encrypted(document, stream):
        raise EncryptedError(
            "manifest store",
            "it is encrypted with the PDF, without an Identity crypt filter",
            offset=span.start,
        )
    most = document.limits.decompressed_bytes
    return document.decoded(stream, raw, most, "manifest store", stream.update)


def _is_encrypted(document: Document, stream: Object) -> bool:
    """Does the document's encryption cover this stream? (ISO 32000-1 §7.6.5)"""
    found = document.trailer(b"Encrypt")
    terms = document.resolve(found[0].value) if found else None
    if not isinstance(terms, Dictionary):
        return False
    for name, parameters in document.filters(stream, stream.update):
        if name == b"Crypt":
            chosen = parameters.value(b"Name") if parameters else None
            return chosen not in (None, b"Identity")
    version = document.get(terms, b"V")
    if not isinstance(version, int) or version < 4:
        return True
    usual = document.get(terms, b"StmF") or b"Identity"
    return (document.get(terms, b"EFF") or usual) != b"Identity"


def _earlier(document: Document, stores: list[_Store]) -> Iterator[bytes]:
    for store in stores:
        try:
            yield _read(document, store)
        except (MalformedError, UnsupportedFormatError):
            return


def _joined(newest: bytes, earlier: tuple[bytes, ...]) -> bytes:
    """All manifests as one store: the newest store's own last, so that its active one is active.

    A manifest that several have is the newest's. A store that has them all is given as it is.
    """
    if not earlier:
        return newest
    try:
        known = set(_manifests(newest))
        added: list[bytes] = []
        for store in earlier:  # newest first
            fresh = {label: text for label, text in _manifests(store).items() if label not in known}
            known |= set(fresh)
            added[:0] = fresh.values()
        if not added:
            return newest
        top = read_header(newest, 0, len(newest))
        description = read_header(newest, top.body, top.end)
        rest = newest[description.end : top.end]
        return box(b"jumb", newest[top.body : description.end] + b"".join(added) + rest)
    except MalformedError:
        return newest  # what is wrong with it is for its reader to say


def _manifests(store: bytes) -> dict[bytes, bytes]:
    """The manifests of a store by their labels."""
    top = read_header(store, 0, len(store))
    at, found = read_header(store, top.body, top.end).end, {}
    while at < top.end:
        one = read_header(store, at, top.end)
        if one.type == b"jumb":
            about = read_header(store, one.body, one.end)
            label = store[about.start + _JUMD : about.end].partition(b"\0")[0]
            found[label] = store[one.start : one.end]
        at = one.end
    return found


def _remote_url(document: Document) -> str | None:
    """The address that the document's XMP names; None also where the XMP cannot be read."""
    try:
        held = catalog_of(document).dictionary
        target: Value = held.value(b"Metadata") if held else None
        stream = document.load(target) if isinstance(target, Ref) else None
        if stream is None or _is_encrypted(document, stream):
            return None
        packet = document.data(stream, document.limits.text_bytes, "XMP")
    except (MalformedError, LimitError, UnsupportedFormatError):
        return None
    return remote_manifest(packet, document.limits)
