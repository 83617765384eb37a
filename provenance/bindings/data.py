"""The data hash: all bytes of the asset but a few spans.

Source: C2PA 2.2 §9.2.1, §15.12.1; 2.4 §15.12.1.1 for what an update manifest moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from provenance.cbor import CborValue
from provenance.digests import HashAlg, digest, digest_outside, new_hasher
from provenance.formats.base import Handler, Plan
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions.data_hash import LABEL, DataHash
from provenance.source import ByteSource
from provenance.spans import Span, complement, merge

__all__ = ["DataBinding", "Exclusions", "digest_data", "sort_exclusions"]

_NARROW = 1 << 32  # bytes


@dataclass(frozen=True, slots=True)
class DataBinding:
    """A data hash in the making; see `bindings.base`."""

    alg: HashAlg
    exclusions: int = 1  # how many there will be
    wide: bool = False  # do their numbers take 64 bits?
    handler: Handler | None = None  # of the container; None: one whose bytes count as they lie
    limits: Limits = DEFAULT_LIMITS

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        spans = (Span(0, 0),) * self.exclusions
        return self._to_cbor(digest(b"", self.alg), spans)

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`."""
        count, wide = len(plan.unbound), output.size >= _NARROW
        if (count, wide) == (self.exclusions, self.wide):
            return self
        return replace(self, exclusions=count, wide=wide)

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`."""
        found = digest_data(output, plan.unbound, self.alg, self.handler, self.limits)
        return self._to_cbor(found, plan.unbound)

    def _to_cbor(self, found: bytes, spans: tuple[Span, ...]) -> dict[str, CborValue]:
        hard = DataHash(hash=found, alg=self.alg, exclusions=spans)
        return hard.to_cbor(wide=self.wide)


def digest_data(
    source: ByteSource,
    left_out: Sequence[Span],
    alg: HashAlg,
    handler: Handler | None,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The raw digest of an asset with some spans left out, as its container wants it taken.

    Raises:
        MalformedError: the asset shrank while being read.
        LimitError: a part that must be read whole is too long.
    """
    blocks = None if handler is None else handler.normalized(source, left_out, limits)
    if blocks is None:
        return digest_outside(source, left_out, alg)
    hasher = new_hasher(alg)
    for block in blocks:
        hasher.update(block)
    return hasher.digest()


@dataclass(frozen=True, slots=True)
class Exclusions:
    """A data hash's exclusions, held against where the store lies.

    `spans` is what to leave out; `additional` those of them that have nothing to do with the
    store; `foreign` is a span that was left out together with the store and is neither its
    carrier nor zero padding, or a part of the carrier that was not left out.
    """

    spans: tuple[Span, ...]
    additional: tuple[Span, ...]
    foreign: Span | None


def sort_exclusions(
    excluded: Sequence[Span],
    carriers: Sequence[Span],
    asset: ByteSource,
    *,
    updated: bool,
    core: Sequence[Span] | None = None,
) -> Exclusions:
    """Tell the store's own exclusion from others.

    Args:
        excluded: as signed, ascending.
        carriers: where the store lies in the file now, and all that goes with it.
        asset: to see whether bytes beside the store are padding.
        core: what of the carriers must be left out; None: all of it.
        updated: update manifests came after the signing, so that the store has grown and what
            follows it has moved.
    """
    carried = merge(carriers)
    needed = carried if core is None else merge(core)
    if updated:
        excluded = _moved(excluded, {one.start: one for one in (*carried, *needed)})
    own: list[Span] = []
    additional: list[Span] = []
    for span in excluded:
        beside = not any(_overlap(span, one) for one in carried)
        (additional if beside else own).append(span)
    return Exclusions(tuple(excluded), tuple(additional), _foreign(own, carried, needed, asset))


def _moved(excluded: Sequence[Span], places: Mapping[int, Span]) -> tuple[Span, ...]:
    """Exclusions where they are since the store has grown; `places` of its parts by their start."""
    growth = 0
    moved: list[Span] = []
    for span in excluded:
        now = places.get(span.start + growth)
        moved.append(now or Span(span.start + growth, span.length))
        growth += moved[-1].length - span.length
    return tuple(moved)


def _foreign(
    own: list[Span], carried: tuple[Span, ...], needed: tuple[Span, ...], asset: ByteSource
) -> Span | None:
    joined = merge(own)
    for part in needed:
        if not any(span.start <= part.start and part.end <= span.end for span in joined):
            return part
    for span in own:
        for beside in complement(carried, asset.size):
            shared = _common(beside, span)
            if shared is not None and not _is_zero(shared, asset):
                return shared
    return None


def _is_zero(span: Span, asset: ByteSource) -> bool:
    return not any(bytes(block).strip(b"\0") for block in asset.blocks(span))


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _common(a: Span, b: Span) -> Span | None:
    start, end = max(a.start, b.start), min(a.end, b.end)
    return Span.between(start, end) if start < end else None
