"""Colour, where a terminal shows it: four meanings, no more."""

from dataclasses import dataclass
from enum import Enum

__all__ = ["PLAIN", "Style", "Tone"]


class Tone(Enum):
    """What a text means; the value is the terminal's code for it."""

    GOOD = "32"
    WARN = "33"
    BAD = "31"
    STRONG = "1"
    FAINT = "2"


@dataclass(frozen=True, slots=True)
class Style:
    """Paints texts, or leaves them as they are."""

    colour: bool = False

    def paint(self, text: str, tone: Tone) -> str:
        """A text in a tone. It must be escaped already, and have its final length."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self.colour and text else text


PLAIN = Style()
