"""Which handler is for an asset. A new format is one new file in this folder with a `HANDLER`.

A file for a family of containers has `HANDLERS` instead. Those whose first bytes say enough are
asked first, and whoever answers first is right; text and such, which looks like much else, last.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from provenance import formats
from provenance.errors import UnsupportedFormatError
from provenance.formats.base import Handler
from provenance.source import ByteSource, FolderSource

__all__ = ["by_media_type", "find", "handlers"]

_HEAD = 4096
_COMMON = ("jpeg", "png")  # asked before others are even imported


@cache
def handlers() -> tuple[Handler, ...]:
    """Every format we know, by name."""
    found = (one for name in _modules() for one in _of(name))
    return tuple(sorted(found, key=lambda handler: handler.name.lower()))


@cache
def _modules() -> tuple[str, ...]:
    names = (module.name for module in pkgutil.iter_modules(formats.__path__))
    rest = (name for name in names if not name.startswith("_") and name not in _COMMON)
    return (*_COMMON, *rest)


@cache
def _of(module: str) -> tuple[Handler, ...]:
    """The handlers of a file in this folder; most files that are none have none."""
    code = import_module(f"{formats.__name__}.{module}")
    family: tuple[Handler, ...] = getattr(code, "HANDLERS", ())
    handler: Handler | None = getattr(code, "HANDLER", None)
    return family if handler is None else (handler,)


def find(source: ByteSource, suffix: str = "") -> Handler:
    """The handler for an asset, judged by its content.

    Args:
        source: the asset; its first 4096 bytes are read.
        suffix: of its name, with the dot, in any case; decides only between several handlers
            that would take the content.

    Raises:
        UnsupportedFormatError: empty, or nothing we know.
    """
    if isinstance(source, FolderSource):
        from provenance.formats.folder import FOLDER

        return FOLDER
    head = source.read(0, min(_HEAD, source.size))
    if not head:
        raise UnsupportedFormatError(source.name, "is empty: 0 bytes")
    takers = next(_takers(head), None) or _weak_takers(head)
    if not takers:
        told = f"starts with {_printed(head[:12])}, which no format known here does"
        raise UnsupportedFormatError(source.name, f"{told}; `provenance formats` lists them")
    if len(takers) > 1:
        takers = [handler for handler in takers if handler.confirm(source)] or takers
    wanted = suffix.lower()
    return next((handler for handler in takers if wanted in handler.suffixes), takers[0])


def _takers(head: bytes) -> Iterator[list[Handler]]:
    """The handlers of one file that know these first bytes as theirs."""
    for name in _modules():
        found = [one for one in _of(name) if not one.weak and one.sniff(head)]
        if found:
            yield found


def _weak_takers(head: bytes) -> list[Handler]:
    """Those who take what looks like much else; plain text first, as what needs no suffix."""
    found = (one for one in handlers() if one.weak and one.sniff(head))
    return sorted(found, key=lambda one: one.media_types[0] != "text/plain")


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
