"""`provenance guard`: does a change break or strip what files say of where they come from?"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from provenance.cli.common import Exit, put, say, sentences, style, usage
from provenance.cli.going import interruptible
from provenance.cli.showing import exit_code
from provenance.cli.trusting import TrustOptions, trust_options
from provenance.cli.verify import worst

if TYPE_CHECKING:
    from provenance.batch.guarding import Guarding, Pair
    from provenance.batch.look import Terms
    from provenance.batch.revision import Revision
    from provenance.report.guard import Comparison
    from provenance.validate.results import VerificationReport

__all__ = ["command"]

_FROM = "PRE_COMMIT_FROM_REF"  # what pre-commit compares with, when it is told to
_HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class _Judge:
    """What a comparison is worth: the change always counts, what is there now if it was asked."""

    fail_on: tuple[str, ...]

    def __call__(self, one: "Comparison", after: "VerificationReport | None") -> "Comparison":
        codes = {_BY_CHANGE.get(one.change.value, Exit.GOOD)}
        if one.change == "weakened" and "untrusted" in self.fail_on:
            codes.add(Exit.UNTRUSTED)
        if one.change == "replaced" and "replaced" in self.fail_on:
            codes.add(Exit.INVALID)
        problem = None
        if after is not None and one.change != "unreadable":
            now = self._now(after)
            codes.add(now)
            problem = _PROBLEMS.get(now)
            if after.policy is not None and not after.policy.passed:
                problem = "; ".join(rule.message for rule in after.policy.failed)
        return replace(one, exit=int(worst(codes)), problem=problem)

    def _now(self, after: "VerificationReport") -> Exit:
        if after.state is None:
            return Exit.NO_MANIFEST if "missing" in self.fail_on else Exit.GOOD
        code = exit_code(after, tuple(one for one in self.fail_on if one != "replaced"))
        invalid = code is Exit.INVALID and after.policy is None
        return Exit.GOOD if invalid and "invalid" not in self.fail_on else code


_BY_CHANGE = {
    "broken": Exit.INVALID,
    "stripped": Exit.NO_MANIFEST,
    "unreadable": Exit.FAILED,
}
_PROBLEMS = {
    Exit.NO_MANIFEST: "it has no manifest",
    Exit.INVALID: "it is invalid",
    Exit.UNTRUSTED: "its signer is not trusted",
}


@click.command("guard", short_help="Does a change break or strip provenance?")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--base",
    metavar="REV",
    help=f"The git revision before the change; {_HEAD}, or what pre-commit says, unless said.",
)
@click.option("--merge-base", is_flag=True, help="Rather where this branch left REV.")
@click.option("--base-dir", metavar="DIR", help="A folder of what was before, in place of git.")
@click.option(
    "--fail-on",
    type=click.Choice(("invalid", "untrusted", "missing", "replaced")),
    multiple=True,
    help="What lets the check fail besides, in the files that changed.",
)
@click.option("--policy", metavar="FILE", help="What those must satisfy, as TOML.")
@trust_options
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Processes.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "ndjson", "sarif", "junit")),
    default="text",
    help="Output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what lets the check fail.")
def command(
    paths: tuple[str, ...],
    base: str | None,
    merge_base: bool,
    base_dir: str | None,
    fail_on: tuple[str, ...],
    policy: str | None,
    trust: TrustOptions,
    jobs: int | None,
    form: str,
    quiet: bool,
) -> None:
    """Compare files with what they were: in the git revision REV, or in DIR.

    Without PATH all files of the work tree that have changed since REV. A file that had a manifest
    and has none is stripped; one that was valid and is not is broken. A file that is new, or
    has gone, is no failure.

    \b
    Exit codes: 0 nothing was lost, 1 could not be compared, 3 stripped, 4 broken,
    5 trust was lost where that was asked for. Of several the worst of 1, 4, 5, 3.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    if base_dir is not None and (base is not None or merge_base):
        usage("--base-dir and --base exclude each other.")
    if base_dir is not None and not paths:
        usage("--base-dir goes with what there is now: PATH….")
    with sentences():
        from provenance.batch.guarding import Guarding

        revision = None if base_dir is not None else _revision(base, merge_base=merge_base)
        if base_dir is None and revision is None:
            say("provenance: there is no commit yet, so there is nothing to compare with")
            pairs: Iterable[Pair] = ()
        else:
            pairs = _pairs(revision, base_dir, paths)
        task = Guarding(terms=_terms(trust, policy), judge=_Judge(fail_on), revision=revision)
        stopped = _compare(task, pairs, jobs, form, quiet=quiet)
    sys.exit(stopped)


def _terms(trust: TrustOptions, policy: str | None) -> "Terms":
    from provenance.batch.look import Terms
    from provenance.policy import Policy

    loaded = None if policy is None else Policy.load(policy)
    return Terms(trust=trust.settings(), at=datetime.now(UTC), policy=loaded)


def _revision(base: str | None, *, merge_base: bool) -> "Revision | None":
    """What to compare with; None in a repository without a commit, where nobody named one."""
    from provenance.batch.revision import GitError, Revision

    name = base or os.environ.get(_FROM) or _HEAD
    try:
        return Revision.of(name, merge_base=merge_base)
    except GitError as error:
        if name == _HEAD and base is None and error.what.startswith("revision"):
            return None
        raise


def _pairs(
    revision: "Revision | None", base_dir: str | None, paths: tuple[str, ...]
) -> "Iterator[Pair]":
    from provenance.batch.guarding import changed_since, in_folders

    if revision is not None:
        return changed_since(revision, paths)
    if base_dir is None or not os.path.isdir(base_dir):
        raise NotADirectoryError(20, "is no folder", base_dir)
    return in_folders(base_dir, paths)


def _compare(
    task: "Guarding", pairs: "Iterable[Pair]", jobs: int | None, form: str, *, quiet: bool
) -> int:
    from provenance.batch.many import chosen

    counts: Counter[str] = Counter()
    codes = {Exit.GOOD}
    with interruptible() as stop:
        engine, items = chosen(pairs, jobs)

        def found() -> "Iterator[Comparison]":
            for one in engine.run(task, items, ordered=True, stop=stop):
                if one is not None:
                    counts[one.change.value] += 1
                    codes.add(Exit(one.exit))
                    yield one

        _show(found(), form, quiet=quiet)
        if stop.is_set():
            say("provenance: interrupted; what was told is of the files until then")
            return Exit.INTERRUPTED
    if not quiet:
        told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        say(f"provenance: {told or 'no file that has changed holds or held a manifest'}")
    return int(worst(codes))


def _show(rows: "Iterator[Comparison]", form: str, *, quiet: bool) -> None:
    from provenance.report import guard, json

    match form:
        case "text":
            for one in rows:
                if one.failed or not quiet:
                    put(guard.line(one, style()))
        case "ndjson":
            for one in rows:
                put(json.ndjson(guard.as_dict(one)))
        case "json":
            for piece in json.array(map(guard.as_dict, rows)):
                put(piece, end="")
            put("")
        case "sarif":
            put(json.dumps(guard.sarif(rows)))
        case _:
            for piece in guard.junit(rows):
                put(piece, end="")
