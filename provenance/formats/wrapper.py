r"""Bytes as Unicode variation selectors: a manifest store inside text, with nothing to be seen.

    U+FEFF | magic "C2PATXT\0" | version 1 | length u32 | store | padding

Each byte behind the U+FEFF is one selector: b < 16 is U+FE00 + b, which takes 3 bytes in UTF-8,
any other U+E0100 + b - 16, which takes 4. So that the length depends on the store's alone, the
wrapper is padded to the most it can take, with bytes 00 and then up to two FF. A reader has to
ignore padding; 2.5 would have 10 where we have FF, which a reader in use takes for a fault.
Source: C2PA 2.4 §A.8.2 to §A.8.4; 2.5 §A.8.5, §14.12.1.3.1.
"""

import re
from dataclasses import dataclass

from provenance.errors import LimitError
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["MARK", "Wrapper", "begins", "read_wrapper", "wrap", "wrapped_length"]

MARK = "\ufeff".encode()
_MAGIC = b"C2PATXT\0"
_VERSION = 1
_HEADER = len(_MAGIC) + 1 + 4
_MARGIN = 6  # bytes; with them any gap is so many threes and fours
_NARROW, _WIDE = 3, 4
_CODES = tuple(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in range(256))
_SELECTORS = tuple(code.encode() for code in _CODES)
_BYTES = str.maketrans({code: chr(byte) for byte, code in enumerate(_CODES)})
_RUN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]*")
_BEGINNING = MARK + b"".join(_SELECTORS[byte] for byte in _MAGIC)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Selectors that begin like a wrapper; `store` is None when that is not what they are."""

    span: Span  # in bytes of the file: the mark, and all selectors that follow it
    store: bytes | None
    problem: str = ""


def wrapped_length(length: int) -> int:
    """Bytes in UTF-8 that the wrapper of a store takes, whatever the store holds."""
    return len(MARK) + (_HEADER + length) * _WIDE + _MARGIN


def wrap(store: bytes) -> bytes:
    """The wrapper of a store, padded."""
    raw = b"".join((_MAGIC, bytes((_VERSION,)), len(store).to_bytes(4), store))
    run = MARK + b"".join(map(_SELECTORS.__getitem__, raw))
    gap = wrapped_length(len(store)) - len(run)
    wide = gap % _NARROW
    narrow = (gap - wide * _WIDE) // _NARROW
    return run + _SELECTORS[0x00] * narrow + _SELECTORS[0xFF] * wide


def begins(source: ByteSource, at: int) -> bool:
    """Does a wrapper begin here, judged by its magic?"""
    length = min(len(_BEGINNING), source.size - at)
    return at >= 0 and source.read(at, max(0, length)) == _BEGINNING


def read_wrapper(source: ByteSource, at: int, limits: Limits) -> Wrapper:
    """The wrapper that begins at `at`.

    Raises:
        LimitError: its store is longer than we read.
    """
    most = min(limits.store_bytes, limits.text_bytes // 4)
    run, ended = _run(source, at, len(MARK) + (_HEADER + most) * _WIDE + (64 << 10))
    span = Span(at, len(MARK) + len(run.encode()))
    raw = run.translate(_BYTES).encode("latin-1")
    if len(raw) < _HEADER:
        return Wrapper(span, None, f"{len(raw)} bytes, and the header alone has {_HEADER}")
    version, length = raw[len(_MAGIC)], int.from_bytes(raw[len(_MAGIC) + 1 : _HEADER])
    if version != _VERSION:
        return Wrapper(span, None, f"version {version}, and only 1 is known")
    if length > len(raw) - _HEADER and ended:
        left = len(raw) - _HEADER
        return Wrapper(span, None, f"{length} bytes of store promised, {left} there")
    if length > most or not ended:
        raise LimitError("text wrapper", f"longer than the {most} bytes that we read", offset=at)
    return Wrapper(span, raw[_HEADER : _HEADER + length])


def _run(source: ByteSource, at: int, most: int) -> tuple[str, bool]:
    """The selectors behind a mark, and whether they end within `most` bytes."""
    length = 256
    while True:
        have = min(length, source.size - at)
        text = source.read(at, have).decode("utf-8", "replace")
        found = _RUN.match(text, 1)
        run = found.group() if found else ""
        # A character cut in two at the end becomes one that is no selector.
        if have == source.size - at or len(run) + 1 < len(text) - 1:
            return run, True
        if length >= most:
            return run, False
        length = min(2 * length, most)
