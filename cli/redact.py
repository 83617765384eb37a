"""`provenance redact`: take assertions out of a file's manifests, and say so."""

import click

from provenance.cli.common import sentences
from provenance.cli.editing import editing_options, place_of, tell, tsa_option
from provenance.cli.signing_key import KeyOptions

__all__ = ["command"]


@click.command("redact", short_help="Take assertions out, and say so.")
@editing_options
@click.option(
    "--label",
    "labels",
    metavar="LABEL",
    multiple=True,
    required=True,
    help="An assertion's label, or its URI; may be given several times.",
)
@click.option(
    "--reason",
    required=True,
    metavar="REASON",
    help="pii, invalid-data, trade-secret, government-confidential, or your own.namespaced.one.",
)
@tsa_option
def command(
    file: str,
    output: str | None,
    in_place: bool,
    key: KeyOptions,
    labels: tuple[str, ...],
    reason: str,
    tsa: str | None,
) -> None:
    """Remove every assertion of LABEL in the file's manifests; an update manifest says so.

    Actions and hard bindings cannot be redacted. Everything else stays verifiable.
    """
    place = place_of(file, output, in_place=in_place)
    with sentences():
        from provenance.build.update import redact

        receipt = redact(
            file,
            None if in_place else place,
            labels,
            reason=reason,
            signer=key.signer(),
            in_place=in_place,
            authority=key.authority(tsa),
        )
    tell(receipt, "redacted")
