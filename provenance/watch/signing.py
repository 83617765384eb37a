"""Sign one file of a watched folder, unless there is nothing to sign or it is signed already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provenance.build.candidates import holds_store, passed_over, salts_beside, signed_by
from provenance.build.definition import ManifestDefinition
from provenance.build.sign import sign
from provenance.cose.signer import Signer
from provenance.errors import SigningError
from provenance.validate.results import ValidationState

__all__ = ["Signing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, and what is said of each file."""

    signer: Signer
    definition_for: Callable[[Path], ManifestDefinition]
    how: Mapping[str, Any] = field(default_factory=dict)  # for `sign`, such as `authority`

    def sign(self, path: Path, output: Path | None) -> str | None:
        """Sign a file.

        Args:
            path: the file.
            output: where the signed one goes; None: in its place.

        Returns:
            None when it was signed, else why there was nothing to do.

        Raises:
            ProvenanceError, OSError: it could not be signed.
        """
        reason = self._nothing_to_do(path)
        if reason is not None:
            return reason
        if output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
            if output.exists() and not self._is_ours(output):
                raise SigningError(str(output), "is there already, and was not signed by this key")
        sign(
            path,
            output,
            self.definition_for(path),
            signer=self.signer,
            in_place=output is None,
            salts=salts_beside(output or path),
            **self.how,
        )
        return None

    def _nothing_to_do(self, path: Path) -> str | None:
        reason = passed_over(path)
        if reason is not None or not holds_store(path):
            return reason
        return "signed by this key already" if self._is_ours(path) else None

    def _is_ours(self, path: Path) -> bool:
        """Was it signed by this key, and not changed since?

        Raises:
            SigningError: it was signed by this key, and changed since.
        """
        report = signed_by(path, self.signer)
        if report is not None and report.state is ValidationState.INVALID:
            raise SigningError(str(path), "was signed by this key, and has changed since")
        return report is not None
