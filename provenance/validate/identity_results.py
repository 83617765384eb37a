"""What is known of one identity assertion: a finished value, apart from the asset's verdict.

Source: CAWG identity 1.3.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.validate.finding import Finding
from provenance.validate.status import Status

__all__ = ["Actor", "IdentityReport", "IdentityState", "VerifiedIdentity"]


class IdentityState(StrEnum):
    """What an identity assertion is worth."""

    TRUSTED = "trusted"  # it holds, and someone the user trusts vouches for it
    UNTRUSTED = "untrusted"  # it holds, and nobody the user trusts does
    UNCHECKED = "unchecked"  # nothing is wrong, but something could not be looked at
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """One way in which an aggregator got to know an actor: an account, a document, a site."""

    type: str
    name: str | None = None
    username: str | None = None
    uri: str | None = None
    provider: str | None = None
    verified_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is named: by a certificate, or by what an aggregator verified. Text from the file."""

    name: str | None = None
    organization: str | None = None
    issuer: str | None = None  # of the certificate's chain, or the DID of the aggregator
    identities: tuple[VerifiedIdentity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReport:
    """One identity assertion, and what was found about it."""

    uri: str
    sig_type: str | None = None
    roles: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()  # as the actor spelled them
    actor: Actor | None = None
    time: datetime | None = None  # of a validated time stamp over it
    findings: tuple[Finding, ...] = ()

    @property
    def state(self) -> IdentityState:
        """What the findings amount to. Whether its manifest verifies is not asked here."""
        present = {one.status for one in self.findings}
        if Status.CAWG_IDENTITY_TRUSTED in present:
            return IdentityState.TRUSTED
        if Status.CAWG_IDENTITY_WELL_FORMED in present:
            return IdentityState.UNTRUSTED
        if {one.status for one in self.findings if one.failed} <= _NOT_MADE:
            return IdentityState.UNCHECKED
        return IdentityState.INVALID


_NOT_MADE = {
    Status.IDENTITY_NOT_CHECKED,
    Status.CAWG_IDENTITY_NETWORK_TRAFFIC_BLOCKED,
    Status.CAWG_IDENTITY_SIG_TYPE_UNKNOWN,
    Status.CAWG_ICA_DID_UNAVAILABLE,
    Status.CAWG_ICA_DID_UNSUPPORTED_METHOD,
    Status.CAWG_ICA_REVOCATION_UNAVAILABLE,
    Status.CAWG_ICA_REVOCATION_UNSUPPORTED,
}
