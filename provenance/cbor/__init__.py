"""CBOR as C2PA uses it: strict decoding with limits, deterministic encoding.

What was signed are bytes, so nothing here is ever used to rebuild what was read: hashes are taken
over the bytes as stored. Source: RFC 8949; C2PA 2.2 §10.4.1.
"""

from provenance.cbor.count import count_items
from provenance.cbor.decode import decode, decode_padded
from provenance.cbor.encode import encode
from provenance.cbor.values import UNDEFINED, CborValue, Fixed32, Fixed64, Simple, Tag

__all__ = ["UNDEFINED", "CborValue", "Fixed32", "Fixed64", "Simple", "Tag"]
__all__ += ["count_items", "decode", "decode_padded", "encode"]
