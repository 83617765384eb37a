"""Which hard binding a manifest gets: the container's usual one, unless another is asked for."""

from typing import Literal

from provenance.bindings.base import Binding
from provenance.digests import HashAlg
from provenance.errors import DefinitionError
from provenance.formats.base import BindingKind, Handler
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["PartsKind", "choose", "with_parts"]

PartsKind = Literal["required", "optional"]


def choose(wanted: BindingKind | None, handler: Handler, alg: HashAlg, limits: Limits) -> Binding:
    """A binding in the making.

    Args:
        wanted: the kind; None for the usual one of the container.
        handler: of the container.
        alg: the hash algorithm.
        limits: how much untrusted input to read.

    Raises:
        DefinitionError: the container cannot be bound that way.
    """
    kind = wanted or handler.bindings[0]
    if kind not in handler.bindings:
        known = " or ".join(handler.bindings)
        raise DefinitionError("binding", f"{handler.name} is bound by {known}, not by {kind}")
    # Each is imported where it is needed: a picture does not pay for video.
    if kind == "boxes":
        from provenance.bindings.boxes import BoxBinding

        return BoxBinding(alg, handler, limits)
    if kind == "collection":
        from provenance.bindings.collection import CollectionBinding

        return CollectionBinding(alg, handler, limits)
    if kind == "bmff":
        from provenance.bindings.bmff_sign import BmffBinding

        return BmffBinding(alg, limits)
    from provenance.bindings.data import DataBinding

    return DataBinding(alg, handler=handler, limits=limits)


def with_parts(
    hard: Binding, source: ByteSource, parts: PartsKind | None, alg: HashAlg, limits: Limits
) -> tuple[Binding, ...]:
    """A hard binding, and beside it those of the asset's parts, if they are asked for.

    Raises:
        DefinitionError: the asset has one part only.
    """
    if parts is None:
        return (hard,)
    from provenance.bindings.multi_asset import in_parts, trailing_parts

    lengths = trailing_parts(source, limits)
    if not lengths:
        raise DefinitionError("parts", f"{source.name} has nothing behind its container")
    return in_parts(hard, lengths, alg, optional=parts == "optional")
