"""The objects of a PDF whose cross-reference cannot be used, found by looking through the file.

Of several objects with one number the last counts, as in an update. Good enough to read a store;
nothing is written onto a file in this state.
"""

import re
from collections.abc import Iterator

from provenance.errors import LimitError, MalformedError
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object, read_object
from provenance.formats.pdf.syntax import Budget, Dictionary, Parser
from provenance.formats.pdf.xref import Entry, Free, InFile, InStream, Scanned, Section
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["look_for_objects"]

_SEARCHED = 64 << 20  # bytes
_MOST_OBJECTS = 200_000
_MOST_TRAILERS = 1000
_MARK_COST = 4
_BEFORE = re.compile(rb"(?<!\d)(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]*\Z")
_AROUND = 32
_MARKS = (b"obj", b"trailer", b"/XRef", b"/ObjStm", b"/Catalog")


def look_for_objects(
    source: ByteSource, limits: Limits, budget: Budget, why: MalformedError
) -> Section:
    """One section for all the objects that a file seems to have.

    Args:
        source: the file; no more than its first 64 MiB are looked through.
        limits: how much untrusted input to read.
        budget: how much work may still be done.
        why: what is wrong with the file's own cross-reference; raised if nothing better is found.

    Raises:
        MalformedError: no catalogue.
        LimitError: too much to look through.
    """
    if source.size > _SEARCHED:
        raise MalformedError(
            why.what, f"{why.problem}; the file is too long to look for its objects"
        ) from why
    entries: dict[int, Entry] = {}
    trailers: list[int] = []
    holders: list[int] = []  # objects that may be trailers, object streams or the catalogue
    last = -1
    for mark, at, before in _marks(source):
        budget.spend(_MARK_COST)
        if mark == b"obj":
            found = _BEFORE.search(before)
            if found is None:
                continue
            last = at - len(before) + found.start()
            entries[int(found[1])] = InFile(last, int(found[2]))
            if len(entries) > _MOST_OBJECTS:
                raise LimitError("PDF", f"more than {_MOST_OBJECTS} objects to look for") from why
        elif mark == b"trailer":
            trailers.append(at + len(mark))
        elif last >= 0 and holders[-1:] != [last]:
            holders.append(last)
    trailer = _trailer(source, budget, trailers)
    streams: list[Object] = []
    for at in dict.fromkeys(holders[-_MOST_TRAILERS:]):
        try:
            one = read_object(source, at, budget)
        except MalformedError:
            continue
        kind = one.dictionary.value(b"Type") if one.dictionary else None
        if kind == b"ObjStm":
            streams.append(one)
        elif one.dictionary is not None and kind == b"XRef" and b"Root" in one.dictionary:
            trailer = one.dictionary, one.text
        elif kind == b"Catalog" and trailer is None:
            trailer = _pointing_at(one, budget)
    if trailer is None:
        raise why
    section = Section(-1, (Scanned(entries),), *trailer)
    alone = Document(source, limits, budget, ((section,),))
    for one in streams:
        _add_from(alone, one, entries)
    return section


def _marks(source: ByteSource) -> Iterator[tuple[bytes, int, bytes]]:
    """Words that tell something, each with its offset and some bytes before it, in order."""
    any_mark = re.compile(b"|".join(map(re.escape, _MARKS)))
    carried, at = b"", 0
    for block in source.blocks(Span(0, source.size)):
        text = carried + bytes(block)
        start = at - len(carried)
        done = len(carried) - 8 if carried else 0
        for found in any_mark.finditer(text, max(0, done)):
            if found.end() <= len(carried):
                continue
            before = text[max(0, found.start() - _AROUND) : found.start()]
            yield found.group(), start + found.start(), before
        at += len(block)
        carried = text[-_AROUND - 8 :]


def _trailer(
    source: ByteSource, budget: Budget, places: list[int]
) -> tuple[Dictionary, bytes] | None:
    """The last trailer that names a catalogue."""
    for at in reversed(places[-_MOST_TRAILERS:]):
        text = source.read(at, min(4096, source.size - at)) + b" "
        try:
            found = Parser(text, 0, budget, at).item().value
        except MalformedError:
            continue
        if isinstance(found, Dictionary) and b"Root" in found:
            return found, text
    return None


def _pointing_at(catalog: Object, budget: Budget) -> tuple[Dictionary, bytes]:
    text = b"<< /Root %d %d R >> " % (catalog.number, catalog.generation)
    made = Parser(text, 0, budget).item().value
    return (made if isinstance(made, Dictionary) else Dictionary()), text


def _add_from(document: Document, stream: Object, entries: dict[int, Entry]) -> None:
    """Add what an object stream holds, unless it is in the file by itself."""
    try:
        numbers = document.numbers_in(stream)
    except MalformedError:
        return
    for index, number in enumerate(numbers):
        if not isinstance(entries.get(number), (InFile, Free)):
            entries[number] = InStream(stream.number, index)
