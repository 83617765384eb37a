"""Decentralised identifiers (DIDs) without a network: the keys with which an issuer signs.

`did:jwk` holds its key itself. `did:web` names a document on a web server: it is looked up among
those that were handed in; where it lies is told, and nothing is fetched here. Whatever else there
is, we do not know.
Source: W3C DID Core 1.0 §5.3.2; did:jwk; did:web; RFC 7517, RFC 7518 §6, RFC 8037 §2.
"""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from provenance.errors import CredentialError, MalformedError
from provenance.trust import pem

__all__ = ["NOBODY", "DidProblem", "Issuers", "NoKeys", "PublicKey", "assertion_keys", "is_did"]
__all__ += ["STATUS_LIST", "document_address", "public_key"]

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

STATUS_LIST = "BitstringStatusListCredential"  # the type of what an issuer publishes revocation in

_DID = re.compile(r"did:[a-z0-9]{1,32}:[A-Za-z0-9._:%-]{1,8192}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
_KEYS = 16  # keys of one issuer that are tried
_CURVES: dict[object, tuple[type[ec.EllipticCurve], int]] = {
    "P-256": (ec.SECP256R1, 32),
    "P-384": (ec.SECP384R1, 48),
    "P-521": (ec.SECP521R1, 66),
}
_RSA_BYTES = 2048  # of a modulus: 16384 bits


class DidProblem(Enum):
    """Why there is no key: one each of CAWG's codes."""

    UNSUPPORTED_METHOD = "unsupported method"
    UNAVAILABLE = "unavailable"
    INVALID_DOCUMENT = "invalid document"


@dataclass(frozen=True, slots=True)
class NoKeys:
    """No key was found, and why, in a sentence."""

    problem: DidProblem
    why: str


@dataclass(frozen=True)
class Issuers:
    """Whose identity credentials count, and the documents in which their keys are.

    `documents` maps a `did:web` to the JSON of its document, and the address of a status list to
    that list, as a trusted person handed them in.
    """

    trusted: frozenset[str] = frozenset()
    documents: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @classmethod
    def load(cls, trusted: Iterable[str] = (), documents: Iterable[str | Path] = ()) -> Self:
        """Take names of trusted issuers, and read DID documents and status lists from files.

        Raises:
            CredentialError: a name is no DID; a file cannot be read, or is neither a status list
                nor a DID document with a key for credentials.
        """
        names = frozenset(trusted)
        for name in names:
            if not is_did(name):
                raise CredentialError(name[:120], "is no DID, such as did:web:issuer.example")
        held: dict[str, bytes] = {}
        for path in documents:
            data = pem.read_file(path)
            did = _owner(data, str(path))
            held[did] = data
            if not is_did(did):
                continue  # a status list, which is judged when it is used
            keys = assertion_keys(did, held)
            if isinstance(keys, NoKeys):
                raise CredentialError(str(path), keys.why)
        return cls(names, held)


NOBODY = Issuers()


def _owner(data: bytes, name: str) -> str:
    try:
        row = _json(data)
    except MalformedError as error:
        raise CredentialError(name, error.problem) from error
    did = row.get("id") if isinstance(row, dict) else None
    kinds = row.get("type") if isinstance(row, dict) else None
    if isinstance(did, str) and STATUS_LIST in (kinds if isinstance(kinds, list) else [kinds]):
        return did
    if not isinstance(did, str) or not is_did(did):
        raise CredentialError(name, "is no DID document: its id is no DID")
    return did


def is_did(text: object) -> bool:
    """Has this the form of a DID, without path or fragment?"""
    return isinstance(text, str) and _DID.fullmatch(text) is not None


def document_address(did: str) -> str | None:
    """Where the document of a `did:web` lies on the web; None for any other DID."""
    name = did.removeprefix("did:web:")
    if name == did or not is_did(did):
        return None
    host, *path = (unquote(part) for part in name.split(":"))
    if _HOST.fullmatch(host) is None or not all(path) or ".." in path:
        return None
    steps = "/".join(quote(part, safe="") for part in path)
    return f"https://{host}/{steps or '.well-known'}/did.json"


def assertion_keys(did: str, documents: Mapping[str, bytes]) -> tuple[PublicKey, ...] | NoKeys:
    """The keys with which the owner of a DID signs credentials; at least one.

    Args:
        did: as an issuer is named; see `is_did`.
        documents: DID documents by DID.
    """
    method = did.split(":")[1]
    try:
        if method == "jwk":
            return (public_key(_json(_base64(did.removeprefix("did:jwk:")))),)
        if method != "web":
            return NoKeys(DidProblem.UNSUPPORTED_METHOD, f"did:{method} is not known here")
        held = documents.get(did)
        if held is None:
            return NoKeys(
                DidProblem.UNAVAILABLE, f"{did[:120]}: its document was not given, nor fetched"
            )
        return _keys_of(_json(held), did)
    except MalformedError as error:
        return NoKeys(DidProblem.INVALID_DOCUMENT, str(error))


def _keys_of(document: Any, did: str) -> tuple[PublicKey, ...]:
    what = "DID document"
    if not isinstance(document, dict) or document.get("id") != did:
        raise MalformedError(what, f"is not that of {did[:120]}")
    methods = document.get("assertionMethod")
    if not isinstance(methods, list) or not methods:
        raise MalformedError(what, "has no assertionMethod")
    listed = document.get("verificationMethod")
    by_id = {
        _absolute(one.get("id"), did): one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    }
    found = []
    for one in methods[:_KEYS]:
        method = by_id.get(_absolute(one, did)) if isinstance(one, str) else one
        if isinstance(method, dict) and "publicKeyJwk" in method:
            found.append(public_key(method["publicKeyJwk"]))
    if not found:
        raise MalformedError(what, "its assertionMethod leads to no publicKeyJwk")
    return tuple(found)


def _absolute(name: object, did: str) -> str:
    text = name if isinstance(name, str) else ""
    return did + text if text.startswith("#") else text


def public_key(jwk: Any) -> PublicKey:
    """The key that a JSON Web Key holds.

    Raises:
        MalformedError: none of the kinds that sign credentials, or not a point of its curve.
    """
    what = "JSON Web Key"
    if not isinstance(jwk, dict):
        raise MalformedError(what, "is no JSON object")
    kind, curve = jwk.get("kty"), jwk.get("crv")
    try:
        if kind == "OKP" and curve == "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_number(jwk, "x"))
        if kind == "EC" and isinstance(curve, str) and curve in _CURVES:
            shape, width = _CURVES[curve]
            x, y = _number(jwk, "x"), _number(jwk, "y")
            if len(x) != width or len(y) != width:
                raise MalformedError(what, f"x or y is not {width} bytes long")
            return ec.EllipticCurvePublicKey.from_encoded_point(shape(), b"\x04" + x + y)
        if kind == "RSA":
            n, e = _number(jwk, "n"), _number(jwk, "e")
            if len(n) > _RSA_BYTES or len(e) > 8:
                raise MalformedError(what, f"an RSA modulus of {len(n)} bytes")
            return rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError(what, str(error)[:120]) from error
    raise MalformedError(what, f"of type {kind!r:.40}, curve {curve!r:.40}")


def _number(jwk: dict[str, Any], name: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise MalformedError("JSON Web Key", f"has no {name}")
    return _base64(value)


def _base64(text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (Base64Error, ValueError) as error:
        raise MalformedError("base64url", str(error)[:120]) from error


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError("DID document", f"is no JSON: {str(error)[:120]}") from error
