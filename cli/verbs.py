"""A group of verbs, each a file of its own that is imported only when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

__all__ = ["Verbs"]


class Verbs(click.Group):
    """A group, for `click.group(cls=Verbs, listed=…)`.

    Args:
        listed: verb to the module in `cli` that has it as `command`, and its line in --help.
        attributes: those of any group.
    """

    def __init__(self, *, listed: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See `click.Group`."""
        return list(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See `click.Group`."""
        if cmd_name not in self.listed:
            return None
        found: click.Command = import_module(f"provenance.cli.{self.listed[cmd_name][0]}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The same, and which verb may have been meant."""
        if args and args[0] not in self.listed and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.listed, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Verbs: {', '.join(self.listed)}."
            ctx.fail(f"No such verb {args[0][:60]!r}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Group`."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in self.listed.items()])
