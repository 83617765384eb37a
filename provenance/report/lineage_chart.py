"""The picture of a lineage in numbers and texts for SVG: boxes, curves, labels."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from provenance.chain.graph import EdgeStatus
from provenance.report.escape import clip
from provenance.report.lineage_groups import Line, Node, Picture, group_name
from provenance.report.lineage_layout import HEIGHT, WIDTH, layout
from provenance.report.lineage_view import View
from provenance.report.lineage_words import RELATIONS, STATUS, kind_of, name_of, owed, state_of
from provenance.report.steps import NEUTRAL, TONES
from provenance.report.style import Tone
from provenance.rights.numbers import in_percent

__all__ = ["Box", "Chart", "Curve", "chart"]

_TITLE, _NOTE = 20, 26  # columns of a box
_AT = 0.56  # where on a curve its label stands; on one that passes layers, at the first bend

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node. `label` is what is read aloud."""

    card: str
    x: float  # left
    y: float  # top
    kind: str
    title: str
    note: str
    money: str
    tone: str
    group: bool
    label: str
    down: str  # cards that it leads to, parted by spaces
    up: str


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge: a path, and a label at a point."""

    path: str
    x: float
    y: float
    words: str
    rate: str
    kind: str  # solid, bold, dotted, broken


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it, in a frame of so many units; boxes are all of one size."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    left_out: int  # works that no box stands for


def chart(view: View, picture: Picture, cards: tuple[str, ...]) -> Chart:
    """Draw.

    Args:
        view: the lineage.
        picture: what of it is drawn.
        cards: what each node leads to.
    """
    drawing = layout(len(picture.nodes), [(one.start, one.end) for one in picture.lines])
    down: dict[int, list[str]] = {}
    up: dict[int, list[str]] = {}
    for line in picture.lines:
        down.setdefault(line.start, []).append(cards[line.end])
        up.setdefault(line.end, []).append(cards[line.start])
    boxes = tuple(
        _box(view, node, card, place, down.get(at, []), up.get(at, []))
        for at, (node, card, place) in enumerate(
            zip(picture.nodes, cards, drawing.nodes, strict=True)
        )
    )
    curves = tuple(
        _curve(line, points) for line, points in zip(picture.lines, drawing.edges, strict=True)
    )
    shown = {work for node in picture.nodes for work in node.works}
    return Chart(
        width=drawing.width,
        height=drawing.height,
        box_width=WIDTH,
        box_height=HEIGHT,
        boxes=boxes,
        curves=curves,
        left_out=len(view.number) - len(shown),
    )


def _box(view: View, node: Node, card: str, place: _Point, down: list[str], up: list[str]) -> Box:
    first = view.graph.works[node.works[0]]
    money = _reaches(view, node)
    if not node.is_group:
        state, signer = state_of(first), view.signer(first)
        kind, title, tone = kind_of(first), name_of(first), TONES.get(state.tone, NEUTRAL)
        note = state.words + (f", {signer}" if signer else "")
        told = state.words + (f", signed by {signer}" if signer else "")
    else:
        kind, title, tone = "group", group_name(view, node), NEUTRAL
        note = told = "each has a card" if node.alike else "and what is behind them"
    label = f"{kind} {title}: {told}" + (f"; {money} reaches it" if money else "")
    return Box(
        card=card,
        x=round(place[0] - WIDTH / 2, 1),
        y=round(place[1] - HEIGHT / 2, 1),
        kind=kind,
        title=clip(title, _TITLE),
        note=clip(note, _NOTE),
        money=money,
        tone=tone,
        group=node.is_group,
        label=label,
        down=" ".join(dict.fromkeys(down)),
        up=" ".join(dict.fromkeys(up)),
    )


def _reaches(view: View, node: Node) -> str:
    """What reaches the works of a node, before they pass anything on."""
    if view.split is None or view.split.policy != "flow/1" or not view.flows:
        return ""
    parts = (view.flows.get(one, Fraction()) for one in node.works)
    units = view.split.amount * sum(parts, Fraction())
    return view.money(units.numerator // units.denominator)


def _curve(line: Line, points: tuple[_Point, ...]) -> Curve:
    (edge, rate), *others = line.edges
    relations = {one.relation for one, _ in line.edges}
    words = RELATIONS[edge.relation] if len(relations) == 1 else "made of"
    if others:
        total = sum((one for _, one in line.edges), Fraction())
        told = f"{in_percent(total)} in all" if total else ""
    else:
        told = owed(edge, rate).partition(",")[0]
    status = line.status
    if status not in (EdgeStatus.DECLARED, EdgeStatus.COUNTERSIGNED, None):
        told = f"{told}, {STATUS[status].words}" if told else STATUS[status].words
    path, (x, y) = _path(points)
    return Curve(path, x, y, words, told, _kind(status))


def _kind(status: EdgeStatus | None) -> str:
    if status is EdgeStatus.COUNTERSIGNED:
        return "bold"
    if status is EdgeStatus.IMPORTED:
        return "dotted"
    return "broken" if status is not None and STATUS[status].tone is Tone.BAD else "solid"


def _path(points: tuple[_Point, ...]) -> tuple[str, _Point]:
    """A curve that leaves downwards and arrives from above, and the place of its label."""
    (x, y), *_, (end_x, end_y) = points
    stops = [(x, y + HEIGHT / 2), *points[1:-1], (end_x, end_y - HEIGHT / 2)]
    told = [f"M{stops[0][0]:g} {stops[0][1]:g}"]
    for (x0, y0), (x1, y1) in pairwise(stops):
        middle = (y0 + y1) / 2
        told.append(f"C{x0:g} {middle:g} {x1:g} {middle:g} {x1:g} {y1:g}")
    if len(stops) > 2:
        return "".join(told), stops[1]
    (x0, y0), (x1, y1) = stops
    # The share of x is that of a smooth step; that of y nearly that of time.
    step, bent = 3 * _AT**2 - 2 * _AT**3, 3 * (1 - _AT) * _AT * (y0 + y1) / 2
    rise = (1 - _AT) ** 3 * y0 + bent + _AT**3 * y1
    return "".join(told), (round(x0 + (x1 - x0) * step, 1), round(rise, 1))
