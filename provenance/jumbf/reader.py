"""Bytes to a box tree, with limits on depth and count.

Source: C2PA 2.2 §11.1; ISO 19566-5:2023, annex A.
"""

import struct
from typing import Protocol

from provenance.boxes import read_header
from provenance.errors import LimitError, MalformedError
from provenance.jumbf.tree import Box, SuperBox
from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["Shelf", "parse"]

_LABEL, _ID, _SIGNATURE, _PRIVATE = 0x02, 0x04, 0x08, 0x10
_MORE = _ID | _SIGNATURE | _PRIVATE
_SHORT = struct.Struct(">I4s")
_LONGEST = 4096  # bytes of a label, its NUL included


class Shelf(Protocol):
    """Where boxes are kept that come again in other stores, such as manifests of ingredients."""

    def recall(self, at: int, raw: bytes) -> tuple[SuperBox, int] | None:
        """The superbox that these very bytes were at this very place, and how many are in it."""

    def keep(self, at: int, raw: bytes, box: SuperBox, boxes: int, size: int) -> None:
        """A superbox that was read; as long as it is kept, `size` bytes are."""


def parse(
    data: bytes | memoryview, limits: Limits = DEFAULT_LIMITS, shelf: Shelf | None = None
) -> SuperBox:
    """Read the superbox that `data` starts with; zero bytes may follow it.

    Args:
        data: the bytes.
        limits: how much to read.
        shelf: superboxes right below, all but the last one, are looked for there, and left there.

    Raises:
        MalformedError: not a JUMBF superbox; says where.
        LimitError: too long, too deep, or too many boxes.
    """
    whole = bytes(data)
    if len(whole) > limits.store_bytes:
        raise LimitError(
            "manifest store", f"{len(whole)} bytes, of which we read {limits.store_bytes}"
        )
    header = read_header(whole, 0, len(whole))
    if header.type != b"jumb":
        raise MalformedError("manifest store", "does not start with a jumb box", offset=0)
    if whole[header.end :].strip(b"\0"):
        raise MalformedError("manifest store", "bytes after its box", offset=header.end)
    return _Reader(whole, limits, shelf).superbox(0, header.body, header.end, 1)


class _Reader:
    def __init__(self, data: bytes, limits: Limits, shelf: Shelf | None) -> None:
        self._data = data
        self._view = memoryview(data)
        self._limits = limits
        self._shelf = shelf
        self._count = 0

    def superbox(self, start: int, body: int, end: int, depth: int) -> SuperBox:
        """A `jumb` box: its description, then what it describes."""
        if depth > self._limits.box_depth:
            raise LimitError(
                "jumb box", f"nested deeper than {self._limits.box_depth}", offset=start
            )
        kind, start_of, end_of = self._header(body, end)
        if kind != b"jumd":
            raise MalformedError(
                "jumb box", "its first box is not a jumd description", offset=start
            )
        uuid, toggles, label, salt = self._description(body, start_of, end_of)
        children = self._children(end_of, end, depth)
        return SuperBox(
            uuid, label, salt, toggles, children, self._view[start:end], body - start, start
        )

    def _children(self, at: int, end: int, depth: int) -> tuple[Box | SuperBox, ...]:
        found: list[Box | SuperBox] = []
        while at < end:
            kind, body, after = self._header(at, end)
            self._count += 1
            if self._count > self._limits.boxes:
                raise LimitError(
                    "manifest store", f"more than {self._limits.boxes} boxes", offset=at
                )
            if kind == b"jumb" and depth == 1 and after < end and self._shelf is not None:
                found.append(self._shelved(at, body, after, self._shelf))
            elif kind == b"jumb":
                found.append(self.superbox(at, body, after, depth + 1))
            else:
                found.append(Box(kind, self._view[at:after], body - at, at))
            at = after
        return tuple(found)

    def _shelved(self, at: int, body: int, end: int, shelf: Shelf) -> SuperBox:
        raw = self._data[at:end]
        known = shelf.recall(at, raw)
        if known is not None and self._count + known[1] <= self._limits.boxes:
            self._count += known[1]
            return known[0]
        before = self._count
        box = self.superbox(at, body, end, 2)
        shelf.keep(at, raw, box, self._count - before, len(self._data) + len(raw))
        return box

    def _header(self, at: int, end: int) -> tuple[bytes, int, int]:
        """Type, start of the body, and end of a box; nearly all have the short header."""
        if end - at >= _SHORT.size:
            size, kind = _SHORT.unpack_from(self._data, at)
            if _SHORT.size <= size <= end - at:
                return kind, at + _SHORT.size, at + size
        header = read_header(self._data, at, end)
        return header.type, header.body, header.end

    def _description(
        self, start: int, at: int, end: int
    ) -> tuple[bytes, int, str | None, bytes | None]:
        data = self._data
        if end - at < 17:
            raise MalformedError("jumd box", f"{end - at} bytes, at least 17 wanted", offset=at)
        uuid, toggles = data[at : at + 16], data[at + 16]
        at += 17
        label = salt = None
        if toggles & _LABEL:
            label, at = self._label(at, end)
            if at == end and not toggles & _MORE:  # as most are
                return uuid, toggles, label, salt
        at += 4 if toggles & _ID else 0
        at += 32 if toggles & _SIGNATURE else 0
        if at > end:
            raise MalformedError("jumd box", "ends inside its own fields", offset=start)
        if toggles & _PRIVATE:
            private = read_header(data, at, end)
            if private.type == b"c2sh":
                salt = data[private.body : private.end]
            at = private.end
        if at != end:
            raise MalformedError("jumd box", f"{end - at} bytes after its fields", offset=at)
        return uuid, toggles, label, salt

    def _label(self, at: int, end: int) -> tuple[str, int]:
        stop = self._data.find(0, at, min(end, at + _LONGEST))
        if stop < 0:
            raise MalformedError("jumd label", "has no end within its box", offset=at)
        try:
            return self._data[at:stop].decode(), stop + 1
        except UnicodeDecodeError as error:
            raise MalformedError("jumd label", "is not UTF-8", offset=at) from error
