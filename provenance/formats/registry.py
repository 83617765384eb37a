"""Which handler is for an asset. A new format is one new file in this folder with a `HANDLER`."""

import importlib
import pkgutil
from functools import cache

from provenance import formats
from provenance.errors import UnsupportedFormatError
from provenance.formats.base import Handler
from provenance.source import ByteSource

__all__ = ["by_media_type", "find", "handlers"]

_HEAD = 4096


@cache
def handlers() -> tuple[Handler, ...]:
    """Every format we know, by name."""
    found: list[Handler] = []
    for module in pkgutil.iter_modules(formats.__path__):
        if not module.name.startswith("_"):
            code = importlib.import_module(f"{formats.__name__}.{module.name}")
            handler: Handler | None = getattr(code, "HANDLER", None)
            if handler is not None:
                found.append(handler)
    return tuple(sorted(found, key=lambda handler: handler.name.lower()))


def find(source: ByteSource, suffix: str = "") -> Handler:
    """The handler for an asset, judged by its content.

    Args:
        source: the asset; its first 4096 bytes are read.
        suffix: of its name, with the dot, in any case; decides only between several handlers
            that would take the content.

    Raises:
        UnsupportedFormatError: empty, or nothing we know.
    """
    head = source.read(0, min(_HEAD, source.size))
    if not head:
        raise UnsupportedFormatError(source.name, "is empty: 0 bytes")
    takers = [handler for handler in handlers() if handler.sniff(head)]
    if not takers:
        known = ", ".join(handler.name for handler in handlers())
        raise UnsupportedFormatError(
            source.name, f"starts with {_printed(head[:12])}, which is none of: {known}"
        )
    wanted = suffix.lower()
    return next((handler for handler in takers if wanted in handler.suffixes), takers[0])


def by_media_type(media_type: str) -> Handler | None:
    """The handler for a media type, whatever its case and parameters."""
    return _by_media_type().get(media_type.partition(";")[0].strip().lower())


@cache
def _by_media_type() -> dict[str, Handler]:
    # A type that several claim is the one's whose usual type it is.
    ranked = sorted(
        (rank, kind, at)
        for at, handler in enumerate(handlers())
        for rank, kind in enumerate(handler.media_types)
    )
    return {kind: handlers()[at] for _, kind, at in reversed(ranked)}


def _printed(head: bytes) -> str:
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in head)
    return f"{head.hex(' ')} ({text!r})"
