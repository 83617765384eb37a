"""`provenance formats`: what can be read, what can be signed, and how it is bound."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

import click

from provenance.cli.common import put
from provenance.formats.base import BindingKind, Handler
from provenance.formats.folder import FOLDER
from provenance.formats.registry import handlers

__all__ = ["command", "families"]

_WORDS: dict[BindingKind, str] = {
    "data": "data hash",
    "boxes": "box hash",
    "bmff": "BMFF hash v3",
    "collection": "collection hash",
}
_HEAD = ("Format", "Read", "Sign", "Bound by")
_WIDTHS = (38, 7, 11, 20)
_STORE = "application/c2pa"


@click.command("formats", short_help="What can be read and signed.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    help="Output; json lists each format with its suffixes and media types.",
)
def command(form: str) -> None:
    """List the formats, and where their manifests go: into the file, or beside it.

    A binding named second or later is chosen with `sign --binding`.
    """
    if form == "json":
        from provenance.report.json import dumps

        rows = [_full(one) for one in (*handlers(), FOLDER)]
        put(dumps({"schema": "provenance/formats/1", "formats": rows}))
    elif form == "markdown":
        put("\n".join(_markdown(families())))
    else:
        put("\n".join(_text(families())))


def families() -> Iterator[tuple[str, str, str, str]]:
    """A row a family, those of it that are signed alike: name, reading, signing, binding."""
    known = [one for one in handlers() if one.media_types[0] != _STORE]
    ranked = sorted(known, key=lambda one: (_rank(one), one.family or one.name, not one.can_embed))
    for (family, _, _, _), members in groupby(ranked, key=_alike):
        alike = list(members)
        names = ", ".join(one.name for one in alike)
        title = names if not alike[0].family else f"{family}: {names}"
        yield title, "yes", _sign(alike[0]), _bound(alike[0])
    yield "Folders of files", "yes", _sign(FOLDER), _bound(FOLDER)
    yield "Any other file", "sidecar", "sidecar", _WORDS["data"]


def _alike(one: Handler) -> tuple[str, bool, tuple[BindingKind, ...], bool]:
    return one.family or one.name, one.can_embed, one.bindings, not one.family


def _rank(one: Handler) -> int:
    """Pictures and films first, text and models last."""
    order = ("image/", "video/", "audio/", "application/", "font/", "text/")
    usual = {"BMFF": "video/", "Models": "text/", "Text": "text/", "RIFF": "image/"}
    kind = usual.get(one.family, one.media_types[0])
    return next((at for at, start in enumerate(order) if kind.startswith(start)), len(order))


def _sign(one: Handler) -> str:
    return "embedded" if one.can_embed else "sidecar"


def _bound(one: Handler) -> str:
    return ", ".join(_WORDS[kind] for kind in one.bindings)


def _full(one: Handler) -> dict[str, object]:
    return {
        "name": one.name,
        "family": one.family or None,
        "media_types": list(one.media_types),
        "suffixes": list(one.suffixes),
        "sign": _sign(one),
        "bindings": list(one.bindings),
    }


def _text(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (tuple(cell.upper() for cell in _HEAD), *rows):
        cells = [wrap(cell, width) for cell, width in zip(row, _WIDTHS, strict=True)]
        for at in range(max(map(len, cells))):
            yield _line([lines[at] if at < len(lines) else "" for lines in cells])


def _line(cells: Sequence[str]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    return " ".join(padded).rstrip()


def _markdown(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(_HEAD)} |"
    yield "|---" * len(_HEAD) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
