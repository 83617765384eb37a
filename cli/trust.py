"""`provenance trust`: the published trust lists, kept in the user's data folder."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from provenance.cli.common import Exit, put, say, sentences
from provenance.errors import CredentialError
from provenance.report.escape import clean
from provenance.source import read_small
from provenance.trust import installed as store
from provenance.trust.installed import InstalledList
from provenance.trust.lists import ListKind

__all__ = ["command"]

_MAX_BYTES = 16 << 20


@click.group("trust", short_help="Published trust lists.")
def command() -> None:
    """Install the trust lists that C2PA publishes, so that `verify` knows whom to trust.

    They are kept with their source, date and SHA-256 in your data folder (PROVENANCE_DATA, or what
    your system has for such things). Nothing is fetched but by `trust update`.
    """


@command.command("update")
@click.option(
    "--from",
    "files",
    metavar="FILE",
    multiple=True,
    help="A list on this machine, PEM or JSON, instead of the published ones.",
)
@click.option(
    "--url",
    "urls",
    metavar="URL",
    multiple=True,
    help="Where to fetch a list, instead of its published address.",
)
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def update(files: tuple[str, ...], urls: tuple[str, ...], quiet: bool) -> None:
    """Fetch the C2PA trust list and the list of time-stamping authorities, and install them.

    A list tells whom it is about; if one does not, say so: c2pa=FILE, tsa=FILE. The list before is
    kept beside the new one.
    """
    now = datetime.now(UTC)
    for kind, place, data in _lists(files, urls):
        with sentences():
            before = {one.kind: one for one in _before()}
            made = store.install(data, source=place, now=now, kind=kind)
        if not quiet:
            _tell(made, before.get(made.kind), now)


def _lists(
    files: tuple[str, ...], urls: tuple[str, ...]
) -> Iterator[tuple[ListKind | None, str, bytes]]:
    """Kind if known, source and bytes of each list; the published ones if none is named."""
    for kind, path in map(_named, files):
        yield kind, str(Path(path).resolve()), _read(path)
    named = [_named(one) for one in urls]
    if not files and not urls:
        named = list(store.ADDRESSES.items())
    if named:
        from provenance.fetch import Door

        door = Door(seconds=30, max_bytes=_MAX_BYTES)
        for kind, url in named:
            with sentences():
                data = door.get(url)
            yield kind, url, data


def _named(text: str) -> tuple[ListKind | None, str]:
    """`tsa=FILE` or `c2pa=FILE` says whom a list is about."""
    word, equals, rest = text.partition("=")
    return (ListKind(word), rest) if equals and word in set(ListKind) else (None, text)


def _read(path: str) -> bytes:
    with sentences():
        return read_small(path, _MAX_BYTES, CredentialError)


def _before() -> tuple[InstalledList, ...]:
    try:
        return store.installed()
    except CredentialError:
        return ()  # a damaged one is about to be replaced


def _tell(made: InstalledList, before: InstalledList | None, now: datetime) -> None:
    say(f"installed: {made.kind.words}, {len(made.content.anchors)} anchors, from {made.source}")
    if before is not None and before.sha256 == made.sha256:
        say("  the same as before")
    elif before is not None:
        old, new = set(before.content.anchors), set(made.content.anchors)
        say(f"  {len(new - old)} anchors are new, {len(old - new)} are gone")
        if _is_older(made, before):
            say("  Beware: this list is older than the one before.")
    if made.is_overdue(now):
        say(f"  Beware: its publisher promised a newer one by {made.content.next_update:%Y-%m-%d}.")


def _is_older(made: InstalledList, before: InstalledList) -> bool:
    new, old = made.content, before.content
    if new.sequence is not None and old.sequence is not None and new.sequence != old.sequence:
        return new.sequence < old.sequence
    return new.issued is not None and old.issued is not None and new.issued < old.issued


@command.command("show")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="Output."
)
def show(form: str) -> None:
    """Say which lists are installed: from where, since when, and how old they are.

    The exit code is 3 when there is none.
    """
    with sentences():
        lists = store.installed()
    before = {one.kind: one for one in store.former()}
    now = datetime.now(UTC)
    if form == "json":
        from provenance.report import json

        rows = [_row(one, before.get(one.kind)) for one in lists]
        put(json.dumps({"folder": str(store.data_folder()), "lists": rows}))
    else:
        for one in lists:
            put("\n".join(_lines(one, before.get(one.kind), now)))
        if not lists:
            put("No trust list is installed.")
            say("To install what C2PA publishes: provenance trust update")
    if not lists:
        sys.exit(Exit.NO_MANIFEST)


def _lines(one: InstalledList, before: InstalledList | None, now: datetime) -> Iterator[str]:
    content = one.content
    yield one.kind.words
    yield f"  anchors    {len(content.anchors)}"
    if content.issued is not None:
        yield f"  issued     {content.issued:%Y-%m-%d}"
    if content.next_update is not None:
        late = ", which is over: provenance trust update" if one.is_overdue(now) else ""
        yield f"  good until {content.next_update:%Y-%m-%d}{late}"
    yield f"  installed  {one.at:%Y-%m-%d %H:%M UTC}, {one.age(now)}"
    yield f"  source     {clean(one.source, 300)}"
    yield f"  sha256     {one.sha256}"
    if before is not None:
        yield f"  before     {before.at:%Y-%m-%d}, sha256 {before.sha256}"


def _row(one: InstalledList, before: InstalledList | None) -> dict[str, Any]:
    content = one.content
    return {
        "kind": one.kind.value,
        "anchors": len(content.anchors),
        "issued": content.issued.isoformat() if content.issued else None,
        "next_update": content.next_update.isoformat() if content.next_update else None,
        "installed": one.at.isoformat(),
        "source": one.source,
        "sha256": one.sha256,
        "before": _row(before, None) if before else None,
    }


@command.command("remove")
@click.argument(
    "kinds", nargs=-1, metavar="[c2pa|tsa]...", type=click.Choice([one.value for one in ListKind])
)
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def remove(kinds: tuple[str, ...], quiet: bool) -> None:
    """Take the installed lists away, with those before them; all of them if none is named."""
    with sentences():
        gone = store.remove(map(ListKind, kinds) if kinds else ListKind)
    if not quiet:
        say(f"removed: {', '.join(gone)}" if gone else "There was none.")
