"""GGUF, a language model's weights: C2PA has no place in it for a manifest store.

Source: C2PA 2.5 (draft) §A.3 does not name it; 2.2 §11.4 for a store beside it.
"""

from provenance.formats._sidecar_only import SidecarOnly
from provenance.formats.base import Handler

__all__ = ["HANDLER"]

HANDLER: Handler = SidecarOnly("GGUF", ("application/x-gguf",), (".gguf",), b"GGUF", "Models")
