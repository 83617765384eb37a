"""Putting a manifest store into a TIFF, and taking it out again.

What is there stays where it is: offsets point at it from everywhere. So all that is new comes at
the end of the file:

    one IFD        … | 00 | a copy of the IFD with the tag | where it was | 00 00 | store
    several        … | 00 | an IFD of the tag alone        |                00 00 | store

One pointer, that of the header or of the last IFD before, leads there. The zeros are there only
after a file of an odd size: the one has an IFD start at an even offset, the two tell who takes the
store out that the one can go too.
Source: C2PA 2.2 §A.3.5 (an IFD of its own); 2.4 §A.3.6 (a single IFD may hold the tag itself,
which spares readers a page without a picture).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from provenance.errors import LimitError, MalformedError
from provenance.formats._patches import Patch, kept
from provenance.formats._tiff_ifd import Directory, Entry, Shape, read_directory
from provenance.formats.base import New, Plan, Slot
from provenance.formats.c2pa_store import describes_store
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["TAG", "TYPE", "Layout", "added", "replaced", "stripped"]

TAG, TYPE = 52545, 7  # UNDEFINED
_BLOCK = bytes(1 << 20)
_MARK = 2  # zero bytes before the store: the one before the IFD is ours
_DESCRIPTION = 64


@dataclass(frozen=True)
class Layout:
    """The main IFDs of a TIFF, and those of their entries that hold a manifest store."""

    shape: Shape
    directories: tuple[Directory, ...]
    stores: tuple[tuple[Directory, Entry], ...]

    def store_span(self) -> Span:
        """Where the only store lies."""
        return self.stores[0][1].value(self.shape)

    def carriers(self) -> tuple[Span, ...]:
        """What all stores take: how long they are, as their entries say, and themselves."""
        entries = (entry for _, entry in self.stores)
        return merge(
            span for one in entries for span in (one.count_field(self.shape), one.value(self.shape))
        )


def added(source: ByteSource, layout: Layout, length: int) -> Plan:
    """A plan that puts a store of `length` bytes into a TIFF that has none.

    Raises:
        LimitError: a classic TIFF would grow past 4 GiB.
    """
    shape, last = layout.shape, layout.directories[-1]
    padding = b"\0" * (source.size % 2)
    at = source.size + len(padding)
    entry = shape.entry.pack(TAG, TYPE, length, bytes(shape.width))
    if len(layout.directories) == 1:
        before = b"".join(
            _raw(one, shape) for one in takewhile(lambda one: one.tag < TAG, last.entries())
        )
        entries = before + entry + last.raw[len(before) :]
        gap, pointer_at = shape.offset.pack(last.at), shape.pointer_at
    else:
        before, entries, gap, pointer_at = b"", entry, b"", last.next_at
    number = len(entries) // shape.entry.size
    if number >= 1 << 8 * shape.count.size:
        raise LimitError("IFD", f"{number} entries with the manifest store", offset=last.at)
    gap += bytes(_MARK * len(padding))
    start = at + shape.count.size + len(entries) + shape.width + len(gap)
    _check_end(shape, start + length)
    head = shape.count.pack(number) + before + entry[:4]
    tail = shape.offset.pack(start) + entries[len(before) + len(entry) :]
    pointer = Patch(pointer_at, shape.offset.pack(at))
    return Plan(
        (
            *kept(Span(0, source.size), [pointer]),
            New(padding + head),
            New(shape.offset.pack(length), unbound=True),
            New(tail + bytes(shape.width) + gap),
            Slot(length, bytes),
        )
    )


def replaced(source: ByteSource, layout: Layout, length: int) -> Plan | None:
    """A plan that puts another store in the place of the one there is.

    Returns:
        None if it does not stand at the end of the file, or not in the last IFD: then it has to
        be taken out first.
    """
    directory, entry = layout.stores[0]
    span = layout.store_span()
    at_end = span.end == source.size and directory is layout.directories[-1]
    if len(layout.stores) > 1 or not at_end or not _is_alone(source, layout, span):
        return None
    _check_end(layout.shape, span.start + length)
    count = entry.count_field(layout.shape)
    patch = Patch(count.start, layout.shape.offset.pack(length), unbound=True)
    return Plan((*kept(Span(0, span.start), [patch]), Slot(length, bytes)))


def stripped(source: ByteSource, layout: Layout) -> Plan:
    """A plan that takes all stores out: the file as it was before, if we, or who does as we do,
    put the store in; else without the tag, and with zeros where the store was.
    """
    if len(layout.stores) == 1:
        before = _as_it_was(source, layout)
        if before is not None:
            size, pointer = before
            return Plan(tuple(kept(Span(0, size), [pointer])))
    patches = list(_without_tag(layout))
    size = source.size
    for _, entry in layout.stores:
        span = entry.value(layout.shape)
        if not _is_alone(source, layout, span):
            continue
        if span.end == size:
            size = span.start
        elif not any(patch.at < span.end and span.start < patch.end for patch in patches):
            patches += _zeros(span)
    return Plan(tuple(kept(Span(0, size), patches)))


def _as_it_was(source: ByteSource, layout: Layout) -> tuple[int, Patch] | None:
    """How long the file was before the store came, and which pointer has to go back."""
    shape, (directory, _) = layout.shape, layout.stores[0]
    span = layout.store_span()
    gap = span.start - directory.span.end
    if span.end != source.size or not _is_alone(source, layout, span) or directory.next:
        return None
    if len(layout.directories) > 1:
        if directory is not layout.directories[-1] or len(directory.raw) != shape.entry.size:
            return None
        pointer = Patch(layout.directories[-2].next_at, bytes(shape.width))
        padded = gap == _MARK
        return (directory.at - padded, pointer) if gap in (0, _MARK) else None
    if gap not in (shape.width, shape.width + _MARK):
        return None
    field = source.read(directory.span.end, shape.width)
    if not _is_copy(source, directory, shape.offset.unpack(field)[0]):
        return None
    padded = gap > shape.width
    return directory.at - padded, Patch(shape.pointer_at, field)


def _is_copy(source: ByteSource, directory: Directory, at: int) -> bool:
    """Is an IFD the one at an earlier place, with the tag put in?"""
    if not 0 < at < directory.at:
        return False
    shape = directory.shape
    try:
        earlier = read_directory(source, shape, at, len(directory.raw) // shape.entry.size)
    except (MalformedError, LimitError):
        return False
    return earlier.raw == _others(directory) and earlier.next == directory.next


def _without_tag(layout: Layout) -> Iterator[Patch]:
    """The IFDs with the tag closed up, or, where they have nothing else, passed over."""
    shape = layout.shape
    left = [(one, _others(one)) for one in layout.directories]
    left = [(one, others) for one, others in left if others]
    places = [one.at for one, _ in left] + [0]
    if places[0] != layout.directories[0].at:
        yield Patch(shape.pointer_at, shape.offset.pack(places[0]))
    for (one, others), following in zip(left, places[1:], strict=True):
        if others != one.raw:
            number = shape.count.pack(len(others) // shape.entry.size)
            body = number + others + shape.offset.pack(following)
            yield Patch(one.at, body.ljust(one.span.length, b"\0"))
        elif one.next != following:
            yield Patch(one.next_at, shape.offset.pack(following))


def _others(directory: Directory) -> bytes:
    """The entries but those with the tag."""
    return b"".join(_raw(one, directory.shape) for one in directory.entries() if one.tag != TAG)


def _is_alone(source: ByteSource, layout: Layout, span: Span) -> bool:
    """Is this a manifest store, and nothing of the IFDs? A broken file may point anywhere."""
    if span.start < 16 or span.end > source.size:
        return False
    head = source.read(span.start, min(_DESCRIPTION, span.length))
    if not describes_store(head, 16 if head[:4] == b"\0\0\0\1" else 8):
        return False
    return not any(one.at < span.end and span.start < one.span.end for one in layout.directories)


def _zeros(span: Span) -> Iterator[Patch]:
    for at in range(span.start, span.end, len(_BLOCK)):
        yield Patch(at, _BLOCK[: span.end - at])


def _raw(entry: Entry, shape: Shape) -> bytes:
    return shape.entry.pack(entry.tag, entry.type, entry.values, entry.field)


def _check_end(shape: Shape, end: int) -> None:
    if end >= 1 << 8 * shape.width:
        raise LimitError("TIFF", f"{end} bytes with the manifest store, it holds less than 4 GiB")
