"""Looking for short marks in a text of any size."""

from collections.abc import Mapping, Sequence

from provenance.errors import LimitError
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["find_all", "line_end", "line_start"]


def find_all(source: ByteSource, marks: Sequence[bytes], most: int) -> Mapping[bytes, list[int]]:
    """Where each mark stands, ascending; one pass in blocks.

    Args:
        source: the text.
        marks: none of them a part of another.
        most: how many finds, of all marks together.

    Raises:
        LimitError: more than `most`.
    """
    found: dict[bytes, list[int]] = {mark: [] for mark in marks}
    overlap = max(map(len, marks)) - 1
    tail, at, left = b"", 0, most
    for block in source.blocks(Span(0, source.size)):
        data = tail + bytes(block)
        base = at - len(tail)
        for mark in marks:
            places = found[mark]
            place = data.find(mark)
            while place >= 0:
                if not places or base + place > places[-1]:
                    places.append(base + place)
                    left -= 1
                    if left < 0:
                        raise LimitError("text", f"more than {most} marks of a manifest store")
                place = data.find(mark, place + len(mark))
        at += len(block)
        tail = data[-overlap:] if overlap else b""
    return found


def line_start(source: ByteSource, at: int, most: int) -> int | None:
    """Where the line that holds `at` begins; None if more than `most` bytes before."""
    first = max(0, at - most)
    place = source.read(first, at - first).rfind(b"\n")
    if place >= 0:
        return first + place + 1
    return 0 if first == 0 else None


def line_end(source: ByteSource, at: int, most: int) -> int | None:
    """Where the line that holds `at` ends, its LF included; None if more than `most` bytes on."""
    head = source.read(at, min(most, source.size - at))
    place = head.find(b"\n")
    if place >= 0:
        return at + place + 1
    return source.size if at + len(head) == source.size else None
