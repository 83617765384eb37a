"""Compressed manifests: a whole manifest in a Brotli stream, bounded on the way out.

Source: C2PA 2.2 §11.1.3.2, §11.2.4.
"""

from provenance.boxes import box as iso_box
from provenance.errors import LimitError, MalformedError
from provenance.jumbf import SuperBox, parse, uuids, writer
from provenance.limits import Limits

__all__ = ["compress", "decompress"]

_WHAT = "compressed manifest"
_INNER = (uuids.MANIFEST, uuids.UPDATE_MANIFEST)


def decompress(box: SuperBox, limits: Limits, most: int) -> SuperBox:
    """The manifest inside.

    Args:
        box: the superbox of type `c2cm`.
        limits: for what is inside.
        most: bytes it may have.

    Raises:
        MalformedError: no Brotli, or no manifest of the same label inside.
        LimitError: larger than allowed.
    """
    import brotli

    held = box.first(b"brob")
    if held is None:
        raise MalformedError(_WHAT, "has no brob box", offset=box.offset)
    stream = brotli.Decompressor()
    try:
        data = stream.process(bytes(held.payload), output_buffer_limit=most)
    except brotli.error as error:
        raise MalformedError(_WHAT, "its Brotli stream is damaged", offset=box.offset) from error
    if len(data) > most or (not stream.is_finished() and not stream.can_accept_more_data()):
        raise LimitError(_WHAT, f"more than {most} bytes", offset=box.offset)
    if not stream.is_finished():
        raise MalformedError(_WHAT, "its Brotli stream is cut off", offset=box.offset)
    inner = parse(data, limits)
    if inner.uuid not in _INNER or inner.label != box.label:
        raise MalformedError(_WHAT, f"holds something labelled {inner.label!r}", offset=box.offset)
    return inner


def compress(manifest: bytes, label: str) -> bytes:
    """A manifest's box as a compressed manifest's, under the same label.

    What refers to it hashes the compressed form. Source: C2PA 2.2 §11.1.3.2.
    """
    import brotli

    held = iso_box(b"brob", brotli.compress(manifest))
    return writer.superbox(uuids.COMPRESSED_MANIFEST, label, (held,))
