"""Templates of pages, and the hashes by which a page's own policy lets in its style and script."""

from base64 import b64encode
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from provenance.digests import digest

__all__ = ["file", "policy_hash", "template"]


@cache
def template(name: str) -> Template:
    """A template; it escapes whatever it prints, and a name that is not there is an error."""
    environment = Environment(
        loader=FunctionLoader(file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


@cache
def file(name: str) -> str:
    """A file beside the templates, as text."""
    return (files("provenance.report") / "templates" / name).read_text("utf-8")


def policy_hash(text: str) -> str:
    """The hash of an inline style or script, as a content security policy names it."""
    return f"sha256-{b64encode(digest(text.encode(), 'sha256')).decode()}"
