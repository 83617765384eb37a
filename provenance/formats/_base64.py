"""Base64, in which text formats carry a manifest store.

Source: RFC 4648 §4; C2PA 2.2 §A.3.3; 2.4 §A.7, §A.9.
"""

from base64 import b64decode, b64encode
from binascii import Error

__all__ = ["decoded", "encoded", "encoded_length"]

_SPACE = b" \t\r\n\f"


def encoded(data: bytes) -> bytes:
    """In one line, padded."""
    return b64encode(data)


def encoded_length(length: int) -> int:
    """Bytes that `length` bytes take when encoded."""
    return (length + 2) // 3 * 4


def decoded(text: bytes) -> bytes | None:
    """What stands there, white space and missing padding aside; None: it is no Base64."""
    packed = text.translate(None, _SPACE)
    try:
        return b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except Error:
        return None
