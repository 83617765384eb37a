"""Time-stamp tokens: a third party's word for when something existed.

A token that cannot be used is no error of the manifest: it counts as absent, and why is said.
Source: RFC 3161; RFC 5652; RFC 5816; C2PA 2.2 §15.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from provenance.digests import HashAlg, digest, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.trust.certificate import Certificate, parse_chain
from provenance.trust.chain import NoPath, build_path
from provenance.trust.cms import Token
from provenance.trust.profile import TIME_STAMPING

__all__ = ["Flaw", "Verdict", "check_token"]

_HASHES: Mapping[HashAlg, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class Flaw(Enum):
    """Why a time stamp cannot be used; one each of the standard's informational codes."""

    MALFORMED = "malformed"
    MISMATCH = "mismatch"
    UNTRUSTED = "untrusted"
    CREDENTIAL_INVALID = "credentialInvalid"
    OUTSIDE_VALIDITY = "outsideValidity"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a time stamp is worth: a moment to rely on, or a flaw and a sentence about it."""

    time: datetime | None
    flaw: Flaw | None
    why: str
    authority: str | None = None  # the subject of the certificate
    certificate: bytes | None = None  # the authority's, as DER

    @property
    def usable(self) -> bool:
        """May the moment be relied on?"""
        return self.flaw is None


def check_token(
    token: Token,
    messages: Sequence[bytes],
    anchors: Mapping[bytes, Sequence[Certificate]] | None,
    limits: Limits,
) -> Verdict:
    """Is a token about these bytes, by somebody we trust with time? (C2PA 2.2 §15.8.2)

    Args:
        token: as read.
        messages: what it may be about; one of them must match the imprint.
        anchors: of time-stamping authorities, by subject; None: any authority will do.
        limits: how many certificates to look at.
    """
    try:
        chain = parse_chain(token.certificates, limits)
        authority = next((one for one in chain if _is_named(one, token)), None)
        if authority is None:
            return _no(Flaw.UNTRUSTED, "the authority's certificate is not in it")
        return (
            _check_signature(token, authority)
            or _check_imprint(token, messages)
            or _check_authority(token, authority, chain, anchors)
        )
    except (MalformedError, LimitError) as error:
        return _no(Flaw.UNTRUSTED, str(error))


def _no(flaw: Flaw, why: str) -> Verdict:
    return Verdict(None, flaw, why)


def _is_named(certificate: Certificate, token: Token) -> bool:
    if token.by_key_id:
        return certificate.subject_key == token.signer
    return certificate.issuer_and_serial == token.signer


def _check_signature(token: Token, authority: Certificate) -> Verdict | None:
    if not is_allowed(token.digest_alg):
        return _no(Flaw.UNTRUSTED, f"it is signed over {token.digest_alg}")
    same = compare_digest(digest(token.info, token.digest_alg), token.message_digest or b"")
    if not token.is_about_time or not same:
        return _no(Flaw.MISMATCH, "what it signs has been changed")
    if not _verifies(token, authority.public_key, token.digest_alg):
        return _no(Flaw.MISMATCH, "the authority's signature does not verify")
    named = token.certificate_hash
    if named is not None and not _is_hash_of(authority.der, *named):
        return _no(Flaw.UNTRUSTED, "it names another certificate than the one that signed")
    return None


def _verifies(token: Token, key: object, alg: HashAlg) -> bool:
    signed, kind = token.attributes, token.signature_alg
    try:
        match key:
            case rsa.RSAPublicKey() if kind == "rsa-pss":
                pss = padding.PSS(padding.MGF1(_HASHES[alg]), padding.PSS.AUTO)
                key.verify(token.signature, signed, pss, _HASHES[alg])
            case rsa.RSAPublicKey() if kind == "rsa-pkcs1":
                key.verify(token.signature, signed, padding.PKCS1v15(), _HASHES[alg])
            case ec.EllipticCurvePublicKey() if kind == "ecdsa":
                key.verify(token.signature, signed, ec.ECDSA(_HASHES[alg]))
            case ed25519.Ed25519PublicKey() if kind == "ed25519":
                key.verify(token.signature, signed)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _is_hash_of(certificate: bytes, alg: str, value: bytes) -> bool:
    if alg == "sha1":  # an old attribute, which only says which certificate was meant
        hasher = hashes.Hash(hashes.SHA1())  # noqa: S303  # no trust rests on it
        hasher.update(certificate)
        return compare_digest(hasher.finalize(), value)
    return is_allowed(alg) and compare_digest(digest(certificate, alg), value)


def _check_imprint(token: Token, messages: Sequence[bytes]) -> Verdict | None:
    alg = token.imprint_alg
    if not is_allowed(alg):
        return _no(Flaw.UNTRUSTED, f"its imprint is a {alg}")
    if not any(compare_digest(digest(one, alg), token.imprint) for one in messages):
        return _no(Flaw.MISMATCH, "it is a time stamp of something else")
    return None


def _check_authority(
    token: Token,
    authority: Certificate,
    chain: Sequence[Certificate],
    anchors: Mapping[bytes, Sequence[Certificate]] | None,
) -> Verdict:
    if authority.ekus != (TIME_STAMPING,):
        return _no(Flaw.CREDENTIAL_INVALID, "its certificate is not for time stamps alone")
    if not authority.valid_at(token.time):
        return _no(Flaw.OUTSIDE_VALIDITY, "its certificate was not valid at that moment")
    if anchors is not None:
        found = build_path(authority, chain, anchors, token.time)
        if isinstance(found, NoPath):
            return _no(Flaw.UNTRUSTED, f"its authority: {found.reason}")
    return Verdict(token.time, None, "", authority.name, authority.der)
