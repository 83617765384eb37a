"""`provenance keys`: a development PKI, and why a certificate is refused."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from provenance.cli.common import Exit, put, say, sentences, style
from provenance.report.escape import clean, wrap
from provenance.report.style import Tone

__all__ = ["command"]

_TONES = {"broken": Tone.BAD, "doubtful": Tone.WARN, "fine": Tone.GOOD}


@click.group("keys", short_help="Keys and certificates.")
def command() -> None:
    """Make keys for trying things out, and find out why a certificate is refused."""


@command.command("dev")
@click.option("--out", required=True, metavar="DIR", help="A folder; made if need be.")
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def dev(out: str, quiet: bool) -> None:
    """Make a development PKI: a root, an intermediate, a signer for each algorithm.

    Whoever has the folder can sign as these signers: use it for nothing but development.
    """
    from provenance.trust.devpki import PKCS12_PASSPHRASE, create

    with sentences():
        pki = create(Path(out), now=datetime.now(UTC))
    if not quiet:
        algs = " ".join(pki.credentials)
        say(f"provenance: for each ALG of {algs}")
        say("  ALG.key.pem, ALG.chain.pem   sign with --key and --chain")
        say(
            f"  ALG.p12                      both in one, passphrase {PKCS12_PASSPHRASE.decode()!r}"
        )
        say("  root.pem                     verify with --trust-anchors")
        say("For development only: nobody else trusts these keys, nor should they.")


@command.command("doctor")
@click.argument("cert")
def doctor(cert: str) -> None:
    """Name each rule that the certificates in CERT break, and how to mend it.

    CERT is a PEM file, leaf first, or one certificate as DER. The exit code is 4 when validators
    will refuse it.
    """
    from provenance.trust.doctor import Gravity, examine

    with sentences():
        said = examine(cert, now=datetime.now(UTC))
    paint, shown = style(), -1
    for one in said:
        if one.index != shown:
            shown = one.index
            put(f"{one.index}: {clean(one.subject, 70)}")
        word = paint.paint(one.gravity.value, _TONES[one.gravity.value])
        put(f"  {word}: {clean(one.rule)}")
        put("\n".join(wrap(clean(one.sentence), "    ")))
        if one.mend:
            put("\n".join(wrap(f"Mend: {one.mend}", "    ")))
    if any(one.gravity is Gravity.BROKEN for one in said):
        sys.exit(Exit.INVALID)
