"""The table at the end of a signing run: how many files were signed, and why others were not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.batch.sign_task import SignOutcome, SignStatus
from provenance.report.style import PLAIN, Style, Tone

__all__ = ["SignTally"]

_ROWS = (
    (SignStatus.SIGNED, "signed", Tone.GOOD),
    (SignStatus.UNCHANGED, "signed before, and unchanged since", Tone.WARN),
    (SignStatus.FAILED, "NOT SIGNED", Tone.BAD),
)
_REASONS = {
    "exists": "something else is at their place",
    "malformed": "damaged",
    "unsupported-format": "of no format that can be signed",
    "limit": "beyond the limits",
    "io": "cannot be read or written",
    "credential": "the key cannot be used",
    "definition": "cannot be signed so",
    "signing": "signing failed",
}


@dataclass(slots=True)
class SignTally:
    """Counts as a run goes on; the size does not grow with the number of files."""

    statuses: Counter[SignStatus] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    salts: int = 0  # files with the salts of committed prompts that were written

    def add(self, outcome: SignOutcome) -> None:
        """Count one file."""
        self.statuses[outcome.status] += 1
        self.salts += outcome.salts is not None
        if outcome.kind is not None:
            self.reasons[outcome.kind] += 1

    @property
    def files(self) -> int:
        """How many there were, those passed over left out."""
        return sum(self.statuses[status] for status, _, _ in _ROWS)

    @property
    def passed_over(self) -> int:
        """Files of formats that would not be signed."""
        return self.statuses[SignStatus.PASSED_OVER]

    @property
    def failed(self) -> int:
        """Files that were not signed and should have been."""
        return self.statuses[SignStatus.FAILED]

    def text(self, style: Style = PLAIN) -> str:
        """The table, without a line break at its end."""
        return "\n".join(self._lines(style))

    def _lines(self, style: Style) -> Iterator[str]:
        yield style.paint(f"{self.files:,} file{'s' * (self.files != 1)}", Tone.STRONG)
        for status, words, tone in _ROWS:
            if self.statuses[status]:
                yield f"  {self.statuses[status]:>9,}  {style.paint(words, tone)}"
        if self.reasons:
            yield ""
            yield "  not signed"
            for kind, count in sorted(self.reasons.items(), key=lambda row: (-row[1], row[0])):
                yield f"  {count:>9,}  {_REASONS.get(kind, kind)}"
