"""Text in Unicode's composed form, as a data hash over unstructured text wants it.

A line break takes part in no composition, so the text may be taken apart there.
Source: C2PA 2.4 §A.8.7.2; 2.5 §A.8.6.2; UAX #15.
"""

from collections.abc import Iterator, Sequence
from unicodedata import is_normalized, normalize

from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, complement

__all__ = ["composed", "composed_length", "composed_until"]


def composed(source: ByteSource, left_out: Sequence[Span], limits: Limits) -> Iterator[bytes]:
    """What is left of a text without some spans, in NFC and UTF-8; what is no UTF-8, as it is.

    Raises:
        LimitError: a line is longer than we read at once.
    """
    for data in _lines(source, left_out, limits):
        yield _compose(data)


def composed_length(source: ByteSource, end: int, limits: Limits) -> int:
    """Bytes that the text up to `end` takes once it is composed."""
    rest = (Span.between(end, source.size),)
    return sum(len(data) for data in composed(source, rest, limits))


def composed_until(source: ByteSource, limits: Limits) -> int:
    """The start of the first line that is not in NFC; the size of the text when all of it is.

    Raises:
        MalformedError: it is no UTF-8.
        LimitError: a line is longer than we read at once.
    """
    at = 0
    for data in _lines(source, (), limits):
        try:
            if not data.isascii() and not is_normalized("NFC", data.decode()):
                for line in data.splitlines(keepends=True):
                    if not is_normalized("NFC", line.decode()):
                        return at
                    at += len(line)
        except UnicodeDecodeError as error:
            raise MalformedError("text", "is not UTF-8", offset=at + error.start) from error
        at += len(data)
    return at


def _compose(data: bytes) -> bytes:
    if data.isascii():
        return data
    try:
        return normalize("NFC", data.decode()).encode()
    except UnicodeDecodeError:
        return data


def _lines(source: ByteSource, left_out: Sequence[Span], limits: Limits) -> Iterator[bytes]:
    """Whole lines, many at a time."""
    rest = b""
    for span in complement(left_out, source.size):
        for block in source.blocks(span):
            data = rest + bytes(block)
            cut = data.rfind(b"\n") + 1
            if cut:
                yield data[:cut]
            rest = data[cut:]
            if len(rest) > limits.text_bytes:
                raise LimitError("text", f"a line of more than {limits.text_bytes} bytes")
    if rest:
        yield rest
