"""`provenance update`: add statements to a signed file."""

from typing import Any

import click

from provenance.cli.common import sentences, usage
from provenance.cli.editing import editing_options, place_of, tell, tsa_option
from provenance.cli.signing_key import KeyOptions

__all__ = ["command"]


@click.command("update", short_help="Add statements to a signed file.")
@editing_options
@click.option("--manifest", metavar="DEF.json", help="What to say, as a manifest definition.")
@click.option("--creator", metavar="NAME", multiple=True, help="Who made it, as you declare.")
@click.option(
    "--rights", metavar="PRESET|FILE.json", help="Its terms from now on, if you signed it."
)
@tsa_option
def command(
    file: str,
    output: str | None,
    in_place: bool,
    key: KeyOptions,
    manifest: str | None,
    creator: tuple[str, ...],
    rights: str | None,
    tsa: str | None,
) -> None:
    """Say more about a signed file, in an update manifest; its content stays as it is."""
    if manifest is None and not creator and rights is None:
        usage("Say what is new: --manifest DEF.json, --creator NAME, or --rights PRESET.")
    place = place_of(file, output, in_place=in_place)
    with sentences():
        from dataclasses import replace

        from provenance.build.definition import ManifestDefinition
        from provenance.build.sign import read_definition
        from provenance.build.update import update
        from provenance.cli.describing import terms_of

        said: dict[str, Any] = {"creators": creator} if creator else {}
        terms = ManifestDefinition.from_dict(terms_of(rights)).rights
        said |= {"rights": terms} if terms is not None else {}
        base = read_definition(manifest) if manifest is not None else ManifestDefinition()
        receipt = update(
            file,
            None if in_place else place,
            replace(base, **said),
            signer=key.signer(),
            in_place=in_place,
            authority=key.authority(tsa),
        )
    tell(receipt, "updated")
