"""`provenance formats`: what can be read, what can be signed, and how it is bound."""

import click

from provenance.cli.common import put
from provenance.formats.base import BindingKind, Handler
from provenance.formats.folder import FOLDER
from provenance.formats.registry import handlers

__all__ = ["command"]

_LABELS: dict[BindingKind, str] = {
    "data": "c2pa.hash.data",
    "boxes": "c2pa.hash.boxes",
    "bmff": "c2pa.hash.bmff.v3",
    "collection": "c2pa.hash.collection.data",
}
_HEAD = ("FORMAT", "SUFFIX", "MEDIA TYPE", "READ", "SIGN", "BOUND BY")
_ANY: tuple[str, ...] = ("any other", "", "", "sidecar", "sidecar", _LABELS["data"])


@click.command("formats", short_help="What can be read and signed.")
def command() -> None:
    """List the formats by name, suffix and media type, and where their manifests go."""
    rows = [_HEAD, *map(_row, handlers()), _row(FOLDER), _ANY]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        put("  ".join(cells).rstrip())


def _row(handler: Handler) -> tuple[str, ...]:
    suffix, media_type = " ".join(handler.suffixes), handler.media_types[0]
    if media_type == "application/c2pa":
        return handler.name, suffix, media_type, "yes", "", ""
    sign = "embed, sidecar" if handler.can_embed else "sidecar"
    bound = ", ".join(_LABELS[kind] for kind in handler.bindings)
    return handler.name, suffix, media_type, "yes", sign, bound
