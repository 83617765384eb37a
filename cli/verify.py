"""`provenance verify`: is a file as it was signed, and by whom?"""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from provenance.cli.common import Exit, os_sentence, put, say, sentences, style, usage
from provenance.cli.paths import STDIN, Named, is_walked, spread
from provenance.cli.targets import readable
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

if TYPE_CHECKING:
    from provenance.policy import Policy

__all__ = ["command", "exit_code", "worst"]

# Of several files the worst decides, in this order.
_ORDER = (Exit.FAILED, Exit.INVALID, Exit.UNTRUSTED, Exit.NO_MANIFEST, Exit.GOOD)


@dataclass(frozen=True, slots=True)
class Job:
    """How to look at each file."""

    trust: TrustSettings
    at: datetime | None
    manifest: str | None
    fragments: tuple[str, ...] = ()
    online: bool = False
    policy: "Policy | None" = None


@click.command("verify", short_help="Is a file as it was signed, and by whom?")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option(
    "--fragment",
    "fragments",
    metavar="SEGMENT",
    multiple=True,
    help="A media segment of PATH, an initialisation segment; of a live stream in order.",
)
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
    "--format",
    "form",
    type=click.Choice(("text", "json", "ndjson", "crjson", "html", "junit", "sarif")),
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
) -> None:
    """Check files, folders with all that lies in them, or `-` for standard input.

    A folder that was signed as one, with DIR.c2pa beside it, is checked as one.

    \b
    Exit codes: 0 good, 1 could not be read, 3 no manifest, 4 invalid,
    5 signer not trusted where that was asked for (--fail-on untrusted, --policy); 4 too
    where a policy's other rules do not hold. Of several the worst of 1, 4, 5, 3.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    if manifest is not None and len(paths) > 1:
        usage("--manifest goes with one file.")
    if fragments and (len(paths) > 1 or os.path.isdir(paths[0])):
        usage("--fragment goes with one initialisation segment.")
    single = len(paths) == 1 and (manifest is not None or not is_walked(paths[0]))
    if form == "html" and not single:
        usage("--format html goes with one file.")
    with sentences():
        job = Job(trust.settings(), at, manifest, fragments, online, _policy(policy))
    if manifest is not None:
        readable(manifest)
    seen: list[Exit] = []
    reports = _noting(_reports(paths, job, quiet=quiet), fail_on, seen)
    if form == "text":
        _print_text(reports, quiet=quiet, verbose=verbose)
    elif form in ("junit", "sarif"):
        _print_results(reports, form, fail_on)
    elif form == "html":
        from provenance.report.html import html

        put(html(next(reports)), end="")
    else:
        _print_json(reports, form, single=single)
    sys.exit(worst(seen))


def _reports(paths: Iterable[str], job: Job, *, quiet: bool) -> Iterator[VerificationReport]:
    looked_at = passed_over = 0
    for named in spread(paths) if job.manifest is None else map(Named, paths):
        looked_at += 1
        report = _look(named, job)
        if named.found and any(one.kind is ErrorKind.UNSUPPORTED_FORMAT for one in report.errors):
            passed_over += 1
        else:
            yield report
    if quiet:
        return
    if passed_over:
        say(f"provenance: {passed_over} files of other formats passed over")
    if not looked_at:
        say("provenance: there is no file in it to look at")


def _look(named: Named, job: Job) -> VerificationReport:
    try:
        with _opened(named.path) as asset:
            report = verify(
                asset,
                manifest=job.manifest,
                trust=job.trust,
                at=job.at,
                online=job.online,
                fragments=job.fragments,
            )
    except OSError as error:
        problem = ReadError(ErrorKind.IO, os_sentence(error))
        report = VerificationReport(
            asset=AssetInfo(named.path, None, None), location=Location.NONE, errors=(problem,)
        )
    return report if job.policy is None else replace(report, policy=job.policy.check(report))


def _policy(path: str | None) -> "Policy | None":
    if path is None:
        return None
    from provenance.policy import Policy

    return Policy.load(path)


@contextmanager
def _opened(path: str) -> Iterator[Asset]:
    """What to hand on: the path, or standard input, which must be seekable, as a file."""
    if path != STDIN:
        yield path
        return
    if sys.stdin is None:  # closed: `<&-`
        raise OSError(errno.EBADF, "is closed", "standard input")
    with tempfile.TemporaryFile() as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        yield stream


def _noting(
    reports: Iterable[VerificationReport], fail_on: tuple[str, ...], seen: list[Exit]
) -> Iterator[VerificationReport]:
    for report in reports:
        seen.append(exit_code(report, fail_on))
        yield report


def _print_text(reports: Iterable[VerificationReport], *, quiet: bool, verbose: bool) -> None:
    paint, between = style(), ""
    for report in reports:
        if quiet:
            put(as_text.verdict_line(report, paint))
        else:
            put(between + as_text.text(report, style=paint, verbose=verbose))
            between = "\n"


def _print_json(reports: Iterable[VerificationReport], form: str, *, single: bool) -> None:
    from provenance.report import json

    rows = (report.to_dict() for report in reports)
    if form == "crjson":
        from provenance.report.crjson import crjson

        rows = (crjson(report) for report in reports)
    if form == "ndjson":
        for row in rows:
            put(json.ndjson(row))
    elif single:
        put(json.dumps(next(rows)))
    else:
        for piece in json.array(rows):
            put(piece, end="")
        put("")


def _print_results(
    reports: Iterable[VerificationReport], form: str, fail_on: tuple[str, ...]
) -> None:
    """For what shows the results of a build."""
    if form == "sarif":
        from provenance.report import json
        from provenance.report.sarif import sarif

        put(json.dumps(sarif(reports)))
        return
    from provenance.report.junit import Outcome, junit

    def judge(report: VerificationReport) -> Outcome:
        code = exit_code(report, fail_on)
        if code is Exit.GOOD:
            return Outcome.PASSED
        return Outcome.ERROR if code is Exit.FAILED else Outcome.FAILURE

    put(junit(reports, judge))


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
        case ValidationState.VALID if "untrusted" in fail_on and not _refused(report):
            return Exit.UNTRUSTED
        case state if report.policy is not None and not report.policy.passed:
            # That nobody vouches for the signer is told apart from all else a policy asks for.
            untrusted = state is ValidationState.VALID and not _refused(report)
            return Exit.UNTRUSTED if untrusted else Exit.INVALID
        case _:
            return Exit.GOOD


def _refused(report: VerificationReport) -> bool:
    """Does a policy ask for more than trust that is not there?"""
    policy = report.policy
    return policy is not None and not policy.passed and not policy.only_trust_failed


def worst(codes: Iterable[Exit]) -> Exit:
    """Of several files the worst decides; of none, there was no manifest."""
    present = set(codes)
    return next((code for code in _ORDER if code in present), Exit.NO_MANIFEST)
