"""The options that say whom to trust, and by what moment to judge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from provenance.cli.common import usage
from provenance.cli.grouping import grouped
from provenance.report.escape import clean
from provenance.trust.settings import TrustSettings

__all__ = ["TrustOptions", "moment", "trust_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustOptions:
    """Files named on the command line; one that cannot be read is an error."""

    trust_anchors: tuple[str, ...] = ()
    allowed_list: str | None = None
    trust_config: str | None = None
    tsa_anchors: tuple[str, ...] = ()
    identity_anchors: tuple[str, ...] = ()
    identity_allowed: str | None = None
    identity_issuer: tuple[str, ...] = ()
    identity_document: tuple[str, ...] = ()
    deprecated_alg: tuple[str, ...] = ()
    no_installed_trust: bool = False

    def settings(self) -> TrustSettings:
        """Read the files, and the installed lists unless they are not wanted.

        Raises:
            CredentialError: one of them cannot be read, or holds nothing of what it should.
        """
        mine = TrustSettings.load(
            anchors=self.trust_anchors,
            allowed=self.allowed_list,
            eku_config=self.trust_config,
            tsa_anchors=self.tsa_anchors,
            identity_anchors=self.identity_anchors,
            identity_allowed=self.identity_allowed,
            identity_issuers=self.identity_issuer,
            identity_documents=self.identity_document,
            deprecated=map(_algorithm, self.deprecated_alg),
        )
        return mine if self.no_installed_trust else mine.beside(TrustSettings.installed())


def _algorithm(name: str) -> str:
    from provenance.cose.algorithms import ALGORITHMS  # loads what signs: only when asked
    from provenance.digests import HASH_ALGS

    known = (*HASH_ALGS, *(one.name for one in ALGORITHMS))
    if name.lower() not in known:
        usage(f"--deprecated-alg {clean(name, 60)}: C2PA has {', '.join(known)}.")
    return name.lower()


_OPTIONS = (
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
        "--trust-config",
        metavar="EKUS",
        help="Extended key usages to accept, an OID a line; or c2pa, default, lenient.",
    ),
    click.option(
        "--tsa-anchors",
        metavar="PEM",
        multiple=True,
        help="Roots of time-stamping authorities; without them the trust anchors serve.",
    ),
    click.option(
        "--identity-anchors",
        metavar="PEM",
        multiple=True,
        help="Roots of the people and organisations that identity assertions name.",
    ),
    click.option(
        "--identity-allowed", metavar="PEM", help="Certificates of such actors that are trusted."
    ),
    click.option(
        "--identity-issuer",
        metavar="DID",
        multiple=True,
        help="Issuer whose credentials about people and organisations are trusted.",
    ),
    click.option(
        "--identity-document",
        metavar="JSON",
        multiple=True,
        help="DID document with the keys of such an issuer, or a status list of one.",
    ),
    click.option(
        "--deprecated-alg",
        metavar="NAME",
        multiple=True,
        help="Tell where this algorithm is used: sha256, es256 …; C2PA calls none deprecated.",
    ),
    click.option(
        "--no-installed-trust",
        is_flag=True,
        help="Use only what is named on this line, not the lists of `trust update`.",
    ),
)


def trust_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `trust: TrustOptions`."""
    return grouped("trust", TrustOptions, _OPTIONS)(verb)


def moment(ctx: click.Context, _: click.Parameter, text: str | None) -> datetime | None:
    """A click callback: ISO 8601; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        ctx.fail(f"--at {text[:40]!r} is no ISO 8601 time, such as 2025-01-31T12:00:00Z.")
    return read if read.tzinfo else read.replace(tzinfo=UTC)
