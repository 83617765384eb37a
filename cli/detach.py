"""`provenance detach`: keep a file's manifest store beside it."""

import click

from provenance.cli.common import put, sentences
from provenance.cli.targets import target

__all__ = ["command"]


@click.command("detach", short_help="Take the manifest store out into a file of its own.")
@click.argument("file", metavar="IN")
@click.argument("manifest", metavar="STORE")
@click.option("-o", "--output", metavar="OUT", help="Where the file without it goes.")
@click.option("--in-place", is_flag=True, help="Change IN itself.")
def command(file: str, manifest: str, output: str | None, in_place: bool) -> None:
    """Write IN without its manifest store, and the store to STORE; attach puts it back."""
    place = target(file, output, in_place=in_place)
    with sentences():
        from provenance.build.store import detach

        detach(file, None if in_place else place, manifest, in_place=in_place)
    from provenance.report.escape import clean

    put(f"detached: {clean(manifest, 1000)}")
