"""The boxes of an ISO base media file: where each begins, what it holds, how a path finds it.

    size u32 | type 4 | [largesize u64 when size is 1] | [usertype 16 when type is uuid] | data
    size 0: to the end of the file, or of the box around it

Only headers are read, so a film of many gigabytes costs a few kilobytes.
Source: ISO 14496-12 §4.2, §8; QuickTime File Format, "Atoms"; C2PA 2.2 §18.6 (xpath).
"""

import re
import struct
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["CONTAINERS", "BmffBox", "children", "chosen", "find", "scan", "steps", "top_level"]

CONTAINERS = frozenset(
    (
        *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"tref"),
        *(b"mvex", b"moof", b"traf", b"mfra", b"meta", b"meco", b"iprp", b"ipco", b"sinf"),
        *(b"schi", b"rinf", b"strk", b"strd", b"grpl", b"gmhd", b"tapt", b"clip", b"matt"),
    )
)
_SHORT = struct.Struct(">I4s")
_LONG = struct.Struct(">Q")
_HEADER = 32  # bytes of the longest header: size, type, largesize, usertype
_MOST = 300_000  # boxes in a row: a day of film in segments of a second has 173 000
_WINDOW = 4096  # read at once: many small boxes come with one read, and a skip wastes little
_STEP = re.compile(r"([^/\[\]]{4})(?:\[([1-9][0-9]{0,8})\])?")


class BmffBox(NamedTuple):  # there may be a million: cheaper than a dataclass
    """A box; offsets in bytes from the start of the file.

    `body` is after size, type and largesize, but before the usertype of a `uuid` box and before
    the version and flags of a full box.
    """

    type: bytes
    start: int
    body: int
    end: int
    usertype: bytes | None = None  # 16 bytes, of a `uuid` box


def top_level(source: ByteSource, limits: Limits) -> tuple[BmffBox, ...]:
    """The root boxes, in file order; together they are the whole file.

    Raises:
        MalformedError: a box reaches past the end, or fewer than 8 bytes are left for one.
        LimitError: more boxes than `container_items`.
    """
    return tuple(scan(source, 0, source.size, limits))


def children(source: ByteSource, box: BmffBox, limits: Limits) -> tuple[BmffBox, ...]:
    """The boxes in a plain container; none of a box that is no container.

    `meta` is a full box in ISO files and a plain one in QuickTime: either is read. A few zero
    bytes may end a container, as QuickTime has them.

    Raises:
        MalformedError, LimitError: as `top_level`.
    """
    if box.type not in CONTAINERS:
        return ()
    at = box.body
    if box.type == b"meta" and source.read(at, min(8, box.end - at))[4:] != b"hdlr":
        at = min(at + 4, box.end)
    return tuple(scan(source, at, box.end, limits, padded=True))


def find(source: ByteSource, xpath: str, limits: Limits) -> tuple[BmffBox, ...]:
    """The boxes that a path names, in file order.

    Args:
        xpath: `/moov/trak[2]/mdia`: types from the root down; a number counts from 1 among the
            siblings of the same type, and without one all of them are meant.

    Raises:
        MalformedError: no such path, or broken boxes on the way.
        LimitError: more boxes than `container_items`, or a path deeper than `box_depth`.
    """
    path = steps(xpath, limits)
    found = chosen(top_level(source, limits), *path[0])
    for kind, number in path[1:]:
        within = (chosen(children(source, box, limits), kind, number) for box in found)
        found = tuple(box for some in within for box in some)
    return found


def scan(
    source: ByteSource, at: int, end: int, limits: Limits, *, padded: bool = False
) -> Iterator[BmffBox]:
    """The boxes from `at` up to `end`, one after another.

    Args:
        padded: fewer than 8 zero bytes at the end are no box, and no error.

    Raises:
        MalformedError, LimitError: as `top_level`; the boxes before have been given by then.
    """
    window, first = b"", at
    kinds: dict[bytes, bytes] = {}  # many boxes share a handful of types
    most = min(limits.container_items, _MOST)
    for number in count():
        if at >= end:
            return
        if number >= most:
            raise LimitError("boxes", f"more than {most} in a row", offset=at)
        if at + _HEADER > first + len(window):
            window, first = source.read(at, min(_WINDOW, source.size - at)), at
        if end - at >= 8:
            length, kind = _SHORT.unpack_from(window, at - first)
            after, usertype = at + length, None
            if kind == b"uuid" and length >= 24:
                usertype = window[at - first + 8 : at - first + 24]
            if 8 <= length <= end - at and (usertype or kind != b"uuid"):  # nearly always
                kind = kinds.setdefault(kind, kind)
                yield BmffBox(kind, at, at + 8, after, usertype)
                at = after
                continue
        elif padded and not any(window[at - first : end - first]):
            return
        else:
            raise MalformedError("box header", f"8 bytes wanted, {end - at} left", offset=at)
        box = _read(window, at - first, at, end)
        yield box
        at = box.end


def _read(window: bytes, place: int, at: int, end: int) -> BmffBox:
    """The box whose header stands at `place` in what was read, and at `at` in the file."""
    length, kind = _SHORT.unpack_from(window, place)
    left, body = end - at, at + 8
    if length == 1:
        if left < 16:
            raise MalformedError("box header", f"16 bytes wanted, {left} left", offset=at)
        (length,) = _LONG.unpack_from(window, place + 8)
        body = at + 16
    elif length == 0:
        length = left
    usertype = None
    least = body - at
    if kind == b"uuid":
        usertype = window[place + least : place + least + 16]
        least += 16
    if length < least:
        raise MalformedError(
            f"{_name(kind)} box", f"{length} bytes long, its header alone {least}", offset=at
        )
    if length > left:
        raise MalformedError(f"{_name(kind)} box", f"{length} bytes long, {left} left", offset=at)
    return BmffBox(kind, at, body, at + length, usertype)


def steps(xpath: str, limits: Limits) -> list[tuple[bytes, int | None]]:
    """A path as box types from the root down, each with its number if it has one; see `find`."""
    names = xpath.removeprefix("/").split("/", limits.box_depth)
    if len(names) > limits.box_depth:
        raise LimitError("xpath", f"deeper than {limits.box_depth} boxes")
    matches = [_STEP.fullmatch(name) for name in names]
    if not xpath.startswith("/") or max(xpath) > "\xff":  # types are bytes
        matches = [None]
    found: list[tuple[bytes, int | None]] = []
    for step in matches:
        if step is None:
            raise MalformedError("xpath", f"{xpath[:60]!r} is no path of box types")
        found.append((step[1].encode("latin-1"), int(step[2]) if step[2] else None))
    return found


def chosen(boxes: tuple[BmffBox, ...], kind: bytes, number: int | None) -> tuple[BmffBox, ...]:
    """Those of some siblings that a step of a path means."""
    same = tuple(box for box in boxes if box.type == kind)
    return same if number is None else same[number - 1 : number]


def _name(kind: bytes) -> str:
    return kind.decode("latin-1") if kind.isalnum() else f"0x{kind.hex()}"
