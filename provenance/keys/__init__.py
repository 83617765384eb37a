"""Keys by reference: where a private key lies, in a word that may stand in a file.

    signer = keys.open_signer("pkcs11:token=studio;object=c2pa", "chain.pem", secret=pin)

A reference is a path, or a scheme and what the scheme makes of the rest. One file a scheme.
"""

from provenance.keys.base import Secret
from provenance.keys.registry import is_path, open_signer, schemes, shown

__all__ = ["Secret", "is_path", "open_signer", "schemes", "shown"]
