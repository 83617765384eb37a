"""Options by which files of an index are chosen, the same for all of its verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import usage
from provenance.cli.grouping import grouped

if TYPE_CHECKING:
    from provenance.batch.index_select import Filters, Made

__all__ = ["FilterOptions", "filter_options"]

_STATES = ("trusted", "valid", "invalid", "none", "unread")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOptions:
    """As they were given."""

    signer: tuple[str, ...]
    model: tuple[str, ...]
    generator: tuple[str, ...]
    contributor: tuple[str, ...]
    title: tuple[str, ...]
    media_type: tuple[str, ...]
    state: tuple[str, ...]
    code: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    under: tuple[str, ...]
    made_from: tuple[str, ...]

    def filters(self) -> "Filters":
        """What they mean.

        Raises:
            OSError: a file that was named cannot be read.
        """
        from provenance.batch.index_select import Filters
        from provenance.remote.address import absolute

        return Filters(
            signer=self.signer,
            model=self.model,
            generator=self.generator,
            contributor=self.contributor,
            title=self.title,
            media_type=self.media_type,
            state=self.state,
            code=self.code,
            since=self.since,
            until=self.until,
            under=tuple(map(absolute, self.under)),
            made_from=tuple(map(_made, self.made_from)),
        )


def _made(given: str) -> "Made":
    from provenance.batch.index_made import made_of

    return made_of(given)


def _moment(ctx: click.Context, option: click.Parameter, given: str | None) -> datetime | None:
    """ISO 8601; a time without a zone is UTC, a day without a time is all of it."""
    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        usage(f"--{option.name} {given[:40]!r} is no ISO 8601 time, such as 2025-01-31.")
    if option.name == "until" and len(given) == len("2025-01-31"):
        read = datetime.combine(read, time.max)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _codes(_ctx: click.Context, _: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from provenance.validate.status import Status

    for one in given:
        if Status.of(one) is None:
            near = get_close_matches(one, [status.code for status in Status], n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            usage(f"--code {one[:60]!r} is no status code.{hint}")
    return given


def _names(name: str, told: str, metavar: str = "NAME") -> Callable[[Any], Any]:
    return click.option(f"--{name}", metavar=metavar, multiple=True, help=told)


_OPTIONS = (
    _names("signer", "Signed by, as the certificate says."),
    _names("model", "A model of this name is in the chain."),
    _names("contributor", "Somebody of this name is in the chain."),
    _names("generator", "Software of the claim, or of its actions."),
    _names("title", "Has this title.", "TEXT"),
    _names("media-type", "Format: png, image/*.", "TYPE"),
    click.option(
        "--state", type=click.Choice(_STATES, case_sensitive=False), multiple=True, help="Verdict."
    ),
    click.option(
        "--code", metavar="CODE", multiple=True, callback=_codes, help="Has this status code."
    ),
    click.option("--since", metavar="TIME", callback=_moment, help="Signed then or later."),
    click.option("--until", metavar="TIME", callback=_moment, help="Signed then or earlier."),
    click.option("--under", metavar="FOLDER", multiple=True, help="Lies in this folder."),
    _names("made-from", "Made from it: a file, or a work by its id.", "FILE|ID"),
)


def filter_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb these options, as one argument `filters`."""
    return grouped("filters", FilterOptions, _OPTIONS)(verb)
