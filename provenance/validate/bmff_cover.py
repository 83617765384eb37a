"""Which bytes a BMFF hash speaks for: what is left out of the hash, less what a tree covers."""

from dataclasses import replace

from provenance.bindings.bmff import Cover, cover
from provenance.errors import LimitError, MalformedError
from provenance.model.assertions.bmff_hash import BmffHash
from provenance.spans import Span, ascending, complement, merge
from provenance.validate.context import Context
from provenance.validate.reading import Listed

__all__ = ["boxes_left_out"]

_MOST = 100_000  # boxes; a picture of more tells nobody anything
_HIDDEN_FROM = 16  # bytes into an mdat box, where it has a tree (A.5.6)


def boxes_left_out(listed: Listed, context: Context) -> tuple[Span, ...] | None:
    """The spans that nothing speaks for, the store's boxes among them, ascending.

    None where the assertion, or the file, makes no sense, or the file has too many boxes.
    """
    if listed.label.version < 2:
        return None
    try:
        hard = BmffHash.read(listed.value)
        if any(not ascending(one.subset or ()) for one in hard.exclusions):
            return None
        few = replace(context.limits, container_items=min(_MOST, context.limits.container_items))
        covered = cover(context.asset, hard.exclusions, few)
    except (MalformedError, LimitError):
        return None
    if hard.merkle and hard.hash is not None and not hard.fragmented:
        return _less_trees(covered)
    return covered.left_out


def _less_trees(covered: Cover) -> tuple[Span, ...]:
    """What is left out, but for the payloads of mdat boxes."""
    held = merge(
        Span.between(min(box.start + _HIDDEN_FROM, box.end), box.end)
        for box in covered.of_type(b"mdat")
    )
    size = covered.source.size
    kept = merge((*complement(covered.left_out, size), *held))
    return tuple(complement(kept, size))
