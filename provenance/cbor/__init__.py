"""CBOR as C2PA uses it: strict decoding with limits, deterministic encoding.

What was signed are bytes, so nothing here is ever used to rebuild what was read: hashes are taken
over the bytes as stored. Source: RFC 8949; C2PA 2.2 §10.4.1.
"""

from provenance.cbor.decode import decode
from provenance.cbor.encode import encode
from provenance.cbor.values import CborValue, Fixed32, Tag, Undefined

__all__ = ["CborValue", "Fixed32", "Tag", "Undefined", "decode", "encode"]
