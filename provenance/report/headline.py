"""A verdict on one line. Whoever has the words already need not load what finds them."""

from dataclasses import dataclass

from provenance.report.escape import clean, clip
from provenance.report.style import PLAIN, Style, Tone

__all__ = ["Answer", "headline"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A few words, and how good they are."""

    words: str
    tone: Tone


def headline(path: str | None, answer: Answer, style: Style = PLAIN) -> str:
    """A verdict, of the file at a path."""
    name = clip(clean(path or "(stream)"), 76 - len(answer.words))
    return f"{style.paint(name, Tone.STRONG)}: {style.paint(answer.words, answer.tone)}"
