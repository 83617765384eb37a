"""`provenance profile`: what a profile says, and where each of its settings comes from."""

import click

from provenance.cli.common import put, say, sentences
from provenance.report.escape import clean

__all__ = ["command"]


@click.group("profile", short_help="Who signs and how, by a name.")
def command() -> None:
    """Look at profiles: they say who signs and how, so that no command and no workflow has to.

    They stand in ~/.config/provenance/config.toml, or where PROVENANCE_CONFIG says, as
    [profile.NAME]. Flags go before PROVENANCE_* variables, these before the profile.
    """


@command.command("show")
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
def show(name: str | None, form: str) -> None:
    """Show the settings that count with profile NAME, and where each comes from.

    Without NAME: those of the profile that PROVENANCE_PROFILE names, and of the environment.
    No secret is shown, and no key is read.
    """
    from provenance.profiles import load_profile

    with sentences():
        row = load_profile(name).to_dict()
    if form == "json":
        from provenance.report import json

        put(json.dumps(row))
        return
    put(f"profile: {row['name'] or '(none)'}")
    put(f"file: {clean(row['config'], 1000)}")
    for key, one in row["settings"].items():
        put(f"  {key:<20} {clean(_words(one['value']), 300)}  ({clean(one['origin'], 120)})")
    put(f"  {'passphrase':<20} {row['passphrase']}")


@command.command("list")
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def listing(quiet: bool) -> None:
    """List the names of the profiles there are."""
    from provenance.profiles import config_file, profile_names

    with sentences():
        names = profile_names()
    for name in names:
        put(name)
    if not names and not quiet:
        say(f"provenance: no profiles in {config_file()}")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items() if one)
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    return str(value)
