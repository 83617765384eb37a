"""CBOR bytes to values: one item, all of the bytes, no duplicate keys, bounded depth."""

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import cbor2

from provenance.cbor.values import CborValue, Tag
from provenance.errors import MalformedError
from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["decode", "decode_padded"]


_KEYS = frozenset((str, int, bytes, bool, float, type(None)))


def _checked(row: Mapping[Any, Any], _immutable: bool) -> Mapping[Any, Any]:
    # Keys that hold other keys have hashes an attacker can choose; and no map of C2PA has them.
    for key in row:
        if type(key) not in _KEYS:
            raise MalformedError("CBOR", "a map key that is no scalar")
    return row


def _plain(number: int, value: Any, _immutable: bool) -> Tag:
    return Tag(number, _thawed(value))


def _other(tag: Any, _immutable: bool) -> Tag:
    return Tag(tag.tag, _thawed(tag.value))


def _thawed(value: Any) -> Any:
    """Lists and dicts again: the library freezes what stands under a tag."""
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    if isinstance(value, cbor2.frozendict):
        return {key: _thawed(item) for key, item in value.items()}
    return value


# The library would turn these into dates, UUIDs, big numbers, shared references: not what was said.
_UNINTERPRETED = {
    number: partial(_plain, number)
    for number in (
        *(0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54, 100),
        *(256, 258, 260, 261, 1004, 43000, 55799),
    )
}


def decode(data: bytes | memoryview, limits: Limits = DEFAULT_LIMITS) -> CborValue:
    """Read one CBOR item that fills all of `data`.

    Returns:
        Python values; maps as `dict`, arrays as `list`, tags as `Tag`, none interpreted.

    Raises:
        MalformedError: not well-formed, a key twice, bytes left over, or nested too deep.
    """
    value, end = _first(data, limits)
    if end < len(data):
        raise MalformedError("CBOR", f"{len(data) - end} bytes after its end", offset=end)
    return value


def decode_padded(data: bytes | memoryview, limits: Limits = DEFAULT_LIMITS) -> CborValue:
    """Read one CBOR item after which `data` holds zeros, or nothing; see `decode`.

    Raises:
        MalformedError: as `decode`; or something else comes after it.
    """
    value, end = _first(data, limits)
    if any(data[end:]):
        raise MalformedError("CBOR", "more than zeros after its end", offset=end)
    return value


def _first(data: bytes | memoryview, limits: Limits) -> tuple[CborValue, int]:
    """The first item, and where it ends."""
    stream = io.BytesIO(data)
    decoder = cbor2.CBORDecoder(
        stream,
        tag_hook=_other,
        object_hook=_checked,
        semantic_decoders=_UNINTERPRETED,
        max_depth=limits.cbor_depth,
        allow_duplicate_keys=False,
    )
    try:
        value = decoder.decode()
    except cbor2.CBORDecodeError as error:
        raise MalformedError("CBOR", _sentence(error)) from error
    return value, stream.tell()


def _sentence(error: Exception) -> str:
    parts = [str(error)]
    cause = error.__cause__
    while cause is not None and len(parts) < 4:
        parts.append(str(cause))
        cause = cause.__cause__
    return ": ".join(part for part in parts if part)[:200]
