"""The cross-reference of a PDF, read section by section from the newest to the oldest.

    startxref → section → Prev → section …

Source: ISO 32000-1 §7.5.4 to §7.5.8.
"""

import re
from dataclasses import replace

from provenance.errors import LimitError, MalformedError
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object, number, numbers, read_object, value_at
from provenance.formats.pdf.rescue import look_for_objects
from provenance.formats.pdf.syntax import Budget, Dictionary, skip_space
from provenance.formats.pdf.xref import Rows, Run, Section, Table
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["read_document"]

_SECTIONS = 4096
_TAIL = 2048  # bytes at the end of the file, where startxref is
_PACKED_ROWS = 8 << 20  # bytes that a cross-reference stream may unpack to
_START = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,19})")
_RUN = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10})[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]*")
_ENTRY = re.compile(rb"\d{10} \d{5} [nf]([ \r\n]{1,2})")


def read_document(source: ByteSource, limits: Limits) -> Document:
    """Read the cross-reference of a file.

    Older sections that cannot be read are left out and said in `damage`; if the newest cannot, the
    objects are looked for.

    Raises:
        MalformedError: nothing that leads to a catalogue was found.
        LimitError: too many sections, or too much in them.
    """
    budget = Budget(limits.container_items)
    damage: MalformedError | None = None
    try:
        at = _start(source)
        sections, damage = _sections(source, at, budget)
    except MalformedError as error:
        section = look_for_objects(source, limits, budget, error)
        return Document(source, limits, budget, ((section,),), error, scanned=True)
    updates: list[tuple[Section, ...]] = []
    for section in sections:
        if section.old:
            updates[-1] += (section,)
        else:
            updates.append((section,))
    return Document(source, limits, budget, tuple(updates), damage)


def _start(source: ByteSource) -> int:
    length = min(_TAIL, source.size)
    found = _START.findall(source.read(source.size - length, length))
    if not found:
        raise MalformedError("PDF", "no startxref at its end")
    return int(found[-1])


def _sections(
    source: ByteSource, at: int, budget: Budget
) -> tuple[list[Section], MalformedError | None]:
    sections: list[Section] = []
    seen: set[int] = set()
    while True:
        if len(sections) >= _SECTIONS:
            raise LimitError("PDF", f"more than {_SECTIONS} updates")
        seen.add(at)
        try:
            section = _section(source, at, budget)
            if sections and at > sections[-1].at:
                # Prev leads back, but in a linearized file, whose two sections are one writing.
                section = replace(section, old=True)
            sections.append(section)
            before = section.trailer.value(b"Prev")
            if isinstance(before, float):
                before = int(before)
            if not isinstance(before, int):
                return sections, None
            if before in seen:
                raise MalformedError(
                    "PDF cross-reference", "its Prev leads back to where it came from", offset=at
                )
        except MalformedError as error:
            if not sections:
                raise
            return sections, error
        at = before


def _section(source: ByteSource, at: int, budget: Budget) -> Section:
    if not 0 <= at < source.size:
        raise MalformedError("PDF cross-reference", f"said to be at {at} of {source.size} bytes")
    text = source.read(at, min(64, source.size - at))
    start = skip_space(text, 0)
    if not text.startswith(b"xref", start):
        return _stream_section(read_object(source, at, budget), source, budget, at)
    table, end = _table(source, at + start + 4, budget)
    trailer, text = _trailer(source, end, budget)
    hidden = trailer.value(b"XRefStm")
    parts: list[Table | Rows] = [table]
    if isinstance(hidden, int):
        beside = read_object(source, hidden, budget)
        parts += _rows(beside, source, budget)
    return Section(at, tuple(parts), trailer, text)


def _table(source: ByteSource, at: int, budget: Budget) -> tuple[Table, int]:
    runs: list[Run] = []
    stride = 20
    while True:
        budget.spend(2)
        text = source.read(at, min(96, source.size - at))
        found = _RUN.match(text)
        if found is None:
            return Table(source, budget, tuple(runs), stride), at
        first, count = int(found[1]), int(found[2])
        entries = at + found.end()
        sample = _ENTRY.match(text, found.end())
        if count and sample is None:
            raise MalformedError("PDF cross-reference table", "not of entries", offset=entries)
        if count and sample is not None:
            stride = 18 + len(sample[1])
            if first == 1 and sample[0].startswith(b"0000000000 65535 f"):
                first = 0  # a known mistake: the free list's head is object 0
        if count * stride > source.size - entries:
            left = source.size - entries
            raise MalformedError(
                "PDF cross-reference table", f"{count} entries, {left} bytes left", offset=entries
            )
        runs.append(Run(first, count, entries))
        at = entries + count * stride


def _trailer(source: ByteSource, at: int, budget: Budget) -> tuple[Dictionary, bytes]:
    text = source.read(at, min(64, source.size - at))
    start = skip_space(text, 0)
    if not text.startswith(b"trailer", start):
        raise MalformedError("PDF cross-reference table", "no trailer after it", offset=at)
    item, text, _ = value_at(source, at + start + 7, budget)
    if not isinstance(item.value, Dictionary):
        raise MalformedError("PDF trailer", "is not a dictionary", offset=at)
    return item.value, text


def _stream_section(stream: Object, source: ByteSource, budget: Budget, at: int) -> Section:
    rows = _rows(stream, source, budget)
    return Section(at, rows, stream.dictionary or Dictionary(), stream.text, stream=True)


def _rows(stream: Object, source: ByteSource, budget: Budget) -> tuple[Rows]:
    what = f"PDF cross-reference stream {stream.number}"
    holder = stream.dictionary
    if holder is None or holder.value(b"Type") != b"XRef":
        raise MalformedError(what, "is none", offset=stream.at)
    widths = numbers(holder.value(b"W"))
    if len(widths) < 3 or not all(0 <= one <= 8 for one in widths) or not sum(widths[:3]):
        raise MalformedError(what, "its fields have no widths", offset=stream.at)
    index = numbers(holder.value(b"Index")) or [0, number(holder.value(b"Size"), 0)]
    if len(index) % 2 or any(one < 0 for one in index):
        raise MalformedError(what, "its Index is not of pairs", offset=stream.at)
    runs, row = [], 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        runs.append(Run(first, count, row))
        row += count
    # Its length is its own, never a reference; objects cannot be looked up before it is read.
    alone = Document(source, Limits(), budget, ())
    data = alone.data(stream, _PACKED_ROWS, what)
    budget.spend(len(data) >> 6)
    return (Rows(budget, tuple(runs), data, (widths[0], widths[1], widths[2])),)
