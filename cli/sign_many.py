"""`provenance sign` of several files, of folders and of lists: one after the other is an answer."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Self

import click

from provenance.batch.walk import Wanted
from provenance.cli.common import Exit, put, say, style
from provenance.cli.going import Going, interruptible
from provenance.cli.grouping import grouped
from provenance.cli.listing import listed_in
from provenance.cli.signing_key import ask

if TYPE_CHECKING:
    from provenance.batch.sign_task import ByProfile, SignOutcome, Who
    from provenance.build.sign import SignReceipt
    from provenance.cli.telling import Telling
    from provenance.profiles import Profile

__all__ = ["ManyOptions", "Order", "many_options", "sign_each", "sign_folders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyOptions:
    """Which files, and how they are gone through."""

    files_from: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    overwrite: bool = False
    jobs: int | None = None
    progress: str = "auto"

    @property
    def wanted(self) -> Wanted:
        """Which files of a folder."""
        return Wanted(self.include, self.exclude)


def many_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `many: ManyOptions`."""
    options = (
        click.option(
            "--files-from",
            metavar="LIST",
            help="Further paths, a line each, or each ended by a zero byte; - for standard input.",
        ),
        click.option("--include", metavar="GLOB", multiple=True, help="In DIR, only such files."),
        click.option("--exclude", metavar="GLOB", multiple=True, help="In DIR, no such files."),
        click.option(
            "--overwrite", is_flag=True, help="Of DIR: replace in OUT what no run of this made."
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=1),
            help="Processes; as many as cores unless said.",
        ),
        click.option(
            "--progress",
            type=click.Choice(("auto", "json", "none")),
            default="auto",
            help="On standard error: a line on a terminal, events as JSON, or nothing.",
        ),
    )
    return grouped("many", ManyOptions, options)(verb)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done, whatever the files."""

    profile: "Profile"
    telling: "Telling"
    how: Mapping[str, Any]  # for `sign`
    form: str
    quiet: bool
    many: ManyOptions

    def by(self, **how: Any) -> Self:
        """The same, with further arguments of `sign`."""
        return replace(self, how={**self.how, **how})

    def alone(self, file: str, call: "Callable[..., SignReceipt]") -> "SignReceipt":
        """Have a single file signed, right here.

        Args:
            file: which.
            call: takes the definition, who signs, and what is said here of how.
        """
        _, who = self.opened()
        told = self.telling(file)
        if told.note is not None:
            say(f"provenance: {file}: {told.note}")
        return call(
            definition=told.definition,
            signer=who.signer,
            identities=who.identities,
            authority=who.authority,
            **self.how,
        )

    def opened(self) -> "tuple[ByProfile, Who]":
        """The keys, before any file is touched; on a terminal, asked for what they need.

        Raises:
            ProvenanceError: they cannot be used.
        """
        from provenance.batch.sign_task import ByProfile

        answers: dict[str, bytes | None] = {}

        def asked(question: str) -> bytes | None:
            if question not in answers:
                answers[question] = ask(question)
            return answers[question]

        who = ByProfile(self.profile).asking(asked)
        return ByProfile(self.profile, answers), who


def sign_each(places: Iterable[tuple[Path, Path | None]], order: Order) -> None:
    """Sign files that were named, each to its place; nothing is remembered of it."""
    from provenance.batch.sign_run import sign_jobs
    from provenance.batch.sign_task import Job, SignFiles

    credentials, _ = order.opened()
    task = SignFiles(credentials=credentials, told=order.telling, how=order.how)
    jobs = [Job(path=str(file), target=place) for file, place in places]
    with interruptible() as stop:
        answers = sign_jobs(task, jobs, jobs=order.many.jobs, stop=stop)
        with closing(answers):
            _tell_all((done.outcome for _, done in answers), order, stop, counted=())


def sign_folders(paths: tuple[str, ...], output: str, order: Order, *more: object) -> None:
    """Sign what lies in folders and lists into a folder, and go on where an earlier run ended.

    Args:
        paths: folders, and files.
        output: the folder that they are signed into.
        order: what is to be done.
        more: what else the signed files depend on.
    """
    from provenance.batch.sign_run import Inputs, SignRun
    from provenance.batch.sign_settings import settings_of
    from provenance.batch.sign_task import SignFiles

    many = order.many
    credentials, who = order.opened()
    task = SignFiles(
        credentials=credentials,
        told=order.telling,
        how=order.how,
        texts=bool(many.include),
    )
    with interruptible() as stop:
        run = SignRun(
            inputs=Inputs(paths=paths, listed=listed_in(many.files_from), wanted=many.wanted),
            output=Path(output),
            task=task,
            settings=settings_of(who, order.telling, order.how, *more),
            overwrite=many.overwrite,
            jobs=many.jobs,
            stop=stop,
        )
        counted = () if many.files_from is not None else paths
        with closing(run.outcomes()) as outcomes:
            _tell_all(outcomes, order, stop, counted=counted, journal=True)


def _tell_all(
    outcomes: "Iterable[SignOutcome]",
    order: Order,
    stop: Event,
    *,
    counted: tuple[str, ...],
    journal: bool = False,
) -> None:
    from provenance.batch.sign_tally import SignTally

    tally = SignTally()
    going = Going(order.many.progress, wanted=not order.quiet)
    if counted:
        going.count(counted, order.many.wanted)
    fatal = False
    try:
        values = _noted(outcomes, tally, going)
        if order.form == "json":
            fatal = _as_array(values)
        else:
            for outcome in values:
                fatal = outcome.fatal
                _tell(outcome, order)
        going.finish()
    finally:
        going.clear()
    if not order.quiet:
        _say_rest(tally, order, interrupted=stop.is_set(), fatal=fatal, journal=journal)
    if stop.is_set():
        sys.exit(Exit.INTERRUPTED)
    if tally.failed:
        sys.exit(Exit.FAILED)


def _noted(outcomes: "Iterable[SignOutcome]", tally: Any, going: Going) -> "Iterator[SignOutcome]":
    """Count each; those that are printed pass."""
    for outcome in outcomes:
        tally.add(outcome)
        going.add(outcome.size, bad=outcome.status == "failed")
        if outcome.status != "passed-over":
            going.clear()
            yield outcome


def _as_array(outcomes: "Iterable[SignOutcome]") -> bool:
    from provenance.report import json

    fatal, lead = False, "[\n"
    for outcome in outcomes:
        fatal = outcome.fatal
        put(lead + json.dumps(outcome.to_dict()), end="")
        lead = ",\n"
    put("[]" if lead == "[\n" else "\n]")
    return fatal


def _tell(outcome: "SignOutcome", order: Order) -> None:
    if order.form == "ndjson":
        from provenance.report import json

        put(json.ndjson(outcome.to_dict()))
    elif outcome.status == "failed":
        say(f"provenance: {outcome.message}")
    elif outcome.status == "signed" and not order.quiet:
        from provenance.report.escape import clean

        put(f"signed: {clean(str(outcome.output or outcome.sidecar), 1000)}")
        if outcome.message is not None:
            say(f"provenance: {outcome.path}: {outcome.message}")


def _say_rest(tally: Any, order: Order, *, interrupted: bool, fatal: bool, journal: bool) -> None:
    on = "; the same command goes on from here" if journal else ""
    if interrupted:
        say(f"provenance: interrupted{on}")
    elif fatal:
        say(f"provenance: stopped, for no other file could be signed either{on}")
    if tally.passed_over:
        say(f"provenance: {tally.passed_over} files of other formats, and texts, passed over")
    if tally.salts:
        told = "provenance: keep the salt files to yourself; without them no prompt can be proved"
        say(f"{told} (OUT.salts.json, {tally.salts})")
    if not tally.files and not tally.passed_over:
        say("provenance: there is no file in it to sign")
    elif tally.files > 1:
        if order.form == "text":
            put("\n" + tally.text(style()))
        else:
            click.echo(tally.text(), err=True)
