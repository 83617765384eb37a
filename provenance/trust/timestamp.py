"""Time-stamp tokens: a third party's word for when something existed.

    TimeStampResp { status, TimeStampToken }       as `sigTst` holds it
    TimeStampToken = CMS SignedData over TSTInfo   as `sigTst2` and `c2pa.time-stamp` hold it

A token that cannot be used is no error of the manifest: it counts as absent, and why is said.
Source: RFC 3161; RFC 5652; RFC 5816; C2PA 2.2 §15.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from provenance.digests import HashAlg, digest, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.trust.certificate import Certificate, parse_chain
from provenance.trust.chain import NoPath, build_path
from provenance.trust.profile import TIME_STAMPING

__all__ = ["Authority", "Flaw", "Stamp", "Verdict", "check_stamp", "read_token"]

_WHAT = "time stamp"
_HASHES: Mapping[HashAlg, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_GRANTED = frozenset(("granted", "granted_with_mods"))
_ASN1_ERRORS = (ValueError, TypeError, KeyError, IndexError, OverflowError)  # of asn1crypto


class Flaw(Enum):
    """Why a time stamp cannot be used; one each of the standard's informational codes."""

    MALFORMED = "malformed"
    MISMATCH = "mismatch"
    UNTRUSTED = "untrusted"
    CREDENTIAL_INVALID = "credentialInvalid"
    OUTSIDE_VALIDITY = "outsideValidity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A token as read; nothing of it is checked yet."""

    time: datetime  # genTime, UTC
    imprint_alg: str
    imprint: bytes
    info: bytes  # the encoded TSTInfo
    signed_attributes: bytes  # as signed: a SET OF
    content_type: str
    message_digest: bytes
    digest_alg: str
    signature_alg: str  # rsassa_pkcs1v15, rsassa_pss, ecdsa, ed25519
    signature: bytes
    authority: "Authority | None"  # None: the signer's certificate is not there
    certificates: tuple[bytes, ...]  # DER
    certificate_hash: tuple[str, bytes] | None  # of the signingCertificate attribute


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate that signed a token. Old ones have names that strict readers refuse."""

    der: bytes
    name: str
    public_key: bytes  # SubjectPublicKeyInfo
    usages: tuple[str, ...]  # extended key usages
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a time stamp is worth: a moment to rely on, or a flaw and a sentence about it."""

    time: datetime | None
    flaw: Flaw | None
    why: str
    authority: str | None = None  # the subject of the certificate

    @property
    def usable(self) -> bool:
        """May the moment be relied on?"""
        return self.flaw is None


def read_token(data: bytes, *, response: bool) -> Stamp:
    """Read a token.

    Args:
        data: DER of a TimeStampToken, or of a whole TimeStampResp.
        response: which of them.

    Raises:
        MalformedError: neither, or without something that a token must have.
    """
    from asn1crypto import cms, tsp

    try:
        if response:
            answer = tsp.TimeStampResp.load(data, strict=False)
            status = answer["status"]["status"].native
            if status not in _GRANTED:
                raise MalformedError(_WHAT, f"the authority answered {status}")
            token = answer["time_stamp_token"]
        else:
            token = cms.ContentInfo.load(data, strict=False)
        if token["content_type"].native != "signed_data":
            raise MalformedError(_WHAT, f"holds {token['content_type'].native}")
        return _read_signed(token["content"])
    except _ASN1_ERRORS as error:
        if isinstance(error, MalformedError):
            raise
        raise MalformedError(_WHAT, str(error).splitlines()[0][:120]) from error


def _read_signed(signed: Any) -> Stamp:
    from asn1crypto import tsp

    if len(signed["signer_infos"]) != 1:
        raise MalformedError(_WHAT, f"{len(signed['signer_infos'])} signers, 1 wanted")
    signer = signed["signer_infos"][0]
    encapsulated = signed["encap_content_info"]
    if encapsulated["content_type"].native != "tst_info":
        raise MalformedError(_WHAT, "what it signs is no TSTInfo")
    encoded = bytes(encapsulated["content"])
    info = tsp.TSTInfo.load(encoded)
    imprint = info["message_imprint"]
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    certificates = [one.chosen for one in signed["certificates"] if one.name == "certificate"]
    time = info["gen_time"].native
    return Stamp(
        time=time if time.tzinfo else time.replace(tzinfo=UTC),
        imprint_alg=imprint["hash_algorithm"]["algorithm"].native,
        imprint=imprint["hashed_message"].native,
        info=encoded,
        signed_attributes=signer["signed_attrs"].untag().dump(),
        content_type=attributes["content_type"][0].native,
        message_digest=attributes["message_digest"][0].native,
        digest_alg=signer["digest_algorithm"]["algorithm"].native,
        signature_alg=_signature_algorithm(signer),
        signature=signer["signature"].native,
        authority=_authority(signer["sid"], certificates),
        certificates=tuple(one.dump() for one in certificates),
        certificate_hash=_certificate_hash(attributes),
    )


def _signature_algorithm(signer: Any) -> str:
    return str(signer["signature_algorithm"].signature_algo)


def _authority(sid: Any, certificates: Sequence[Any]) -> Authority | None:
    for one in certificates:
        if _is_named(one, sid):
            usages = one.extended_key_usage_value
            return Authority(
                one.dump(),
                one.subject.human_friendly,
                one.public_key.dump(),
                tuple(usage.dotted for usage in usages or ()),
                one.not_valid_before,
                one.not_valid_after,
            )
    return None


def _is_named(certificate: Any, sid: Any) -> bool:
    if sid.name != "issuer_and_serial_number":
        return bool(certificate.key_identifier == sid.native)
    named = sid.chosen
    return bool(
        certificate.serial_number == named["serial_number"].native
        and certificate.issuer.dump() == named["issuer"].dump()
    )


def _certificate_hash(attributes: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """Which certificate the signer says is theirs (RFC 5816, RFC 2634)."""
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"][0]["certs"][0]
        return named["hash_algorithm"]["algorithm"].native, named["cert_hash"].native
    if "signing_certificate" in attributes:
        return "sha1", attributes["signing_certificate"][0]["certs"][0]["cert_hash"].native
    return None


def check_stamp(
    stamp: Stamp,
    messages: Sequence[bytes],
    anchors: Mapping[bytes, Sequence[Certificate]] | None,
    limits: Limits,
) -> Verdict:
    """Is a token about these bytes, by somebody we trust with time? (C2PA 2.2 §15.8.2)

    Args:
        stamp: the token.
        messages: what it may be about; one of them must match the imprint.
        anchors: of time-stamping authorities, by subject; None: any authority will do.
        limits: how many certificates to look at.
    """
    for check in (_check_signature, _check_imprint):
        flaw = check(stamp, messages)
        if flaw is not None:
            return flaw
    return _check_authority(stamp, anchors, limits)


def _no(flaw: Flaw, why: str) -> Verdict:
    return Verdict(None, flaw, why)


def _check_signature(stamp: Stamp, _messages: Sequence[bytes]) -> Verdict | None:
    if stamp.authority is None:
        return _no(Flaw.UNTRUSTED, "the authority's certificate is not in it")
    if not is_allowed(stamp.digest_alg):
        return _no(Flaw.UNTRUSTED, f"it is signed over {stamp.digest_alg}")
    if stamp.content_type != "tst_info" or not compare_digest(
        digest(stamp.info, stamp.digest_alg), stamp.message_digest
    ):
        return _no(Flaw.MISMATCH, "what it signs has been changed")
    try:
        key = load_der_public_key(stamp.authority.public_key)
    except (ValueError, UnsupportedAlgorithm):
        return _no(Flaw.UNTRUSTED, "the authority's key cannot be read")
    if not _verifies(stamp, key, stamp.digest_alg):
        return _no(Flaw.MISMATCH, "the authority's signature does not verify")
    named = stamp.certificate_hash
    if named is not None and not _is_hash_of(stamp.authority.der, *named):
        return _no(Flaw.UNTRUSTED, "it names another certificate than the one that signed")
    return None


def _verifies(stamp: Stamp, key: object, alg: HashAlg) -> bool:
    try:
        match key:
            case rsa.RSAPublicKey() if stamp.signature_alg == "rsassa_pss":
                pss = padding.PSS(padding.MGF1(_HASHES[alg]), padding.PSS.AUTO)
                key.verify(stamp.signature, stamp.signed_attributes, pss, _HASHES[alg])
            case rsa.RSAPublicKey() if stamp.signature_alg == "rsassa_pkcs1v15":
                key.verify(
                    stamp.signature, stamp.signed_attributes, padding.PKCS1v15(), _HASHES[alg]
                )
            case ec.EllipticCurvePublicKey() if stamp.signature_alg == "ecdsa":
                key.verify(stamp.signature, stamp.signed_attributes, ec.ECDSA(_HASHES[alg]))
            case ed25519.Ed25519PublicKey() if stamp.signature_alg == "ed25519":
                key.verify(stamp.signature, stamp.signed_attributes)
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


def _check_imprint(stamp: Stamp, messages: Sequence[bytes]) -> Verdict | None:
    alg = stamp.imprint_alg
    if not is_allowed(alg):
        return _no(Flaw.UNTRUSTED, f"its imprint is a {alg}")
    if not any(compare_digest(digest(one, alg), stamp.imprint) for one in messages):
        return _no(Flaw.MISMATCH, "it is a time stamp of something else")
    return None


def _check_authority(
    stamp: Stamp, anchors: Mapping[bytes, Sequence[Certificate]] | None, limits: Limits
) -> Verdict:
    authority = stamp.authority
    if authority is None or authority.usages != (TIME_STAMPING,):
        return _no(Flaw.CREDENTIAL_INVALID, "its certificate is not for time stamps alone")
    if not authority.not_before <= stamp.time <= authority.not_after:
        return _no(Flaw.OUTSIDE_VALIDITY, "its certificate was not valid at that moment")
    if anchors is not None:
        try:
            chain = parse_chain(stamp.certificates, limits)
            leaf = next(one for one in chain if one.der == authority.der)
            found = build_path(leaf, chain, anchors, stamp.time)
        except (MalformedError, LimitError) as error:
            return _no(Flaw.UNTRUSTED, str(error))
        if isinstance(found, NoPath):
            return _no(Flaw.UNTRUSTED, f"its authority: {found.reason}")
    return Verdict(stamp.time, None, "", authority.name)
