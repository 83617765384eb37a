"""The command `provenance`. Each verb is a file of its own, imported when it is called."""

import signal
import sys
from contextlib import suppress

import click

from provenance.cli.verbs import Verbs

__all__ = ["main"]

_VERBS = {
    "sign": ("sign", "Sign a file: say how it was made."),
    "watch": ("watch", "Sign what a generator drops into a folder."),
    "verify": ("verify", "Is a file as it was signed, and by whom?"),
    "index": ("index", "Ask the index that verify --index keeps."),
    "guard": ("guard", "Does a change break or strip provenance?"),
    "inspect": ("inspect", "Show what the manifests of a file say."),
    "trace": ("trace", "Who and what is behind a file, and what each is owed."),
    "diff": ("diff", "What two files' manifests say differently."),
    "reveal": ("reveal", "Prove a prompt that was committed to."),
    "redact": ("redact", "Take assertions out, and say so."),
    "update": ("update", "Add statements to a signed file."),
    "accept": ("accept", "Agree to what a work owes to yours."),
    "timestamp": ("timestamp", "Have a signature's time attested, later."),
    "attach": ("attach", "Put a detached manifest store back into a file."),
    "detach": ("detach", "Take the manifest store out into a file of its own."),
    "strip": ("strip", "Take the manifest store out of a file."),
    "explain": ("explain", "A status code in plain words."),
    "formats": ("formats", "What can be read and signed."),
    "keys": ("keys", "Keys and certificates."),
    "profile": ("profile", "Who signs and how, by a name."),
    "trust": ("trust", "Published trust lists."),
}


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from provenance.version import NAME, SPEC_VERSION, VERSION

        written = SPEC_VERSION.rpartition(".")[0]
        click.echo(f"{NAME} {VERSION} (reads C2PA 2.2 to 2.4 and older, writes {written})")
        ctx.exit()


@click.group(cls=Verbs, listed=_VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version, and those of C2PA it reads and writes.",
)
def main() -> None:
    """Sign, verify and trace C2PA Content Credentials.

    \b
      provenance sign picture.png -o signed.png --key KEY.pem --chain CHAIN.pem
      provenance verify signed.png

    What is printed is the result; talk goes to standard error. Exit codes: 0 good,
    1 could not do the work, 2 wrong usage, 3 no manifest, 4 invalid, 5 not trusted.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    _end_in_order()


def _end_in_order() -> None:
    """Being told to stop is an exit as others are: what was begun is taken away before."""
    for name in ("SIGTERM", "SIGHUP"):  # the second is not known everywhere
        wanted = getattr(signal, name, None)
        if wanted is not None and signal.getsignal(wanted) is signal.SIG_DFL:
            with suppress(ValueError):  # not the main thread, whose business this is
                signal.signal(wanted, lambda number, _: sys.exit(128 + number))
