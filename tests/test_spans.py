"""Spans are sets of bytes, and behave like them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.spans import Span, ascending, complement, merge

SIZE = 60
SPANS = st.lists(st.builds(Span, st.integers(0, SIZE), st.integers(0, 20)), max_size=8)


def covered(spans: object) -> set[int]:
    return {at for one in spans for at in range(one.start, one.end)}  # type: ignore[attr-defined]  # any iterable of spans


@given(SPANS)
def test_merging_keeps_the_bytes_and_leaves_gaps_only(spans: list[Span]) -> None:
    merged = merge(spans)
    assert covered(merged) == covered(spans)
    assert all(a.end < b.start for a, b in pairwise(merged))
    assert all(one.length > 0 for one in merged)


@given(SPANS)
def test_what_is_left_and_what_was_left_out_are_everything(spans: list[Span]) -> None:
    left = list(complement(merge(spans), SIZE))
    assert covered(left) == set(range(SIZE)) - covered(spans)
    assert ascending(left)
    assert all(one.end <= SIZE for one in left)


@given(SPANS)
def test_spans_ascend_when_no_byte_stands_twice_and_all_are_in_order(spans: list[Span]) -> None:
    twice = sum(one.length for one in spans) != len(covered(spans))
    if ascending(spans):
        assert not twice
    assert ascending(merge(spans))


@pytest.mark.parametrize(
    ("spans", "answer"),
    [
        ([], True),
        ([Span(0, 5), Span(5, 1)], True),
        ([Span(0, 5), Span(4, 1)], False),
        ([Span(5, 1), Span(0, 5)], False),
        ([Span(-1, 5)], False),
        ([Span(1, -1)], False),
        ([Span(3, 0), Span(3, 0)], True),
    ],
)
def test_order(spans: list[Span], answer: bool) -> None:
    assert ascending(spans) is answer


def test_a_span_between_two_places_has_their_distance() -> None:
    assert Span.between(3, 10) == Span(3, 7)
    assert Span(3, 7).end == 10
