"""An ID3v2 tag at the start of a file, as its frames; bytes in, places out.

    'ID3' | version u8 | revision u8 | flags u8 | size, 4 × 7 bits | [extended header] | frame …
    | padding 00 … | [footer of 10 bytes, which the size does not count]
    frame, 2.2:       id 3 | size u24            | content
    frame, 2.3, 2.4:  id 4 | size u32 | flags u16 | content      2.4: the size has 7 bits a byte

Unsynchronisation puts a zero byte after each FF that could be taken for audio: over the whole tag
up to 2.3, over each frame's content in 2.4. Some writers of 2.4 give sizes of 8 bits a byte; what
then comes out as frames decides which it is.
Source: id3v2.3.0 §3; id3v2.4.0-structure §3 to §6; id3v2-00 §3.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import BufferSource, ByteSource
from provenance.spans import Span

__all__ = ["HEADER", "Frame", "Tag", "decoded", "read_tag", "seven_bits", "tag_end", "with_sevens"]

HEADER = 10  # bytes, of a tag and of a frame since 2.3
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
_OLD_COMPRESSED = 0x40  # of 2.2: nobody ever defined how
_GROUPED, _LENGTH, _STUFFED, _PACKED = 0x0040, 0x0001, 0x0002, 0x000C  # flags of a frame in 2.4
_OLD_GROUPED, _OLD_PACKED = 0x0020, 0x00C0  # and in 2.3
_STUFFING = b"\xff\0"
_NAME = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame; offsets are those of the tag's `view`."""

    id: bytes
    start: int
    content: int  # where it starts, past all that goes before it
    end: int
    flags: int = 0  # as in 2.4
    readable: bool = True  # neither compressed nor encrypted

    @property
    def marked(self) -> bool:
        """Does it say itself that its content is unsynchronised?"""
        return bool(self.flags & _STUFFED)

    def marking(self, header: bytes) -> bytes:
        """Its header, saying so."""
        return header[:9] + bytes((header[9] | _STUFFED,))


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag. `view` is the file itself, or the tag alone with unsynchronisation undone."""

    version: int  # 2, 3 or 4
    flags: int
    end: int  # in the file, with the footer
    view: ByteSource
    body: int  # in the view: past the header
    first: int  # in the view: past the extended header
    close: int  # in the view: where padding ends
    frames: tuple[Frame, ...]
    sevens: bool  # do sizes of frames have 7 bits a byte?
    raw: bytes | None = None  # of a tag with unsynchronisation as a whole: as it is in the file

    @property
    def last(self) -> int:
        """Where the frames end, in the view."""
        return self.frames[-1].end if self.frames else self.first

    @property
    def footer(self) -> bool:
        """Is its header repeated at its end?"""
        return self.version == 4 and bool(self.flags & _FOOTER)

    @property
    def frame_header(self) -> int:
        """Bytes of a frame's header."""
        return 6 if self.version == 2 else HEADER

    def stuffed(self, frame: Frame) -> bool:
        """Is this frame's content unsynchronised in the view?"""
        return self.version == 4 and bool(self.flags & _UNSYNCHRONISED or frame.marked)

    def size_of(self, frame: Frame) -> Span:
        """Where a frame's size stands, in the view."""
        return Span(frame.start + 3, 3) if self.version == 2 else Span(frame.start + 4, 4)

    def placed(self, frame: Frame) -> Span:
        """Where a frame lies in the file."""
        start, end = self.in_file(frame.start), self.in_file(frame.end)
        return Span.between(start, end)

    def in_file(self, at: int) -> int:
        """The offset in the file of one in the view."""
        raw = self.raw
        if raw is None:
            return at
        # One zero went for each pair before: the furthest place from which so many are left.
        undone = range(len(raw) + 1)
        return bisect_right(undone, at, key=lambda here: here - raw.count(_STUFFING, 0, here)) - 1

    def is_clean(self) -> bool:
        """Is all that follows the frames zeros, as padding should be?"""
        rest = Span.between(self.last, self.close)
        return not any(bytes(block).strip(b"\0") for block in self.view.blocks(rest))


def seven_bits(data: bytes) -> int:
    """A number of 7 bits a byte; a high bit that is set all the same counts for nothing."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number


def with_sevens(number: int) -> bytes:
    """A number of up to 28 bits as four bytes of 7."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def tag_end(head: bytes, at: int = 0) -> int | None:
    """Where the tag that starts at an offset ends; None if none starts there."""
    header = head[at : at + HEADER]
    if len(header) < HEADER or header[:3] != b"ID3" or header[3] not in (2, 3, 4):
        return None
    if header[4] == 0xFF or max(header[6:10]) >= 0x80:
        return None
    footer = HEADER if header[3] == 4 and header[5] & _FOOTER else 0
    return at + HEADER + seven_bits(header[6:10]) + footer


def read_tag(source: ByteSource, limits: Limits) -> Tag | None:
    """The tag at the start of a file, if it has one that can be read.

    Raises:
        MalformedError: the tag is longer than the file, or its extended header than the tag.
        LimitError: too many frames, or too much unsynchronisation to undo.
    """
    header = source.read(0, min(HEADER, source.size))
    end = tag_end(header)
    if end is None:
        return None
    if end > source.size:
        raise MalformedError("ID3 tag", f"{end} bytes long, {source.size} in the file", offset=0)
    version, flags = header[3], header[5]
    view: ByteSource = source
    close, raw = HEADER + seven_bits(header[6:10]), None
    if version == 2 and flags & _OLD_COMPRESSED:
        return Tag(version, flags, end, view, HEADER, close, close, (), False)
    if version < 4 and flags & _UNSYNCHRONISED:
        if end > limits.text_bytes:
            raise LimitError(
                "ID3 tag", f"{end} bytes to undo unsynchronisation, we do {limits.text_bytes}"
            )
        raw = source.read(0, end)
        whole = raw[:HEADER] + raw[HEADER:].replace(_STUFFING, b"\xff")
        view, close = BufferSource(whole), len(whole)
    first = HEADER + _extended(view, version, flags, close)
    frames, sevens = _frames(view, version, first, close, limits)
    return Tag(version, flags, end, view, HEADER, first, close, frames, sevens, raw)


def _extended(view: ByteSource, version: int, flags: int, close: int) -> int:
    """Bytes of the extended header."""
    if version == 2 or not flags & _EXTENDED:
        return 0
    size = view.read(HEADER, min(4, close - HEADER))
    length = seven_bits(size) if version == 4 else 4 + int.from_bytes(size)
    if not 4 <= length <= close - HEADER:
        raise MalformedError(
            "ID3 extended header",
            f"{length} bytes long, {close - HEADER} in the tag",
            offset=HEADER,
        )
    return length


def _frames(
    view: ByteSource, version: int, first: int, close: int, limits: Limits
) -> tuple[tuple[Frame, ...], bool]:
    """The frames, and whether their sizes have 7 bits a byte."""
    if version < 4:
        return tuple(_walked(view, version, first, close, limits, sevens=False)), False
    found = tuple(_walked(view, version, first, close, limits, sevens=True))
    if found and _is_end(view, found[-1].end, close):
        return found, True
    other = tuple(_walked(view, version, first, close, limits, sevens=False))
    if len(other) > len(found) and _is_end(view, other[-1].end, close):
        return other, False
    return found, True


def _is_end(view: ByteSource, at: int, close: int) -> bool:
    return at == close or view.read(at, 1) == b"\0"


def _walked(
    view: ByteSource, version: int, at: int, close: int, limits: Limits, *, sevens: bool
) -> Iterator[Frame]:
    """The frames as far as they can be told from padding and whatever else is there."""
    head = 6 if version == 2 else HEADER
    count = 0
    while close - at > head:
        header = view.read(at, head)
        kind = header[: 3 if version == 2 else 4]
        size = header[len(kind) : head - (0 if version == 2 else 2)]
        length = seven_bits(size) if sevens else int.from_bytes(size)
        if not _is_name(kind) or length > close - at - head:
            return
        if count >= limits.container_items:
            raise LimitError("ID3 tag", f"more than {limits.container_items} frames", offset=at)
        count += 1
        flags, extra, readable = _described(header, version)
        yield Frame(
            kind,
            at,
            min(at + head + extra, at + head + length),
            at + head + length,
            flags,
            readable,
        )
        at += head + length


def _is_name(kind: bytes) -> bool:
    return kind[0] not in b" \0" and _NAME.issuperset(kind.rstrip(b"\0"))


def _described(header: bytes, version: int) -> tuple[int, int, bool]:
    """A frame's flags as in 2.4, the bytes they put before its content, and is it readable?"""
    if version == 2:
        return 0, 0, True
    (flags,) = struct.unpack_from(">H", header, 8)
    if version == 3:
        return 0, int(bool(flags & _OLD_GROUPED)), not flags & _OLD_PACKED
    extra = int(bool(flags & _GROUPED)) + 4 * int(bool(flags & _LENGTH))
    return flags, extra, not flags & _PACKED


def decoded(tag: Tag, frame: Frame, most: int | None = None) -> bytes:
    """A frame's content with unsynchronisation undone; of its first `most` bytes if given."""
    length = frame.end - frame.content
    data = tag.view.read(frame.content, length if most is None else min(length, most))
    return data.replace(_STUFFING, b"\xff") if tag.stuffed(frame) else data
