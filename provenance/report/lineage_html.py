"""A lineage as one page of HTML: the graph drawn, a card for each work, nothing loaded.

The page holds its style and a script of ours, named by their hashes in its own policy, which
forbids all else. The script moves the picture and shows one card at a time; without it the page
is whole, and a click on a work leads to its card. Jinja escapes whatever the template prints.
"""

from markupsafe import Markup

from provenance.report.lineage_page import page
from provenance.report.lineage_view import View
from provenance.report.pages import file, policy_hash, template
from provenance.version import NAME, VERSION

__all__ = ["html"]


def html(view: View) -> str:
    """The page, ending in a line break. Any lineage gives one."""
    style, script = file("page.css") + file("lineage.css"), file("lineage.js")
    return template("lineage.html.j2").render(
        page=page(view),
        style=Markup(style),  # noqa: S704  # ours, and the policy names it by its hash
        style_hash=policy_hash(style),
        script=Markup(script),  # noqa: S704  # likewise
        script_hash=policy_hash(script),
        tool=f"{NAME} {VERSION}",
    )
