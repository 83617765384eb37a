"""Sign an asset: describe, draft, embed, and look at the result once more."""

import io
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from provenance.build.assemble import assemble
from provenance.build.definition import ManifestDefinition
from provenance.build.draft import Draft, draft
from provenance.build.embed import Output, embed, pour, replacing, write_sidecar
from provenance.build.ingredients import Judge
from provenance.cose.signer import Signer
from provenance.errors import ProvenanceError, SigningError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Handler
from provenance.formats.opaque import OPAQUE
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import Asset, ByteSource, open_source
from provenance.trust.settings import TrustSettings
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import verify

__all__ = ["Definition", "SignReceipt", "sign", "sign_bytes", "strip"]

Definition = ManifestDefinition | dict[str, Any] | str | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceipt:
    """What was signed, and where it went."""

    manifest: str  # its label
    output: Path | None = None
    sidecar: Path | None = None
    salts: Path | None = None  # the author's secret: what opens the commitments
    report: VerificationReport | None = None  # None: not verified after signing

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": "provenance/sign-receipt/1",
            "manifest": self.manifest,
            "output": str(self.output) if self.output else None,
            "sidecar": str(self.sidecar) if self.sidecar else None,
            "salts": str(self.salts) if self.salts else None,
            "validation_state": self.report.state if self.report else None,
        }
