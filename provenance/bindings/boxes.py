"""The box hash: the container's boxes laid against the rows of the assertion, in order.

    rows     [SOI] [C2PA] [APP0 DQT SOF0] [SOS EOI]
    boxes     SOI   C2PA   APP0 DQT SOF0   SOS RST0 RST1 EOI

The standard counts each restart interval of a JPEG as a box; some writers fold them into the scan
they belong to, and either is understood. Source: C2PA 2.2 §15.12.3, §18.7.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Self

from provenance.cbor import CborValue
from provenance.digests import HashAlg, digest, new_hasher
from provenance.errors import DefinitionError
from provenance.formats.base import Handler, NamedBox, Plan
from provenance.limits import Limits
from provenance.model.assertions.box_hash import C2PA_BOX, LABEL, BoxHash, BoxRow
from provenance.source import ByteSource
from provenance.spans import Span, complement

__all__ = ["BoxBinding", "Laid", "lay"]


@dataclass(frozen=True, slots=True)
class BoxBinding:
    """A box hash in the making; see `bindings.base`.

    One row for all that comes before the store, one for it, one for all behind.
    """

    alg: HashAlg
    handler: Handler
    limits: Limits
    names: tuple[tuple[str, ...], ...] = ()  # of the rows

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        empty = digest(b"", self.alg)
        return self._to_cbor((names, empty) for names in self.names)

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`.

        Raises:
            DefinitionError: the container is not made of named boxes.
        """
        del plan
        names = tuple(tuple(box.name for box in row) for row in self._rows(output))
        return self if names == self.names else replace(self, names=names)

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`."""
        del plan
        return self._to_cbor(
            (names, digest_boxes(output, row, self.alg))
            for names, row in zip(self.names, self._rows(output), strict=True)
        )

    def _to_cbor(self, rows: Iterable[tuple[tuple[str, ...], bytes]]) -> dict[str, CborValue]:
        none = bytes(len(digest(b"", self.alg)))  # the store's own row has no hash to give
        return BoxHash(
            tuple(
                BoxRow(names=names, hash=none if names == (C2PA_BOX,) else found)
                for names, found in rows
            ),
            self.alg,
        ).to_cbor()

    def _rows(self, output: ByteSource) -> Iterator[tuple[NamedBox, ...]]:
        boxes = self.handler.boxes(output, self.limits)
        if boxes is None:
            raise DefinitionError("binding", f"{self.handler.name} is not made of named boxes")
        for _, row in groupby(boxes, key=lambda box: box.name == C2PA_BOX):
            yield tuple(row)


def digest_boxes(
    source: ByteSource, row: Sequence[NamedBox], alg: HashAlg, exclusions: Sequence[Span] = ()
) -> bytes:
    """Hash boxes that stand in one row; what must not count is left out or read as zeros.

    Args:
        source: the asset.
        row: the boxes, in file order; there may be gaps between them, which do not count.
        alg: a name on the allow-list.
        exclusions: spans to leave out, ascending; offsets are those of the file.
    """
    hasher = new_hasher(alg)
    for box in row:
        cut = box.zeroed or Span(box.span.end, 0)
        for part in _outside(Span.between(box.span.start, cut.start), exclusions):
            for block in source.blocks(part):
                hasher.update(block)
        hasher.update(bytes(cut.length))
        for part in _outside(Span.between(cut.end, box.span.end), exclusions):
            for block in source.blocks(part):
                hasher.update(block)
    return hasher.digest()


def _outside(span: Span, exclusions: Sequence[Span]) -> Iterator[Span]:
    for kept in complement(exclusions, span.end):
        if kept.end > span.start:
            yield Span.between(max(kept.start, span.start), kept.end)


@dataclass(frozen=True, slots=True)
class Laid:
    """What lies under a row: its boxes, or the name of the one that does not fit."""

    row: int  # index; that after the last for a box that no row knows
    boxes: tuple[NamedBox, ...] = ()
    wrong: str | None = None
    wanted: str | None = None


def lay(rows: Sequence[Sequence[str]], boxes: Sequence[NamedBox]) -> Iterator[Laid]:
    """Lay boxes against the names of rows; stops at the first that does not fit.

    Args:
        rows: the names of each row.
        boxes: those of the asset, in file order.
    """
    at = 0
    if boxes and rows and boxes[0].optional and boxes[0].name != rows[0][0]:
        at = 1  # the signature bytes of a PNG, which some writers leave out
    for index, names in enumerate(rows):
        first = at
        for name in names:
            if at >= len(boxes) or boxes[at].name != name:
                wrong = boxes[at].name if at < len(boxes) else None
                yield Laid(index, (), wrong, name)
                return
            at += 1
            if not name.startswith("RST"):
                at = _past_restarts(boxes, at, names)
        yield Laid(index, tuple(boxes[first:at]))
    if at < len(boxes):
        yield Laid(len(rows), (), boxes[at].name)


def _past_restarts(boxes: Sequence[NamedBox], at: int, names: Sequence[str]) -> int:
    if any(name.startswith("RST") for name in names):
        return at
    while at < len(boxes) and boxes[at].name.startswith("RST"):
        at += 1
    return at
