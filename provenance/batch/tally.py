"""The table at the end of a run: how many files are in which state, what failed, who signed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.batch.look import Facts
from provenance.report.escape import clean, clip
from provenance.report.style import PLAIN, Style, Tone
from provenance.validate.results import ValidationState

__all__ = ["Tally"]

_NAMES = 1_000  # that are told apart; the rest are counted together
_SHOWN = 10
_REST = "others"
_STATES = (
    ("valid, signer trusted", Tone.GOOD),
    ("valid", Tone.WARN),
    ("INVALID", Tone.BAD),
    ("no Content Credentials", Tone.WARN),
    ("could not be read", Tone.BAD),
)


@dataclass(slots=True)
class Tally:
    """Counts as a run goes on; the size does not grow with the number of files."""

    states: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)  # files, not occurrences
    signers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    files: int = 0
    passed_over: int = 0
    unchanged: int = 0  # known from an index
    bytes: int = 0

    def add(self, facts: Facts, *, unchanged: bool = False) -> None:
        """Count one file."""
        if not facts.interesting:
            self.passed_over += 1
            return
        self.files += 1
        self.unchanged += unchanged
        self.bytes += facts.size
        self.states[_state(facts)] += 1
        for code in facts.failed:
            self.codes[code] += 1
        if facts.error is not None:
            self.errors[facts.error.value] += 1
        if facts.signer is not None:
            known = facts.signer in self.signers or len(self.signers) < _NAMES
            self.signers[facts.signer if known else _REST] += 1

    @property
    def bad(self) -> int:
        """Files that are invalid, or could not be read."""
        return self.states["INVALID"] + self.states["could not be read"]

    def to_dict(self) -> dict[str, object]:
        """As JSON values; the states by the words of a report."""
        return {
            "files": self.files,
            "bytes": self.bytes,
            "passed_over": self.passed_over,
            "unchanged": self.unchanged,
            "states": dict(self.states),
            "codes": dict(self.codes.most_common()),
            "signers": dict(self.signers.most_common()),
            "errors": dict(self.errors.most_common()),
        }

    def text(self, style: Style = PLAIN) -> str:
        """The table, without a line break at its end."""
        return "\n".join(self._lines(style))

    def _lines(self, style: Style) -> Iterator[str]:
        told = f"{self.files:,} file{'s' * (self.files != 1)}"
        told += f", {self.unchanged:,} unchanged since they were indexed" if self.unchanged else ""
        yield style.paint(told, Tone.STRONG)
        for name, tone in _STATES:
            if self.states[name]:
                yield f"  {self.states[name]:>9,}  {style.paint(name, tone)}"
        for title, counts in (
            ("failed", self.codes),
            ("signed by", self.signers),
            ("not read", self.errors),
        ):
            if counts:
                yield ""
                yield f"  {title}"
                for name, count in counts.most_common(_SHOWN):
                    yield f"  {count:>9,}  {clip(clean(name), 66)}"
                if len(counts) > _SHOWN:
                    rest = sum(counts.values()) - sum(n for _, n in counts.most_common(_SHOWN))
                    yield f"  {rest:>9,}  in {len(counts) - _SHOWN} more rows"


def _state(facts: Facts) -> str:
    match facts.state:
        case ValidationState.TRUSTED:
            return "valid, signer trusted"
        case ValidationState.VALID:
            return "valid"
        case ValidationState.INVALID:
            return "INVALID"
        case _ if facts.error is not None:
            return "could not be read"
        case _:
            return "no Content Credentials"
