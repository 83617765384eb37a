"""`provenance index`: ask the index that `verify --index` keeps. Each verb is a file of its own."""

import click

from provenance.cli.verbs import Verbs

__all__ = ["command"]

_VERBS = {
    "query": ("index_query", "Which files, by signer, model, contributor, state …"),
    "stats": ("index_stats", "What is in it, in numbers."),
    "export": ("index_export", "Tables as Parquet or CSV."),
    "report": ("index_report", "All of it, or a part, as one page of HTML."),
}


@click.group(
    "index", cls=Verbs, listed=_VERBS, short_help="Ask the index that verify --index keeps."
)
def command() -> None:
    """Ask the index that `verify --index` keeps. Nothing is ever written to it."""
