"""`provenance index query`: which files, and what of each."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.asking import asked
from provenance.cli.common import Exit, put, put_bytes, say, style
from provenance.cli.index_filters import FilterOptions, filter_options
from provenance.report.escape import clean, wrap
from provenance.report.style import Style, Tone

if TYPE_CHECKING:
    from provenance.batch.index_query import Hit, Query

__all__ = ["command"]

_FORMS = ("text", "json", "ndjson", "csv", "paths", "paths0")
_BLOCK = 1 << 16  # bytes of paths that are written at once
_LONG = 5000  # characters of a path
_STATES = {
    "Trusted": ("trusted", Tone.GOOD),
    "Valid": ("valid", Tone.WARN),
    "Invalid": ("INVALID", Tone.BAD),
    "none": ("none", Tone.WARN),
    "unread": ("unread", Tone.BAD),
}


@click.command("query", short_help="Which files, by signer, model, contributor, state …")
@click.argument("index", metavar="INDEX")
@filter_options
@click.option("--limit", type=click.IntRange(min=1), help="No more than so many.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Output; paths a line each, paths0 each ended by a zero byte.",
)
@click.option("--reports", is_flag=True, help="With json, ndjson: the whole reports.")
@click.option("--count", is_flag=True, help="Only how many there are.")
@click.option("-q", "--quiet", is_flag=True, help="One line for each file, and no talk.")
@click.option("-v", "--verbose", is_flag=True, help="Title, signer, generator, time of each.")
def command(
    index: str,
    filters: FilterOptions,
    limit: int | None,
    form: str,
    reports: bool,
    count: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Which files of an index, in order of their paths.

    Options of several kinds must all hold; of one given several times, any. A NAME is looked
    for in names, whatever the case; with * ? [ ] in it, it is a glob over the whole. Models and
    contributors are looked for in all that a file was made of, as far as it is indexed.

    \b
      provenance index query INDEX --state invalid --under pictures
      provenance index query INDEX --model 'sdxl*' --format paths0 | xargs -0 ls

    \b
    Exit codes: 0 there are some, 1 the index could not be read, 3 there is none.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    from provenance.batch.index_query import Query

    if reports and (form not in ("json", "ndjson") or count):
        raise click.UsageError("--reports goes with --format json or ndjson.")
    with asked(index) as held:
        query = Query(held, filters.filters())
        if count:
            found = query.count()
            found = found if limit is None else min(found, limit)
            put(str(found))
        else:
            found = _show(query, limit, form, reports=reports, quiet=quiet, verbose=verbose)
            if form == "text" and not quiet:
                say(f"provenance: {found:,} file{'s' * (found != 1)}")
    sys.exit(Exit.GOOD if found else Exit.NO_MANIFEST)


def _show(
    query: "Query", limit: int | None, form: str, *, reports: bool, quiet: bool, verbose: bool
) -> int:
    """Print what was found; how many files."""
    counted = _Counted()
    if form in ("paths", "paths0"):
        _paths(counted.each(query.paths(limit)), b"\0" if form == "paths0" else b"\n")
    elif form == "csv":
        _csv(counted.each(query.records(limit, reports=False)))
    elif form == "text":
        paint = style()
        for hit in counted.each(query.hits(limit)):
            put("\n".join(_lines(hit, paint, quiet=quiet, verbose=verbose)))
    else:
        rows = query.reports(limit) if reports else map(_row, query.hits(limit))
        _json(counted.each(rows), form)
    return counted.count


class _Counted:
    def __init__(self) -> None:
        self.count = 0

    def each(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self.count += 1
            yield row


def _paths(paths: Iterable[str], end: bytes) -> None:
    broken = 0
    block = b""
    for path in paths:
        name = os.fsencode(path)
        if end in name:  # a zero byte is in none
            broken += 1
            say(f"provenance: {clean(path)}: has a line break in its name; use --format paths0")
            continue
        block += name + end
        if len(block) >= _BLOCK:
            put_bytes(block)
            block = b""
    put_bytes(block)
    if broken:
        sys.exit(Exit.FAILED)


def _csv(records: Iterable[Any]) -> None:
    from provenance.batch.columns import csv_lines
    from provenance.batch.record import COLUMNS

    columns = COLUMNS[:-1]  # a report is no cell
    for line in csv_lines(columns, (record[:-1] for record in records)):
        put(line, end="")


def _json(rows: Iterable[dict[str, Any]], form: str) -> None:
    from provenance.report import json

    if form == "ndjson":
        for row in rows:
            put(json.ndjson(row))
        return
    for piece in json.array(rows):
        put(piece, end="")
    put("")


def _row(hit: "Hit") -> dict[str, Any]:
    """The JSON of `schemas/index-record.schema.json`."""
    from provenance.batch.columns import as_json
    from provenance.batch.record import COLUMNS

    found = as_json(COLUMNS[:-1], hit.record[:-1])
    if hit.models:
        found["matched_models"] = list(hit.models)
    if hit.contributors:
        found["matched_contributors"] = [one._asdict() for one in hit.contributors]
    return found


def _lines(hit: "Hit", paint: Style, *, quiet: bool, verbose: bool) -> Iterator[str]:
    from provenance.batch.columns import moment

    record = hit.record
    name, tone = _STATES[record.validation_state or ("unread" if record.errors else "none")]
    yield f"{paint.paint(f'{name:<8}', tone)} {clean(_shorter(record.path), _LONG)}"
    if quiet:
        return
    told: list[tuple[str, str | None]] = []
    if verbose:
        told += [
            ("title", record.title),
            ("signed by", ", ".join(dict.fromkeys(filter(None, (record.signer, record.issuer))))),
            ("signed at", _signed(record, moment)),
            (
                "made with",
                ", ".join(filter(None, (*record.software_agents, record.claim_generator))),
            ),
            ("source", ", ".join(record.digital_source_types)),
        ]
    told += [("model", one) for one in hit.models]
    told += [("contributor", _person(*one)) for one in hit.contributors]
    for name, value in told:
        if value:
            yield from wrap(clean(value), f"    {name:<12} ")


def _shorter(path: str) -> str:
    """The path from here, if the file lies below."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def _signed(record: Any, moment: Callable[[float], str]) -> str | None:
    from provenance.batch.columns import Kind, fit

    at = fit(Kind.TIME, record.signed_at)
    if at is None:
        return None
    return moment(at) if record.time is not None else f"{moment(at)}, as its last action says"


def _person(name: str, role: str, evidence: str) -> str:
    told = ", ".join(dict.fromkeys(filter(None, (role, evidence))))
    return f"{name} ({told})" if told else name
