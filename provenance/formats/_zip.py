"""The central directory of a ZIP archive: what lies in it, and where.

    local header, data [, data descriptor]   …   one after the other
    central headers                              the central directory
    [ZIP64 end record, ZIP64 locator]
    end record, comment

Offsets count from the archive's first byte, which need not be that of the file: a program may
stand before it that unpacks it. Nothing is ever unpacked here.
Source: PKWARE APPNOTE 6.3.10, §4.3, §4.4, §4.5.3.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["CENTRAL", "CENTRAL_MAGIC", "END", "LOCAL", "LOCAL_MAGIC", "WIDE_END"]
__all__ += ["Archive", "Entry", "Local", "mentions", "read_archive", "read_local"]

LOCAL_MAGIC = b"PK\3\4"
CENTRAL_MAGIC = b"PK\1\2"
_END_MAGIC = b"PK\5\6"
_WIDE_END_MAGIC = b"PK\6\6"
_LOCATOR_MAGIC = b"PK\6\7"

# magic, version, flags, method, time, date, crc, packed, size, name, extra
LOCAL = struct.Struct("<4sHHHHHIIIHH")
# magic, made by, version, flags, method, time, date, crc, packed, size, name, extra, comment, disk,
# internal, external, offset
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
# magic, disk, directory's disk, entries here, entries, directory's size, its offset, comment
END = struct.Struct("<4sHHHHIIH")
# magic, size of the rest, made by, version, disk, directory's disk, entries here, entries,
# directory's size, its offset
WIDE_END = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")  # magic, disk, offset of the ZIP64 end record, disks
_DESCRIPTOR_MAGIC = b"PK\x07\x08"
_WIDE = 0x0001  # the extra field with 64-bit numbers
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_COMMENT = 0xFFFF  # bytes, at the most
_BLOCK = 1 << 20


class Entry(NamedTuple):  # there may be a million: cheaper than a dataclass
    """A central header."""

    at: int  # where it lies in the file
    length: int  # of it, name, extra fields and comment included
    flags: int
    method: int
    crc: int
    packed: int  # bytes of data in the archive
    size: int  # and unpacked
    name: bytes
    start: int  # of the local header, in the file
    wide: int | None  # where its 64-bit offset lies in the file, if it has one

    @property
    def text(self) -> str:
        """The name, as its flags say it is written."""
        return self.name.decode("utf-8" if self.flags & 0x800 else "cp437", "replace")


class Local(NamedTuple):
    """What an entry takes of the file: local header, data, descriptor."""

    start: int
    data: int
    data_end: int
    end: int
    agrees: bool  # the local header says of the data what the central one says


@dataclass(frozen=True, slots=True)
class Archive:
    """Where the directory of an archive lies; offsets are those of the file."""

    directory: Span  # all central headers
    end: int  # of the end record
    base: int  # where the archive begins
    count: int  # entries, as the end record says
    wide_end: int | None  # the ZIP64 end record
    trailing: int  # bytes after the comment, which are nobody's

    def entries(self, source: ByteSource) -> Iterator[Entry]:
        """The central headers in order.

        Raises:
            MalformedError: one that is none, or more or fewer than the end record says.
        """
        at, end, found = self.directory.start, self.directory.end, 0
        block, start = b"", at
        while at < end:
            left = end - at
            if len(block) - (at - start) < min(left, CENTRAL.size):
                block, start = source.read(at, min(left, _BLOCK)), at
            head = block[at - start : at - start + CENTRAL.size]
            if len(head) < CENTRAL.size or not head.startswith(CENTRAL_MAGIC):
                raise MalformedError("central directory", "no header of an entry", offset=at)
            row = CENTRAL.unpack(head)
            length = CENTRAL.size + row[10] + row[11] + row[12]
            if length > left:
                raise MalformedError(
                    "central directory", f"an entry of {length} bytes, {left} left", offset=at
                )
            if at - start + length > len(block):
                block, start = source.read(at, min(left, max(_BLOCK, length))), at
            yield self._entry(at, length, row, block[at - start : at - start + length])
            at += length
            found += 1
        # Old programs let the count of more than 65 535 entries run over.
        if found != self.count and (self.wide_end or found & _FULL16 != self.count):
            raise MalformedError("central directory", f"{found} entries, {self.count} announced")

    def _entry(self, at: int, length: int, row: tuple[int, ...], raw: bytes) -> Entry:
        packed, size, offset, name = row[8], row[9], row[16], row[10]
        wide = None
        if _FULL32 in (packed, size, offset):
            field = _wide_field(raw, CENTRAL.size + name, CENTRAL.size + name + row[11])
            values: dict[int, int] = {}
            for which, value in enumerate((size, packed, offset)):
                if value == _FULL32 and field is not None and field[0] + 8 <= field[1]:
                    values[which] = int.from_bytes(raw[field[0] : field[0] + 8], "little")
                    wide = at + field[0] if which == 2 else wide
                    field = field[0] + 8, field[1]
            size, packed, offset = (
                values.get(which, value) for which, value in enumerate((size, packed, offset))
            )
        text = raw[CENTRAL.size : CENTRAL.size + name]
        return Entry(
            at, length, row[3], row[4], row[7], packed, size, text, self.base + offset, wide
        )


def _wide_field(raw: bytes, at: int, end: int) -> tuple[int, int] | None:
    """Where the content of the ZIP64 extra field lies in a header: start and end."""
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", raw, at)
        if kind == _WIDE:
            return at + 4, min(at + 4 + length, end)
        at += 4 + length
    return None


def read_archive(source: ByteSource, limits: Limits) -> Archive:
    """Find the central directory from the file's end.

    Raises:
        MalformedError: there is no end record, or more than one that would do; or it leads out of
            the file.
        LimitError: more entries than we read.
    """
    at, trailing = _find_end(source)
    row = END.unpack(source.read(at, END.size))
    disks, here, count, length, offset = row[1:3], row[3], row[4], row[5], row[6]
    wide = _find_wide_end(source, at)
    if wide is not None:
        far = WIDE_END.unpack(source.read(wide, WIDE_END.size))
        disks, here, count, length, offset = far[4:6], far[6], far[7], far[8], far[9]
    if any(disk not in (0, _FULL16, _FULL32) for disk in disks) or here != count:
        raise MalformedError("ZIP", "is a part of an archive on several disks", offset=at)
    if count > limits.container_items:
        raise LimitError("ZIP", f"{count} entries, of which we read {limits.container_items}")
    last = at if wide is None else wide
    start = _find_directory(source, last, length, offset)
    return Archive(Span(start, length), at, start - offset, count, wide, trailing)


def _find_end(source: ByteSource) -> tuple[int, int]:
    """Where the end record starts, and how many bytes follow that are not its comment."""
    first = max(0, source.size - END.size - _COMMENT)
    tail = source.read(first, source.size - first)
    fitting: list[int] = []
    other: tuple[int, int] | None = None
    at = tail.rfind(_END_MAGIC)
    while at >= 0:
        if at + END.size <= len(tail):
            past = len(tail) - at - END.size - int.from_bytes(tail[at + 20 : at + 22], "little")
            if past == 0:
                fitting.append(at)
            elif past > 0 and other is None:
                other = at, past
        at = tail.rfind(_END_MAGIC, 0, at)
    if len(fitting) > 1:
        raise MalformedError(
            "ZIP", f"{len(fitting)} ends of the directory: which one counts is anybody's guess"
        )
    if not fitting and other is None:
        raise MalformedError("ZIP", "no end of the central directory")
    place, trailing = (fitting[0], 0) if other is None or fitting else other
    return first + place, trailing


def _find_wide_end(source: ByteSource, end: int) -> int | None:
    at = end - _LOCATOR.size
    if at < 0:
        return None
    magic, _, offset, _ = _LOCATOR.unpack(source.read(at, _LOCATOR.size))
    if magic != _LOCATOR_MAGIC:
        return None
    for place in (at - WIDE_END.size, offset):  # the first, if a program stands before it all
        if 0 <= place <= at - WIDE_END.size and source.read(place, 4) == _WIDE_END_MAGIC:
            return int(place)
    raise MalformedError("ZIP64 locator", f"no end record at byte {offset}", offset=at)


def _find_directory(source: ByteSource, last: int, length: int, offset: int) -> int:
    """Where the directory starts: right before its end, or at its offset if there is a gap."""
    places = (last - length, offset)
    for start in places:
        if offset <= start <= last - length and (
            length == 0 or source.read(start, 4) == CENTRAL_MAGIC
        ):
            return start
    raise MalformedError(
        "central directory", f"{length} bytes at {offset}, but the file has none there", offset=last
    )


def read_local(source: ByteSource, entry: Entry, most: int) -> Local:
    """Where an entry's bytes lie.

    Args:
        source: the archive.
        entry: its central header.
        most: where the directory starts; an entry ends before.

    Raises:
        MalformedError: no local header there, or one for another name, or more data than there is.
    """
    left = most - entry.start
    if left < LOCAL.size:
        raise MalformedError("ZIP entry", f"{_printed(entry)} starts at {entry.start}, past all")
    head = source.read(entry.start, min(left, LOCAL.size + len(entry.name)))
    row = LOCAL.unpack_from(head)
    if row[0] != LOCAL_MAGIC or head[LOCAL.size :] != entry.name or row[9] != len(entry.name):
        raise MalformedError(
            "ZIP entry", f"no local header of {_printed(entry)}", offset=entry.start
        )
    data = entry.start + LOCAL.size + row[9] + row[10]
    data_end = data + entry.packed
    if data_end > most:
        raise MalformedError(
            "ZIP entry",
            f"{_printed(entry)} has {entry.packed} bytes, {max(0, most - data)} left",
            offset=entry.start,
        )
    end = data_end
    if row[2] & 0x08:
        end += _descriptor(source.read(data_end, min(24, most - data_end)), entry)
    told = (entry.flags, entry.method, entry.crc, entry.packed, entry.size)
    return Local(entry.start, data, data_end, end, agrees=(*row[2:4], *row[6:9]) == told)


def _descriptor(after: bytes, entry: Entry) -> int:
    """Bytes of the data descriptor behind an entry's data; 0 if what stands there is none.

    crc u32, packed, size: both u32, or both u64; a magic number may stand before them.
    """
    for magic in (_DESCRIPTOR_MAGIC, b""):
        for form in ("<III", "<IQQ"):
            try:
                told = struct.pack(form, entry.crc, entry.packed, entry.size)
            except struct.error:
                continue  # over 4 GiB
            if after.startswith(magic + told):
                return len(magic) + len(told)
    return 0


def mentions(source: ByteSource, span: Span, name: bytes) -> bool:
    """Do these bytes stand somewhere in a span?"""
    overlap = b""
    for block in source.blocks(span):
        text = overlap + bytes(block)
        if name in text:
            return True
        overlap = text[-len(name) :]
    return False


def _printed(entry: Entry) -> str:
    return repr(entry.text[:80])
