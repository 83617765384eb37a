"""`provenance strip`: a file without its manifest store."""

import click

from provenance.cli.common import say, sentences
from provenance.cli.targets import target

__all__ = ["command"]


@click.command("strip", short_help="Take the manifest store out of a file.")
@click.argument("file", metavar="IN")
@click.option("-o", "--output", metavar="OUT", help="Where the file without it goes.")
@click.option("--in-place", is_flag=True, help="Change IN itself.")
def command(file: str, output: str | None, in_place: bool) -> None:
    """Write IN without its manifest store. What the store said is lost with it."""
    from provenance.build.sign import strip

    place = target(file, output, in_place=in_place)
    with sentences():
        found = strip(file, None if in_place else place, in_place=in_place)
    if not found:
        say(f"provenance: {file}: had no manifest store")
