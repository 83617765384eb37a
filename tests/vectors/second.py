"""A second foreign judge, encypher-c2pa: it only verifies, and was written apart from c2pa-rs."""

import os
from typing import Any

from tests.vectors.peer import MIME, Signed, Verdict

# Before the import: it neither reports home nor looks for a stored answer that says it may.
os.environ["ENCYPHER_C2PA_TELEMETRY"] = "off"
os.environ["ENCYPHER_C2PA_ONLINE"] = "off"

import encypher_c2pa

__all__ = ["read"]


def read(signed: Signed, *, anchors: bytes | None = None) -> Verdict:
    """Validate offline, trusting the given PEM anchors and nobody else."""
    report: dict[str, Any] = dict(
        encypher_c2pa.verify(
            signed.asset,
            MIME.get(signed.kind, signed.kind),
            manifest_store=signed.store if signed.sidecar else None,
            trust_pem=anchors.decode() if anchors is not None else None,
            no_default_trust=True,
            online=False,
        )
    )
    failures = frozenset(row["code"] for row in report["validation_results"]["failure"])
    return Verdict(state=report["validation_state"], failures=failures, report=report)
