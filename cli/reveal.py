"""`provenance reveal`: prove a prompt that a manifest committed to."""

import sys

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
def command(salts: str, file: str, manifest: str | None) -> None:
    """Check the words in SALTS, written when FILE was signed, against what FILE commits to.

    Exit code 0: the words are those that were committed to. 4: they are not.
    """
    from provenance.build.reveal import reveal

    with sentences():
        result = reveal(readable(file), readable(salts), manifest=manifest)
    for name, one in result.fields.items():
        word = "proved" if one.proven else f"NOT proved, {one.why}"
        put("\n".join(wrap(clean(one.text, _TEXT), f"{clean(name, 40)}: ")))
        put("\n".join(wrap(word, "  ")))
    if result.state not in (ValidationState.VALID, ValidationState.TRUSTED):
        put("The file is not valid: what it commits to proves nothing.")
    if not result.ok:
        sys.exit(Exit.INVALID)
