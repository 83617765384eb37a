"""Certificates: the profile C2PA asks for, the path to an anchor, and what the user trusts."""

from provenance.trust.certificate import Certificate
from provenance.trust.chain import NoPath, Path, build_path, within_validity
from provenance.trust.judge import Judgement, judge
from provenance.trust.profile import DEFAULT_EKUS, RULES, ProfileBreach, check_profile
from provenance.trust.settings import TrustSettings

__all__ = [
    "DEFAULT_EKUS",
    "RULES",
    "Certificate",
    "Judgement",
    "NoPath",
    "Path",
    "ProfileBreach",
    "TrustSettings",
    "build_path",
    "check_profile",
    "judge",
    "within_validity",
]
