"""How services that sign are reached: over https, or on this machine."""

import json
from base64 import b64decode, urlsafe_b64decode
from typing import Any
from urllib.parse import SplitResult, urlsplit

from provenance.errors import CredentialError, SigningError
from provenance.fetch import Door, Fetched, FetchError
from provenance.keys.words import spoken

__all__ = ["address", "ask", "base64_of", "is_here", "json_of"]

_SECONDS = 30.0
_MOST = 64 << 10  # bytes of an answer
_HERE = frozenset(("localhost", "127.0.0.1", "::1"))


def address(url: str, who: str) -> SplitResult:
    """The parts of a service's address.

    Raises:
        CredentialError: not https, unless it is this machine; or a password is in it.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise CredentialError(who, "is no address") from None
    if not parts.hostname or not all(" " < one < "\x7f" for one in url):
        raise CredentialError(who, "is no address")
    if parts.username is not None or parts.password is not None:
        raise CredentialError(who, "a name and a password do not belong in an address")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts)):
        raise CredentialError(who, "is not https; http is for this machine alone")
    return parts


def is_here(parts: SplitResult) -> bool:
    """Is it an address on this machine, by name?"""
    return (parts.hostname or "") in _HERE


def ask(url: str, body: bytes, who: str, *, content_type: str, bearer: str | None) -> Fetched:
    """Send something to a service that the user named, and read its answer.

    Raises:
        SigningError: it was not reached, or did not answer as hoped; shows neither the token nor
            more of the address than `who`.
    """
    door = Door(
        seconds=_SECONDS,
        max_bytes=_MOST,
        plain=is_here(urlsplit(url)),
        private=True,  # the user named it
    )
    accept = "application/json, application/octet-stream"
    try:
        return door.send(url, body, content_type=content_type, accept=accept, bearer=bearer)
    except FetchError as error:
        raise SigningError(who, spoken(error.problem)) from None


def json_of(answer: Fetched, who: str) -> dict[str, Any]:
    """The object that a service answered with.

    Raises:
        SigningError: something else.
    """
    try:
        row = json.loads(answer.data)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise SigningError(who, "did not answer with a JSON object")
    return row


def base64_of(row: dict[str, Any], key: str, who: str, *, url_safe: bool = False) -> bytes:
    """The bytes that stand in an answer as base64; with `url_safe` as RFC 4648 §5, unpadded.

    Raises:
        SigningError: they do not.
    """
    value = row.get(key)
    if isinstance(value, str):
        try:
            if url_safe:
                return urlsafe_b64decode(value + "=" * (-len(value) % 4))
            return b64decode(value, validate=True)
        except ValueError:
            value = None
    raise SigningError(who, f"its answer holds no base64 {key!r}")
