"""The options that name a key. A passphrase comes from a file, a variable or a terminal."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import fail
from provenance.cli.grouping import grouped
from provenance.errors import CredentialError
from provenance.source import read_small

if TYPE_CHECKING:
    from provenance.cose.signer import LocalSigner

__all__ = ["KeyOptions", "MaybeKey", "key_options", "key_options_if_wanted", "passphrase_of"]

_PASSPHRASE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """Which key, which certificates, and where the passphrase is."""

    key: str
    chain: str | None
    alg: str | None
    passphrase_env: str | None
    passphrase_file: str | None

    def signer(self) -> "LocalSigner":
        """Read key and certificates; on a terminal, ask for a passphrase that is needed.

        Raises:
            CredentialError: they cannot be read, or do not belong together.
        """
        from provenance.cose.signer import LocalSigner

        def read(passphrase: bytes | None) -> LocalSigner:
            return LocalSigner.from_files(self.key, self.chain, passphrase=passphrase, alg=self.alg)

        given = passphrase_of(self.passphrase_env, self.passphrase_file)
        try:
            return read(given)
        except CredentialError as error:
            wanted = given is None and "no passphrase was given" in error.problem
            if not (wanted and _on_terminal()):
                raise
        typed = click.prompt(f"Passphrase of {self.key}", hide_input=True, err=True)
        return read(str(typed).encode())


def passphrase_of(env: str | None, file: str | None) -> bytes | None:
    """The passphrase in an environment variable or a file; None when neither is named.

    Raises:
        CredentialError: the file cannot be read.
    """
    if env is not None:
        value = os.environ.get(env)
        if value is None:
            fail(f"environment variable {env}: is not set")
        return value.encode()
    if file is None:
        return None
    return read_small(file, _PASSPHRASE_BYTES, CredentialError).rstrip(b"\r\n")


def _on_terminal() -> bool:
    return sys.stdin.isatty()


@dataclass(frozen=True, slots=True)
class MaybeKey:
    """The same for a verb that signs only if a key is named."""

    key: str | None
    chain: str | None
    alg: str | None
    passphrase_env: str | None
    passphrase_file: str | None

    def signer(self) -> "LocalSigner | None":
        """As `KeyOptions.signer`; None where no key was named."""
        if self.key is None:
            return None
        more = (self.chain, self.alg, self.passphrase_env, self.passphrase_file)
        return KeyOptions(self.key, *more).signer()


def key_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `key: KeyOptions`."""
    return grouped("key", KeyOptions, _options(required=True))(verb)


def key_options_if_wanted(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb that can do without, which gets one `key: MaybeKey`."""
    return grouped("key", MaybeKey, _options(required=False))(verb)


def _options(*, required: bool) -> Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    return (
        click.option(
            "--key", required=required, metavar="REF", help="Private key: PEM, DER or PKCS#12 file."
        ),
        click.option("--chain", metavar="PEM", help="Certificates, if not in the key file."),
        click.option("--alg", metavar="NAME", help="For an RSA key: ps256, ps384 or ps512."),
        click.option(
            "--passphrase-env", metavar="NAME", help="Environment variable with the passphrase."
        ),
        click.option("--passphrase-file", metavar="FILE", help="File with the passphrase."),
    )
