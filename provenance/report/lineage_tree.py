"""A lineage as a tree for a terminal: two lines for each step, the edge and the work.

    [1] image "remix.png": trusted, signed by Eve
    └─ edited from, 10 % owed, countersigned
       [2] photo "photo.jpg": valid, signed by Ada

A work is shown once and then referred to by its number; a deep chain goes on further down.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice

from provenance.chain.graph import Edge
from provenance.report.escape import clip, width
from provenance.report.lineage_view import View
from provenance.report.lineage_words import RELATIONS, STATUS, kind_of, name_of, owed, state_of
from provenance.report.style import Style, Tone

__all__ = ["tree_lines"]

_WIDTH = 78
_LINES = 600  # a lineage can be as large as its makers liked
_SIBLINGS = 24
_DEPTH = 10  # then it goes on at the left again
_LEAST = 12  # columns of a title


@dataclass(slots=True)
class _Walk:
    view: View
    style: Style
    seen: set[str] = field(default_factory=set)
    later: deque[str] = field(default_factory=deque)


def tree_lines(view: View, style: Style) -> Iterator[str]:
    """The tree, at most 600 lines of 78 columns."""
    lines = _trees(_Walk(view, style))
    yield from islice(lines, _LINES)
    if next(lines, None) is not None:
        yield "… and more; --format json has them all"


def _trees(walk: _Walk) -> Iterator[str]:
    walk.later.append(walk.view.graph.root)
    while walk.later:
        work = walk.later.popleft()
        yield from _work(walk, work, "", "", 0)


def _work(walk: _Walk, id_: str, lead: str, under: str, depth: int) -> Iterator[str]:
    view, number = walk.view, walk.view.number.get(id_)
    work = view.graph.works.get(id_)
    if work is None:
        yield clip(f"{lead}{view.work_name(id_)}", _WIDTH)
        return
    edges = tuple(view.made_of(id_))
    walk.seen.add(id_)
    state, signer = state_of(work), view.signer(work)
    told = f", signed by {signer}" if signer else ""
    head = f"{lead}[{number}] {kind_of(work)} "
    free = _WIDTH - len(head) - len(state.words) - 4  # for the title and the signer
    name = clip(name_of(work), max(free - width(told), free // 2, _LEAST))
    rest = clip(told, max(1, free - width(name)))
    painted = walk.style.paint(f'"{name}"', Tone.STRONG)
    yield f"{head}{painted}: {walk.style.paint(state.words, state.tone)}{rest}"
    if edges and depth >= _DEPTH:
        walk.later.append(id_)
        yield f"{under}└─ goes on at [{number}] below"
        return
    yield from _edges(walk, edges, under, depth)


def _edges(
    walk: _Walk, edges: tuple[tuple[Edge, Fraction], ...], under: str, depth: int
) -> Iterator[str]:
    shown = edges if len(edges) <= _SIBLINGS + 1 else edges[:_SIBLINGS]
    for at, (edge, rate) in enumerate(shown):
        last = at == len(edges) - 1
        branch, further = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield _edge(walk, edge, rate, under + branch)
        place = under + further
        if edge.parent in walk.seen:
            name = walk.view.work_name(edge.parent)
            yield clip(f"{place}see [{walk.view.number.get(edge.parent)}] {name}", _WIDTH)
        else:
            yield from _work(walk, edge.parent, place, place, depth + 1)
    if len(shown) < len(edges):
        left = len(edges) - len(shown)
        yield f"{under}└─ … and {left:,} more; --format json has them all"


def _edge(walk: _Walk, edge: Edge, rate: Fraction, lead: str) -> str:
    status, told = STATUS[edge.status], owed(edge, rate)
    words = f"{RELATIONS[edge.relation]}, " + (f"{told} owed, " if told else "")
    head = f"{lead}{words}"
    room = _WIDTH - len(head)
    return walk.style.paint(head, Tone.FAINT) + walk.style.paint(
        clip(status.words, room), Tone.FAINT if status.tone is Tone.STRONG else status.tone
    )
