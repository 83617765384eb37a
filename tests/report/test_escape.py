"""Text from files: nothing in it reaches a terminal that is not to be seen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.report.escape import clean, clip, width, wrap

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße 日本 👩‍🎨", "Grüße 日本 👩‍🎨"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("abc\u202egnp.exe", "abc\\u{202e}gnp.exe"),
        ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ("\u2028", "\\u{2028}"),
        ("\ud800", "\\u{d800}"),
        ("\U000e0041", "\\u{e0041}"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_long_text_is_cut_and_shows_that_it_was() -> None:
    assert clean("x" * 1_000_000, 10) == "x" * 10 + "…"
    assert clean("x" * 10, 10) == "x" * 10


@given(st.text(st.characters(codec=None)))
def test_no_hidden_character_is_left(text: str) -> None:
    left = {char for char in clean(text) if unicodedata.category(char) in HIDDEN}
    assert left <= JOINERS


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_clipped_text_fits(text: str, columns: int) -> None:
    assert width(clip(clean(text), columns)) <= columns


@given(st.text(), st.integers(min_value=12, max_value=90))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    shown = clean(text)
    lines = wrap(shown, "  > ", columns=columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(line[4:] for line in lines).replace(" ", "") == shown.replace(" ", "")


def test_wide_characters_take_two_columns() -> None:
    assert width("日本") == 4
    assert clip("日本語", 5) == "日本…"
