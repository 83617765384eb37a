"""Proving a prompt, or a setting, that a manifest only committed to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.build.prompts import LABEL, Commitment, Salts, opens
from provenance.errors import MalformedError
from provenance.source import Asset
from provenance.validate.results import ManifestReport, ValidationState
from provenance.validate.run import verify

__all__ = ["Revealed", "RevealResult", "reveal"]


@dataclass(frozen=True, slots=True)
class Revealed:
    """One field: its value, and whether that is what was committed to."""

    value: Any
    proven: bool
    why: str = ""  # when not

    @property
    def text(self) -> str:
        """The value as a text; one of another kind as JSON."""
        if isinstance(self.value, str):
            return self.value
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class RevealResult:
    """What the salts prove about an asset."""

    manifest: str
    state: (
        ValidationState | None
    )  # of the asset: a commitment in an invalid manifest proves nothing
    fields: Mapping[str, Revealed]

    @property
    def ok(self) -> bool:
        """Is the asset valid, and every field proven?"""
        valid = self.state in (ValidationState.VALID, ValidationState.TRUSTED)
        return valid and bool(self.fields) and all(one.proven for one in self.fields.values())


def reveal(
    asset: Asset,
    salts: str | Path,
    *,
    manifest: Asset | None = None,
    fields: Sequence[str] = (),
) -> RevealResult:
    """Check the salts against the commitments in an asset's manifests.

    Args:
        asset: the signed asset.
        salts: the author's file, written when it was signed.
        manifest: the manifest store, when it lies elsewhere.
        fields: names of the fields to check; all of the file when empty.

    Raises:
        MalformedError: no such file of salts, no such field in it, or the asset has no
            manifest of that label.
        OSError: something cannot be read.
    """
    held = Salts.read(Path(salts))
    held = held.only(fields) if fields else held
    report = verify(asset, manifest=manifest)
    found = next((one for one in report.manifests if one.label == held.manifest), None)
    if found is None:
        raise MalformedError(
            str(salts), f"belongs to {held.manifest}, which is not in this asset's chain"
        )
    stored = _commitments(found)
    checked = {name: _check(one, stored.get(name)) for name, one in held.fields.items()}
    return RevealResult(held.manifest, report.state, checked)


def _commitments(report: ManifestReport) -> dict[str, Any]:
    for one in report.assertions:
        if one.label.partition("__")[0] == LABEL and isinstance(one.value, dict):
            fields = one.value.get("fields")
            return fields if isinstance(fields, dict) else {}
    return {}


def _check(held: Commitment, stored: Any) -> Revealed:
    match stored:
        case {"alg": "sha256", "commitment": bytes(commitment)}:
            if opens(held, commitment):
                return Revealed(held.value, proven=True)
            return Revealed(held.value, proven=False, why="the commitment is to something else")
    return Revealed(held.value, proven=False, why="the manifest holds no commitment to it")
