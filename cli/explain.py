"""`provenance explain`: a status code in plain words, with its section."""

import click

from provenance.cli.common import put, usage
from provenance.report.escape import clean, wrap
from provenance.validate.sentences import explain
from provenance.validate.status import Kind, Status

__all__ = ["command"]

_KINDS = {
    Kind.SUCCESS: "success: this holds",
    Kind.INFORMATIONAL: "informational: good to know, does not change the verdict",
    Kind.FAILURE: "failure: this makes a manifest invalid",
}


@click.command("explain", short_help="A status code in plain words.")
@click.argument("code")
def command(code: str) -> None:
    """Say what a status code means, such as assertion.dataHash.mismatch."""
    found = explain(code)
    if found.status is None:
        near = ", ".join(found.similar)
        hint = f" Did you mean {near}?" if near else ""
        usage(f"No version of C2PA has a status code {clean(code, 80)!r}.{hint}")
    status = found.status
    kind = _KINDS[status.kind]
    if status is Status.SIGNING_CREDENTIAL_UNTRUSTED:
        kind = "failure, but of trust alone: the manifest can still be valid"
    put(status.code)
    for line in (status.sentence, f"Kind: {kind}", f"Section: {status.section}"):
        put("\n".join(wrap(line, "  ")))
