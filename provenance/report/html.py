"""A report as one page of HTML, which asks nobody for anything.

The page holds its style and its pictures; it has no script, and its own policy forbids the browser
to load anything else. Jinja escapes whatever the template prints.
"""

from base64 import b64encode
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from provenance.digests import digest
from provenance.report.bar import WIDTH
from provenance.report.page import page
from provenance.validate.results import VerificationReport
from provenance.version import NAME, VERSION

__all__ = ["html"]


def html(report: VerificationReport) -> str:
    """The page, ending in a line break. Any report gives one."""
    style = _file("page.css")
    words = digest(style.encode(), "sha256")
    return _template().render(
        page=page(report),
        style=Markup(style),  # noqa: S704  # ours, and the policy names it by its hash
        style_hash=b64encode(words).decode(),
        width=WIDTH,
        tool=f"{NAME} {VERSION}",
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


@cache
def _file(name: str) -> str:
    return (files("provenance.report") / "templates" / name).read_text("utf-8")
