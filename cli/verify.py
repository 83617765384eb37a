"""`provenance verify`: is a file as it was signed, and by whom?"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from provenance.batch.look import Answer, Facts, Look, Terms
from provenance.batch.many import run
from provenance.batch.tally import Tally
from provenance.batch.task import Inline
from provenance.batch.walk import STDIN, Named, Wanted, is_walked, spread
from provenance.cli.common import Exit, put, say, sentences, style, usage
from provenance.cli.going import Going, interruptible
from provenance.cli.listing import named_paths
from provenance.cli.showing import Showing, Told, exit_code
from provenance.cli.targets import readable
from provenance.cli.trusting import TrustOptions, moment, trust_options
from provenance.remote.address import is_address

if TYPE_CHECKING:
    from provenance.batch.parts import Parts
    from provenance.batch.task import Engine
    from provenance.policy import Policy

__all__ = ["command", "exit_code", "worst"]

# Of several files the worst decides, in this order.
_ORDER = (Exit.FAILED, Exit.INVALID, Exit.UNTRUSTED, Exit.NO_MANIFEST, Exit.GOOD)
_FORMS = ("text", "json", "ndjson", "crjson", "csv", "html", "junit", "sarif")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Many:
    """How many files are gone through."""

    files_from: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    jobs: int | None
    engine: str
    ray_address: str | None
    ordered: bool
    progress: str
    index: str | None
    rehash: bool
    parquet: str | None
    parquet_rows: int | None
    resume: bool

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.include, self.exclude)

    @property
    def asked(self) -> "Engine | None":
        """The engine that was asked for; None: whichever suits."""
        if self.engine == "local":
            return None
        from provenance.batch.ray_engine import RayEngine

        return RayEngine(self.ray_address, self.jobs)

    def parts(self) -> "Parts | None":
        """Where rows go, if they do."""
        if self.parquet is None:
            return None
        from provenance.batch.parts import ROWS, Parts

        return Parts(self.parquet, rows=self.parquet_rows or ROWS, resume=self.resume)


@click.command("verify", short_help="Is a file as it was signed, and by whom?")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option(
    "--fragment",
    "fragments",
    metavar="SEGMENT",
    multiple=True,
    help="A media segment of PATH, an initialisation segment; of a live stream in order.",
)
@click.option(
    "--files-from",
    metavar="LIST",
    help="Further paths, a line each, or each ended by a zero byte; - for standard input.",
)
@click.option("--include", metavar="GLOB", multiple=True, help="In folders, only such files.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="In folders, no such files.")
@click.option("--at", metavar="TIME", callback=moment, help="Judge by this moment, not by now.")
@click.option(
    "--fail-on",
    type=click.Choice(("invalid", "untrusted", "missing")),
    multiple=True,
    help="What makes the exit code 4, 5 or 3; invalid and missing unless said.",
)
@click.option("--policy", metavar="FILE", help="What a file must satisfy, as TOML.")
@trust_options
@click.option(
    "--online",
    is_flag=True,
    help="Fetch what lies elsewhere, and ask issuers about revocation; they see that you ask.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Processes; as many as cores unless said."
)
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    help="Who does the work: processes of this machine, or workers of a Ray cluster.",
)
@click.option(
    "--ray-address",
    metavar="ADDRESS",
    help="With --engine ray: the cluster. auto: the one that runs here; local: a new one.",
)
@click.option("--ordered", is_flag=True, help="Results in the order of the files.")
@click.option("--index", metavar="FILE", help="Keep all that is found; pass over what is known.")
@click.option("--parquet", metavar="DIR", help="A row for each file too, in Parquet parts in DIR.")
@click.option(
    "--parquet-rows", metavar="N", type=click.IntRange(min=1), help="Rows of a part; 20000."
)
@click.option("--resume", is_flag=True, help="With --parquet: go on where another run stopped.")
@click.option("--rehash", is_flag=True, help="With --index: read files to see if they changed.")
@click.option(
    "--progress",
    type=click.Choice(("auto", "json", "none")),
    default="auto",
    help="On standard error: a line on a terminal, events as JSON, or nothing.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Output; html goes with one file.",
)
@click.option("-q", "--quiet", is_flag=True, help="One line for each file, and no talk.")
@click.option("-v", "--verbose", is_flag=True, help="Show what holds, not only what is wrong.")
def command(
    paths: tuple[str, ...],
    manifest: str | None,
    fragments: tuple[str, ...],
    at: datetime | None,
    fail_on: tuple[str, ...],
    policy: str | None,
    trust: TrustOptions,
    online: bool,
    form: str,
    quiet: bool,
    verbose: bool,
    **many: Any,
) -> None:
    """Check files, folders with all that lies in them, or `-` for standard input.

    A folder that was signed as one, with DIR.c2pa beside it, is checked as one. Of the files of a
    folder each is a line, and a table at the end counts them; --verbose shows all of each.

    \b
    Exit codes: 0 good, 1 could not be read, 3 no manifest, 4 invalid,
    5 signer not trusted where that was asked for (--fail-on untrusted, --policy); 4 too
    where a policy's other rules do not hold. Of several the worst of 1, 4, 5, 3.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    options = _Many(**many)
    if not paths and options.files_from is None:
        usage("Say which files: PATH…, or --files-from LIST.")
    if manifest is not None and (len(paths) > 1 or options.files_from):
        usage("--manifest goes with one file.")
    if fragments and (len(paths) != 1 or options.files_from or os.path.isdir(paths[0])):
        usage("--fragment goes with one initialisation segment.")
    one = len(paths) == 1 and options.files_from is None
    single = one and (manifest is not None or not is_walked(paths[0]))
    if form == "html" and not single:
        usage("--format html goes with one file.")
    if options.rehash and options.index is None:
        usage("--rehash goes with --index.")
    if options.parquet is None and (options.resume or options.parquet_rows is not None):
        usage("--resume and --parquet-rows go with --parquet.")
    if options.parquet is not None and options.index is not None:
        usage("--parquet goes without --index: `provenance index export` writes what it keeps.")
    if options.parquet is not None and STDIN in paths:
        usage("--parquet goes with files that have names.")
    if options.ray_address is not None and options.engine != "ray":
        usage("--ray-address goes with --engine ray.")
    if options.engine == "ray" and STDIN in paths:
        usage("--engine ray goes with files that its workers find under their names.")
    if options.index is not None and options.ordered:
        usage("--ordered and --index exclude each other: what is known is told at the end.")
    if options.index is not None and (manifest is not None or fragments or STDIN in paths):
        usage("--index goes with files that are found again under their names.")
    with sentences():
        terms = Terms(
            trust=trust.settings(),
            at=at or datetime.now(UTC),
            online=online,
            policy=_policy(policy),
            manifest=manifest,
            fragments=fragments,
        )
        if manifest is not None and not is_address(manifest):
            readable(manifest)
        walked = not single and (options.files_from is not None or any(map(is_walked, paths)))
        shown = Showing(form, fail_on, style(), brief=quiet, walked=walked, verbose=verbose)
        parts = options.parts()
        if parts is not None:
            shown = replace(shown, rows_at=terms.at)
        with interruptible() as stop, _Counted(options, paths, walked=walked, quiet=quiet) as seen:
            answers = _answers(paths, options, terms, shown, stop, parts, fixed=at is not None)
            values = seen.values(answers)
            if parts is not None:
                values = _rows_kept(values, parts)
            if single:
                for told in values:
                    shown.put_one(told)
            else:
                shown.put_all(values)
            if parts is not None:
                parts.flush()
                if parts.known and not quiet:
                    say(f"provenance: {parts.known} files stood in its parts already")
                if parts.known and not seen.codes:
                    seen.codes.add(Exit.GOOD)  # all that there was to do is done
            seen.say_rest(shown, interrupted=stop.is_set())
    sys.exit(Exit.INTERRUPTED if stop.is_set() else worst(seen.codes))


def _answers(
    paths: tuple[str, ...],
    options: _Many,
    terms: Terms,
    shown: Showing,
    stop: Event,
    parts: "Parts | None",
    *,
    fixed: bool,
) -> Iterator[tuple[Answer[Told], int]]:
    if options.index is not None:
        from provenance.cli.indexing import indexed

        return indexed(
            named_paths(paths, options.files_from),
            options.wanted,
            index=options.index,
            terms=terms,
            fixed=fixed,
            shown=shown,
            rehash=options.rehash,
            jobs=options.jobs,
            engine=options.asked,
            stop=stop,
        )
    files = (
        spread(named_paths(paths, options.files_from), options.wanted)
        if terms.manifest is None
        else map(Named, paths)
    )
    if parts is not None:
        files = (one for one in files if not parts.has(one.path))
    engine = Inline() if STDIN in paths else options.asked  # it is this process's own
    answers = run(
        Look(terms, shown),
        files,
        jobs=options.jobs,
        ordered=options.ordered,
        engine=engine,
        stop=stop,
    )
    return ((one, 1) for one in answers)


def _rows_kept(values: Iterable[Told], parts: "Parts") -> Iterator[Told]:
    """The same, when their rows are with those that will be a part."""
    for told in values:
        if told.row is not None:
            parts.add(told.row)
        yield told


def _policy(path: str | None) -> "Policy | None":
    if path is None:
        return None
    from provenance.policy import Policy

    return Policy.load(path)


class _Counted:
    """What is noted of each answer as it passes by: exit codes, the table, how far it has come."""

    def __init__(
        self, options: _Many, paths: tuple[str, ...], *, walked: bool, quiet: bool
    ) -> None:
        self.codes: set[Exit] = set()
        self.tally = Tally()
        self._walked, self._quiet = walked, quiet
        self._going = Going(options.progress, wanted=walked and not quiet)
        if walked and options.files_from is None:
            self._going.count(paths, options.wanted)

    def __enter__(self) -> "_Counted":
        return self

    def __exit__(self, *_: object) -> None:
        self._going.clear()

    def values(self, answers: Iterable[tuple[Answer[Told], int]]) -> Iterator[Told]:
        """What each answer prints; those passed over print nothing."""
        for answer, count in answers:
            self._note(answer.facts, answer.value, count)
            if answer.value is not None:
                self._going.clear()
                yield answer.value
        self._going.finish()

    def _note(self, facts: Facts, told: Told | None, count: int) -> None:
        self.tally.add(facts, count, unchanged=told is not None and told.known)
        if told is not None:
            self.codes.add(Exit(told.exit))
        bad = told is not None and told.exit in (Exit.FAILED, Exit.INVALID)
        self._going.add(facts.size, count, bad=bad)

    def say_rest(self, shown: Showing, *, interrupted: bool) -> None:
        """The table, and what was not looked at."""
        if self._quiet:
            return
        if interrupted:
            say("provenance: interrupted; what follows is of the files until then")
        if self.tally.passed_over:
            say(f"provenance: {self.tally.passed_over} files of other formats passed over")
        if self._walked and not self.tally.files and not self.tally.passed_over and not self.codes:
            say("provenance: there is no file in it to look at")
        if self._walked and self.tally.files > 1:
            tell: Callable[[str], None] = put if shown.form == "text" else _talk
            tell("\n" + self.tally.text(shown.style if shown.form == "text" else style()))


def _talk(text: str) -> None:
    click.echo(text.removeprefix("\n"), err=True)


def worst(codes: Iterable[Exit]) -> Exit:
    """Of several files the worst decides; of none, there was no manifest."""
    present = set(codes)
    return next((code for code in _ORDER if code in present), Exit.NO_MANIFEST)
