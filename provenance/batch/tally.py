"""The table at the end of a run: how many files are in which state, what failed, who signed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.batch.look import Facts
from provenance.report.escape import clean, clip
from provenance.report.style import PLAIN, Style, Tone
from provenance.validate.states import ValidationState

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

    def add(self, facts: Facts, count: int = 1, *, unchanged: bool = False) -> None:
        """Count one file, or several that came out alike."""
        if not facts.interesting:
            self.passed_over += count
            return
        self.files += count
        self.unchanged += count * unchanged
        self.bytes += facts.size
        self.states[_state(facts)] += count
        for code in facts.failed:
            self.codes[code] += count
        if facts.error is not None:
            self.errors[facts.error.value] += count
        if facts.signer is not None:
            known = facts.signer in self.signers or len(self.signers) < _NAMES
            self.signers[facts.signer if known else _REST] += count

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
            "codes": dict(_sorted(self.codes)),
            "signers": dict(_sorted(self.signers)),
            "errors": dict(_sorted(self.errors)),
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
                rows = _sorted(counts)
                for name, count in rows[:_SHOWN]:
                    yield f"  {count:>9,}  {clip(clean(name), 66)}"
                if len(rows) > _SHOWN:
                    rest = sum(count for _, count in rows[_SHOWN:])
                    yield f"  {rest:>9,}  in {len(rows) - _SHOWN} more rows"


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first; not by which file happened to be done first."""
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


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
