"""As much DER as certificates need beyond what `cryptography` shows: split values, and join them.

Source: ITU-T X.690 §8, §10.
"""

from typing import NamedTuple

from provenance.errors import MalformedError

__all__ = ["BIT_STRING", "INTEGER", "OID", "SEQUENCE", "Element", "element", "split", "wrap"]

INTEGER = 0x02
BIT_STRING = 0x03
OID = 0x06
SEQUENCE = 0x30

_MAX_LENGTH_BYTES = 4


class Element(NamedTuple):
    """A value in DER: its tag byte, all of it, and what is inside."""

    tag: int
    whole: bytes
    content: bytes


def element(data: bytes, at: int = 0) -> Element:
    """The value that begins at `at`.

    Raises:
        MalformedError: it is cut off, or its length is not definite.
    """
    try:
        tag, length = data[at], data[at + 1]
    except IndexError:
        raise MalformedError("DER value", "cut off in its head", offset=at) from None
    start = at + 2
    if length >= 0x80:
        more = length & 0x7F
        if not 0 < more <= _MAX_LENGTH_BYTES:
            raise MalformedError("DER value", f"length of {more} bytes", offset=at)
        start += more
        length = int.from_bytes(data[at + 2 : start])
    end = start + length
    if end > len(data):
        raise MalformedError(
            "DER value", f"{length} bytes long, {len(data) - start} left", offset=at
        )
    return Element(tag, data[at:end], data[start:end])


def split(content: bytes) -> list[Element]:
    """The values that lie side by side in the content of a constructed one.

    Raises:
        MalformedError: one of them is cut off.
    """
    found = []
    at, size = 0, len(content)
    while at < size:
        start = at + 2
        if start <= size and content[at + 1] < 0x80 and start + content[at + 1] <= size:
            end = start + content[at + 1]  # nearly always
            one = Element(content[at], content[at:end], content[start:end])
        else:
            one = element(content, at)
            end = at + len(one.whole)
        found.append(one)
        at = end
    return found


def wrap(tag: int, *parts: bytes) -> bytes:
    """A value with this tag around its parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content
