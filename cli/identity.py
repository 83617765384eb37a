"""The options that name an actor who vouches for what is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from provenance.cli.common import usage
from provenance.cli.grouping import grouped

__all__ = ["IdentityOptions", "identity_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityOptions:
    """Which key an actor signs with, and as what."""

    identity_key: str | None
    identity_chain: str | None
    role: tuple[str, ...]

    def rows(self) -> list[dict[str, Any]] | None:
        """As a profile's `identity` has it, for whatever process opens the key.

        Returns:
            None when the flags name nobody: then the profile says who vouches.
        """
        if self.identity_key is None:
            if self.identity_chain is not None or self.role:
                usage("--identity-chain and --role go with --identity-key.")
            return None
        chain = {"chain": self.identity_chain} if self.identity_chain is not None else {}
        return [{"key": self.identity_key, **chain, "roles": list(self.role)}]


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
