"""`provenance inspect`: what the manifests of a file say."""

import sys

import click

from provenance.cli.common import Exit, fail, put, sentences, style
from provenance.cli.trusting import TrustOptions, trust_options
from provenance.report import json
from provenance.report.tree import tree
from provenance.validate.results import VerificationReport
from provenance.validate.run import verify

__all__ = ["command"]


@click.command("inspect", short_help="Show what the manifests of a file say.")
@click.argument("file")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@trust_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("tree", "json", "detailed", "crjson")),
    default="tree",
    help="Output; detailed says the same as json.",
)
def command(file: str, manifest: str | None, trust: TrustOptions, form: str) -> None:
    """Show title, generator, actions, models, prompt, parents and assertions of each manifest.

    What a manifest says is only worth something if it verifies; the first line tells.
    The exit code is 0 whatever the verdict, 1 if FILE cannot be read, 3 without a manifest.
    """
    with sentences():
        report = verify(file, manifest=manifest, trust=trust.settings())
    if report.state is None and report.errors and form == "tree":
        fail(report.errors[0].message)
    put(_shown(report, form))
    if report.state is None:
        sys.exit(Exit.FAILED if report.errors else Exit.NO_MANIFEST)


def _shown(report: VerificationReport, form: str) -> str:
    if form == "tree":
        return tree(report, style=style())
    if form == "crjson":
        from provenance.report.crjson import crjson

        return json.dumps(crjson(report))
    return json.dumps(report.to_dict())
