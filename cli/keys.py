"""`provenance keys`: a development PKI, a request for a certificate, why one is refused."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.common import Exit, fail, put, say, sentences, style, usage
from provenance.cli.signing_key import passphrase_of
from provenance.report.escape import clean, wrap
from provenance.report.style import Tone

if TYPE_CHECKING:
    from provenance.trust.csr import Key

__all__ = ["command"]

_TONES = {"broken": Tone.BAD, "doubtful": Tone.WARN, "fine": Tone.GOOD}


@click.group("keys", short_help="Keys and certificates.")
def command() -> None:
    """Make keys, ask for a certificate, and find out why one is refused."""


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


@command.command("csr")
@click.option("--name", required=True, metavar="TEXT", help="Common name: who signs.")
@click.option("--organization", required=True, metavar="TEXT", help="For whom.")
@click.option("--unit", metavar="TEXT", help="Part of the organization.")
@click.option("--locality", metavar="TEXT", help="City.")
@click.option("--state", metavar="TEXT", help="State or province.")
@click.option("--country", metavar="CC", help="Two letters.")
@click.option("--key", metavar="FILE", help="A private key that is there already.")
@click.option("--new-key", metavar="FILE", help="Make one, and put it here.")
@click.option(
    "--alg",
    type=click.Choice(("es256", "es384", "es512", "ps256", "ed25519")),
    default="es256",
    help="What a new key signs with.",
)
@click.option(
    "--usage",
    "usages",
    type=click.Choice(("claims", "documents", "email")),
    multiple=True,
    help="Extended key usages to ask for; claims unless said.",
)
@click.option("--passphrase-env", metavar="NAME", help="Environment variable with the passphrase.")
@click.option("--passphrase-file", metavar="FILE", help="File with the passphrase.")
@click.option("-o", "--output", metavar="OUT", help="Where the request goes; else to stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def csr(
    key: str | None,
    new_key: str | None,
    alg: str,
    usages: tuple[str, ...],
    passphrase_env: str | None,
    passphrase_file: str | None,
    output: str | None,
    quiet: bool,
    **subject: str | None,
) -> None:
    """Write a request for a certificate (PKCS#10, PEM), to be sent to an authority.

    It asks for what C2PA wants of a signer's certificate. A new key is encrypted when there is a
    passphrase; with --key the passphrase opens it. The key never leaves this machine.
    """
    if (key is None) == (new_key is None):
        usage("Name a key that is there with --key, or where a new one goes with --new-key.")
    from provenance.trust import csr as requests

    with sentences():
        passphrase = passphrase_of(passphrase_env, passphrase_file)
        subject["common_name"] = subject.pop("name")
        whom = requests.Subject(**subject)  # type: ignore[arg-type]  # click made sure of two
        made = _read(key, passphrase) if key is not None else requests.new_key(alg)
        text = requests.request(made, whom, usages or ("claims",))
        if new_key is not None:
            _write(Path(new_key), requests.key_pem(made, passphrase), secret=True)
        if output is not None:
            _write(Path(output), text, secret=False)
    if output is None:
        put(text.decode(), end="")
    if quiet:
        return
    if new_key is not None:
        how = "encrypted" if passphrase else "not encrypted, readable by you alone"
        say(f"provenance: new {alg} key in {new_key}, {how}; it stays with you")
    say("provenance: send the request to an authority; sign with --key and the --chain it sends")


def _read(path: str, passphrase: bytes | None) -> "Key":
    from provenance.cose.keyfiles import read_file, read_key

    return read_key(read_file(path), passphrase, name=path).key


def _write(path: Path, data: bytes, *, secret: bool) -> None:
    """A new file; one that is there already stays as it is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    except FileExistsError:
        fail(f"{path}: is there already, and is not overwritten")
    with open(handle, "wb") as stream:
        stream.write(data)


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
