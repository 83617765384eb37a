"""One file of many: examined, held against the policy, and the few facts of it.

This loads all that verification needs; only who does the work imports it.
"""

import errno
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from provenance.batch.look import Facts, Terms
from provenance.batch.walk import STDIN, Named
from provenance.errors import os_sentence
from provenance.formats import registry
from provenance.remote.address import shown
from provenance.source import Asset
from provenance.validate.finding import Finding
from provenance.validate.memory import Memory
from provenance.validate.results import AssetInfo, ReadError, VerificationReport
from provenance.validate.run import Examined, examine
from provenance.validate.states import ErrorKind, Location, ValidationState

__all__ = ["facts_of", "look_at", "of_no_interest", "unread"]


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
        return Examined(_judged(unread(named, ErrorKind.IO, os_sentence(error)), terms), None)
    return replace(examined, report=_judged(examined.report, terms)) if terms.policy else examined


def _judged(report: VerificationReport, terms: Terms) -> VerificationReport:
    return replace(report, policy=terms.policy.check(report)) if terms.policy else report


def unread(named: Named, kind: ErrorKind, why: str) -> VerificationReport:
    """The report of a file that could not be read, or over which a process died."""
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


def of_no_interest(report: VerificationReport) -> bool:
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
