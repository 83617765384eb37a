"""All that is to be said of a signing credential: its profile, its trust, its dates.

Three answers, because they are three questions: a certificate may be sound and unknown, trusted
and expired, or broken and on the user's own list. Source: C2PA 2.2 §14.4, §14.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.trust.certificate import Certificate, parse_chain
from provenance.trust.chain import NoPath, build_path, within_validity
from provenance.trust.profile import ProfileBreach, check_profile
from provenance.trust.settings import TrustSettings

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found out about a chain of certificates."""

    chain: tuple[Certificate, ...]  # leaf first
    breaches: tuple[ProfileBreach, ...]  # by the leaf: each makes the credential invalid
    breaches_above: tuple[ProfileBreach, ...] = ()  # by the others: see `judge`
    trusted: bool  # issuers and anchor valid at the moment asked for; the leaf's dates are apart
    why: str  # a sentence, whichever way it went
    anchor: str | None = None  # its subject, as RFC 4514 writes it
    inside_validity: bool  # the leaf
    chain_inside_validity: bool  # every certificate that came along

    @property
    def leaf(self) -> Certificate:
        """The signing certificate."""
        return self.chain[0]


def judge(
    chain_der: Sequence[bytes],
    settings: TrustSettings,
    at: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> Judgement:
    """Judge a signing credential.

    C2PA 2.2 asks the profile of every certificate, 2.5 and the reference implementation of the
    leaf only. We keep the two apart; what matters for trust (algorithms, keys, CA flags, dates)
    is asked of issuers on the way to the anchor in any case.

    Args:
        chain_der: the certificates of the COSE header, leaf first; at least one.
        settings: whom the user trusts.
        at: when it was signed as far as is proven: the time stamp's moment, or now. With zone.

    Raises:
        LimitError: more certificates than we are willing to look at.
    """
    chain = parse_chain(chain_der, limits)
    leaf = chain[0]
    listed = leaf.sha256 in settings.allowed
    anchor = None
    if listed:
        why = "the certificate is on the list of allowed certificates"
    elif not settings.anchors:
        why = "no trust anchors were given"
    else:
        found = build_path(leaf, chain[1:], settings.by_subject, at)
        if isinstance(found, NoPath):
            why = found.reason
        else:
            anchor = found.anchor.name
            why = f"issued under the anchor {anchor}"
    breaches = tuple(check_profile(chain, ekus=settings.ekus, private_store=listed))
    return Judgement(
        chain=chain,
        breaches=tuple(one for one in breaches if one.index == 0),
        breaches_above=tuple(one for one in breaches if one.index),
        trusted=listed or anchor is not None,
        why=why,
        anchor=anchor,
        inside_validity=within_validity(chain[:1], at),
        chain_inside_validity=within_validity(chain, at),
    )
