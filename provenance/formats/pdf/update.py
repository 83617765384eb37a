"""Writing a store onto a PDF, and taking it off: always by an incremental update.

    … %%EOF | % C2PA Manifest Store | cross-reference | objects | store's object | startxref %%EOF

The cross-reference stands before the objects, as in a linearized file, and the store's object is
the last: nothing but the store's length depends on how long the store is, so that an update
manifest can make it grow. Our own update, when it is a file's last, is cut off before another is
written. Source: C2PA 2.2 §A.4; ISO 32000-1 §7.5.6.
"""

from collections.abc import Iterator

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.base import Keep, New, Piece, Plan, Slot
from provenance.formats.pdf import names
from provenance.formats.pdf.changes import Changes
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object
from provenance.formats.pdf.sections import read_document
from provenance.formats.pdf.stores import RELATIONSHIP, Associated, associated, catalog_of
from provenance.formats.pdf.syntax import Array, Dictionary, Ref
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["planned"]

_MARK = b"\n% C2PA Manifest Store\n"
_REMOVED = b"\n% C2PA Manifest Store removed\n"
_NAME = b"content_credential.c2pa"
_DIGITS = 10  # of the store's length
_END = b"\nendstream\nendobj\n"


def planned(source: ByteSource, store_length: int, limits: Limits) -> Plan:
    """The plan of `Handler.plan`."""
    document = read_document(source, limits)
    own = _own_update(document)
    if own is not None:
        source = _Beginning(source, own)
        document = read_document(source, limits)
    keep = Keep(Span(0, source.size))
    held = associated(document)
    if not store_length and not held:
        return Plan((keep,))
    _check_writable(document)
    if not store_length:
        return Plan((keep, New(_removal(document, held))))
    return Plan((keep, *_addition(document, held, store_length)))


class _Beginning:
    """The first bytes of an asset, as an asset."""

    def __init__(self, source: ByteSource, size: int) -> None:
        self._source = source
        self.size = size
        self.shared = source.shared
        self.name = source.name

    def read(self, start: int, length: int) -> bytes:
        """See `ByteSource`."""
        self._check(start, length)
        return self._source.read(start, length)

    def blocks(self, span: Span) -> Iterator[memoryview]:
        """See `ByteSource`."""
        self._check(span.start, span.length)
        return self._source.blocks(span)

    def _check(self, start: int, length: int) -> None:
        if start + length > self.size:
            raise MalformedError("asset", f"{length} bytes wanted", offset=start)


def _own_update(document: Document) -> int | None:
    """Where our update starts, if it is the file's last."""
    if document.scanned or len(document.updates) < 2:
        return None
    start = document.newest.at - len(_MARK)
    if start < 0 or document.source.read(start, len(_MARK)) != _MARK:
        return None
    end = b"startxref\n%d\n%%%%EOF\n" % document.newest.at
    size = document.source.size
    return start if document.source.read(size - len(end), len(end)) == end else None


def _check_writable(document: Document) -> None:
    if document.damage is not None:
        raise MalformedError(
            document.damage.what,
            f"{document.damage.problem}; nothing can be added before that is repaired",
            offset=document.damage.offset,
        )
    if document.trailer(b"Encrypt") is not None:
        raise UnsupportedFormatError(
            document.source.name, "is an encrypted PDF, in which we write nothing; a sidecar can do"
        )
    allowed = _certified(document)
    if allowed is not None and allowed != 3:
        raise UnsupportedFormatError(
            document.source.name,
            f"is certified, and its DocMDP permission {allowed} allows no attachment; "
            "a sidecar can do",
        )


def _certified(document: Document) -> int | None:
    """What the certifying signature allows, 1 to 3; None: there is none (ISO 32000-1 §12.8.2.2)."""
    catalog = catalog_of(document).dictionary or Dictionary()
    permissions = document.get(catalog, b"Perms")
    if not isinstance(permissions, Dictionary):
        return None
    signature = document.get(permissions, b"DocMDP")
    if not isinstance(signature, Dictionary):
        return None
    references = document.get(signature, b"Reference")
    for item in references if isinstance(references, Array) else ():
        one = document.resolve(item.value)
        if isinstance(one, Dictionary) and document.get(one, b"TransformMethod") == b"DocMDP":
            parameters = document.get(one, b"TransformParams")
            level = document.get(parameters, b"P") if isinstance(parameters, Dictionary) else None
            return level if isinstance(level, int) else 2
    return 2


def _addition(
    document: Document, held: tuple[Associated, ...], store_length: int
) -> tuple[Piece, ...]:
    changes = Changes(document)
    holder = held[0].holder if len(held) == 1 else None
    stream = changes.new_number()
    specification = (
        Ref(holder.number, holder.generation) if holder else Ref(changes.new_number(), 0)
    )
    if holder is None:
        _refer(document, changes, held, specification)
    changes.put(
        specification,
        b"<< /Type /Filespec /F (%b) /UF (%b) /Desc (C2PA Manifest Store) /AFRelationship /%b "
        b"/Subtype /application#2Fc2pa /EF << /F %d 0 R /UF %d 0 R >> >>"
        % (_NAME, _NAME, RELATIONSHIP, stream, stream),
    )
    if store_length >= 10**_DIGITS:
        raise LimitError("manifest store", f"{store_length} bytes, too long for a PDF stream")
    before = b"%d 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fc2pa /Length " % stream
    body, at = changes.section(document.source.size + len(_MARK), stream)
    return (
        New(_MARK + body + before),
        New(b"%0*d" % (_DIGITS, store_length), unbound=True),
        New(b" >>\nstream\n"),
        Slot(store_length, bytes),
        New(_END + _start(at)),
    )


def _refer(
    document: Document, changes: Changes, held: tuple[Associated, ...], specification: Ref
) -> None:
    """Have the catalogue name a new specification, in place of any that it names."""
    catalog = catalog_of(document)
    changes.associate(catalog, held, specification)
    if _certified(document) is None:
        names.add(document, changes, catalog, _NAME, specification)
    else:
        names.annotate(document, changes, catalog, specification)


def _removal(document: Document, held: tuple[Associated, ...]) -> bytes:
    """An update after which the catalogue names no store; the bytes of the old one stay."""
    changes = Changes(document)
    catalog = catalog_of(document)
    changes.associate(catalog, held, None)
    gone = [one.holder for one in held if one.holder is not None]
    names.remove(document, changes, catalog, {one.number for one in gone})
    for holder in gone:
        changes.free(holder)
        for stream in _streams(document, holder):
            changes.free(stream)
    body, at = changes.section(document.source.size + len(_REMOVED), None)
    return _REMOVED + body + _start(at)


def _streams(document: Document, holder: Object) -> Iterator[Object]:
    files = document.get(holder.dictionary or Dictionary(), b"EF")
    seen: set[int] = set()
    for item in files.values() if isinstance(files, Dictionary) else ():
        stream = document.load(item.value) if isinstance(item.value, Ref) else None
        if stream is not None and stream.number not in seen:
            seen.add(stream.number)
            yield stream


def _start(at: int) -> bytes:
    return b"startxref\n%d\n%%%%EOF\n" % at
