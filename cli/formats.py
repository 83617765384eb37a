"""`provenance formats`: what can be read, what can be signed, and how it is bound."""

import click

from provenance.cli.common import put
from provenance.formats.base import Handler
from provenance.formats.registry import handlers

__all__ = ["command"]


@click.command("formats", short_help="What can be read and signed.")
def command() -> None:
    """List the formats by name, suffix and media type, and where their manifests go."""
    rows = [("FORMAT", "SUFFIX", "MEDIA TYPE", "READ", "SIGN", "BOUND BY")]
    rows += [_row(handler) for handler in handlers()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        put("  ".join(cells).rstrip())


def _row(handler: Handler) -> tuple[str, ...]:
    sign = "embed, sidecar" if handler.can_embed else "sidecar"
    suffix, media_type = " ".join(handler.suffixes), handler.media_types[0]
    return handler.name, suffix, media_type, "yes", sign, "c2pa.hash.data"
