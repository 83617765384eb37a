"""A walk over the boxes in which tables of offsets lie, and bounded reads of such a box."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.tree import BmffBox, children
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["Field", "Node", "walk"]

_ENTERED = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra", b"meta", b"meco")
)


@dataclass(frozen=True, slots=True)
class Node:
    """A box with those around it, the nearest first, and the boxes beside it."""

    box: BmffBox
    around: tuple["Node", ...]
    beside: tuple[BmffBox, ...]

    def inside(self, kind: bytes) -> "Node | None":
        """The nearest box of a type around this one."""
        return next((node for node in self.around if node.box.type == kind), None)

    def neighbour(self, kind: bytes) -> BmffBox | None:
        """The first box of a type beside this one."""
        return next((box for box in self.beside if box.type == kind), None)


def walk(
    source: ByteSource, roots: Iterable[BmffBox], wanted: frozenset[bytes], limits: Limits
) -> Iterator[Node]:
    """The boxes of some types, wherever offsets may lie, in file order.

    Raises:
        MalformedError: a box reaches past the one around it.
        LimitError: more boxes in all than `container_items`, or deeper than `box_depth`.
    """
    seen = 0
    for root in roots:
        waiting = [Node(root, (), ())] if root.type in wanted or root.type in _ENTERED else []
        while waiting:
            node = waiting.pop()
            if node.box.type in wanted:
                yield node
            if node.box.type not in _ENTERED or node.box.end - node.box.body < 8:
                continue
            if len(node.around) >= limits.box_depth:
                raise LimitError(
                    "boxes", f"nested deeper than {limits.box_depth}", offset=node.box.start
                )
            inner = children(source, node.box, limits)
            seen += len(inner)
            if seen > limits.container_items:
                raise LimitError("boxes", f"more than {limits.container_items} in all")
            around = (node, *node.around)
            waiting += (
                Node(box, around, inner)
                for box in reversed(inner)
                if box.type in wanted or box.type in _ENTERED
            )


@dataclass(frozen=True, slots=True)
class Field:
    """The payload of a box, read field by field; every read is held to the box's end.

    A method that reads gives the place after what it read, too: offsets in the file.
    """

    source: ByteSource
    box: BmffBox

    @property
    def name(self) -> str:
        """What to call the box in a message."""
        return f"{self.box.type.decode('latin-1')} box"

    def bytes_at(self, at: int, length: int) -> bytes:
        """Bytes of the payload.

        Raises:
            MalformedError: the box ends before.
        """
        if at + length > self.box.end:
            raise MalformedError(
                self.name,
                f"{length} bytes wanted at byte {at}, {max(0, self.box.end - at)} left in it",
                offset=self.box.start,
            )
        return self.source.read(at, length)

    def numbers(self, at: int, form: str) -> tuple[int, ...]:
        """Big-endian numbers of a `struct` form."""
        packed = f">{form}"
        return struct.unpack(packed, self.bytes_at(at, struct.calcsize(packed)))

    def version_and_flags(self) -> tuple[int, int]:
        """Of a full box."""
        (word,) = self.numbers(self.box.body, "I")
        return word >> 24, word & 0xFFFFFF

    def table(self, at: int, count: int, width: int) -> None:
        """Check that a table is inside the box, before anybody reads it.

        Raises:
            MalformedError: it is not.
        """
        left = self.box.end - at
        if count * width > left:
            raise MalformedError(
                self.name,
                f"{count} entries of {width} bytes, {max(0, left)} bytes left in it",
                offset=self.box.start,
            )
