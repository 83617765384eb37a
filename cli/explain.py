"""`provenance explain`: a status code in plain words, with its section."""

import click

from provenance.cli.common import put, usage
from provenance.report.escape import clean, wrap
from provenance.rights import codes
from provenance.validate.sentences import explain
from provenance.validate.status import Kind, Status

__all__ = ["command"]

_KINDS = {
    Kind.SUCCESS: "success: this holds",
    Kind.INFORMATIONAL: "informational: good to know, does not change the verdict",
    Kind.FAILURE: "failure: this makes a manifest invalid",
}
_LINEAGE_KINDS = {
    codes.Kind.FAILURE: "failure of terms or of the chain; the verdict on the file is another",
    codes.Kind.WARNING: "warning: a person should look",
    codes.Kind.NOTE: "note: good to know",
}


@click.command("explain", short_help="A status code in plain words.")
@click.argument("code")
def command(code: str) -> None:
    """Say what a status code means, such as assertion.dataHash.mismatch."""
    found = explain(code)
    if found.status is not None:
        status = found.status
        kind = _KINDS[status.kind]
        if status is Status.SIGNING_CREDENTIAL_UNTRUSTED:
            kind = "failure, but of trust alone: the manifest can still be valid"
        _put(status.code, status.sentence, kind, status.section)
    elif (row := codes.find(code)) is not None:
        _put(row.code, row.sentence, _LINEAGE_KINDS[row.kind], row.section)
    else:
        near = ", ".join((*found.similar, *codes.similar(code))[:5])
        hint = f" Did you mean {near}?" if near else ""
        usage(f"No version of C2PA has a status code {clean(code, 80)!r}.{hint}")


def _put(code: str, sentence: str, kind: str, section: str) -> None:
    put(code)
    for line in (sentence, f"Kind: {kind}", f"Section: {section}"):
        put("\n".join(wrap(line, "  ")))
