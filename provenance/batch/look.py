"""How each file of many is looked at: by the same terms, and what becomes of its report.

    Named ─▶ examine ─▶ policy ─▶ Answer: the few facts that a table needs, and what `then` makes

`then` runs where the file was read, so that only what is wanted crosses to another process.
"""

import errno
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from provenance.batch.task import Loss
from provenance.batch.walk import STDIN, Named
from provenance.errors import os_sentence
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.remote.address import shown
from provenance.source import Asset
from provenance.trust.settings import TrustSettings
from provenance.validate.finding import Finding
from provenance.validate.memory import Memory
from provenance.validate.results import (
    AssetInfo,
    ErrorKind,
    Location,
    ReadError,
    ValidationState,
    VerificationReport,
)
from provenance.validate.run import Examined, examine

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.policy import Policy

__all__ = ["Answer", "Facts", "Look", "Terms", "facts_of", "look_at"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what every file is judged."""

    trust: TrustSettings
    at: datetime  # one moment for all: a run judges alike, however long it takes
    limits: Limits = DEFAULT_LIMITS
    online: "bool | Door" = False
    policy: "Policy | None" = None
    manifest: str | None = None  # of a single file
    fragments: tuple[str, ...] = ()  # of a single file


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table at the end, or an exit code, needs of a report."""

    path: str
    state: ValidationState | None = None
    failed: tuple[str, ...] = ()  # codes, each once
    signer: str | None = None
    error: ErrorKind | None = None  # the first
    size: int = 0  # bytes
    interesting: bool = True  # False: found in a folder, and of no format that we look into


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of one file; no `value` for one that is passed over."""

    facts: Facts
    value: T | None


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """The task for an engine: see `provenance.batch.task`.

    Args:
        terms: by what to judge.
        then: what to make of each report; it travels to other processes.
    """

    terms: Terms
    then: Callable[[Examined], T]

    def start(self) -> Callable[[Named], Answer[T]]:
        """See `Task`."""
        memory = Memory(self.terms.limits)
        return lambda named: self._answer(named, look_at(named, self.terms, memory))

    def lost(self, item: Named, loss: Loss) -> Answer[T]:
        """See `Task`."""
        kind = ErrorKind.LIMIT if loss.memory else ErrorKind.IO
        return self._answer(item, Examined(_unread(item, kind, loss.why), None))

    def _answer(self, named: Named, examined: Examined) -> Answer[T]:
        report = examined.report
        facts = facts_of(report, interesting=not (named.found and _of_no_interest(report)))
        return Answer(facts, self.then(examined) if facts.interesting else None)


def look_at(named: Named, terms: Terms, memory: Memory | None = None) -> Examined:
    """Examine one file; that it cannot be read is a result too."""
    try:
        with _opened(named) as asset:
            examined = examine(
                asset,
                manifest=terms.manifest,
                trust=terms.trust,
                at=terms.at,
                limits=terms.limits,
                online=terms.online,
                fragments=terms.fragments,
                memory=memory,
            )
    except OSError as error:
        return Examined(_judged(_unread(named, ErrorKind.IO, os_sentence(error)), terms), None)
    return replace(examined, report=_judged(examined.report, terms)) if terms.policy else examined


def _judged(report: VerificationReport, terms: Terms) -> VerificationReport:
    return replace(report, policy=terms.policy.check(report)) if terms.policy else report


def _unread(named: Named, kind: ErrorKind, why: str) -> VerificationReport:
    return VerificationReport(
        asset=AssetInfo(shown(named.path), None, None),
        location=Location.NONE,
        errors=(ReadError(kind, why),),
    )


@contextmanager
def _opened(named: Named) -> Iterator[Asset]:
    """What to hand on: the path, or standard input, which must be seekable, as a file."""
    if named.path != STDIN:
        yield named.away or named.path
        return
    if sys.stdin is None:  # closed: `<&-`
        raise OSError(errno.EBADF, "is closed", "standard input")
    with tempfile.TemporaryFile() as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        yield stream


def _of_no_interest(report: VerificationReport) -> bool:
    """Is it of a format we do not know, or a text, of which any folder is full, without a store?"""
    if any(one.kind is ErrorKind.UNSUPPORTED_FORMAT for one in report.errors):
        return True
    if report.location is not Location.NONE or report.errors or report.asset.format is None:
        return False
    handler = registry.by_media_type(report.asset.format)
    return handler is not None and handler.weak


def facts_of(report: VerificationReport, *, interesting: bool = True) -> Facts:
    """What a table needs."""
    failed: list[Finding] = []
    if report.state is ValidationState.INVALID:  # else what failed is trust, asked for or not
        failed += (one for one in report.findings if one.failed)
        failed += (one for delta in report.deltas for one in delta.findings if one.failed)
    return Facts(
        path=report.asset.path or "",
        state=report.state,
        failed=tuple(dict.fromkeys(one.status.code for one in failed)),
        signer=_signer(report),
        error=report.errors[0].kind if report.errors else None,
        size=report.asset.size or 0,
        interesting=interesting,
    )


def _signer(report: VerificationReport) -> str | None:
    info = report.manifests[0].signature if report.manifests else None
    if info is None:
        return None
    return ", ".join(filter(None, dict.fromkeys((info.common_name, info.issuer)))) or None
