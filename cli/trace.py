"""`provenance trace`: who and what is behind a file, what they allow, and what each is owed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.batch.walk import is_walked, spread
from provenance.cli.common import Exit, fail, os_sentence, put, say, sentences, style, usage
from provenance.cli.signing_key import MaybeKey, key_options_if_wanted
from provenance.cli.stating import Stating, check_statement, files_of, write_statement
from provenance.cli.trusting import TrustOptions, moment, trust_options
from provenance.cli.verify import worst
from provenance.errors import CredentialError, ProvenanceError, SplitError
from provenance.remote.address import is_address
from provenance.report import lineage_words
from provenance.report.escape import clean
from provenance.report.lineage_view import View
from provenance.report.style import PLAIN, Style, Tone
from provenance.rights.lineage import minor_units
from provenance.rights.shares import POLICIES
from provenance.rights.tracing import trace
from provenance.source import read_small
from provenance.trust.settings import TrustSettings

if TYPE_CHECKING:
    from provenance.batch.index_catalogue import IndexCatalogue

__all__ = ["command"]

_FORMATS = ("text", "json", "dot", "mermaid", "html", "csv", "story")
_SEVERAL = ("text", "json")
_KEY_BYTES = 1 << 20
_MOST_DECIMALS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How to look at each file."""

    manifest: str | None
    resolve: tuple[str, ...]
    catalogue: "IndexCatalogue | None" = None
    trust: TrustSettings
    model_keys: tuple[bytes, ...]
    at: datetime | None
    amount: str | None
    policy: str
    decimals: int


@click.command("trace", short_help="Who and what is behind a file, and what each is owed.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--manifest", metavar="SIDECAR", help="The manifest store, if not in the file.")
@click.option(
    "--resolve",
    metavar="DIR",
    multiple=True,
    help="A folder, or a file, where what it was made of may lie.",
)
@click.option("--index", metavar="FILE", help="An index that knows where further files lie.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    help="Output; text and json go with several files. story: files for Story, in the folder OUT.",
)
@click.option("-o", "--output", metavar="OUT", help="A file for it; of story a folder.")
@click.option("--split", "amount", metavar="AMOUNT", help="An amount to split, such as 100.00.")
@click.option(
    "--policy", type=click.Choice(tuple(POLICIES)), default="flow/1", help="How to split it."
)
@click.option(
    "--decimals",
    type=click.IntRange(0, _MOST_DECIMALS),
    default=2,
    help="Digits behind the point that the currency has; 2 unless said.",
)
@click.option("--at", metavar="TIME", callback=moment, help="Judge by this moment, not by now.")
@click.option(
    "--statement", metavar="OUT.json", help="State the split; OUT.csv too, and with --key OUT.cose."
)
@click.option("--currency", metavar="CODE", help="Currency that the statement names: EUR.")
@click.option(
    "--check-statement",
    "stated",
    metavar="OUT.json",
    help="Does a statement hold, and does PATH give the same?",
)
@key_options_if_wanted
@click.option(
    "--model-key",
    "model_keys",
    metavar="PEM",
    multiple=True,
    help="Public key or certificate of OpenSSF model signatures.",
)
@trust_options
@click.option("-q", "--quiet", is_flag=True, help="One line for each file, and no talk.")
@click.option("-v", "--verbose", is_flag=True, help="Show every place where something was found.")
def command(
    paths: tuple[str, ...],
    manifest: str | None,
    resolve: tuple[str, ...],
    index: str | None,
    form: str,
    output: str | None,
    amount: str | None,
    policy: str,
    decimals: int,
    at: datetime | None,
    statement: str | None,
    currency: str | None,
    stated: str | None,
    key: MaybeKey,
    model_keys: tuple[str, ...],
    trust: TrustOptions,
    quiet: bool,
    verbose: bool,
) -> None:
    """Follow a file along its signed manifests to all that it was made of.

    Shown are the works, who is behind each and how surely that is known, their terms, and
    whether those were kept to. With --split: what each is owed of an amount; what nobody can
    claim is UNCLAIMED.

    \b
    Exit codes: 0 good, 1 could not be read or split, 3 no manifest, 4 the file's
    own manifest is invalid, or a statement does not hold; 5 it holds, and its
    signer is not trusted by --trust-anchors. Of several the worst of 1, 4, 5, 3.
    """  # noqa: D301  # click wants the real character \b before what it shall not rewrap
    single = len(paths) == 1 and (manifest is not None or not is_walked(paths[0]))
    _check_usage(single, form, output, amount, statement, stated, manifest)
    if amount is not None:
        try:
            minor_units(amount, decimals)
        except SplitError as error:
            usage(f"--split: {error.problem}")
    stating_to = tuple(map(str, files_of(statement))) if statement else ()
    _keep_inputs((*paths, *((manifest,) if manifest else ())), (output, *stating_to))
    with sentences():
        job = Job(
            manifest=manifest,
            resolve=resolve,
            trust=trust.settings(),
            model_keys=tuple(read_small(one, _KEY_BYTES, CredentialError) for one in model_keys),
            at=at,
            amount=amount,
            policy=policy,
            decimals=decimals,
        )
    for one in resolve:
        if is_address(one):
            usage("--resolve goes with folders and files of this machine.")
    for one in (*resolve, *((manifest,) if manifest and not is_address(manifest) else ())):
        if not Path(one).exists():
            fail(f"{one}: no such file or folder")
    if index is not None:
        job = replace(job, catalogue=_catalogue(index))
    seen: list[Exit] = []
    views = _views(paths, job, seen, single=single)
    if single:
        view = next(views, None)
        if view is None:
            sys.exit(worst(seen))
        views = iter((view,))
        with sentences():
            if stated is not None:
                named = bool(trust.trust_anchors or trust.allowed_list)
                seen.append(check_statement(stated, view.lineage, job.trust, at, required=named))
                sys.exit(worst(seen))
            if statement is not None and view.split is not None:
                stating = Stating(statement, currency, key.if_named())
                write_statement(view.lineage, view.split, stating, quiet=quiet)
    with sentences():
        _show(views, form, output, quiet=quiet, verbose=verbose, single=single)
    sys.exit(worst(seen))


def _check_usage(
    single: bool,
    form: str,
    output: str | None,
    amount: str | None,
    statement: str | None,
    stated: str | None,
    manifest: str | None,
) -> None:
    if not single:
        if form not in _SEVERAL:
            usage(f"--format {form} goes with one file.")
        given = {"--statement": statement, "--check-statement": stated, "--manifest": manifest}
        for name, value in given.items():
            if value is not None:
                usage(f"{name} goes with one file.")
    if form == "story" and output is None:
        usage("Say which folder the files go to: -o DIR.")
    for name, wanted in (("--format csv", form == "csv"), ("--statement", statement is not None)):
        if wanted and amount is None:
            usage(f"{name} needs an amount: --split 100.00.")


def _keep_inputs(inputs: tuple[str, ...], outputs: tuple[str | None, ...]) -> None:
    """Nothing is written over what is read."""
    for place in filter(None, outputs):
        for one in inputs:
            with suppress(OSError):
                if Path(place).samefile(one):
                    usage(f"{place} is an input; name another place for the result.")


def _catalogue(path: str) -> "IndexCatalogue":
    """An index, held open until the verb ends."""
    from provenance.batch.index import Index
    from provenance.batch.index_catalogue import IndexCatalogue

    with sentences():
        index = Index.open(path, reading=True)
    click.get_current_context().call_on_close(index.close)
    return IndexCatalogue(index)


def _views(paths: tuple[str, ...], job: Job, seen: list[Exit], *, single: bool) -> Iterator[View]:
    for path in paths if single else (named.path for named in spread(paths)):
        try:
            view = _view(path, job, seen)
        except (OSError, ProvenanceError) as error:
            told = os_sentence(error) if isinstance(error, OSError) else str(error)
            say(f"provenance: {told}")
            seen.append(Exit.FAILED)
        else:
            yield view


def _view(path: str, job: Job, seen: list[Exit]) -> View:
    lineage = trace(
        path,
        manifest=job.manifest,
        resolve=job.resolve,
        catalogue=job.catalogue,
        trust=job.trust,
        model_keys=job.model_keys,
        at=job.at,
    )
    split, problem = None, None
    if job.amount is not None:
        try:
            split = lineage.split(job.amount, policy=job.policy, decimals=job.decimals)
        except SplitError as error:
            problem = error.problem
            say(f"provenance: {error}")
    verdict = lineage_words.verdict(lineage)
    if problem is not None:
        seen.append(Exit.FAILED)
    elif verdict.tone is Tone.BAD:
        seen.append(Exit.INVALID)
    else:
        seen.append(Exit.GOOD if lineage.root.validation_state else Exit.NO_MANIFEST)
    return View(lineage, split, problem)


def _show(
    views: Iterator[View],
    form: str,
    output: str | None,
    *,
    quiet: bool,
    verbose: bool,
    single: bool,
) -> None:
    paint = PLAIN if output is not None else style()
    if form == "story":
        _write_story(next(views), Path(output or ""), quiet=quiet)
        return
    if form == "text":
        between = ""
        shown: list[str] = []
        for view in views:
            text = _text(view, paint, quiet=quiet, verbose=verbose)
            if output is None:
                put(between + text)
            else:
                shown.append(between + text + "\n")
            between = "" if quiet else "\n"
        if output is not None:
            _write(output, "".join(shown))
        return
    text = _json(views, single=single) if form == "json" else _drawn(next(views), form)
    if output is not None:
        _write(output, text)
    else:
        put(text, end="")


def _text(view: View, paint: Style, *, quiet: bool, verbose: bool) -> str:
    from provenance.report import lineage_text

    if quiet:
        return lineage_text.verdict_line(view, paint)
    return lineage_text.text(view, style=paint, verbose=verbose)


def _json(views: Iterator[View], *, single: bool) -> str:
    from provenance.report import json

    rows = (view.lineage.to_dict(view.split) for view in views)
    return f"{json.dumps(next(rows)) if single else ''.join(json.array(rows))}\n"


def _drawn(view: View, form: str) -> str:
    from provenance.report.lineage_dot import dot
    from provenance.report.lineage_html import html
    from provenance.report.lineage_mermaid import mermaid

    made: dict[str, Callable[[], str]] = {
        "dot": lambda: f"{dot(view)}\n",
        "mermaid": lambda: f"{mermaid(view)}\n",
        "html": lambda: html(view),
        "csv": lambda: _csv(view),
    }
    return made[form]()


def _csv(view: View) -> str:
    from provenance.rights.statement import make_statement

    if view.split is None:  # why was said already
        return ""
    table = make_statement(view.lineage, view.split, issued_at=view.lineage.at).csv
    return table.decode("utf-8", "backslashreplace")


def _write(output: str, text: str) -> None:
    from provenance.build.embed import replacing

    with replacing(output) as stream:
        stream.write(text.encode("utf-8"))


def _write_story(view: View, folder: Path, *, quiet: bool) -> None:
    from provenance.build.embed import replacing
    from provenance.rights.story import export

    exported = export(view.graph)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in exported.files():
        with replacing(folder / name) as stream:
            stream.write(data)
    put(f"{len(exported.works):,} works for Story in {clean(str(folder))}; nothing was sent")
    warnings = sum(len(one.warnings) for one in exported.works)
    if warnings and not quiet:
        say(f"provenance: {warnings:,} warnings of what does not carry over, in index.json")
