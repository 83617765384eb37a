"""The verifiable credential of an identity claims aggregation, read from JSON.

Both data models are read, 1.1 with `issuanceDate` and 2.0 with `validFrom`.
Source: CAWG identity 1.3, claims aggregation; W3C Verifiable Credentials 1.1 and 2.0.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from provenance.errors import MalformedError
from provenance.validate.identity_results import VerifiedIdentity

__all__ = [
    "Credential",
    "Reference",
    "identity_problems",
    "moment",
    "payload_of",
    "read_credential",
]

Reference = tuple[str, str | None, bytes]  # URL, algorithm, hash

_WHAT = "verifiable credential"
_MODELS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/2018/credentials/v1",
)
_CONTEXT = "https://cawg.io/identity/1.1/ica/context/"
_TYPES = {"VerifiableCredential", "IdentityClaimsAggregationCredential"}
_MOST = 256 << 10  # bytes; real ones have a few thousand
_IDENTITIES = 64  # that are looked at
_NEEDED = {  # one of these fields; early credentials name a wallet by its user
    "cawg.document_verification": ("name",),
    "cawg.social_media": ("username",),
    "cawg.crypto_wallet": ("address", "username"),
    "cawg.web_site": ("uri",),
}
_WITHOUT_PROVIDER = "cawg.web_site"  # the specification's own example has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a credential says. Dates are text as it stands there: judging them comes later."""

    issuer: str
    valid_from: object
    valid_until: object
    status: object  # `credentialStatus`: where its revocation is published
    asset: object  # `c2paAsset`
    identities: object  # `verifiedIdentities`

    @property
    def shown(self) -> tuple[VerifiedIdentity, ...]:
        """The identities, as far as they can be read."""
        rows = self.identities if isinstance(self.identities, list) else []
        return tuple(_identity(row) for row in rows[:_IDENTITIES] if isinstance(row, dict))


def read_credential(data: bytes) -> Credential:
    """Read a credential.

    Raises:
        MalformedError: no JSON, a key twice, or without something that it must have.
    """
    if len(data) > _MOST:
        raise MalformedError(_WHAT, f"{len(data)} bytes, of which we read {_MOST}")
    try:
        row = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise MalformedError(_WHAT, f"is no JSON: {str(error)[:120]}") from error
    if not isinstance(row, dict):
        raise MalformedError(_WHAT, "is no JSON object")
    contexts = _texts(row.get("@context"))
    if _CONTEXT not in contexts or not contexts.intersection(_MODELS):
        raise MalformedError(_WHAT, "its @context is not that of a claims aggregation")
    if not _texts(row.get("type")).issuperset(_TYPES):
        raise MalformedError(_WHAT, "its type is not that of a claims aggregation")
    subject = row.get("credentialSubject")
    if not isinstance(subject, dict):
        raise MalformedError(_WHAT, "has no credentialSubject")
    issuer = row.get("issuer")
    name = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(name, str):
        raise MalformedError(_WHAT, "has no issuer")
    return Credential(
        issuer=name,
        valid_from=row.get("validFrom", row.get("issuanceDate")),
        valid_until=row.get("validUntil", row.get("expirationDate")),
        status=row.get("credentialStatus"),
        asset=subject.get("c2paAsset"),
        identities=subject.get("verifiedIdentities"),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key stands there twice")
    return row


def _texts(value: object) -> set[str]:
    rows = value if isinstance(value, list) else [value]
    return {one for one in rows if isinstance(one, str)}


def moment(value: object) -> datetime | None:
    """An RFC 3339 date with its zone; None for anything else."""
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None


def payload_of(asset: object) -> tuple[tuple[Reference, ...], str, tuple[str, ...]] | None:
    """The signer payload that a credential was issued for: references, kind, roles.

    A hash is base64; early credentials have an array of numbers, of the hash or of its base64.
    None for what is no such payload.
    """
    if not isinstance(asset, dict):
        return None
    rows, kind, roles = asset.get("referenced_assertions"), asset.get("sig_type"), asset.get("role")
    if not isinstance(rows, list) or not isinstance(kind, str):
        return None
    if roles is not None and not (
        isinstance(roles, list) and _texts(roles) == set(map(str, roles))
    ):
        return None
    found = [_reference(row) for row in rows]
    references = tuple(one for one in found if one is not None)
    return (references, kind, tuple(roles or ())) if len(references) == len(found) else None


def _reference(row: object) -> Reference | None:
    if not isinstance(row, dict):
        return None
    url, alg, value = row.get("url"), row.get("alg"), _hash(row.get("hash"))
    if not isinstance(url, str) or not isinstance(alg, str | None) or value is None:
        return None
    return url, alg, value


def _hash(value: object) -> bytes | None:
    if isinstance(value, list):
        if len(value) > 128 or not all(type(one) is int and 0 <= one < 256 for one in value):
            return None
        raw = bytes(value)
        if len(raw) in (32, 48, 64):  # no base64 of these has one of these lengths itself, but 64:
            return _decoded(raw) or raw  # that of 48 bytes, which random bytes are not
        return _decoded(raw)
    return _decoded(value.encode()) if isinstance(value, str) else None


def _decoded(text: bytes) -> bytes | None:
    try:
        value = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return value if len(value) in (32, 48, 64) else None


def identity_problems(identities: list[Any]) -> Iterator[str]:
    """What is wrong with the list of verified identities, in sentences."""
    for at, row in enumerate(identities[:_IDENTITIES]):
        told = _problem(row)
        if told:
            yield f"identity {at + 1} {told}"


def _problem(row: object) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("type"), str):
        return "has no type"
    needed = _NEEDED.get(row["type"], ())
    if needed and not any(isinstance(row.get(key), str) for key in needed):
        return f"has no {needed[0]}"
    if moment(row.get("verifiedAt")) is None:
        return "does not say when it was verified"
    provider = row.get("provider")
    named = isinstance(provider, dict) and isinstance(provider.get("name"), str)
    if not named and not (provider is None and row["type"] == _WITHOUT_PROVIDER):
        return "does not say who verified it"
    return ""


def _identity(row: dict[str, Any]) -> VerifiedIdentity:
    provider = row.get("provider")
    return VerifiedIdentity(
        type=_text(row, "type") or "",
        name=_text(row, "name"),
        username=_text(row, "username") or _text(row, "address"),
        uri=_text(row, "uri"),
        provider=_text(provider, "name") if isinstance(provider, dict) else None,
        verified_at=_text(row, "verifiedAt"),
    )


def _text(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) else None
