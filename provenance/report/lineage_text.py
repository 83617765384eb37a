"""A lineage for people: the tree of works, who is behind them, what to look at, who is owed what.

    remix.png: valid, signer trusted
      5 contributors behind 7 works

Text from files is escaped, no line is longer than 80 columns.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from provenance.chain.graph import LineageFinding
from provenance.report.escape import clean, clip, width, wrap
from provenance.report.lineage_advice import ADVICE
from provenance.report.lineage_tree import tree_lines
from provenance.report.lineage_view import Change, Found, View
from provenance.report.lineage_words import EVIDENCE, place_of, summary, verdict
from provenance.report.style import PLAIN, Style, Tone
from provenance.rights.codes import Kind
from provenance.rights.numbers import in_percent
from provenance.rights.statement import CANNOT_SHOW

__all__ = ["text", "verdict_line"]

_PEOPLE = 200  # shown at most
_PARTS = 200
_PLACES = 8  # of one code
_NUMBERS = 8  # works of one contributor
_COLUMNS = (19, 23, 10, 24)  # name, evidence, works, terms
_KINDS = {
    Kind.FAILURE: ("Wrong", Tone.BAD),
    Kind.WARNING: ("To be looked at", Tone.WARN),
    Kind.NOTE: ("Good to know", Tone.FAINT),
}


def verdict_line(view: View, style: Style = PLAIN) -> str:
    """What the asset's own manifest is worth, on one line."""
    answer = verdict(view.lineage)
    name = clip(place_of(view.lineage.root), 76 - len(answer.words))
    return f"{style.paint(name, Tone.STRONG)}: {style.paint(answer.words, answer.tone)}"


def text(view: View, *, style: Style = PLAIN, verbose: bool = False) -> str:
    """The whole lineage, without a line break at its end.

    Args:
        view: of any lineage.
        style: with or without colour.
        verbose: show every place where a code was found.
    """
    return "\n".join(_lines(view, style, verbose))


def _lines(view: View, style: Style, verbose: bool) -> Iterator[str]:
    yield verdict_line(view, style)
    yield from wrap(summary(view.lineage), "  ")
    yield ""
    if verdict(view.lineage).tone is Tone.BAD:
        yield from wrap("Do not rely on what follows: it does not verify.", "  ")
    yield from ("  " + line for line in tree_lines(view, style))
    yield from _contributors(view, style)
    yield from _findings(view, style, verbose)
    yield from _split(view, style)
    yield ""
    yield from wrap(CANNOT_SHOW, "  ")


def _contributors(view: View, style: Style) -> Iterator[str]:
    people = view.lineage.contributors()
    if not people:
        return
    yield ""
    yield "  Contributors"
    header = _row(("name", "known by", "works", "terms"))
    yield from (style.paint(line, Tone.FAINT) for line in header)
    for one in people[:_PEOPLE]:
        numbers = sorted({view.number[part.work] for part in view.parts[one.id]})
        told = ", ".join(map(str, numbers[:_NUMBERS]))
        told += f" and {len(numbers) - _NUMBERS} more" if len(numbers) > _NUMBERS else ""
        terms = view.terms_of(one)
        shown = "; ".join(terms[:_NUMBERS]) + ("; …" if len(terms) > _NUMBERS else "")
        name = clip(view.party_name(one.id), _COLUMNS[0] * 3)
        yield from _row((name, EVIDENCE[one.evidence], told, shown))
    if len(people) > _PEOPLE:
        yield f"    … and {len(people) - _PEOPLE:,} more; --format json has them all"


def _row(cells: Sequence[str]) -> Iterator[str]:
    """Cells beside each other, each broken within its column."""
    columns = [wrap(cell, columns=size - 2) for cell, size in zip(cells, _COLUMNS, strict=True)]
    for line in zip_longest(*columns, fillvalue=""):
        padded = (
            cell + " " * (size - width(cell)) for cell, size in zip(line, _COLUMNS, strict=True)
        )
        yield ("    " + "".join(padded)).rstrip()


def _findings(view: View, style: Style, verbose: bool) -> Iterator[str]:
    for kind, (title, tone) in _KINDS.items():
        found = [one for one in view.found if one.row.kind is kind]
        if found:
            yield ""
            yield f"  {title}"
        for one in found:
            yield from _finding(view, one, tone, style, len(one.where) if verbose else _PLACES)


def _finding(view: View, one: Found, tone: Tone, style: Style, most: int) -> Iterator[str]:
    yield f"    {style.paint(clip(one.row.code, 76), tone)}"
    yield from wrap(one.row.sentence, "      ")
    for where in one.where[:most]:
        yield from wrap(_place(view, where), "      - ", "        ")
    if len(one.where) > most:
        yield f"      … and {len(one.where) - most:,} more; -v has them all"
    if one.row.code in ADVICE:
        yield from wrap(ADVICE[one.row.code], "      > ")


def _place(view: View, where: LineageFinding) -> str:
    """Which work it is about, and which other."""
    told = _numbered(view, where.work)
    told += f", and {_numbered(view, where.other)}" if where.other else ""
    return f"{told}: {clean(where.explanation, 200)}" if where.explanation else told


def _numbered(view: View, id_: str) -> str:
    number, name = view.number.get(id_), clip(view.work_name(id_), 60)
    return f"[{number}] {name}" if number else name


def _split(view: View, style: Style) -> Iterator[str]:
    if view.problem is not None:
        yield ""
        first, *rest = wrap(clean(view.problem), "  Split: ")
        yield first[:9] + style.paint(first[9:], Tone.BAD)
        yield from rest
    split = view.split
    if split is None:
        return
    yield ""
    yield f"  Split of {view.money(split.amount)} by {clean(split.policy, 40)}"
    rows = [
        (view.party_name(one.party), view.money(one.amount), in_percent(one.fraction), Tone.STRONG)
        for one in split.shares
    ]
    rows += [
        (view.unclaimed_name(one.work), view.money(one.amount), in_percent(one.fraction), Tone.WARN)
        for one in split.unclaimed
    ]
    figures = max((len(amount) for _, amount, _, _ in rows), default=1)
    for name, amount, part, tone in rows[:_PARTS]:
        room = 80 - 4 - 2 - figures - 13
        shown = clip(name, room)
        gap = " " * (room - width(shown))
        painted = style.paint(shown, tone) if tone is Tone.WARN else shown
        yield f"    {painted}{gap}  {amount:>{figures}}  {part:>11}"
    if len(rows) > _PARTS:
        yield f"    … and {len(rows) - _PARTS:,} more; --format csv has them all"
    if view.changes:
        yield ""
        yield "  Without the edges that are not sure"
        yield from _changes(view.changes)


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    sizes = [max(len(row) for row in column) for column in _figures(changes[:_PARTS])]
    for one in changes[:_PARTS]:
        room = 80 - 4 - 2 - sizes[0] - 4 - sizes[1]
        shown = clip(one.name, room)
        gap = " " * (room - width(shown))
        yield f"    {shown}{gap}  {one.before:>{sizes[0]}} to {one.after:>{sizes[1]}}"
    if len(changes) > _PARTS:
        yield f"    … and {len(changes) - _PARTS:,} more; --format json has them all"


def _figures(changes: tuple[Change, ...]) -> tuple[list[str], list[str]]:
    return [one.before for one in changes], [one.after for one in changes]
