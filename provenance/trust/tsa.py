"""Asking a time-stamping authority for its word. Source: RFC 3161 §2.4.1."""

import secrets
from collections.abc import Mapping
from typing import Protocol

from provenance.digests import HashAlg, digest
from provenance.errors import MalformedError, SigningError
from provenance.foreign import ForeignCode
from provenance.trust import der
from provenance.trust.cms import read_token
from provenance.trust.der import element, split, wrap

__all__ = ["Authority", "request_token", "time_stamp_request"]

_OCTETS, _NULL, _BOOLEAN = 0x04, 0x05, 0x01
_OIDS: Mapping[HashAlg, bytes] = {
    "sha256": bytes.fromhex("608648016503040201"),
    "sha384": bytes.fromhex("608648016503040202"),
    "sha512": bytes.fromhex("608648016503040203"),
}


class Authority(Protocol):
    """A time-stamping authority, however it is reached."""

    def stamp(self, request: bytes) -> bytes:
        """Answer a TimeStampReq with a TimeStampResp, both as DER."""
        ...


def time_stamp_request(message: bytes, alg: HashAlg = "sha256") -> bytes:
    """A TimeStampReq over a message: its digest, a nonce, and the wish for certificates."""
    named = wrap(der.SEQUENCE, wrap(der.OID, _OIDS[alg]), wrap(_NULL))
    imprint = wrap(der.SEQUENCE, named, wrap(_OCTETS, digest(message, alg)))
    nonce = b"\x01" + secrets.token_bytes(8)  # the first byte keeps it positive
    return wrap(
        der.SEQUENCE,
        wrap(der.INTEGER, b"\x01"),
        imprint,
        wrap(der.INTEGER, nonce),
        wrap(_BOOLEAN, b"\xff"),
    )


def request_token(authority: Authority, message: bytes) -> bytes:
    """Have a message stamped.

    Returns:
        The TimeStampToken as DER, which is about this message.

    Raises:
        SigningError: the authority failed (its exception is the cause), or answered with
            something else than was asked for.
    """
    request = time_stamp_request(message)
    with ForeignCode("time stamp", "the authority"):
        response = authority.stamp(request)
    try:
        token = read_token(response, response=True)
        parts = split(element(response).content)
    except MalformedError as error:
        raise SigningError("time stamp", f"the authority's answer: {error.problem}") from error
    if token.imprint_alg != "sha256" or token.imprint != digest(message, "sha256"):
        raise SigningError("time stamp", "the authority stamped something else")
    return parts[1].whole
