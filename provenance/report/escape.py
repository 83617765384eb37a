"""Text from files, made fit for a terminal: nothing in it moves the cursor, hides or runs long.

Control characters (C0, C1, DEL), line breaks, bidirectional overrides, other invisible
characters and lone surrogates are written as escapes. What joins emoji and letters stays.
"""

import unicodedata
from collections.abc import Iterator

__all__ = ["ASCII_TREE", "clean", "clip", "width", "wrap"]

COLUMNS = 80

# Cc, Cf, Cs, Zl, Zp, unassigned and private: what shows nothing, or not what it is.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JOINERS = frozenset("\u200c\u200d")  # part of how some scripts, and emoji, are written
_LIMIT = 400

# For terminals that cannot show the tree's lines.
ASCII_TREE = str.maketrans({"├": "|", "└": "`", "│": "|", "─": "-", "…": "~"})


def clean(text: object, limit: int = _LIMIT) -> str:
    """A text from a file on one line, at most `limit` characters before escaping.

    Args:
        text: anything; what is no text is shown as Python prints it.
        limit: what is longer ends in an ellipsis.
    """
    whole = text if isinstance(text, str) else str(text)
    shown = whole[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(map(_visible, shown))
    return shown + "…" if len(whole) > limit else shown


def _visible(char: str) -> str:
    if char in _JOINERS or unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return short or (f"\\x{code:02x}" if code < 256 else f"\\u{{{code:x}}}")


def width(text: str) -> int:
    """How many columns a cleaned text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char) or char in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, columns: int) -> str:
    """A cleaned text, cut to so many columns."""
    return text if width(text) <= columns else text[: _fitting(text, columns - 1)] + "…"


def _fitting(text: str, columns: int) -> int:
    """How many characters of a text fit."""
    used = 0
    for at, char in enumerate(text):
        used += _cells(char)
        if used > columns:
            return at
    return len(text)


def wrap(text: str, first: str = "", rest: str | None = None, columns: int = COLUMNS) -> list[str]:
    """A cleaned text broken into lines.

    Args:
        text: words parted by spaces; a word that fits no line is broken anywhere.
        first: what the first line starts with.
        rest: what each further line starts with; as many spaces as `first` when absent.
        columns: the longest line, indent included.
    """
    lead = first
    after = " " * width(first) if rest is None else rest
    lines: list[str] = []
    line = ""
    for word in _words(text, max(1, columns - max(width(first), width(after)))):
        if line and width(lead) + width(line) + 1 + width(word) > columns:
            lines.append(lead + line)
            lead, line = after, word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, lead + line]


def _words(text: str, columns: int) -> Iterator[str]:
    for word in text.split(" "):
        left = word
        while width(left) > columns:
            at = max(1, _fitting(left, columns))
            yield left[:at]
            left = left[at:]
        if left:
            yield left
