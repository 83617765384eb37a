"""What all verbs share: exit codes, where words go, and errors as one sentence."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import NoReturn

import click

from provenance.errors import ProvenanceError, os_sentence
from provenance.report.escape import ASCII_TREE, clean
from provenance.report.style import Style

__all__ = ["Exit", "fail", "os_sentence", "put", "put_bytes", "say", "sentences", "style"]
__all__ += ["usage"]


class Exit(IntEnum):
    """Exit codes of every verb."""

    GOOD = 0
    FAILED = 1  # could not do the work
    USAGE = 2
    NO_MANIFEST = 3
    INVALID = 4
    UNTRUSTED = 5
    INTERRUPTED = 130  # as the shell has it


def put(text: str, *, end: str = "\n") -> None:
    """A result, to standard output.

    A terminal that lacks a character gets another for it: that is no reason to fail.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(ASCII_TREE).encode(encoding, "backslashreplace").decode(encoding)
    _echo(text + end)


def put_bytes(data: bytes) -> None:
    """A result that is no text, such as paths, to standard output."""
    _echo(data)


def _echo(data: str | bytes) -> None:
    try:
        click.echo(data, nl=False)
    except BrokenPipeError:
        raise  # a reader that goes away early, such as `head`: click ends quietly
    except OSError as error:
        _give_up_stdout()
        fail(f"standard output: {os_sentence(error)}")


def _give_up_stdout() -> None:
    """What could not be written shall not be tried, and complained about, once more at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Talk, to standard error, escaped and on one line."""
    click.echo(clean(text, 1000), err=True)


def style() -> Style:
    """Colour on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    # There is no standard output at all where it was closed: `>&-`.
    return Style(colour=not plain and sys.stdout is not None and sys.stdout.isatty())


def fail(sentence: str, code: Exit = Exit.FAILED) -> NoReturn:
    """End with one sentence on standard error."""
    say(f"provenance: {sentence}")
    sys.exit(code)


def usage(sentence: str) -> NoReturn:
    """End for wrong usage, as click does for an unknown option."""
    raise click.UsageError(sentence, click.get_current_context(silent=True))


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what is wrong with files and keys into one sentence and exit code 1."""
    try:
        yield
    except ProvenanceError as error:
        fail(str(error))
    except BrokenPipeError:
        raise  # a reader that goes away early, such as `head`: click ends quietly
    except OSError as error:
        fail(os_sentence(error))
