"""Was a credential about an actor taken back? One bit of a list that its issuer publishes.

    credentialStatus: { type: BitstringStatusListEntry, statusPurpose: revocation,
                        statusListIndex: "94567", statusListCredential: https://… }

The list is a credential too: as it stands under the address when that is a `data:` URL, as it was
handed in, or fetched, if somebody opened the door. One that is signed (COSE, or JWS in its compact
form) must be by the issuer of the credential, or by one who is trusted; one that is not signed
counts by where it comes from: the credential itself, whoever handed it in, or TLS.
Source: CAWG identity 1.3, claims aggregation; W3C Bitstring Status List 1.0; RFC 7515.
"""

import json
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote_to_bytes

from provenance.cose import algorithms
from provenance.cose.sign1 import parse, sig_structure
from provenance.errors import LimitError, MalformedError
from provenance.trust.did import STATUS_LIST, Issuers, NoKeys, assertion_keys, is_did
from provenance.validate.finding import Finding
from provenance.validate.identity_vc import moment
from provenance.validate.status import Status

if TYPE_CHECKING:
    from provenance.fetch import Door

__all__ = ["check_status"]

_ENTRY = "BitstringStatusListEntry"
_PURPOSE = "revocation"
_MOST_ENTRIES = 8
_MOST_BYTES = 4 << 20  # of a list, as bits
_ACCEPT = "application/vc+jwt, application/vc+cose, application/vc;q=0.9, */*;q=0.5"
_JWS = {  # by JOSE's name; RFC 7518 §3.4 and COSE write the same signatures
    "EdDSA": "ed25519",
    "Ed25519": "ed25519",
    **{name: name.lower() for name in ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512")},
}
_WHAT = "status list"


class _UnavailableError(Exception):
    """The list cannot be had, or not be relied on; why, in a sentence."""


class _ShutError(_UnavailableError):
    """It would have to be fetched, and we are not to."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where to look, and for which bit."""

    url: str
    index: int

    @classmethod
    def read(cls, row: object) -> Self | None:
        """The entry, if it is one that we can follow."""
        if not isinstance(row, dict) or row.get("type") != _ENTRY:
            return None
        url, index = row.get("statusListCredential"), row.get("statusListIndex")
        if row.get("statusPurpose") != _PURPOSE or row.get("statusSize", 1) != 1:
            return None
        if not isinstance(url, str) or not str(index).isdecimal() or len(str(index)) > 18:
            return None
        return cls(url, int(str(index)))


def check_status(
    told: object, issuer: str, issuers: Issuers, now: datetime, door: "Door | None", url: str
) -> Iterator[Finding]:
    """What is to be said of a credential's revocation; nothing when it does not speak of it.

    Args:
        told: `credentialStatus`.
        issuer: of the credential, a DID.
        issuers: who is trusted, and what was handed in.
        now: the moment to judge by.
        door: to the network; None: shut.
        url: of the identity assertion.
    """
    if told is None:
        return
    rows = told if isinstance(told, list) else [told]
    entries = [one for row in rows[:_MOST_ENTRIES] if (one := _Entry.read(row)) is not None]
    if not entries:
        why = f"no {_ENTRY} for revocation"
        yield Finding(Status.CAWG_ICA_REVOCATION_UNSUPPORTED, url, why)
        return
    for entry in entries:
        place = f"number {entry.index} of {entry.url[:120]}"
        try:
            revoked = _bit(entry, issuer, issuers, now, door)
        except (_UnavailableError, MalformedError, LimitError) as error:
            yield Finding(Status.CAWG_ICA_REVOCATION_UNAVAILABLE, url, str(error))
            if isinstance(error, _ShutError):
                why = f"--online was not asked for: {entry.url[:120]}"
                yield Finding(Status.CAWG_IDENTITY_NETWORK_TRAFFIC_BLOCKED, url, why)
            return
        if revoked:
            yield Finding(Status.CAWG_ICA_CREDENTIAL_REVOKED, url, place)
            return
    yield Finding(Status.CAWG_ICA_CREDENTIAL_NOT_REVOKED, url, entries[0].url[:120])


def _bit(entry: _Entry, issuer: str, issuers: Issuers, now: datetime, door: "Door | None") -> bool:
    data = _get(entry.url, issuers, door)
    row = _credential(data, issuer, issuers)
    end = row.get("validUntil")
    if end is not None and ((until := moment(end)) is None or until < now):
        raise _UnavailableError(f"the list was valid until {str(end)[:40]}")
    subject = row.get("credentialSubject")
    kinds = row.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    if STATUS_LIST not in listed or not isinstance(subject, dict):
        raise MalformedError(_WHAT, f"is no {STATUS_LIST}")
    purposes = subject.get("statusPurpose")
    if _PURPOSE not in (purposes if isinstance(purposes, list) else [purposes]):
        raise MalformedError(_WHAT, "is about something else than revocation")
    bits = _bits(subject.get("encodedList"))
    if entry.index >= 8 * len(bits):
        raise MalformedError(_WHAT, f"has {8 * len(bits)} bits, and no number {entry.index}")
    return bool(bits[entry.index // 8] >> (7 - entry.index % 8) & 1)


def _get(url: str, issuers: Issuers, door: "Door | None") -> bytes:
    held = issuers.documents.get(url)
    if held is not None:
        return held
    if url.startswith("data:"):
        head, _, body = url.removeprefix("data:").partition(",")
        raw = unquote_to_bytes(body)
        return _decoded(raw.decode("latin-1")) if head.endswith(";base64") else raw
    if door is None:
        raise _ShutError("where it is published was not asked")
    from provenance.fetch import FetchError

    try:
        return door.get(url, accept=_ACCEPT)
    except FetchError as error:
        raise _UnavailableError(str(error)) from error


def _credential(data: bytes, issuer: str, issuers: Issuers) -> dict[str, Any]:
    """The credential that holds the list, once its signature was looked at."""
    if data[:1] == b"\xd2":  # COSE_Sign1 with its tag, in which a last blank is no blank
        sign1 = parse(data)
        row = _object(sign1.payload or b"")
        signed = sig_structure(sign1.protected_raw, sign1.payload or b"")
        alg = algorithms.by_cose_id(sign1.algorithm_id)
        _verify(row, alg, sign1.signature, signed, issuer, issuers)
        return row
    text = data.strip()
    if text[:1] != b"{" and text.count(b".") == 2:
        head, body, value = text.decode("latin-1").split(".")
        header, row = _object(_decoded(head)), _object(_decoded(body))
        row = row["vc"] | {"issuer": row.get("iss")} if isinstance(row.get("vc"), dict) else row
        name = _JWS.get(str(header.get("alg")))
        known = None if name is None else algorithms.by_name(name)
        _verify(row, known, _decoded(value), f"{head}.{body}".encode(), issuer, issuers)
        return row
    row = _object(text)
    if "proof" in row:
        raise _UnavailableError("the list is signed in a form that is not known here")
    return row


def _verify(
    row: dict[str, Any],
    alg: algorithms.Algorithm | None,
    signature: bytes,
    signed: bytes,
    issuer: str,
    issuers: Issuers,
) -> None:
    named = row.get("issuer")
    did = named.get("id") if isinstance(named, dict) else named
    if not isinstance(did, str) or not is_did(did):
        raise MalformedError(_WHAT, "its issuer is no DID")
    if did != issuer and did not in issuers.trusted:
        raise _UnavailableError(f"the list is by {did[:120]}, not by the issuer")
    keys = assertion_keys(did, issuers.documents)
    if isinstance(keys, NoKeys):
        raise _UnavailableError(keys.why)
    if alg is None or not any(algorithms.verify(alg, key, signature, signed) for key in keys):
        raise _UnavailableError("the signature of the list does not verify")


def _object(data: bytes) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError(_WHAT, f"is no JSON: {str(error)[:120]}") from error
    if not isinstance(row, dict):
        raise MalformedError(_WHAT, "is no JSON object")
    return row


def _bits(encoded: object) -> bytes:
    """The list as bits: base64url, with the letter of multibase or as early ones without; gzip."""
    if not isinstance(encoded, str):
        raise MalformedError(_WHAT, "has no encodedList")
    packed = _decoded(encoded.removeprefix("u"))
    reader = zlib.decompressobj(wbits=31)
    try:
        bits = reader.decompress(packed, _MOST_BYTES)
    except zlib.error as error:
        raise MalformedError(_WHAT, f"is no gzip: {error}") from error
    if reader.unconsumed_tail:
        raise LimitError(_WHAT, f"more than {_MOST_BYTES} bytes, which is all we read")
    return bits


def _decoded(text: str) -> bytes:
    bare = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (Base64Error, ValueError) as error:
        raise MalformedError("base64", str(error)[:120]) from error
