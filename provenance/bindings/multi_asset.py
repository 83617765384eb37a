"""A multi-asset hash on its way into a manifest: what stands behind a container is bound by itself.

    photo.jpg   [ JPEG with the manifest store ] [ MP4 ]
                  data hash .part                  data hash .part__1

Parts behind the first are told by their distance from the end, which the store does not move.
Source: C2PA 2.2 §18.9.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from provenance.bindings.base import Beside, Binding
from provenance.bindings.data import DataBinding
from provenance.cbor import CborValue
from provenance.digests import HashAlg
from provenance.errors import UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Keep, New, Piece, Plan, piece_length
from provenance.formats.planned import PlannedSource
from provenance.limits import Limits
from provenance.model.assertions import data_hash, multi_asset_hash
from provenance.model.assertions.multi_asset_hash import PART, Part
from provenance.model.labels import numbered
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["in_parts", "trailing_parts"]

_AFTER = "c2pa.after"
_MOST = 64


def trailing_parts(source: ByteSource, limits: Limits) -> tuple[int, ...]:
    """The lengths of the parts behind the first container of an asset, in order.

    A part that is a container of named boxes ends where that ends; any other is the last.

    Raises:
        ProvenanceError: the container is broken, or none.
    """
    lengths: list[int] = []
    rest = _behind(source, limits)
    while rest is not None:
        window = PlannedSource(Plan((Keep(rest),)), source)
        try:
            more = _behind(window, limits) if len(lengths) < _MOST else None
        except UnsupportedFormatError:
            more = None
        lengths.append(rest.length - (more.length if more else 0))
        rest = Span(rest.start + more.start, more.length) if more else None
    return tuple(lengths)


def _behind(source: ByteSource, limits: Limits) -> Span | None:
    boxes = registry.find(source).boxes(source, limits)
    return boxes[-1].span if boxes and boxes[-1].name == _AFTER else None


def in_parts(
    hard: Binding, lengths: tuple[int, ...], alg: HashAlg, *, optional: bool
) -> tuple[Binding, ...]:
    """The hard binding, and with it those of the parts.

    Args:
        hard: over the whole.
        lengths: what `trailing_parts` gave; none: the asset is one part.
        alg: the hash algorithm.
        optional: may the parts behind the first be dropped?
    """
    if not lengths:
        return (hard,)
    places = tuple(_places(lengths))
    parts = tuple(
        _PartBinding(DataBinding(alg), numbered(f"{data_hash.LABEL}{PART}", at), place)
        for at, place in enumerate(places)
    )
    return (hard, *parts, _MultiAssetBinding(places, optional))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part lies in an asset whose size is not known yet."""

    behind: int  # bytes of the asset after it
    length: int | None  # None: from the start

    def within(self, size: int) -> Span:
        end = size - self.behind
        return Span.between(0 if self.length is None else end - self.length, end)


def _places(lengths: tuple[int, ...]) -> Iterator[_Place]:
    behind = sum(lengths)
    yield _Place(behind, None)
    for length in lengths:
        behind -= length
        yield _Place(behind, length)


@dataclass(frozen=True, slots=True)
class _PartBinding:
    """A binding that takes one part for the whole asset; see `bindings.base`."""

    inner: DataBinding
    label: str
    place: _Place

    def blank(self) -> dict[str, CborValue]:
        return self.inner.blank()

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        fitted = self.inner.fitted(*self._windowed(output, plan))
        return self if fitted is self.inner else replace(self, inner=fitted)

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        return self.inner.bound(*self._windowed(output, plan))

    def _windowed(self, output: ByteSource, plan: Plan) -> tuple[ByteSource, Plan]:
        span = self.place.within(output.size)
        return PlannedSource(Plan((Keep(span),)), output), Plan(tuple(_cut(plan, span)))


def _cut(plan: Plan, span: Span) -> Iterator[Piece]:
    """The pieces of a plan that make a span of its output; a slot is in it, or not."""
    for at, piece in plan.placed():
        first, last = max(span.start - at, 0), min(span.end - at, piece_length(piece))
        if first >= last:
            continue
        match piece:
            case Keep(kept):
                yield Keep(Span.between(kept.start + first, kept.start + last))
            case New(data, unbound):
                yield New(data[first:last], unbound)
            case _:
                yield piece


@dataclass(frozen=True, slots=True)
class _MultiAssetBinding:
    """The list of the parts; see `bindings.base`."""

    places: tuple[_Place, ...]
    optional: bool
    label: str = multi_asset_hash.LABEL

    def blank(self) -> dict[str, CborValue]:
        return self._of(0)

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        del output, plan
        return self

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        del plan
        return self._of(output.size)

    def _of(self, size: int) -> dict[str, CborValue]:
        rows: list[CborValue] = []
        for at, place in enumerate(self.places):
            span = place.within(size) if size else Span(0, 0)
            reference = Beside(numbered(f"{data_hash.LABEL}{PART}", at))
            rows.append(Part.to_cbor(span, reference, optional=self.optional and at > 0))
        return {"parts": rows}
