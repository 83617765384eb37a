"""`provenance timestamp`: have a file's signature attested after the fact."""

import click

from provenance.cli.common import sentences, usage
from provenance.cli.editing import editing_options, place_of, tell
from provenance.cli.signing_key import KeyOptions

__all__ = ["command"]


@click.command("timestamp", short_help="Have a signature's time attested, later.")
@editing_options
@click.option("--tsa", metavar="URL", help="The time-stamping authority.")
def command(
    file: str, output: str | None, in_place: bool, key: KeyOptions, tsa: str | None
) -> None:
    """Have the active manifest's signature time-stamped; an update manifest holds the stamp.

    It then stays valid when the signer's certificate has expired.
    """
    place = place_of(file, output, in_place=in_place)
    with sentences():
        from provenance.build.update import timestamp

        authority = key.authority(tsa)
        if authority is None:
            usage("Name a time-stamping authority: --tsa URL, PROVENANCE_TSA, or a profile.")
        receipt = timestamp(
            file,
            None if in_place else place,
            authority=authority,
            signer=key.signer(),
            in_place=in_place,
        )
    tell(receipt, "time-stamped")
