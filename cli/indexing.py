"""`verify --index`: what is unchanged is not looked at again, and told from the index."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

from provenance.batch.look import Answer, Facts, Look, Terms
from provenance.batch.walk import Wanted, batches, is_walked
from provenance.cli.common import usage
from provenance.cli.showing import Showing, Told, exit_of
from provenance.remote.address import absolute, join
from provenance.report.headline import headline

if TYPE_CHECKING:
    from provenance.batch.index import Entry, Index, Update
    from provenance.batch.task import Engine

__all__ = ["FORMS", "indexed"]

FORMS = ("text", "json", "ndjson")  # what can be told without the report itself


def indexed(
    paths: Iterable[str],
    wanted: Wanted,
    *,
    index: str,
    terms: Terms,
    fixed: bool,
    shown: Showing,
    rehash: bool,
    jobs: int | None,
    engine: "Engine | None",
    stop: Event,
) -> Iterator[tuple[Answer[Told], int]]:
    """The answers of a run, with how many files each is about.

    First those that were looked at, as they come; then what was known. In text that is the
    verdict and what is wrong; of the good files of a folder only how many they are.
    """
    from provenance.batch.index import Index, Update

    if shown.form not in FORMS:
        usage(f"--index goes with --format {', '.join(FORMS)}.")
    named = list(paths)
    roots = tuple(filter(is_walked, named))
    with Index.open(index, create=True) as held:
        update: Update[Told] = Update(
            held,
            batches(named, wanted),
            Look(terms, shown),
            fixed=fixed,
            rehash=rehash,
            roots=roots if wanted.all else (),
            jobs=jobs,
            engine=engine,
            stop=stop,
        )
        with closing(update):  # what it found is kept though nobody asks on
            for answer in update:
                yield answer, 1
        yield from _known(held, update, roots, shown)


def _known(
    held: "Index", update: "Update[Told]", roots: tuple[str, ...], shown: Showing
) -> Iterator[tuple[Answer[Told], int]]:
    every = shown.form != "text" or shown.verbose or not shown.walked
    told: dict[int, tuple[Facts, int]] = {}
    for outcome, count in update.outcomes.items():
        facts, policy = held.outcome(outcome)
        state = facts.state.value if facts.state else None
        code = int(exit_of(state, facts.error, policy, shown.fail_on))
        told[outcome] = facts, code
        if not facts.interesting or (code == 0 and not every):
            value = Told(code, "", known=True) if facts.interesting else None
            yield Answer(facts, value), count
    listed = {one for one, (facts, code) in told.items() if facts.interesting and (code or every)}
    if not listed:
        return
    for number, outcome in zip(update.known, update.came_out, strict=True):
        entry = held.entry(number) if outcome in listed else None
        if entry is not None:
            facts, code = told[outcome]
            yield Answer(facts, Told(code, _text(entry, roots, shown), known=True)), 1


def _text(entry: "Entry", roots: tuple[str, ...], shown: Showing) -> str:
    if shown.form == "text":
        line = headline(_named(entry, roots), entry.answer, shown.style)
        return f"{line}\n{entry.details}" if entry.details and not shown.brief else line
    from provenance.report import json

    report = entry.report()
    return json.ndjson(report) if shown.form == "ndjson" else json.dumps(report)


def _named(entry: "Entry", roots: tuple[str, ...]) -> str:
    """The path of a file as this run would name it, below the folder that the user named."""
    for root in roots:
        whole = absolute(root)
        if entry.path.startswith(f"{whole.rstrip(os.sep)}{os.sep}"):
            return join(root, entry.path[len(whole) :].lstrip(os.sep))
    return str(entry.report()["asset"]["path"])
