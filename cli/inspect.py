"""`provenance inspect`: what the manifests of a file say, or what its generator left in it."""

import sys

import click

from provenance.cli.common import Exit, fail, put, sentences, style, usage
from provenance.cli.trusting import TrustOptions, trust_options
from provenance.errors import LimitError, ProvenanceError
from provenance.report import json
from provenance.report.tree import tree
from provenance.validate.results import VerificationReport
from provenance.validate.run import verify

__all__ = ["command"]


@click.command("inspect", short_help="Show what the manifests of a file say.")
@click.argument("file")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option("--generation", is_flag=True, help="Show what a generator left in it instead.")
@trust_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("tree", "json", "detailed", "crjson")),
    default="tree",
    help="Output; detailed says the same as json.",
)
def command(
    file: str, manifest: str | None, generation: bool, trust: TrustOptions, form: str
) -> None:
    """Show title, generator, actions, models, prompt, parents and assertions of each manifest.

    What a manifest says is only worth something if it verifies; the first line tells.
    The exit code is 0 whatever the verdict, 1 if FILE cannot be read, 3 without a manifest.

    With --generation: prompt, seed, settings, models and inputs as the program that made FILE wrote
    them into it, which anybody can change. The exit code is 0, be there anything or not.
    """
    if generation:
        if form == "crjson":
            usage("--generation has the formats tree and json")
        _show_generation(file, form)
        return
    with sentences():
        report = verify(file, manifest=manifest, trust=trust.settings())
    if report.state is None and report.errors and form == "tree":
        fail(report.errors[0].message)
    put(_shown(report, form))
    if report.state is None:
        sys.exit(Exit.FAILED if report.errors else Exit.NO_MANIFEST)


def _show_generation(file: str, form: str) -> None:
    """Print the record; for a file whose header is broken an empty one, and why."""
    from provenance.generation.read import read_generation
    from provenance.report import generation

    record, problem = None, None
    with sentences():
        try:
            record = read_generation(file)
        except ProvenanceError as error:
            if form == "tree":
                raise
            problem = error
    if form == "tree":
        put(generation.text(record, style=style()))
        return
    row = generation.as_dict(record)
    if problem is not None:
        kind = "limit" if isinstance(problem, LimitError) else "malformed"
        row["errors"] = [{"kind": kind, "message": str(problem), "offset": problem.offset}]
    put(json.dumps(row))
    if problem is not None:
        sys.exit(Exit.FAILED)


def _shown(report: VerificationReport, form: str) -> str:
    if form == "tree":
        return tree(report, style=style())
    if form == "crjson":
        from provenance.report.crjson import crjson

        return json.dumps(crjson(report))
    return json.dumps(report.to_dict())
