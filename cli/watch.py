"""`provenance watch`: sign what a generator drops into a folder."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING

import click

from provenance.cli.common import Exit, fail, put, say, sentences, usage
from provenance.cli.describing import RecordOptions, record_options
from provenance.cli.editing import tsa_option
from provenance.cli.signing_key import KeyOptions, ask, key_options

if TYPE_CHECKING:
    from provenance.build.definition import ManifestDefinition
    from provenance.profiles import Profile
    from provenance.watch import Outcome

__all__ = ["command"]

_SIGNED = "signed"  # the folder in DIR that signed files go to unless something else is said


@click.command("watch", short_help="Sign what a generator drops into a folder.")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", metavar="OUT", help="Folder of the signed files; DIR/signed.")
@click.option("--in-place", is_flag=True, help="Change the files themselves.")
@click.option("--once", is_flag=True, help="Sign what is there, and end.")
@click.option("--recursive", is_flag=True, help="Look into the folders of DIR too.")
@click.option(
    "--settle",
    type=click.FloatRange(0.1, 3600),
    default=2.0,
    metavar="SECONDS",
    help="How long a file must rest before it counts as complete; 2 unless said.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    metavar="SECONDS",
    help="How long to rest between two looks; 1 unless said.",
)
@click.option("--manifest", metavar="DEF.json", help="What to say of each, as a definition.")
@record_options
@key_options
@tsa_option
@click.option("--no-verify", is_flag=True, help="Do not look at the result once more.")
@click.option("--format", "form", type=click.Choice(("text", "ndjson")), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Say only what failed.")
def command(
    folder: str,
    output: str | None,
    in_place: bool,
    once: bool,
    recursive: bool,
    settle: float,
    interval: float,
    manifest: str | None,
    record: RecordOptions,
    key: KeyOptions,
    tsa: str | None,
    no_verify: bool,
    form: str,
    quiet: bool,
) -> None:
    """Sign each file that is dropped into DIR, once, as soon as it is complete.

    What was signed is remembered, also when this ends and starts again; a file that changes is
    signed again. What this key signed already is left alone, what others signed keeps their
    manifests as a parent. Text, and what holds no manifest, is passed over. Ctrl-C ends.
    """
    if in_place and output is not None:
        usage("--in-place and --output exclude each other.")
    if record.from_metadata and manifest is not None:
        usage("--from-metadata does not go with --manifest.")
    place = Path(folder)
    if not place.is_dir():
        fail(f"{folder}: is no folder")
    out = None if in_place else Path(output) if output is not None else place / _SIGNED
    if out is not None and out.exists() and out.samefile(place):
        usage("OUT is DIR itself; to change the files there, say --in-place.")
    failed = 0
    with sentences():
        from provenance.watch import OutcomeStatus, Signing, Watch

        profile = key.loaded(tsa=tsa)
        telling = _Telling(profile, manifest, record)
        how = {
            "authority": profile.authority(),
            "identities": profile.identities(ask),
            "verify_after": not no_verify,
        }
        signing = Signing(signer=key.signer(), definition_for=telling.definition_for, how=how)
        watch = Watch(
            folder=place,
            output=out,
            sign=signing.sign,
            settle=settle,
            interval=interval,
            recursive=recursive,
        )
        with _stopping(watch.stop):
            for outcome in watch.outcomes(once=once):
                failed += outcome.status in (OutcomeStatus.FAILED, OutcomeStatus.UNFINISHED)
                _tell(outcome, form, quiet=quiet)
    if once and failed:
        sys.exit(Exit.FAILED)


class _Telling:
    """What the manifest of each file shall say."""

    def __init__(self, profile: "Profile", manifest: str | None, record: RecordOptions) -> None:
        self._profile = profile
        self._record = record
        self._same = profile.definition(manifest)

    def definition_for(self, path: Path) -> "ManifestDefinition":
        found = self._record.found(str(path), self._profile.prompt_mode)
        return self._same if found is None else self._profile.fill(found, making="recorded")


@contextmanager
def _stopping(stop: Event) -> Iterator[None]:
    """Let Ctrl-C, and a polite request to end, wait for the file at hand; a second one does not."""
    if current_thread() is not main_thread():
        yield
        return

    def asked(number: int, _frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {one: signal.signal(one, asked) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(outcome: "Outcome", form: str, *, quiet: bool) -> None:
    from provenance.report.escape import clean

    if form == "ndjson":
        from provenance.report import json

        put(json.ndjson(outcome.to_dict()))
        sys.stdout.flush()
        return
    if outcome.status in ("failed", "retried", "unfinished"):
        again = " (to be tried again)" if outcome.status == "retried" else ""
        say(f"provenance: {outcome.path}: {outcome.message}{again}")
    elif outcome.status == "signed" and not quiet:
        put(f"signed: {clean(str(outcome.output), 1000)}")
        sys.stdout.flush()
