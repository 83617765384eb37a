"""Reports as CSV (RFC 4180): a row for each file, for a spreadsheet.

What a file says is text and stays so: a cell that a spreadsheet would take for a formula gets an
apostrophe in front. Several values in one cell are separated by a blank.
"""

import csv
import io
from collections.abc import Iterable

from provenance.digests import digest
from provenance.report import verdict
from provenance.report.escape import clean
from provenance.validate.results import VerificationReport

__all__ = ["COLUMNS", "header", "line", "row"]

COLUMNS = (
    *("path", "validation_state", "verdict", "manifest_location", "format", "size"),
    *("active_manifest", "title", "claim_generator", "signer", "issuer", "alg"),
    *("cert_sha256", "time", "failed", "errors", "policy"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CELL = 1000  # characters


def header() -> str:
    """The names of the columns, with the line break at its end."""
    return line(COLUMNS)


def row(report: VerificationReport) -> str:
    """A report's row, with the line break at its end."""
    active = report.manifests[0] if report.manifests else None
    claim = active.claim if active else None
    info = active.signature if active else None
    certificate = info.certificates[0] if info and info.certificates else None
    failed = dict.fromkeys(one.status.code for one in verdict.failures(report))
    return line(
        (
            report.asset.path or "-",
            report.state.value if report.state else "",
            verdict.of_report(report).words,
            report.location.value,
            report.asset.format or "",
            "" if report.asset.size is None else str(report.asset.size),
            report.active_manifest or "",
            (claim.title if claim else None) or "",
            _generator(report),
            (info.common_name if info else None) or "",
            (info.issuer if info else None) or "",
            (info.alg if info else None) or "",
            digest(certificate, "sha256").hex() if certificate else "",
            info.time.isoformat() if info and info.time else "",
            " ".join(failed),
            "; ".join(f"{one.kind.value}: {one.message}" for one in report.errors),
            "" if report.policy is None else ("passed" if report.policy.passed else "failed"),
        )
    )


def _generator(report: VerificationReport) -> str:
    claim = report.manifests[0].claim if report.manifests else None
    if claim is None:
        return ""
    for info in claim.generator_info:
        words = (info.get("name"), info.get("version"))
        return " ".join(str(one) for one in words if one is not None)
    return claim.generator or ""


def line(cells: Iterable[str], *, limit: int = _CELL) -> str:
    """Any row, quoted and harmless, with the line break at its end; `limit` is that of a cell."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(_harmless(cell, limit) for cell in cells)
    return out.getvalue()


def _harmless(cell: str, limit: int) -> str:
    text = clean(cell, limit)
    return f"'{text}" if text.startswith(_FORMULA) else text
