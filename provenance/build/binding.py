"""Which hard binding a manifest gets: the container's usual one, unless another is asked for."""

from provenance.bindings.base import Binding
from provenance.digests import HashAlg
from provenance.errors import DefinitionError
from provenance.formats.base import BindingKind, Handler
from provenance.limits import Limits

__all__ = ["choose"]


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
    from provenance.bindings.data import DataBinding

    return DataBinding(alg)
