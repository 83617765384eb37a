"""An index as one page of HTML: every file, with charts and filters, nothing loaded.

    head, counts ─▶ blocks of rows ─▶ what they share ─▶ script ─▶ thumbnails ─▶ details

The page is written as it comes, so that memory does not grow with it, and can be used before the
browser has read the last of it. It holds its style and a script of ours, named by their hashes in
its own policy, which forbids all else. Data are JSON that no markup can leave; the script puts
texts into the page as texts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from markupsafe import Markup

from provenance.report.escape import clean
from provenance.report.index_columns import STATES, Rows, State, TableRow, embedded
from provenance.report.index_thumbnails import Sheet
from provenance.report.pages import file, policy_hash, template
from provenance.report.steps import Fact
from provenance.version import NAME, VERSION

__all__ = ["PICTURES", "Head", "Tile", "write"]

PICTURES = 100  # thumbnails of one text
_STYLES = ("page.css", "index.css")
_SCRIPTS = ("index_rows.js", "index_facets.js", "index_table.js", "index_page.js")


@dataclass(frozen=True, slots=True)
class Tile:
    """A number at the top."""

    state: State
    count: int
    percent: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the top and at the bottom of the page."""

    title: str
    files: int
    counts: dict[str, int]  # by the name of a state
    facts: tuple[Fact, ...]
    part: str | None = None  # of what it shows a part, and which

    @property
    def tiles(self) -> Iterator[Tile]:
        """All states, those nothing came out as too."""
        for one in STATES:
            count = self.counts.get(one.name, 0)
            yield Tile(one, count, _percent(count, self.files))


def write(
    stream: BinaryIO,
    head: Head,
    blocks: Iterable[list[TableRow]],
    sheet: Sheet,
    details: Iterable[str],
) -> None:
    """Write the page.

    Args:
        stream: gets it, in pieces.
        head: what is known beforehand.
        blocks: the rows, in the order of their paths, some at a time; read once.
        sheet: their thumbnails.
        details: of the same files in the same order, see `index_details`; read after the rows.
    """
    style, script = ("".join(map(file, names)) for names in (_STYLES, _SCRIPTS))
    rows = Rows()
    pieces = template("index.html.j2").generate(
        head=head,
        title=clean(head.title, 200),
        style=Markup(style),  # noqa: S704  # ours, and the policy names it by its hash
        style_hash=policy_hash(style),
        script=Markup(script),  # noqa: S704  # likewise
        script_hash=policy_hash(script),
        blocks=(embedded(rows.block(one)) for one in blocks),
        shared=lambda: embedded(rows.shared()),
        pictures=(embedded(group) for group in sheet.groups(PICTURES)),
        details=details,
        tool=f"{NAME} {VERSION}",
    )
    for piece in pieces:
        stream.write(piece.encode())


def _percent(count: int, total: int) -> str:
    if not count or not total:
        return "0 %"
    part = 100 * count / total
    if part < 1:
        return "< 1 %"
    return "> 99 %" if 99 < part < 100 else f"{part:.0f} %"
