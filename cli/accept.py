"""`provenance accept`: agree to what somebody's work owes to yours."""

import click

from provenance.cli.common import sentences
from provenance.cli.editing import editing_options, place_of, tell, tsa_option
from provenance.cli.signing_key import KeyOptions

__all__ = ["command"]


@click.command("accept", short_help="Agree to what a work owes to yours.")
@editing_options
@click.option("--child", metavar="FILE", required=True, help="The work that was made of IN.")
@click.option("--rate", metavar="PERCENT", help="What is agreed to; what FILE says when absent.")
@click.option("--until", metavar="TIME", help="Until when, such as 2027-01-01T00:00:00Z.")
@tsa_option
def command(
    file: str,
    output: str | None,
    in_place: bool,
    key: KeyOptions,
    child: str,
    rate: str | None,
    until: str | None,
    tsa: str | None,
) -> None:
    """Countersign, with the key of IN's owner, the edge from FILE to IN.

    It goes into an update manifest of IN: trace FILE with IN at hand (--resolve).
    """
    place = place_of(file, output, in_place=in_place)
    with sentences():
        from provenance.rights.accepting import accept
        from provenance.rights.presets import percent

        receipt = accept(
            file,
            child,
            None if in_place else place,
            signer=key.signer(),
            rate_ppm=None if rate is None else percent(rate),
            not_after=until,
            in_place=in_place,
            authority=key.authority(tsa),
        )
    tell(receipt, "accepted")
