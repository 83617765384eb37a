"""`provenance attach`: put a manifest store into the file it is about."""

import click

from provenance.cli.common import put, sentences
from provenance.cli.targets import readable, target

__all__ = ["command"]


@click.command("attach", short_help="Put a detached manifest store back into a file.")
@click.argument("file", metavar="IN")
@click.argument("manifest", metavar="STORE")
@click.option("-o", "--output", metavar="OUT", help="Where the result goes.")
@click.option("--in-place", is_flag=True, help="Change IN itself.")
def command(file: str, manifest: str, output: str | None, in_place: bool) -> None:
    """Put STORE, a .c2pa file, into IN. What would not be valid is not written."""
    place = target(file, output, in_place=in_place)
    readable(manifest)
    with sentences():
        from provenance.build.store import attach

        attach(file, manifest, None if in_place else place, in_place=in_place)
    from provenance.report.escape import clean

    put(f"attached: {clean(str(place), 1000)}")
