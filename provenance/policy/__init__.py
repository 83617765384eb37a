"""Policies: what a file must satisfy beyond being valid, in a file of its own."""

from provenance.policy.policy import Policy, PolicyError, SignerRule

__all__ = ["Policy", "PolicyError", "SignerRule"]
