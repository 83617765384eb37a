"""`provenance reveal`: prove a prompt that a manifest committed to."""

import sys

import click

from provenance.cli.common import Exit, put, sentences
from provenance.cli.targets import readable
from provenance.report.escape import clean, wrap

__all__ = ["command"]


@click.command("reveal", short_help="Prove a prompt that was committed to.")
@click.argument("salts")
@click.argument("file")
def command(salts: str, file: str) -> None:
    """Check the words in SALTS, written when FILE was signed, against what FILE commits to.

    Exit code 0: the words are those that were committed to. 4: they are not.
    """
    from provenance.build.reveal import reveal

    with sentences():
        result = reveal(readable(file), readable(salts))
    for name, value in result.fields.items():
        put("\n".join(wrap(clean(value, 4000), f"{clean(name, 40)}: ")))
    put("proved: this is what was committed to" if result.ok else "NOT what was committed to")
    if not result.ok:
        sys.exit(Exit.INVALID)
