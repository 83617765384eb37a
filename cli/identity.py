"""The options that name an actor who vouches for what is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import usage
from provenance.cli.grouping import grouped
from provenance.cli.signing_key import KeyOptions, ask

if TYPE_CHECKING:
    from provenance.build.identity import IdentitySigner
    from provenance.profiles import Profile

__all__ = ["IdentityOptions", "identity_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityOptions:
    """Which key an actor signs with, and as what."""

    identity_key: str | None
    identity_chain: str | None
    role: tuple[str, ...]

    def actors(self, profile: "Profile") -> "tuple[IdentitySigner, ...]":
        """Read key and certificates; on a terminal, ask for a passphrase that is needed.

        Args:
            profile: says who vouches when the flags name nobody.

        Raises:
            CredentialError: they cannot be read, or do not belong together.
        """
        if self.identity_key is None:
            if self.identity_chain is not None or self.role:
                usage("--identity-chain and --role go with --identity-key.")
            return profile.identities(ask)
        from provenance.build.identity import IdentitySigner

        given = KeyOptions(None, self.identity_key, self.identity_chain, None, None, None)
        signer = given.signer()
        return (IdentitySigner(signer=signer, roles=self.role),)


_OPTIONS = (
    click.option(
        "--identity-key",
        metavar="REF",
        help="Private key of someone who vouches for the manifest, as a CAWG identity.",
    ),
    click.option("--identity-chain", metavar="PEM", help="Their certificates."),
    click.option(
        "--role", metavar="ROLE", multiple=True, help="As what, such as creator or publisher."
    ),
)


def identity_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `identity: IdentityOptions`."""
    return grouped("identity", IdentityOptions, _OPTIONS)(verb)
