"""Pillow: `save_signed` in place of `Image.save`. The picture is encoded once, and written once."""

import io
from collections.abc import Callable
from dataclasses import replace
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.build.definition import ManifestDefinition
from provenance.build.sign import Definition, SignReceipt, read_definition
from provenance.build.thumbnail import thumbnail_of
from provenance.cose.signer import Signer
from provenance.generation.record import GenerationRecord
from provenance.integrations.signing import OnError, Signing
from provenance.pipeline.from_metadata import definition_of
from provenance.pipeline.lookup import FindInput, FindModel
from provenance.pipeline.telling import Disclosure

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["save_signed", "save_with"]


def save_signed(
    image: "Image",
    path: str | Path,
    how: Definition | GenerationRecord,
    *,
    signer: Signer | None = None,
    profile: str | None = None,
    on_error: OnError = "raise",
    disclosure: Disclosure | None = None,
    models: FindModel | None = None,
    inputs: FindInput | None = None,
    verify_after: bool = True,
    format: str | None = None,  # noqa: A002  # as Image.save calls it
    **options: Any,
) -> SignReceipt | None:
    """Save a picture with a signed manifest in it.

    Args:
        image: as for `Image.save`; frames of an animation with `save_all=True`.
        path: a file, replaced in one step.
        how: how it was made: a manifest definition, or a generation record, of which prompt and
            settings are committed to unless `disclosure` says otherwise.
        signer: who signs; or
        profile: the name of a profile.
        on_error: when it cannot be signed, `raise` leaves no file, `warn` and `skip` save it
            unsigned, with a `ProvenanceWarning` or in silence.
        disclosure: what is told of a record.
        models: where the files of a record's models are.
        inputs: where its input pictures are.
        verify_after: read the result once more.
        format: Pillow's name of a format, if the suffix does not tell.
        options: further ones for `Image.save`.

    Returns:
        What was signed, and where the salts are; None when it was saved unsigned.

    Raises:
        ProvenanceError, OSError: it cannot be signed, with `on_error="raise"`.
        ValueError: Pillow knows no format of that suffix.
    """
    signing = Signing(
        signer=signer,
        profile=profile,
        on_error=on_error,
        disclosure=disclosure,
        verify_after=verify_after,
    )

    def tell() -> ManifestDefinition:
        if not isinstance(how, GenerationRecord):
            return read_definition(how)
        return definition_of(how, models=models, inputs=inputs, disclosure=signing.telling())

    return save_with(signing, image, Path(path), tell, format=format, **options)


def save_with(
    signing: Signing,
    image: "Image",
    path: Path,
    tell: Callable[[], ManifestDefinition],
    *,
    format: str | None = None,  # noqa: A002  # as Image.save calls it
    **options: Any,
) -> SignReceipt | None:
    """The same for hooks; `tell` is asked once."""
    data = _encoded(image, path, format, options)

    def told() -> ManifestDefinition:
        said = tell()
        if said.thumbnail is not True:
            return said
        return replace(said, thumbnail=thumbnail_of(image) or False)

    receipt = signing.sign(data, path, told)
    if receipt is None:
        path.write_bytes(data)
    return receipt


def _encoded(image: "Image", path: Path, kind: str | None, options: dict[str, Any]) -> bytes:
    from PIL import Image

    if kind is None:
        kind = Image.registered_extensions().get(path.suffix.lower())
        if kind is None:
            raise ValueError(f"unknown file extension: {fspath(path.name)}")
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()
