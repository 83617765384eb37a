"""`provenance index`: ask the index that `verify --index` keeps. Each verb is a file of its own."""

from importlib import import_module

import click

__all__ = ["command"]

# Verb to the module that has it and its line in --help.
_VERBS = {
    "query": ("index_query", "Which files, by signer, model, contributor, state …"),
    "stats": ("index_stats", "What is in it, in numbers."),
    "export": ("index_export", "Tables as Parquet or CSV."),
    "report": ("index_report", "All of it as one page of HTML."),
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        found: click.Command = import_module(f"provenance.cli.{_VERBS[cmd_name][0]}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in _VERBS.items()])


@click.group("index", cls=_Verbs, short_help="Ask the index that verify --index keeps.")
def command() -> None:
    """Ask the index that `verify --index` keeps. Nothing is ever written to it."""
