"""Moving a manifest store in and out of its asset, byte for byte as it is."""

import os
from pathlib import Path

from provenance.build.embed import Output, pour, pour_with, replacing
from provenance.build.sign import target_of, verified
from provenance.errors import MalformedError, SigningError
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.store import ManifestStore
from provenance.source import Asset, open_source
from provenance.validate.results import VerificationReport

__all__ = ["attach", "detach"]


def attach(
    asset: Asset,
    manifest: Asset,
    output: Output | None,
    *,
    in_place: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> VerificationReport:
    """Put a manifest store into the asset that it is about.

    A store that was detached fits again. One that was made as a sidecar hashes the asset without a
    store in it, and does not: what would not be valid is not written.

    Args:
        asset: without a store of its own.
        manifest: the store.
        output: where the result goes.
        in_place: replace the asset itself.
        limits: how much untrusted input to read.

    Raises:
        SigningError: the asset has a store already, or the result would not be valid.
        MalformedError, UnsupportedFormatError, OSError: something cannot be read or written.
    """
    place = target_of(asset, output, sidecar=False, in_place=in_place)
    suffix = Path(asset).suffix if isinstance(asset, (str, Path)) else ""
    with open_source(manifest) as held:
        store = held.read(0, min(held.size, limits.store_bytes + 1))
    try:
        store = bytes(ManifestStore.parse(store, limits).box.raw)
    except MalformedError as error:
        raise MalformedError(held.name, f"is no manifest store: {error}") from error
    like = Path(asset) if in_place and isinstance(asset, (str, Path)) else None
    with open_source(asset) as source, replacing(place, like=like) as out:
        handler = registry.find(source, suffix)
        if handler.locate(source, limits).count:
            raise SigningError(source.name, "has a manifest store already; strip it first")
        pour_with(handler.plan(source, len(store), limits), source, store, out)
        out.flush()
        return verified(out, limits)


def detach(
    asset: Asset,
    output: Output | None,
    manifest: Output,
    *,
    in_place: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Take the manifest store out of an asset, and keep it in a file of its own.

    The store goes on describing the asset with the store inside: `attach` puts it back.

    Args:
        asset: with a store in it.
        output: where the asset without it goes.
        manifest: where the store goes.
        in_place: replace the asset itself.
        limits: how much untrusted input to read.

    Raises:
        SigningError: there is no store in it.
        FileExistsError: the store would overwrite a file.
        MalformedError, UnsupportedFormatError, OSError: something cannot be read or written.
    """
    place = target_of(asset, output, sidecar=False, in_place=in_place)
    suffix = Path(asset).suffix if isinstance(asset, (str, Path)) else ""
    if isinstance(manifest, (str, Path)):
        if os.path.lexists(manifest):
            raise FileExistsError(17, "is there already", str(manifest))
        if isinstance(place, (str, Path)) and os.path.abspath(place) == os.path.abspath(manifest):
            raise SigningError(str(manifest), "is the output; one would take the other's place")
    like = Path(asset) if isinstance(asset, (str, Path)) else None
    with open_source(asset) as source, replacing(place, like=like) as out:
        handler = registry.find(source, suffix)
        located = handler.locate(source, limits)
        if located.store is None:
            raise SigningError(source.name, "has no manifest store in it")
        pour(handler.plan(source, 0, limits), source, out)
        with replacing(manifest) as beside:
            beside.write(located.store)
