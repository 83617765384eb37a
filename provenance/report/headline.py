"""A verdict on one line. Whoever has the words already need not load what finds them."""

from dataclasses import dataclass

from provenance.report.escape import clean, clip
from provenance.report.style import PLAIN, Style, Tone

__all__ = ["Answer", "headline"]

_LONG_PATH = 1000  # characters
_COLUMNS = 76


@dataclass(frozen=True, slots=True)
class Answer:
    """A few words, and how good they are."""

    words: str
    tone: Tone


def headline(path: str | None, answer: Answer, style: Style = PLAIN, *, whole: bool = True) -> str:
    """A verdict, of the file at a path.

    Args:
        path: of the file.
        answer: the verdict.
        style: colours.
        whole: all of the path, since it says which of many files it is; else what fits.
    """
    name = clean(path or "(stream)", _LONG_PATH)
    if not whole:
        name = clip(name, _COLUMNS - len(answer.words))
    return f"{style.paint(name, Tone.STRONG)}: {style.paint(answer.words, answer.tone)}"
