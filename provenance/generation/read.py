"""What a generator left in a file, as one record: carriers, then dialects, then C2PA, then pixels.

Several carriers of one file may disagree: the dialects of services and the graph that ran come
before text that a node wrote from its own widgets. The stealth layer, the only thing for which a
picture is decoded, is looked at last. Nothing here is verified: it is what a program said.
"""

from collections.abc import Callable

from provenance.generation.carriers import collect, container
from provenance.generation.dialects import (
    a1111,
    c2pa,
    comfyui,
    diffusers,
    draw_things,
    easy_diffusion,
    fooocus,
    invokeai,
    iptc_fields,
    mflux,
    midjourney,
    mochi_diffusion,
    model_files,
    novelai,
    stability_matrix,
    swarmui,
    tensorart,
)
from provenance.generation.record import GenerationRecord
from provenance.generation.texts import Texts
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import Asset, ByteSource, FolderSource, open_source

__all__ = ["from_texts", "read_generation"]

_Dialect = Callable[[Texts], GenerationRecord | None]
_DIALECTS: tuple[_Dialect, ...] = (  # those with marks of their own first
    novelai.read,
    swarmui.read,
    invokeai.read,
    mflux.read,
    draw_things.read,
    fooocus.read,
    stability_matrix.read,
    tensorart.read,
    easy_diffusion.read,
    midjourney.read,
    mochi_diffusion.read,
    comfyui.read,
    a1111.read,
    diffusers.read,
)


def read_generation(asset: Asset, *, limits: Limits = DEFAULT_LIMITS) -> GenerationRecord | None:
    """What a generator recorded in a file; None when there is nothing of the kind.

    Args:
        asset: path, bytes or seekable stream: a picture, film, sound or 3D file, or a model file.
        limits: how much of it is read.

    Raises:
        MalformedError: a model file or 3D file whose header is broken.
        LimitError: nothing was found in what we read, and there was more.
        OSError: the file cannot be read.
    """
    with open_source(asset) as source:
        return read_source(source, limits)


def read_source(source: ByteSource, limits: Limits = DEFAULT_LIMITS) -> GenerationRecord | None:
    """The same of a source that is open."""
    if isinstance(source, FolderSource) or not source.size:
        return None
    if container(source) is None:
        model = model_files.read(source, limits)
        if model is not None:
            return model
    texts = collect(source, limits)
    record = from_texts(texts) or c2pa.read(source, texts, limits) or iptc_fields.read(texts)
    if record is None:
        from provenance.generation.containers import stealth

        hidden = stealth.texts(source, limits)
        record = from_texts(Texts(tuple(hidden), limits.json_bytes))
    if record is None:
        texts.check_read()
    return record


def from_texts(texts: Texts) -> GenerationRecord | None:
    """The record of the first dialect that knows these texts."""
    if not texts.all:
        return None
    return next(filter(None, (read(texts) for read in _DIALECTS)), None)
