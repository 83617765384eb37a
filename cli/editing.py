"""What the editing verbs share: where the result goes, who signs, who attests the time."""

from collections.abc import Callable
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import put, style
from provenance.cli.signing_key import key_options
from provenance.cli.targets import target
from provenance.formats.sidecar import paired

if TYPE_CHECKING:
    from provenance.build.sign import SignReceipt

__all__ = ["editing_options", "place_of", "tell", "tsa_option"]

tsa_option = click.option(
    "--tsa", metavar="URL", help="Time-stamping authority that attests when it was signed."
)


def editing_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Input, output and key; the verb gets `file`, `output`, `in_place` and `key: KeyOptions`."""
    options = (
        click.argument("file", metavar="IN"),
        click.option(
            "-o",
            "--output",
            metavar="OUT",
            help="Where the result goes; OUT.c2pa for the manifest alone.",
        ),
        click.option("--in-place", is_flag=True, help="Change IN itself, or its sidecar."),
        key_options,
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def place_of(file: str, output: str | None, *, in_place: bool) -> Path:
    """Where the result goes; for a folder, or a file with a sidecar, that is one, too."""
    beside = isdir(file) or (output is not None and isdir(output) and paired(Path(file)))
    return target(file, output, in_place=in_place, sidecar=bool(beside))


def tell(receipt: "SignReceipt", what: str) -> None:
    """One line for what was done, one for what a look at it found."""
    from provenance.report import verdict
    from provenance.report.escape import clean

    put(f"{what}: {clean(str(receipt.output or receipt.sidecar), 1000)}")
    if receipt.report is not None:
        answer = verdict.integrity(receipt.report)
        put(f"checked: {style().paint(answer.words, answer.tone)}")
