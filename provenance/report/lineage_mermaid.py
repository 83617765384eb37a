"""A lineage as a Mermaid flowchart, which code hosts draw in Markdown.

    flowchart TD
      w1["image: remix.png<br/>trusted, signed by Eve"]
      w1 -->|"edited from, 10 %"| w2

Ids are ours; in labels whatever could mean something to Mermaid, HTML or Markdown is written as
the number of its character.
"""

from collections.abc import Iterator
from fractions import Fraction

from provenance.chain.graph import Edge, EdgeStatus
from provenance.report.escape import clip
from provenance.report.lineage_view import View
from provenance.report.lineage_words import RELATIONS, STATUS, kind_of, name_of, owed, state_of
from provenance.report.style import Tone

__all__ = ["mermaid"]

_TITLE = 48  # characters
_PLAIN = frozenset(" .,:()/+=%'")  # beside letters and digits
_ARROWS = {EdgeStatus.DECLARED: "-->", EdgeStatus.COUNTERSIGNED: "==>"}  # others are dotted
_CLASSES = {Tone.GOOD: "good", Tone.WARN: "warn", Tone.BAD: "bad"}


def mermaid(view: View) -> str:
    """The whole graph, without a line break at its end."""
    return "\n".join(_lines(view))


def _lines(view: View) -> Iterator[str]:
    yield "flowchart TD"
    for id_, number in view.number.items():
        work = view.graph.works[id_]
        state, signer = state_of(work), view.signer(work)
        told = state.words + (f", signed by {clip(signer, _TITLE)}" if signer else "")
        name = f"{kind_of(work)}: {clip(name_of(work), _TITLE)}"
        tone = _CLASSES.get(state.tone, "warn")
        yield f'  w{number}["{_escaped(name)}<br/>{_escaped(told)}"]:::{tone}'
    for id_, number in view.number.items():
        for edge, rate in view.made_of(id_):
            if edge.parent in view.number:
                arrow = _ARROWS.get(edge.status, "-.->")
                label = _escaped(_label(edge, rate))
                yield f'  w{number} {arrow}|"{label}"| w{view.number[edge.parent]}'
    yield "  classDef good stroke:#2c8554"
    yield "  classDef warn stroke:#b87a0b"
    yield "  classDef bad stroke:#a11d1d,stroke-width:2px"


def _label(edge: Edge, rate: Fraction) -> str:
    told = [RELATIONS[edge.relation], owed(edge, rate)]
    if edge.status is not EdgeStatus.DECLARED:
        told.append(STATUS[edge.status].words)
    return ", ".join(filter(None, told))


def _escaped(text: str) -> str:
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text)
