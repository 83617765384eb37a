"""`provenance index stats`: what an index holds, in numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.asking import asked
from provenance.cli.common import put, style
from provenance.cli.index_filters import FilterOptions, filter_options
from provenance.report.escape import clean, clip
from provenance.report.style import Style, Tone

if TYPE_CHECKING:
    from provenance.batch.index_stats import Counts, Stats

__all__ = ["command"]

_STATES = {
    "trusted": ("valid, signer trusted", Tone.GOOD),
    "valid": ("valid", Tone.WARN),
    "invalid": ("INVALID", Tone.BAD),
    "none": ("no Content Credentials", Tone.WARN),
    "unread": ("could not be read", Tone.BAD),
}
_TITLES = {
    "formats": "formats",
    "failed": "failed",
    "codes": "status codes",
    "signers": "signed by",
    "generators": "claims made with",
    "agents": "actions done with",
    "source_types": "digital source types",
    "models": "models",
    "contributors": "contributors",
    "terms": "judged by",
}


@click.command("stats", short_help="What is in it, in numbers.")
@click.argument("index", metavar="INDEX")
@filter_options
@click.option(
    "--top", type=click.IntRange(min=1), default=10, help="Values of each kind; 10 unless said."
)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@click.option("-v", "--verbose", is_flag=True, help="Status codes that hold too, not only failed.")
def command(index: str, filters: FilterOptions, top: int, form: str, verbose: bool) -> None:
    """Count the files of an index: by state, format, code, signer, generator, model …

    A file counts once for each value. Of models and contributors those count that a file's own
    manifests tell of, with those of its ingredients; options choose files as for query.
    """
    from provenance.batch.index_stats import stats_of

    with asked(index) as held:
        stats = stats_of(held, filters.filters(), top=top)
    if form == "json":
        from provenance.report import json

        put(json.dumps(stats.to_dict()))
    else:
        put("\n".join(_lines(stats, style(), verbose=verbose)))


def _lines(stats: "Stats", paint: Style, *, verbose: bool) -> Iterator[str]:
    told = f"{_many(stats.files, 'file')} in {_many(stats.folders, 'folder')}"
    told += f", {_bytes(stats.bytes)}"
    yield paint.paint(told, Tone.STRONG)
    for name, (words, tone) in _STATES.items():
        if count := stats.states.get(name):
            yield f"  {count:>9,}  {paint.paint(words, tone)}"
    if stats.passed_over:
        yield f"  {stats.passed_over:>9,}  of other formats, passed over"
    for name, title in _TITLES.items():
        counts: Counts = getattr(stats, name)
        if counts.rows and (verbose or name != "codes"):
            yield from ("", f"  {title}", *_rows(counts))
    yield ""
    yield from _facts(stats)


def _rows(counts: "Counts") -> Iterator[str]:
    for name, count in counts.rows:
        yield f"  {count:>9,}  {clip(clean(name), 66)}"
    if counts.distinct > len(counts.rows):
        yield f"             {counts.distinct - len(counts.rows):,} more; --top shows them"


def _facts(stats: "Stats") -> Iterator[str]:
    from provenance.batch.columns import Kind, fit, moment

    def told(value: Any) -> str:
        at = fit(Kind.TIME, value)
        return moment(at) if at is not None else "-"

    if stats.earliest is not None:
        yield f"  signed     {told(stats.earliest)} to {told(stats.latest)}"
    yield f"  checked    {told(stats.checked)}"
    yield f"  index      {_bytes(stats.index_bytes)}, {_many(stats.manifests, 'manifest')}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _bytes(size: int) -> str:
    value, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{size:,} B" if unit == "B" else f"{value:,.1f} {unit}"
