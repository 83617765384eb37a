"""An asset that names where its manifest store lies, and the store for that place.

    picture.jpg → published.jpg, whose XMP says https://example.com/published.c2pa
                  published.c2pa, to be put there

The store speaks of the asset with the address in it. Source: C2PA 2.2 §11.4, §11.5.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from provenance.build.embed import pour, replacing
from provenance.build.sign import Definition, SignReceipt, sign
from provenance.cose.signer import Signer
from provenance.errors import DefinitionError, UnsupportedFormatError
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import open_source

__all__ = ["sign_remote"]


def sign_remote(
    asset: str | Path,
    output: str | Path,
    definition: Definition,
    url: str,
    *,
    signer: Signer,
    manifest: str | Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    **how: Any,
) -> SignReceipt:
    """Write an asset with the address of its manifest store, and the store.

    Args:
        asset: what to sign; a store it holds becomes its parent's.
        output: where the asset with the address goes.
        definition: how it was made.
        url: where readers will find the store: http or https.
        signer: who signs.
        manifest: where the store goes; `output` with the suffix `.c2pa` when absent.
        limits: how much untrusted input to read.
        how: as for `sign`.

    Raises:
        DefinitionError: no web address.
        UnsupportedFormatError: the container has no place for one that we write.
        FileExistsError: the store would overwrite a file.
        ProvenanceError, OSError: as `sign`.
    """
    if not _is_web_address(url):
        raise DefinitionError("remote manifest", f"{url[:80]!r} is no http or https address")
    out = Path(output)
    beside = Path(manifest) if manifest is not None else out.with_suffix(".c2pa")
    for place in (beside, out):
        if place.exists() and (place == beside or place.samefile(asset)):
            raise FileExistsError(17, "is there already", str(place))
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name[:40]}.") as folder:
        named = Path(folder) / out.name
        with open_source(asset) as source, replacing(named) as stream:
            handler = registry.find(source, Path(asset).suffix)
            plan = handler.plan_reference(source, url, limits)
            if plan is None:
                raise UnsupportedFormatError(
                    source.name, f"{handler.name} has no place for the address of a manifest"
                )
            pour(plan, source, stream)
            had_store = handler.locate(source, limits).count > 0
        described = _with_parent(definition, asset) if had_store else definition
        receipt = sign(named, beside, described, signer=signer, sidecar=True, limits=limits, **how)
        named.replace(out)
    return SignReceipt(
        manifest=receipt.manifest,
        output=out,
        sidecar=beside,
        salts=receipt.salts,
        report=receipt.report,
    )


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https") and bool(host) and all("!" <= one <= "~" for one in url)
    )


def _with_parent(definition: Definition, asset: str | Path) -> Definition:
    from dataclasses import replace

    from provenance.build.definition import AssetReference
    from provenance.build.sign import read_definition

    described = read_definition(definition)
    return replace(described, parent=AssetReference(path=Path(asset)))
