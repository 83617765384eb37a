"""A file on one row: what a spreadsheet or a data frame has of it.

Made of a report, or of what an index keeps of one; the two are the same.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from provenance.batch.columns import Column, Kind
from provenance.batch.index_make import errors_of, manifests_of, outcome_of
from provenance.batch.index_rows import ManifestRow, Outcome
from provenance.report import json
from provenance.validate.run import Examined

__all__ = ["COLUMNS", "FileRecord", "POLICIES", "record", "record_of"]

POLICIES = (None, "passed", "failed", "untrusted")  # by the number that an outcome has


class FileRecord(NamedTuple):
    """A file; of its manifests the active one."""

    path: str
    validation_state: str | None
    verdict: str
    manifest_location: str
    format: str | None
    size: int | None  # bytes
    active_manifest: str | None  # its label
    manifests: int
    title: str | None
    claim_generator: str | None
    software_agents: tuple[str, ...]  # of its actions
    signer: str | None  # common name
    issuer: str | None  # organisation
    alg: str | None
    cert_sha256: str | None  # hex
    time: float | None  # of a validated time stamp
    signed_at: float | None  # the same; else when its last action is said to have been
    digital_source_types: tuple[str, ...]
    models: tuple[str, ...]  # titles
    contributors: tuple[str, ...]
    codes: tuple[str, ...]  # every one, whether success or failure
    failed: tuple[str, ...]
    errors: tuple[str, ...]
    policy: str | None
    checked_at: float | None
    report: str | None  # JSON


_KINDS = {
    **dict.fromkeys(("size", "manifests"), Kind.INTEGER),
    **dict.fromkeys(("time", "signed_at", "checked_at"), Kind.TIME),
    **dict.fromkeys(("digital_source_types", "codes", "failed"), Kind.WORDS),
    **dict.fromkeys(("software_agents", "models", "contributors", "errors"), Kind.TEXTS),
}
COLUMNS = tuple(Column(name, _KINDS.get(name, Kind.TEXT)) for name in FileRecord._fields)


def record_of(examined: Examined, at: datetime | None = None) -> FileRecord:
    """The row of a file that was looked at.

    Args:
        examined: what was found.
        at: when that was, for a file that could not be read; a report of another tells.
    """
    report, context = examined.report, examined.context
    manifests = tuple(manifests_of(report, context)) if context is not None else ()
    checked = report.judged_at or at
    return record(
        report.asset.path or "-",
        outcome_of(report),
        manifests[0] if manifests else None,
        manifests=len(manifests),
        size=report.asset.size,
        errors=tuple(errors_of(report)),
        checked_at=checked.timestamp() if checked else None,
        report=json.ndjson(report.to_dict()),
    )


def record(
    path: str,
    outcome: Outcome,
    active: ManifestRow | None,
    *,
    manifests: int,
    size: int | None,
    errors: tuple[str, ...],
    checked_at: float | None,
    report: str | None,
) -> FileRecord:
    """The row of a file, of what an index keeps of it."""
    signer = active.signer if active else None
    return FileRecord(
        path=path,
        validation_state=outcome.state,
        verdict=outcome.words,
        manifest_location=outcome.location,
        format=outcome.format,
        size=size,
        active_manifest=active.label if active else None,
        manifests=manifests,
        title=active.title if active else None,
        claim_generator=active.generator if active else None,
        software_agents=tuple(active.agents.splitlines()) if active else (),
        signer=signer.common_name if signer else None,
        issuer=signer.issuer if signer else None,
        alg=signer.alg if signer else None,
        cert_sha256=signer.sha256 if signer else None,
        time=active.signed_at if active and active.attested else None,
        signed_at=active.signed_at if active else None,
        digital_source_types=tuple(active.source_types.split()) if active else (),
        models=_each(one.title for one in active.edges if one.role == "model") if active else (),
        contributors=_each(one[0] for one in active.people) if active else (),
        codes=tuple(outcome.codes.split()),
        failed=tuple(outcome.failed.split()),
        errors=errors,
        policy=POLICIES[outcome.policy],
        checked_at=checked_at,
        report=report,
    )


def _each(names: Iterable[str | None]) -> tuple[str, ...]:
    """Each once, in one order wherever they come from."""
    return tuple(sorted({one for one in names if one}))
