"""Bytes to a box tree, with limits on depth and count.

Source: C2PA 2.2 §11.1; ISO 19566-5:2023, annex A.
"""

from collections.abc import Iterator

from provenance.boxes import BoxHeader, read_header
from provenance.errors import LimitError, MalformedError
from provenance.jumbf.tree import Box, SuperBox
from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["parse"]

_LABEL, _ID, _SIGNATURE, _PRIVATE = 0x02, 0x04, 0x08, 0x10
_LONGEST = 4096  # bytes of a label, its NUL included


def parse(data: bytes | memoryview, limits: Limits = DEFAULT_LIMITS) -> SuperBox:
    """Read the superbox that `data` starts with; zero bytes may follow it.

    Raises:
        MalformedError: not a JUMBF superbox; says where.
        LimitError: too long, too deep, or too many boxes.
    """
    view = memoryview(data)
    if len(view) > limits.store_bytes:
        raise LimitError(
            "manifest store", f"{len(view)} bytes, of which we read {limits.store_bytes}"
        )
    header = read_header(view, 0, len(view))
    if header.type != b"jumb":
        raise MalformedError("manifest store", "does not start with a jumb box", offset=0)
    if bytes(view[header.end :]).strip(b"\0"):
        raise MalformedError("manifest store", "bytes after its box", offset=header.end)
    return _Reader(view, limits).superbox(header, 1)


class _Reader:
    def __init__(self, data: memoryview, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._count = 0

    def superbox(self, header: BoxHeader, depth: int) -> SuperBox:
        if depth > self._limits.box_depth:
            raise LimitError(
                "jumb box", f"nested deeper than {self._limits.box_depth}", offset=header.start
            )
        described = read_header(self._data, header.body, header.end)
        if described.type != b"jumd":
            raise MalformedError(
                "jumb box", "its first box is not a jumd description", offset=header.start
            )
        uuid, toggles, label, salt = self._description(described)
        return SuperBox(
            uuid=uuid,
            label=label,
            salt=salt,
            toggles=toggles,
            children=tuple(self._children(described.end, header.end, depth)),
            raw=self._data[header.start : header.end],
            header=header.body - header.start,
            offset=header.start,
        )

    def _children(self, at: int, end: int, depth: int) -> Iterator[Box | SuperBox]:
        while at < end:
            header = read_header(self._data, at, end)
            self._count += 1
            if self._count > self._limits.boxes:
                raise LimitError(
                    "manifest store", f"more than {self._limits.boxes} boxes", offset=at
                )
            if header.type == b"jumb":
                yield self.superbox(header, depth + 1)
            else:
                raw = self._data[at : header.end]
                yield Box(header.type, raw, header.body - at, at)
            at = header.end

    def _description(self, header: BoxHeader) -> tuple[bytes, int, str | None, bytes | None]:
        at, end = header.body, header.end
        if end - at < 17:
            raise MalformedError("jumd box", f"{end - at} bytes, at least 17 wanted", offset=at)
        uuid, toggles = bytes(self._data[at : at + 16]), self._data[at + 16]
        at += 17
        label = None
        if toggles & _LABEL:
            label, at = self._label(at, end)
        at += 4 if toggles & _ID else 0
        at += 32 if toggles & _SIGNATURE else 0
        if at > end:
            raise MalformedError("jumd box", "ends inside its own fields", offset=header.start)
        salt = None
        if toggles & _PRIVATE:
            private = read_header(self._data, at, end)
            if private.type == b"c2sh":
                salt = bytes(self._data[private.body : private.end])
            at = private.end
        if at != end:
            raise MalformedError("jumd box", f"{end - at} bytes after its fields", offset=at)
        return uuid, toggles, label, salt

    def _label(self, at: int, end: int) -> tuple[str, int]:
        raw = bytes(self._data[at : min(end, at + _LONGEST)])
        length = raw.find(0)
        if length < 0:
            raise MalformedError("jumd label", "has no end within its box", offset=at)
        try:
            return raw[:length].decode(), at + length + 1
        except UnicodeDecodeError as error:
            raise MalformedError("jumd label", "is not UTF-8", offset=at) from error
