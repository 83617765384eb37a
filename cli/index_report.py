"""`provenance index report`: what an index holds, as one page of HTML."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from provenance.cli.common import Exit, say, sentences, usage
from provenance.cli.going import Going, interruptible
from provenance.cli.index_filters import FilterOptions, filter_options

if TYPE_CHECKING:
    from provenance.batch.index_report import Made

__all__ = ["command"]

_STDOUT = "-"
_NAMED = "standard output"


@click.command("report", short_help="All of it, or a part, as one page of HTML.")
@click.argument("index", metavar="INDEX")
@click.option(
    "-o", "--output", metavar="REPORT.html", required=True, help="The page; - for stdout."
)
@click.option("--heading", metavar="TEXT", help="What to call it; as the folder of the files.")
@filter_options
@click.option(
    "--thumbnails",
    type=click.IntRange(0, 1_000_000),
    default=2_000,
    metavar="N",
    help="Files that get a thumbnail, what is wrong first; 2000 unless said, 0 for none.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Processes that make thumbnails; all cores."
)
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def command(
    index: str,
    output: str,
    heading: str | None,
    filters: FilterOptions,
    thumbnails: int,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Make one page of HTML of an index: its files, with charts and filters.

    Options choose files as for query; without them it is all. The page is a single file that loads
    nothing; paths on it are told from the folder that all its files lie in. Thumbnails are made
    anew from the manifests or the files, where these are as they were when they were indexed.
    """
    from provenance.batch.index import Index
    from provenance.batch.index_report import Stopped, write_page

    _keep_index(index, output)
    going = Going("auto", wanted=not quiet and thumbnails > 0)
    with sentences(), interruptible() as stop, Index.open(index, reading=True) as held:
        chosen = filters.filters()
        try:
            with _target(output) as stream:
                made = write_page(
                    held,
                    stream,
                    chosen,
                    title=heading,
                    thumbnails=thumbnails,
                    jobs=jobs,
                    stop=stop,
                    tell=lambda: going.add(0, bad=False),
                )
        except Stopped:
            made = None
        finally:
            going.clear()
    if made is None:
        say("provenance: interrupted; nothing was written")
        sys.exit(Exit.INTERRUPTED)
    if not quiet:
        _tell(made, output)


@contextmanager
def _target(output: str) -> Iterator[BinaryIO]:
    """What becomes the page when all went well."""
    from provenance.build.embed import replacing

    if output != _STDOUT:
        with replacing(output) as stream:
            yield stream
        return
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed", _NAMED)
    try:
        with replacing(sys.stdout.buffer) as stream:
            yield stream
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # a reader that goes away early, such as `head`: click ends quietly
    except OSError as error:
        raise OSError(error.errno, error.strerror, error.filename or _NAMED) from error


def _keep_index(index: str, output: str) -> None:
    """The page is not written over the index, nor over what SQLite keeps beside it."""
    for one in (index, f"{index}-wal", f"{index}-shm"):
        with suppress(OSError):
            if Path(output).samefile(one):
                usage(f"{output} is the index; name another place for the page.")


def _tell(made: "Made", output: str) -> None:
    from provenance.batch.index_pictures import Lack

    say(f"provenance: {output}: {_files(made.files)}, {made.pictures:,} of them with a thumbnail")
    for lack, words in (
        (Lack.CHANGED, "changed or gone since the index was written"),
        (Lack.UNREAD, "cannot be read"),
    ):
        if count := made.lacking[lack]:
            say(f"provenance: {_files(count)} without a thumbnail: {words}")
    if made.undecoded is not None:
        told = _files(made.lacking[Lack.UNDECODED])
        say(f"provenance: {told} without a thumbnail: cannot be decoded, as {made.undecoded}")


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"
