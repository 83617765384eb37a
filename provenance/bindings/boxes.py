"""The box hash: the container's boxes laid against the rows of the assertion, in order.

    rows     [SOI] [C2PA] [APP0 DQT SOF0] [SOS EOI]
    boxes     SOI   C2PA   APP0 DQT SOF0   SOS RST0 RST1 EOI

The standard counts each restart interval of a JPEG as a box; some writers fold them into the scan
they belong to, and either is understood. Source: C2PA 2.2 §15.12.3, §18.7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.formats.base import NamedBox
from provenance.spans import Span

__all__ = ["Laid", "lay"]


@dataclass(frozen=True, slots=True)
class Laid:
    """What lies under a row: its span, or the name of the box that does not fit."""

    row: int  # index; that after the last for a box that no row knows
    span: Span | None
    wrong: str | None = None
    wanted: str | None = None


def lay(rows: Sequence[Sequence[str]], boxes: Sequence[NamedBox]) -> Iterator[Laid]:
    """Lay boxes against the names of rows; stops at the first that does not fit.

    Args:
        rows: the names of each row.
        boxes: those of the asset, in file order, without gaps.
    """
    at = 0
    if boxes and rows and boxes[0].optional and boxes[0].name != rows[0][0]:
        at = 1  # the signature bytes of a PNG, which some writers leave out
    for index, names in enumerate(rows):
        first = at
        for name in names:
            if at >= len(boxes) or boxes[at].name != name:
                wrong = boxes[at].name if at < len(boxes) else None
                yield Laid(index, None, wrong, name)
                return
            at += 1
            if not name.startswith("RST"):
                at = _past_restarts(boxes, at, names)
        yield Laid(index, Span.between(boxes[first].span.start, boxes[at - 1].span.end))
    if at < len(boxes):
        yield Laid(len(rows), None, boxes[at].name)


def _past_restarts(boxes: Sequence[NamedBox], at: int, names: Sequence[str]) -> int:
    if any(name.startswith("RST") for name in names):
        return at
    while at < len(boxes) and boxes[at].name.startswith("RST"):
        at += 1
    return at
