"""Structured text: a manifest store, or where it lies, in a comment with fixed delimiters.

    # -----BEGIN C2PA MANIFEST----- data:application/c2pa;base64,AAAA -----END C2PA MANIFEST-----

or on three lines, in front matter. What stands before and behind is read without knowing the
language: whatever opens and closes a comment in those in use. Delimiters among other words are
running text that speaks of them. Source: C2PA 2.4 §A.9; 2.5 §A.9.4, §14.5.2.4.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from provenance.errors import LimitError
from provenance.formats._base64 import decoded, encoded, encoded_length
from provenance.formats._text_scan import line_end, line_start
from provenance.formats.base import Note, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["BEGIN", "END", "Block", "Reference", "blocks", "reference", "slot"]

BEGIN, END = b"-----BEGIN C2PA MANIFEST-----", b"-----END C2PA MANIFEST-----"
_DATA = b"data:application/c2pa;base64,"
_AROUND = 64  # bytes of a line before and behind the delimiters
_OPENS = re.compile(
    rb"""(?:\xef\xbb\xbf)?[ \t]*
    (?: <\?[\w-]* | <!--+ | <%--+ | \#+[!|=]? | \#\[ | //+!? | /\*+!? | --+(?:\[\[)? | ;+ | %+
      | \(\* | \{[-\#*] | \{\{!(?:--)? | \.\. | ["'!*] | REM | rem | dnl | NOTE )?
    [ \t]*""",
    re.VERBOSE,
)
_CLOSES = re.compile(
    rb"""[ \t]*
    (?: \?> | \*+/ | --+> | --%> | \*\) | [-\#*]\} | (?:--)?\}\} | \]\]? | [|=]\# )?
    [ \t]*\r?\n?""",
    re.VERBOSE,
)
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_URL_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands between the delimiters."""

    kind: Literal["data", "url", "empty", "malformed", "unknown scheme"]
    store: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One manifest block; spans in bytes of the file."""

    span: Span  # what a data hash leaves out
    text: Span  # the reference, white space around it aside
    reference: Reference


def blocks(
    source: ByteSource, places: Mapping[bytes, Sequence[int]], limits: Limits
) -> tuple[list[Block], list[Note]]:
    """The blocks of a text, and a note for each delimiter that has no partner.

    Args:
        source: the text.
        places: where `BEGIN` and `END` stand.
        limits: how much untrusted input to read.
    """
    found: list[Block] = []
    alone: list[Note] = []
    opened: tuple[int, int] | None = None  # a line's start, and where its reference begins
    marks = sorted((at, mark) for mark in (BEGIN, END) for at in places[mark])
    for at, mark in marks:
        if mark == BEGIN:
            start = _opening(source, at)
            if start is not None:
                if opened is not None:
                    alone.append(_lone(BEGIN, opened[1] - len(BEGIN)))
                opened = start, at + len(BEGIN)
            continue
        end = _closing(source, at + len(END))
        if end is None:
            continue
        if opened is None:
            alone.append(_lone(END, at))
            continue
        found.append(_block(source, opened, at, end, limits))
        opened = None
    if opened is not None:
        alone.append(_lone(BEGIN, opened[1] - len(BEGIN)))
    return found, alone


def _lone(mark: bytes, at: int) -> Note:
    return Note("lone delimiter", f"{mark.decode()} stands alone", Span(at, len(mark)))


def _opening(source: ByteSource, at: int) -> int | None:
    """The start of the line of a BEGIN; None in running text."""
    start = line_start(source, at, _AROUND)
    if start is None or not _OPENS.fullmatch(source.read(start, at - start)):
        return None
    return start


def _closing(source: ByteSource, at: int) -> int | None:
    """The end of the line of an END; None in running text."""
    end = line_end(source, at, _AROUND)
    if end is None or not _CLOSES.fullmatch(source.read(at, end - at)):
        return None
    return end


def _block(
    source: ByteSource, opened: tuple[int, int], closing: int, end: int, limits: Limits
) -> Block:
    start, first = opened
    most = 2 * encoded_length(min(limits.store_bytes, limits.text_bytes)) + _URL_LENGTH
    if closing - first > most:
        told = f"{closing - first} bytes, of which we read {most}"
        raise LimitError("C2PA manifest block", told, offset=start)
    between = source.read(first, closing - first)
    several = b"\n" in between
    if several:  # its lines may each be a comment
        head, _, between = between.partition(b"\n")
        body, _, last = between.rpartition(b"\n")
        opens = _OPENS.match(body)
        skip = opens.end() if opens else 0
        if head.strip() or not _OPENS.fullmatch(last):
            body, skip = b"\0", 0  # no such form
        first += len(head) + 1 + skip
        between = body[skip:]
    stripped = between.strip()
    first += len(between) - len(between.lstrip())
    span = Span.between(start, end)
    if start and end == source.size and not several:
        span = Span.between(_before(source, start), end)
    return Block(span, Span(first, len(stripped)), reference(stripped, limits))


def _before(source: ByteSource, start: int) -> int:
    """Where the line break before `start` begins."""
    return start - 2 if start > 1 and source.read(start - 2, 1) == b"\r" else start - 1


def reference(text: bytes, limits: Limits) -> Reference:
    """What a manifest reference says.

    Raises:
        LimitError: the store that it holds is longer than we read.
    """
    if not text:
        return Reference("empty")
    if text[:5].lower() == b"data:":
        header, _, data = text.partition(b",")
        # Neither media types nor parameters mind about case.
        store = decoded(data) if header.lower() + b"," == _DATA else None
        if store is None:
            return Reference("malformed")
        if len(store) > limits.store_bytes:
            told = f"{len(store)} bytes, of which we read {limits.store_bytes}"
            raise LimitError("manifest store", told)
        return Reference("data", store)
    if not _SCHEME.fullmatch(text) or len(text) > _URL_LENGTH or not text.isascii():
        return Reference("malformed")
    if not text.lower().startswith((b"http://", b"https://")):
        return Reference("unknown scheme", url=text.decode())
    return Reference("url", url=text.decode())


def slot(before: bytes, after: bytes, store_length: int) -> Slot:
    """A store as a `data:` reference, between what stands around it."""
    length = len(before) + len(_DATA) + encoded_length(store_length) + len(after)
    return Slot(length, lambda store: b"".join((before, _DATA, encoded(store), after)))
