"""What an assertion's box holds, decoded once: CBOR, JSON, a file, or bytes.

Source: C2PA 2.2 §18.1; ISO 19566-5, B.3 to B.6.
"""

import json
from dataclasses import dataclass
from typing import Any

from provenance.cbor import decode
from provenance.errors import MalformedError
from provenance.jumbf import SuperBox, uuids
from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["EmbeddedFile", "Opaque", "decode_content", "is_redacted"]


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file in the store: a thumbnail, an icon, a prompt. Its bytes stay where they are."""

    media_type: str
    data: memoryview
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """Content of a kind that is not for us to read."""

    data: memoryview


def decode_content(box: SuperBox, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The value an assertion holds.

    Returns:
        Decoded CBOR or JSON, an `EmbeddedFile`, or `Opaque`.

    Raises:
        MalformedError: the content is not what the box's type says.
    """
    if box.uuid == uuids.CBOR:
        return decode(_only(box, b"cbor"), limits)
    if box.uuid == uuids.JSON:
        return _json(_only(box, b"json"))
    if box.uuid == uuids.EMBEDDED_FILE:
        return _file(_only(box, b"bfdb"), _only(box, b"bidb"))
    first = next(box.content, None)
    return Opaque(first.payload if first else memoryview(b""))


def is_redacted(box: SuperBox) -> bool:
    """Is this the form that redaction leaves: the marker's UUID, or nothing but zeros? (§6.8)"""
    contents = tuple(box.content)
    if not contents or any(box.superboxes):
        return False
    for content in contents:
        body = content.payload
        if content.type == b"uuid" and bytes(body[:16]) == uuids.REDACTION:
            body = body[16:]
        if any(body):
            return False
    return True


def _only(box: SuperBox, kind: bytes) -> memoryview:
    found = [content for content in box.content if content.type == kind]
    if len(found) != 1:
        name = kind.decode()
        raise MalformedError("assertion", f"{len(found)} {name} boxes, 1 wanted", offset=box.offset)
    return found[0].payload


def _json(data: memoryview) -> Any:
    try:
        return json.loads(bytes(data))
    except (ValueError, RecursionError) as error:
        raise MalformedError("JSON", str(error)[:120]) from error


def _file(described: memoryview, data: memoryview) -> EmbeddedFile:
    if not described:
        raise MalformedError("bfdb box", "is empty")
    media_type, _, rest = bytes(described[1:]).partition(b"\0")
    name = rest.split(b"\0")[0] if described[0] & 1 else b""
    try:
        return EmbeddedFile(media_type.decode(), data, name.decode() or None)
    except UnicodeDecodeError as error:
        raise MalformedError("bfdb box", "its media type or name is not UTF-8") from error
