"""Exclusions of a data hash, held against where the store lies now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bindings.data import sort_exclusions
from provenance.source import BufferSource
from provenance.spans import Span

STORE = Span(20, 30)
ASSET = BufferSource(b"x" * 20 + b"s" * 30 + bytes(10) + b"x" * 40)


@pytest.mark.parametrize(
    ("excluded", "additional", "foreign"),
    [
        ((STORE,), (), None),
        ((), (), STORE),
        ((Span(20, 40),), (), None),  # zero padding behind the store may go with it
        ((Span(20, 41),), (), Span(50, 11)),
        ((Span(19, 31),), (), Span(0, 20)),
        ((Span(20, 29),), (), STORE),
        ((Span(21, 29),), (), STORE),
        ((Span(20, 10), Span(30, 20)), (), None),
        ((Span(20, 10), Span(31, 19)), (), STORE),
        ((Span(0, 5), STORE), (Span(0, 5),), None),
        ((STORE, Span(90, 5)), (Span(90, 5),), None),
        ((Span(0, 5),), (Span(0, 5),), STORE),
    ],
)
def test_the_store_is_left_out_and_nothing_with_it(
    excluded: tuple[Span, ...], additional: tuple[Span, ...], foreign: Span | None
) -> None:
    found = sort_exclusions(excluded, (STORE,), ASSET, updated=False)
    assert found.spans == excluded
    assert found.additional == additional
    assert (found.foreign is None) == (foreign is None)
    if foreign is not None and found.foreign is not None:
        assert foreign.start <= found.foreign.start
        assert found.foreign.end <= foreign.end


def test_a_sidecar_has_no_carrier_so_all_exclusions_are_additional() -> None:
    found = sort_exclusions((STORE,), (), ASSET, updated=False)
    assert found.additional == (STORE,)
    assert found.foreign is None


def test_segments_that_carry_a_store_may_be_excluded_one_by_one_or_together() -> None:
    carriers = (Span(20, 10), Span(30, 20))
    assert sort_exclusions((STORE,), carriers, ASSET, updated=False).foreign is None
    assert sort_exclusions(carriers, carriers, ASSET, updated=False).foreign is None


def test_what_lies_between_two_carriers_is_not_the_stores() -> None:
    carriers = (Span(20, 10), Span(40, 10))
    together = sort_exclusions((STORE,), carriers, ASSET, updated=False)
    assert together.foreign is not None
    assert sort_exclusions(carriers, carriers, ASSET, updated=False).foreign is None


def test_an_update_moves_what_follows_the_store() -> None:
    before = (Span(20, 10), Span(60, 5))
    found = sort_exclusions(before, (STORE,), ASSET, updated=True)
    assert found.spans == (STORE, Span(80, 5))
    assert found.additional == (Span(80, 5),)
    assert found.foreign is None


@given(
    st.lists(st.builds(Span, st.integers(0, 120), st.integers(0, 60)), max_size=4),
    st.booleans(),
)
def test_whatever_is_left_out_beside_the_store_is_said(spans: list[Span], updated: bool) -> None:
    """A byte that is neither hashed nor the store's is foreign, zero, or in `additional`."""
    ordered = []
    at = 0
    for one in sorted(spans):
        ordered.append(Span(max(at, one.start), one.length))
        at = ordered[-1].end
    found = sort_exclusions(ordered, (STORE,), ASSET, updated=updated)
    if found.foreign is not None or any(one.end > ASSET.size for one in found.spans):
        return
    data = ASSET.read(0, ASSET.size)
    for one in found.spans:
        for place in range(max(0, one.start), one.end):
            inside = STORE.start <= place < STORE.end
            told = any(extra.start <= place < extra.end for extra in found.additional)
            assert inside or told or data[place] == 0
