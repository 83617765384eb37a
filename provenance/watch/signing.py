"""Sign one file of a watched folder, unless there is nothing to sign or it is signed already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from provenance.build.definition import ManifestDefinition
from provenance.build.sign import sign
from provenance.cose.signer import Signer
from provenance.errors import SigningError, UnsupportedFormatError
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS
from provenance.source import open_source
from provenance.validate.results import ValidationState
from provenance.validate.run import verify

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
            salts=_salts(output or path),
            **self.how,
        )
        return None

    def _nothing_to_do(self, path: Path) -> str | None:
        with open_source(path) as source:
            try:
                handler = registry.find(source, path.suffix)
            except UnsupportedFormatError:
                return "of no format that can be signed"
            if handler.weak or not handler.can_embed:
                return "text, or of a format that holds no manifest store"
            if not handler.locate(source, DEFAULT_LIMITS).count:
                return None
        return "signed by this key already" if self._is_ours(path) else None

    def _is_ours(self, path: Path) -> bool:
        """Was it signed by this key, and not changed since?

        Raises:
            SigningError: it was signed by this key, and changed since.
        """
        report = verify(path)
        signature = report.manifests[0].signature if report.manifests else None
        if signature is None or not signature.certificates:
            return False
        if signature.certificates[0] != self.signer.certificate_chain[0]:
            return False
        if report.state is ValidationState.INVALID:
            raise SigningError(str(path), "was signed by this key, and has changed since")
        return True


def _salts(signed: Path) -> Path:
    """A place for the salts beside the signed file; those of one that stood there are kept."""
    place = signed.with_name(f"{signed.name}.salts.json")
    if not place.exists():
        return place
    return signed.with_name(f"{signed.name}.{uuid4().hex[:8]}.salts.json")
