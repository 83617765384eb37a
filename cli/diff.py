"""`provenance diff`: what the manifests of two files say differently."""

import sys

import click

from provenance.cli.common import Exit, fail, put, sentences, style
from provenance.cli.trusting import TrustOptions, trust_options
from provenance.report import json
from provenance.report.diff import as_dict, as_text, diff
from provenance.validate.run import verify

__all__ = ["command"]


@click.command("diff", short_help="What two files' manifests say differently.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@trust_options
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="Output."
)
def command(first: str, second: str, trust: TrustOptions, form: str) -> None:
    """Compare state, signer, claim and assertions of the active manifests of A and B.

    Lines with - are of A, lines with + of B. The exit code is 0 whether or not they differ,
    1 if a file cannot be read, 3 if one has no manifest.
    """
    with sentences():
        settings = trust.settings()
        found = diff(verify(first, trust=settings), verify(second, trust=settings))
    both = (found.first, found.second)
    unreadable = [one for one in both if one.state is None and one.errors]
    if unreadable and form == "text":
        fail(unreadable[0].errors[0].message)
    put(json.dumps(as_dict(found)) if form == "json" else as_text(found, style=style()))
    if any(one.state is None for one in both):
        sys.exit(Exit.FAILED if unreadable else Exit.NO_MANIFEST)
