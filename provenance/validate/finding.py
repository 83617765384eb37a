"""A finding: one check, made or not made, and what came of it."""

from dataclasses import dataclass

from provenance.validate.status import Kind, Status

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `url` is the absolute JUMBF URI of the box it is about, as C2PA 2.2 §15.2.2 says for each code;
    `explanation` is what we saw, beyond what the code itself says.
    """

    status: Status
    url: str | None = None
    explanation: str = ""

    @property
    def failed(self) -> bool:
        """Is this a failure code?"""
        return self.status.kind is Kind.FAILURE

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two findings the same (§18.15.12.4.3)."""
        return self.status.code, self.url
