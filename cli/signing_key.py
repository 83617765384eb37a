"""The options that name a key or a profile. Secrets come from a file, a variable, a terminal."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import fail, usage
from provenance.cli.grouping import grouped
from provenance.errors import CredentialError
from provenance.source import read_small

if TYPE_CHECKING:
    from provenance.cose.signer import Signer
    from provenance.profiles import Profile
    from provenance.trust.tsa import Authority

__all__ = ["KeyOptions", "MaybeKey", "ask", "key_options", "key_options_if_wanted"]
__all__ += ["passphrase_of"]

_PASSPHRASE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """Which profile, which key, which certificates, and where the passphrase is."""

    profile: str | None
    key: str | None
    chain: str | None
    alg: str | None
    passphrase_env: str | None
    passphrase_file: str | None

    def loaded(self, **flags: Any) -> "Profile":
        """What counts of flags, environment and profile.

        Args:
            flags: further settings that were given as such; None: not given.

        Raises:
            ProfileError: no such profile, or something in it or in a variable is not known.
        """
        from provenance.profiles import load_profile

        own = {
            "key": self.key,
            "chain": self.chain,
            "alg": self.alg,
            "passphrase_env": self.passphrase_env,
            "passphrase_file": self.passphrase_file,
        }
        return load_profile(self.profile, flags=own | flags)

    def signer(self) -> "Signer":
        """The key's signer; on a terminal, ask for a passphrase or a PIN that is needed.

        Raises:
            ProvenanceError: it cannot be read, or does not belong to its certificates.
        """
        loaded = self.loaded()
        if loaded.get("key") is None:
            usage("Name a key: --key REF, --profile NAME, or PROVENANCE_KEY.")
        return loaded.signer(ask)

    def authority(self, tsa: str | None) -> "Authority | None":
        """The time-stamping authority that a flag, the environment or the profile names."""
        return self.loaded(tsa=tsa).authority()


def ask(question: str) -> bytes | None:
    """A secret from whoever sits at the terminal; None when nobody does."""
    if not _on_terminal():
        return None
    return str(click.prompt(question, hide_input=True, err=True)).encode()


def _on_terminal() -> bool:
    return sys.stdin.isatty()


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


class MaybeKey(KeyOptions):
    """The same for a verb that signs only if the flags name a key or a profile."""

    __slots__ = ()

    def if_named(self) -> "Signer | None":
        """As `signer`; None where neither was named."""
        return None if self.key is None and self.profile is None else self.signer()


def key_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `key: KeyOptions`."""
    return grouped("key", KeyOptions, _options())(verb)


def key_options_if_wanted(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb that can do without, which gets one `key: MaybeKey`."""
    return grouped("key", MaybeKey, _options())(verb)


def _options() -> Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    return (
        click.option("--profile", metavar="NAME", help="A profile; see `provenance profile`."),
        click.option(
            "--key",
            metavar="REF",
            help="Private key: a file, or env:, keyring:, pkcs11:, cmd:, https:, awskms:, gcpkms:, "
            "azurekv: and where it lies.",
        ),
        click.option("--chain", metavar="PEM", help="Certificates, if they are not with the key."),
        click.option("--alg", metavar="NAME", help="For an RSA key: ps256, ps384 or ps512."),
        click.option(
            "--passphrase-env",
            metavar="NAME",
            help="Environment variable with the passphrase, PIN or token.",
        ),
        click.option("--passphrase-file", metavar="FILE", help="File with the same."),
    )
