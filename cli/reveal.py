"""`provenance reveal`: prove a prompt that a manifest committed to."""

import sys
from pathlib import Path

import click

from provenance.cli.common import Exit, put, sentences
from provenance.cli.targets import readable
from provenance.report.escape import clean, wrap
from provenance.validate.results import ValidationState

__all__ = ["command"]

_TEXT = 100_000  # characters shown of a field


@click.command("reveal", short_help="Prove a prompt that was committed to.")
@click.argument("salts")
@click.argument("file")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option("--field", "fields", multiple=True, metavar="NAME", help="Only this field.")
@click.option("--proof", metavar="OUT", help="Write a file that proves these fields alone.")
def command(
    salts: str, file: str, manifest: str | None, fields: tuple[str, ...], proof: str | None
) -> None:
    """Check the words in SALTS, written when FILE was signed, against what FILE commits to.

    SALTS holds every field that was committed to: prompt, seed and so on. To show somebody one of
    them, and keep the others to yourself, hand over what --field NAME --proof OUT writes.

    Exit code 0: the words are those that were committed to. 4: they are not.
    """
    from provenance.build.reveal import reveal

    with sentences():
        result = reveal(readable(file), readable(salts), manifest=manifest, fields=fields)
        if proof is not None and result.ok:
            from provenance.build.prompts import Salts

            held = Salts.read(Path(salts))
            (held.only(fields) if fields else held).write(Path(proof))
    for name, one in result.fields.items():
        word = "proved" if one.proven else f"NOT proved, {one.why}"
        put("\n".join(wrap(clean(one.text, _TEXT), f"{clean(name, 40)}: ")))
        put("\n".join(wrap(word, "  ")))
    if result.state not in (ValidationState.VALID, ValidationState.TRUSTED):
        put("The file is not valid: what it commits to proves nothing.")
    if not result.ok:
        sys.exit(Exit.INVALID)
