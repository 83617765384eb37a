"""A report as one page of HTML, which asks nobody for anything.

The page holds its style and its pictures; it has no script, and its own policy forbids the browser
to load anything else. Jinja escapes whatever the template prints.
"""

from markupsafe import Markup

from provenance.report.bar import WIDTH
from provenance.report.page import page
from provenance.report.pages import file, policy_hash, template
from provenance.validate.results import VerificationReport
from provenance.version import NAME, VERSION

__all__ = ["html"]


def html(report: VerificationReport) -> str:
    """The page, ending in a line break. Any report gives one."""
    style = file("page.css")
    return template("page.html.j2").render(
        page=page(report),
        style=Markup(style),  # noqa: S704  # ours, and the policy names it by its hash
        style_hash=policy_hash(style),
        width=WIDTH,
        tool=f"{NAME} {VERSION}",
    )
