"""OpenSSF model signatures, as a second word on the hash of a file.

    model.sig   a Sigstore bundle ─▶ DSSE envelope ─▶ in-toto statement ─▶ names and digests

Such a signature says that files are those that somebody signed. It says nothing of what they were
made of, so it makes no edge and owns no work. It is verified with a key or certificate that was
given, or else with the certificate in the bundle, for which then nobody vouches. The transparency
log, the time of signing and revocation are never looked at, and the finding says so.
Source: OpenSSF model signing 1.0; DSSE 1.0; in-toto attestation 1.0; Sigstore bundle 0.3.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from provenance.chain import codes
from provenance.chain.graph import LineageFinding, Work
from provenance.errors import CredentialError, MalformedError
from provenance.trust.certificate import Certificate
from provenance.trust.pem import certificates as certificates_in

__all__ = ["MOST_BYTES", "Keys", "Statement", "corroborate", "read_statement"]

MOST_BYTES = 8 << 20  # of a bundle
_WHAT = "model signature"
_TYPE = "application/vnd.in-toto+json"
_PREDICATE = "https://model_signing/signature/v1.0"
_MOST_FILES = 100_000
_MOST_CERTIFICATES = 8
_UNCHECKED = "transparency log, time and revocation not checked"
_HASHES: Mapping[int, hashes.HashAlgorithm] = {
    256: hashes.SHA256(),
    384: hashes.SHA384(),
    521: hashes.SHA512(),
}

_Key = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose model signatures count: public keys, and certificates of signers or their issuers."""

    keys: tuple[_Key, ...] = ()
    certificates: tuple[Certificate, ...] = ()

    @classmethod
    def read(cls, pems: Iterable[bytes]) -> "Keys":
        """Read them.

        Raises:
            CredentialError: neither a public key nor certificates, or a key of another kind.
        """
        keys: list[_Key] = []
        certificates: list[Certificate] = []
        for pem in pems:
            if b"CERTIFICATE" in pem:
                held = certificates_in(pem, "certificate of a model signer")
                certificates += map(Certificate, held)
                continue
            try:
                key = load_pem_public_key(pem)
            except (ValueError, UnsupportedAlgorithm) as error:
                raise CredentialError("key of a model signer", "is no PEM public key") from error
            if not isinstance(key, _Key):
                raise CredentialError("key of a model signer", "is neither EC nor Ed25519")
            keys.append(key)
        return cls(tuple(keys), tuple(certificates))


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bundle says of files, and what its signature is worth.

    `verified` tells by what it was verified; None: it was not, and `problem` tells why.
    """

    digests: Mapping[str, str]  # SHA-256 as hex, by name
    verified: str | None
    problem: str = ""


def read_statement(data: bytes, keys: Keys) -> Statement:
    """Read a bundle and verify its signature.

    Raises:
        MalformedError: no Sigstore bundle with a statement about a model.
    """
    if len(data) > MOST_BYTES:
        raise MalformedError(_WHAT, f"{len(data)} bytes, of which we read {MOST_BYTES}")
    bundle = _json(data)
    envelope = _map(bundle, "dsseEnvelope")
    payload, kind = _bytes(envelope, "payload"), envelope.get("payloadType")
    if kind != _TYPE:
        raise MalformedError(_WHAT, f"its payload is {kind!r:.60}, not an in-toto statement")
    digests = _digests(_json(payload))
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        raise MalformedError(_WHAT, "it has not exactly one signature")
    signature = _bytes(signatures[0] if isinstance(signatures[0], dict) else {}, "sig")
    signed = b"DSSEv1 %d %s %d %s" % (len(_TYPE), _TYPE.encode(), len(payload), payload)
    chain = tuple(_chain(_map(bundle, "verificationMaterial")))
    return Statement(digests, *_verify(signature, signed, chain, keys))


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError(_WHAT, f"is no JSON: {str(error)[:80]}") from error
    if not isinstance(value, dict):
        raise MalformedError(_WHAT, "is no JSON object")
    return value


def _map(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = row.get(key)
    if not isinstance(value, dict):
        raise MalformedError(_WHAT, f"has no {key}")
    return value


def _bytes(row: Mapping[str, Any], key: str) -> bytes:
    value = row.get(key)
    try:
        return b64decode(value if isinstance(value, str) else "?", validate=True)
    except (Base64Error, ValueError) as error:
        raise MalformedError(_WHAT, f"its {key} is no Base64") from error


def _digests(statement: Mapping[str, Any]) -> dict[str, str]:
    """The digests of files, which together are the one that the statement is about."""
    if statement.get("predicateType") != _PREDICATE:
        raise MalformedError(_WHAT, f"its predicate is {statement.get('predicateType')!r:.80}")
    resources = _map(statement, "predicate").get("resources")
    subject = statement.get("subject")
    if not isinstance(resources, list) or len(resources) > _MOST_FILES:
        raise MalformedError(_WHAT, "it lists no resources, or too many")
    found: dict[str, str] = {}
    whole = sha256()
    for row in resources:
        match row:
            case {"name": str(name), "algorithm": "sha256", "digest": str(digest)}:
                found[name] = digest.lower()
            case {"name": str(), "algorithm": str(), "digest": str(digest)}:
                pass  # of another kind, such as BLAKE2 or a part of a file
            case _:
                raise MalformedError(_WHAT, "a resource has no name, algorithm and digest")
        try:
            whole.update(bytes.fromhex(digest))
        except ValueError as error:
            raise MalformedError(_WHAT, "a digest is not hex") from error
    match subject:
        case [{"digest": {"sha256": str(told)}}] if told.lower() == whole.hexdigest():
            return found
    raise MalformedError(_WHAT, "its subject is not the digest of what it lists")


def _chain(material: Mapping[str, Any]) -> Iterator[Certificate]:
    """The certificates in the bundle, leaf first."""
    rows: list[Any] = [material.get("certificate")]
    held = material.get("x509CertificateChain")
    if isinstance(held, dict) and isinstance(held.get("certificates"), list):
        rows = held["certificates"]
    for row in rows[:_MOST_CERTIFICATES]:
        if isinstance(row, dict):
            yield Certificate(_bytes(row, "rawBytes"))


def _verify(
    signature: bytes, signed: bytes, chain: Sequence[Certificate], keys: Keys
) -> tuple[str | None, str]:
    if not chain:
        given = [*keys.keys, *(key for one in keys.certificates if (key := _key(one)))]
        if not given:
            return None, "it was made with a key, and none was given"
        if any(_holds(key, signature, signed) for key in given):
            return f"verified with a key that was given; {_UNCHECKED}", ""
        return None, "it does not verify with any key that was given"
    key = _key(chain[0])
    if key is None:
        return None, "its certificate has a key that is neither EC nor Ed25519"
    if not _holds(key, signature, signed):
        return None, "it does not verify with the certificate that came with it"
    name = _name(chain[0])
    if any(_same(key, one) for one in keys.keys) or _vouched(chain, keys.certificates):
        told = f"signed by {name}, as a key or certificate that was given confirms"
    else:
        told = f"with the certificate of {name} that came with it, for which nobody vouches"
    return f"verified, {told}; {_UNCHECKED}", ""


def _key(certificate: Certificate) -> _Key | None:
    try:
        key = certificate.public_key
    except MalformedError:
        return None
    return key if isinstance(key, _Key) else None


def _name(certificate: Certificate) -> str:
    try:
        return repr(certificate.common_name or certificate.organization or "an unnamed subject")
    except MalformedError:
        return "an unreadable subject"


def _same(key: _Key, other: _Key) -> bool:
    return type(key) is type(other) and key == other


def _holds(key: _Key, signature: bytes, signed: bytes) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
            return True
        algorithm = _HASHES.get(key.key_size)
        if algorithm is None:
            return False
        key.verify(signature, signed, ec.ECDSA(algorithm))
        return True
    except InvalidSignature:
        return False


def _vouched(chain: Sequence[Certificate], given: Sequence[Certificate]) -> bool:
    """Does a given certificate stand in the chain, or above it?"""
    try:
        at = chain[0]
        for above in (*chain[1:], None):
            if any(one.der == at.der or (one.is_ca and at.signed_by(one)) for one in given):
                return True
            if above is None or not (above.is_ca and at.signed_by(above)):
                return False
            at = above
    except MalformedError:
        return False
    return False


def corroborate(
    works: Iterable[Work], bundles: Iterable[Path], keys: Keys
) -> Iterator[LineageFinding]:
    """What model signatures say of works: a hash confirmed, or another for a file of that name.

    Args:
        works: of the graph; those whose file's hash is known.
        bundles: files that may be model signatures; what is none is passed over.
        keys: whose signatures count.
    """
    hashed: dict[str, list[Work]] = {}
    placed: dict[Path, Work] = {}
    for work in works:
        if work.asset_sha256:
            hashed.setdefault(work.asset_sha256, []).append(work)
            if work.location:
                placed[Path(work.location).absolute()] = work
    for path in bundles:
        try:
            statement = read_statement(path.read_bytes(), keys)
        except (MalformedError, OSError):
            continue
        for name, digest in statement.digests.items():
            for work in hashed.get(digest, ()):
                code = codes.CORROBORATED if statement.verified else codes.CORROBORATION_FAILED
                told = statement.verified or statement.problem
                yield LineageFinding(code, work.id, f"{path.name}: {name[:120]}: {told}")
            other = placed.get((path.parent / name).absolute()) if _plain(name) else None
            if other is not None and other.asset_sha256 != digest:
                told = f"{path.name} names sha256:{digest} for it"
                yield LineageFinding(codes.CORROBORATION_FAILED, other.id, told)


def _plain(name: str) -> bool:
    return "\0" not in name and not name.startswith("/") and ".." not in name.split("/")
