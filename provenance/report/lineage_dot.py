r"""A lineage as a graph in DOT, for Graphviz.

    digraph lineage {
      w1 [label="image\nremix.png\ntrusted, signed by Eve"];
      w1 -> w2 [label="edited from\n10 %"];
    }

Ids are ours; labels are quoted, and neither escapes nor entities of Graphviz are read in them.
"""

from collections.abc import Iterator
from fractions import Fraction

from provenance.chain.graph import Edge, EdgeStatus
from provenance.report.escape import clean, clip
from provenance.report.lineage_view import View
from provenance.report.lineage_words import RELATIONS, STATUS, kind_of, name_of, owed, state_of
from provenance.report.style import Tone

__all__ = ["dot"]

_TITLE = 48  # characters
_LINES = {
    EdgeStatus.IMPORTED: "dotted",
    EdgeStatus.DECLARED: "solid",
    EdgeStatus.COUNTERSIGNED: "bold",
}  # all others are dashed, and red
_COLOURS = {Tone.GOOD: "#2c8554", Tone.WARN: "#b87a0b", Tone.BAD: "#a11d1d"}


def dot(view: View) -> str:
    """The whole graph, without a line break at its end."""
    return "\n".join(_lines(view))


def _lines(view: View) -> Iterator[str]:
    yield "digraph lineage {"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=10];'
    for id_, number in view.number.items():
        work = view.graph.works[id_]
        state, signer = state_of(work), view.signer(work)
        told = state.words + (f", signed by {clip(signer, _TITLE)}" if signer else "")
        label = _quoted(kind_of(work), clip(name_of(work), _TITLE), told)
        colour = _COLOURS.get(state.tone, "black")
        tip = _quoted(clean(work.id, 100))
        yield f'  w{number} [label={label}, tooltip={tip}, color="{colour}"];'
    for id_, number in view.number.items():
        for edge, rate in view.made_of(id_):
            if edge.parent in view.number:
                yield f"  w{number} -> w{view.number[edge.parent]} [{_drawn(edge, rate)}];"
    yield "}"


def _drawn(edge: Edge, rate: Fraction) -> str:
    told = [RELATIONS[edge.relation], owed(edge, rate)]
    if edge.status is not EdgeStatus.DECLARED:
        told.append(STATUS[edge.status].words)
    style = _LINES.get(edge.status)
    drawn = f"style={style}" if style else 'style=dashed, color="#a11d1d"'
    return f"label={_quoted(*filter(None, told))}, {drawn}"


def _quoted(*lines: str) -> str:
    inner = "\\n".join(map(_escaped, lines))
    return f'"{inner}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
