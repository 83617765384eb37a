"""Is an exclusion the wrapper that holds the store of a text? (C2PA 2.4 §15.12.1.3, §A.8.7.3)"""

from collections.abc import Sequence

from provenance.formats.composed import composed_length
from provenance.formats.wrapper import begins
from provenance.spans import Span
from provenance.validate.context import Context

__all__ = ["stored_exclusions"]


def stored_exclusions(
    exclusions: Sequence[Span], context: Context, *, updated: bool
) -> tuple[Span, ...] | None:
    """The exclusions of a data hash as places in the file; None: none of them is the wrapper.

    2.4 counts bytes of the composed text (NFC), 2.5 those of the text as it is stored; they
    differ where the text before the wrapper is not composed, and either is taken.

    Args:
        exclusions: as signed.
        context: what the asset is; only text with a wrapper is looked at.
        updated: the store has grown since, so only its start can be right.
    """
    carriers = context.carriers
    if len(carriers) != 1 or not begins(context.asset, carriers[0].start):
        return tuple(exclusions)
    wrapper = carriers[0]
    if any(_fits(one, wrapper, updated=updated) for one in exclusions):
        return tuple(exclusions)
    start = composed_length(context.asset, wrapper.start, context.limits)
    if len(exclusions) == 1 and _fits(exclusions[0], Span(start, wrapper.length), updated=updated):
        return (Span(wrapper.start, exclusions[0].length),)
    return None


def _fits(span: Span, wrapper: Span, *, updated: bool) -> bool:
    return span.start == wrapper.start and (updated or span.length == wrapper.length)
