"""`provenance verify`: is a file as it was signed, and by whom?"""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from provenance.cli.common import Exit, fail, os_sentence, put, say, sentences, style, usage
from provenance.cli.paths import STDIN, Named, spread
from provenance.cli.trusting import TrustOptions, moment, trust_options
from provenance.report import text as as_text
from provenance.source import Asset
from provenance.trust.settings import TrustSettings
from provenance.validate.results import (
    AssetInfo,
    ErrorKind,
    Location,
    ReadError,
    ValidationState,
    VerificationReport,
)
from provenance.validate.run import verify

__all__ = ["command", "exit_code", "worst"]

# Of several files the worst decides, in this order.
_ORDER = (Exit.FAILED, Exit.INVALID, Exit.UNTRUSTED, Exit.NO_MANIFEST, Exit.GOOD)


@dataclass(frozen=True, slots=True)
class Job:
    """How to look at each file."""

    trust: TrustSettings
    at: datetime | None
    manifest: str | None


@click.command("verify", short_help="Is a file as it was signed, and by whom?")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option("--at", metavar="TIME", callback=moment, help="Judge by this moment, not by now.")
@click.option(
    "--fail-on",
    type=click.Choice(("invalid", "untrusted", "missing")),
    multiple=True,
    help="What makes the exit code 4, 5 or 3; invalid and missing unless said.",
)
@trust_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "ndjson")),
    default="text",
    help="Output.",
)
@click.option("-q", "--quiet", is_flag=True, help="One line for each file, and no talk.")
@click.option("-v", "--verbose", is_flag=True, help="Show what holds, not only what is wrong.")
def command(
    paths: tuple[str, ...],
    manifest: str | None,
    at: datetime | None,
    fail_on: tuple[str, ...],
    trust: TrustOptions,
    form: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Check files, folders with all that lies in them, or `-` for standard input.

    \b
    Exit codes: 0 good, 1 could not be read, 3 no manifest, 4 invalid,
    5 signer not trusted (with --fail-on untrusted). Of several the worst of 1, 4, 5, 3.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    if manifest is not None and (len(paths) > 1 or Path(paths[0]).is_dir()):
        usage("--manifest goes with one file.")
    with sentences():
        job = Job(trust.settings(), at, manifest)
    if manifest is not None and not Path(manifest).is_file():
        fail(f"{manifest}: no such file")
    seen: list[Exit] = []
    reports = _noting(_reports(paths, job, quiet=quiet), fail_on, seen)
    single = len(paths) == 1 and (paths[0] == STDIN or not Path(paths[0]).is_dir())
    _print(reports, form, single=single, quiet=quiet, verbose=verbose)
    sys.exit(worst(seen))


def _reports(paths: Iterable[str], job: Job, *, quiet: bool) -> Iterator[VerificationReport]:
    passed_over = 0
    for named in spread(paths):
        report = _look(named, job)
        if named.found and any(one.kind is ErrorKind.UNSUPPORTED_FORMAT for one in report.errors):
            passed_over += 1
        else:
            yield report
    if passed_over and not quiet:
        say(f"provenance: {passed_over} files of other formats passed over")


def _look(named: Named, job: Job) -> VerificationReport:
    try:
        with _opened(named.path) as asset:
            return verify(asset, manifest=job.manifest, trust=job.trust, at=job.at)
    except OSError as error:
        problem = ReadError(ErrorKind.IO, os_sentence(error))
        return VerificationReport(
            asset=AssetInfo(named.path, None, None), location=Location.NONE, errors=(problem,)
        )


@contextmanager
def _opened(path: str) -> Iterator[Asset]:
    """What to hand on: the path, or standard input, which must be seekable, as a file."""
    if path != STDIN:
        yield path
        return
    with tempfile.TemporaryFile() as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        yield stream


def _noting(
    reports: Iterable[VerificationReport], fail_on: tuple[str, ...], seen: list[Exit]
) -> Iterator[VerificationReport]:
    for report in reports:
        seen.append(exit_code(report, fail_on))
        yield report


def _print(
    reports: Iterable[VerificationReport], form: str, *, single: bool, quiet: bool, verbose: bool
) -> None:
    if form == "text":
        paint, between = style(), ""
        for report in reports:
            if quiet:
                put(as_text.verdict_line(report, paint))
            else:
                put(between + as_text.text(report, style=paint, verbose=verbose))
                between = "\n"
        return
    from provenance.report import json

    rows = (report.to_dict() for report in reports)
    if form == "ndjson":
        for row in rows:
            put(json.ndjson(row))
    elif single:
        put(json.dumps(next(rows)))
    else:
        for piece in json.array(rows):
            put(piece, end="")
        put("")


def exit_code(report: VerificationReport, fail_on: tuple[str, ...] = ()) -> Exit:
    """What one report is worth under the policy in force.

    Args:
        report: of one file.
        fail_on: invalid always counts; missing unless only "invalid" is named; untrusted if named.
    """
    match report.state:
        case None if report.errors:
            return Exit.FAILED
        case None:
            return Exit.GOOD if set(fail_on) == {"invalid"} else Exit.NO_MANIFEST
        case ValidationState.INVALID:
            return Exit.INVALID
        case ValidationState.VALID if "untrusted" in fail_on:
            return Exit.UNTRUSTED
        case _:
            return Exit.GOOD


def worst(codes: Iterable[Exit]) -> Exit:
    """Of several files the worst decides; of none, there was no manifest."""
    present = set(codes)
    return next((code for code in _ORDER if code in present), Exit.NO_MANIFEST)
