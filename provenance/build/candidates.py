"""Files that are found in a folder, not named: which of them are signed, and whose one is.

Whoever signs all that lies somewhere passes over what nobody would have named: formats that hold no
manifest store, and texts, of which any folder is full.
"""

from pathlib import Path
from uuid import uuid4

from provenance.cose.signer import Signer
from provenance.errors import UnsupportedFormatError
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import open_source
from provenance.validate.results import VerificationReport
from provenance.validate.run import verify

__all__ = ["holds_store", "passed_over", "salts_beside", "signed_by"]


def passed_over(path: Path, *, texts: bool = False, sidecar: bool = False) -> str | None:
    """Why a file that was found is not signed; None when it is.

    Args:
        path: the file.
        texts: are texts wanted too?
        sidecar: will the manifest lie beside it? Then all formats are.

    Raises:
        ProvenanceError, OSError: it cannot be read.
    """
    with open_source(path) as source:
        try:
            handler = registry.find(source, path.suffix)
        except UnsupportedFormatError:
            return None if sidecar and source.size else "of no format that can be signed"
    if sidecar:
        return None
    if (handler.weak and not texts) or not handler.can_embed:
        return "text, or of a format that holds no manifest store"
    return None


def holds_store(path: Path, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Does a file of a format that we know hold a manifest store?

    Raises:
        ProvenanceError, OSError: it cannot be read.
    """
    with open_source(path) as source:
        return registry.find(source, path.suffix).locate(source, limits).count > 0


def signed_by(
    path: Path, signer: Signer, *, manifest: Path | None = None
) -> VerificationReport | None:
    """The report on a file whose active manifest has this signer's certificate; it may be invalid.

    Args:
        path: the file.
        signer: whoever that is.
        manifest: the sidecar, if it has one that lies elsewhere.
    """
    report = verify(path, manifest=manifest)
    signature = report.manifests[0].signature if report.manifests else None
    if signature is None or not signature.certificates:
        return None
    same = signature.certificates[0] == signer.certificate_chain[0]
    return report if same else None


def salts_beside(signed: Path) -> Path:
    """A place for the salts beside a signed file; those of one that stood there are kept."""
    place = signed.with_name(f"{signed.name}.salts.json")
    if not place.exists():
        return place
    return signed.with_name(f"{signed.name}.{uuid4().hex[:8]}.salts.json")
