"""What a policy made of a report: a finished value that goes with it."""

from dataclasses import dataclass
from typing import Any

__all__ = ["PolicyResult", "RuleResult"]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, whether it holds, and why in a sentence."""

    rule: str  # the key in the policy's file
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """All rules of a policy, applied to one report."""

    name: str
    rules: tuple[RuleResult, ...]

    @property
    def passed(self) -> bool:
        """Do all rules hold?"""
        return all(one.passed for one in self.rules)

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that do not hold."""
        return tuple(one for one in self.rules if not one.passed)

    @property
    def only_trust_failed(self) -> bool:
        """Of a valid file: is the one thing amiss that nobody vouches for its signer?"""
        return not self.passed and {one.rule for one in self.failed} <= {"trust", "states"}

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        rows = [
            {"rule": one.rule, "passed": one.passed, "message": one.message} for one in self.rules
        ]
        return {"name": self.name, "passed": self.passed, "rules": rows}
