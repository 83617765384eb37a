"""Where the bytes of a file go: held against doing it to real bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provenance.formats.bmff.moves import Move
from provenance.spans import Span

SIZE = 40


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[Span], list[tuple[int, int]]]:
    """Spans to take out, and places where bytes go in: none inside a span."""
    edges = sorted(draw(st.lists(st.integers(0, SIZE), max_size=6, unique=True)))
    removed = [Span.between(a, b) for a, b in pairwise(edges)][::2]
    free = [at for at in range(SIZE + 1) if not any(s.start < at < s.end for s in removed)]
    places = sorted(draw(st.lists(st.sampled_from(free), max_size=5)))
    return removed, [(at, draw(st.integers(1, 9))) for at in places]


def done(removed: list[Span], inserted: list[tuple[int, int]]) -> list[int | str]:
    """The new file: each byte by its old offset, those put in as a word."""
    new: list[int | str] = []
    for at in range(SIZE + 1):
        for number, (place, length) in enumerate(inserted):
            if place == at:
                new += [f"in{number}"] * length
        if at < SIZE and not any(span.start <= at < span.end for span in removed):
            new.append(at)
    return new


@given(changes())
def test_each_kept_byte_is_found_where_the_move_says(
    change: tuple[list[Span], list[tuple[int, int]]],
) -> None:
    new, move = done(*change), Move.of(SIZE, *change)
    assert move.size == len(new)
    for at, byte in enumerate(new):
        if isinstance(byte, int):
            assert move(byte) == at
            assert move.after(byte + 1) == at + 1
    for number, place in enumerate(move.places):
        assert new[place] == f"in{number}"
    assert move.each(tuple(range(SIZE + 5))) == tuple(map(move, range(SIZE + 5)))
    assert move(SIZE + 3) == len(new) + 3


@given(changes())
def test_what_is_taken_out_points_to_the_next_byte_that_is_kept(
    change: tuple[list[Span], list[tuple[int, int]]],
) -> None:
    new, move = done(*change), Move.of(SIZE, *change)
    for span in change[0]:
        following = (at for at in range(span.end, SIZE) if at in new)
        after = next(following, None)
        expected = len(new) if after is None else new.index(after)
        assert all(move(at) == expected for at in range(span.start, span.end))


@given(changes())
def test_a_boundary_stays_behind_the_byte_before_it(
    change: tuple[list[Span], list[tuple[int, int]]],
) -> None:
    new, move = done(*change), Move.of(SIZE, *change)
    for at in range(SIZE + 1):
        before = next((old for old in range(at - 1, -1, -1) if old in new), None)
        assert move.after(at) == (0 if before is None else new.index(before) + 1)


@given(changes(), st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
def test_a_common_shift_is_everybodys(
    change: tuple[list[Span], list[tuple[int, int]]], one: int, other: int
) -> None:
    move, (first, last) = Move.of(SIZE, *change), sorted((one, other))
    shift = move.shift(first, last)
    if shift is not None:
        assert all(move(at) == at + shift for at in range(first, last + 1))


def test_nothing_moves_when_nothing_is_put_in_before_anything() -> None:
    assert Move.of(SIZE, [], []).still
    assert Move.of(SIZE, [], [(SIZE, 5)]).still
    assert not Move.of(SIZE, [], [(SIZE - 1, 5)]).still
    assert not Move.of(SIZE, [Span(3, 2)], [(3, 2)]).still  # what pointed there, points on
