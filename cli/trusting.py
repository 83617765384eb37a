"""The options that say whom to trust, and by what moment to judge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from provenance.trust.settings import TrustSettings

__all__ = ["TrustOptions", "moment", "trust_options"]


@dataclass(frozen=True, slots=True)
class TrustOptions:
    """Files named on the command line; one that cannot be read is an error."""

    anchors: tuple[str, ...]
    allowed: str | None
    config: str | None

    def settings(self) -> TrustSettings:
        """Read the files.

        Raises:
            CredentialError: one of them cannot be read, or holds nothing of what it should.
        """
        return TrustSettings.load(
            anchors=self.anchors, allowed=self.allowed, eku_config=self.config
        )


def trust_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `trust: TrustOptions`."""

    def called(
        *,
        trust_anchors: tuple[str, ...],
        allowed_list: str | None,
        trust_config: str | None,
        no_installed_trust: bool,
        **rest: Any,
    ) -> Any:
        # No list can be installed yet, so there is none to leave out.
        del no_installed_trust
        return verb(trust=TrustOptions(trust_anchors, allowed_list, trust_config), **rest)

    called.__name__, called.__doc__ = verb.__name__, verb.__doc__
    called.__dict__.update(verb.__dict__)
    options = (
        click.option(
            "--trust-anchors",
            metavar="PEM",
            multiple=True,
            help="Root certificates whose signers are trusted; may be given several times.",
        ),
        click.option(
            "--allowed-list", metavar="PEM", help="Signers' own certificates that are trusted."
        ),
        click.option(
            "--trust-config", metavar="EKUS", help="Extended key usages to accept, an OID a line."
        ),
        click.option(
            "--no-installed-trust", is_flag=True, help="Use only what is named on this line."
        ),
    )
    for option in reversed(options):
        called = option(called)
    return called


def moment(ctx: click.Context, _: click.Parameter, text: str | None) -> datetime | None:
    """A click callback: ISO 8601; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        ctx.fail(f"--at {text[:40]!r} is no ISO 8601 time, such as 2025-01-31T12:00:00Z.")
    return read if read.tzinfo else read.replace(tzinfo=UTC)
