"""A time-stamp token taken apart: CMS SignedData around a TSTInfo, by its DER.

    ContentInfo { signed-data, [0] SignedData {
        version, digest algorithms, { id-ct-TSTInfo, [0] OCTET STRING TSTInfo },
        [0] certificates, [1] revocation lists, { SignerInfo } } }

A general reader of ASN.1 takes ten times as long as all the rest of verifying a picture; of CMS
we need this one path. Nothing is checked here. Source: RFC 5652 §5; RFC 3161 §2.4; RFC 5816.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.errors import MalformedError
from provenance.trust import der
from provenance.trust.der import Element, element, split

__all__ = ["Token", "read_token"]

_WHAT = "time stamp"
_GRANTED = (b"\0", b"\1")  # granted, granted with modifications
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910020c")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
_OCTETS, _SET, _TIME = 0x04, 0x31, 0x18
_HASHES = {
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_SIGNATURES = {
    **dict.fromkeys(
        map(
            bytes.fromhex,
            (
                "2a864886f70d010101",
                "2a864886f70d01010b",
                "2a864886f70d01010c",
                "2a864886f70d01010d",
            ),
        ),
        "rsa-pkcs1",
    ),
    bytes.fromhex("2a864886f70d01010a"): "rsa-pss",
    **dict.fromkeys(
        map(bytes.fromhex, ("2a8648ce3d040302", "2a8648ce3d040303", "2a8648ce3d040304")), "ecdsa"
    ),
    bytes.fromhex("2b6570"): "ed25519",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as read. Algorithms that no list of ours has are told by their OID in hex."""

    time: datetime  # genTime, UTC
    imprint_alg: str
    imprint: bytes
    info: bytes  # the encoded TSTInfo
    attributes: bytes  # the signed attributes, as signed: a SET OF
    content_type: bytes | None  # an OID
    message_digest: bytes | None
    digest_alg: str
    signature_alg: str
    signature: bytes
    signer: bytes  # issuerAndSerialNumber, or a key identifier
    by_key_id: bool
    certificates: tuple[bytes, ...]  # DER
    certificate_hash: tuple[str, bytes] | None  # of the signer's, as a signed attribute has it

    @property
    def is_about_time(self) -> bool:
        """Does the signed content type say that this is a time stamp?"""
        return self.content_type == _TST_INFO


def read_token(data: bytes, *, response: bool) -> Token:
    """Read a token.

    Args:
        data: DER of a TimeStampToken, or of a whole TimeStampResp.
        response: which of them.

    Raises:
        MalformedError: neither, or without something that a token must have.
    """
    if not response:
        return _content_info(element(data))
    parts = _sequence(element(data), 1, "the answer")
    status = _sequence(parts[0], 1, "the status")[0].content
    if status not in _GRANTED:
        raise MalformedError(_WHAT, f"the authority refused it with status {status.hex()}")
    if len(parts) < 2:
        raise MalformedError(_WHAT, "the answer holds no token")
    return _content_info(parts[1])


def _sequence(one: Element, least: int, what: str) -> list[Element]:
    parts = split(one.content) if one.tag in (der.SEQUENCE, _SET, 0xA0) else []
    if len(parts) < least:
        raise MalformedError(_WHAT, f"{what} has {len(parts)} parts, at least {least} wanted")
    return parts


def _content_info(one: Element) -> Token:
    kind, wrapped = _sequence(one, 2, "the token")[:2]
    if kind.content != _SIGNED_DATA:
        raise MalformedError(_WHAT, "is no signed data")
    parts = _sequence(_sequence(wrapped, 1, "the content")[0], 4, "the signed data")
    encapsulated = _sequence(parts[2], 2, "the signed content")
    if encapsulated[0].content != _TST_INFO:
        raise MalformedError(_WHAT, "what it signs is no TSTInfo")
    info = _sequence(encapsulated[1], 1, "the signed content")[0].content
    optional = {part.tag: part for part in parts[3:-1]}
    signers = _sequence(parts[-1], 1, "the list of signers")
    if parts[-1].tag != _SET or len(signers) != 1:
        raise MalformedError(_WHAT, f"{len(signers)} signers, 1 wanted")
    held = split(optional[0xA0].content) if 0xA0 in optional else []
    return _token(info, signers[0], [one.whole for one in held if one.tag == der.SEQUENCE])


def _token(info: bytes, signer: Element, certificates: Sequence[bytes]) -> Token:
    _, sid, digest_alg, attributes, signature_alg, signature, *_ = _sequence(
        signer, 6, "the signer's part"
    )
    if attributes.tag != 0xA0:
        raise MalformedError(_WHAT, "has no signed attributes")
    named = _attributes(attributes)
    tst = _sequence(element(info), 5, "the TSTInfo")
    imprint = _sequence(tst[2], 2, "the imprint")
    return Token(
        time=_time(tst[4]),
        imprint_alg=_algorithm(imprint[0], _HASHES),
        imprint=imprint[1].content,
        info=info,
        attributes=bytes((_SET,)) + attributes.whole[1:],
        content_type=named[_CONTENT_TYPE].content if _CONTENT_TYPE in named else None,
        message_digest=named[_MESSAGE_DIGEST].content if _MESSAGE_DIGEST in named else None,
        digest_alg=_algorithm(digest_alg, _HASHES),
        signature_alg=_algorithm(signature_alg, _SIGNATURES),
        signature=signature.content,
        signer=sid.content,
        by_key_id=sid.tag == 0x80,
        certificates=tuple(certificates),
        certificate_hash=_certificate_hash(named),
    )


def _attributes(attributes: Element) -> dict[bytes, Element]:
    """The first value of each attribute, by its OID."""
    named: dict[bytes, Element] = {}
    for one in split(attributes.content):
        kind, values = _sequence(one, 2, "an attribute")[:2]
        named.setdefault(kind.content, _sequence(values, 1, "an attribute's values")[0])
    return named


def _algorithm(one: Element, names: dict[bytes, str]) -> str:
    oid = _sequence(one, 1, "an algorithm")[0].content
    return names.get(oid, oid.hex())


def _certificate_hash(named: dict[bytes, Element]) -> tuple[str, bytes] | None:
    for kind, usual in ((_SIGNING_CERTIFICATE_V2, "sha256"), (_SIGNING_CERTIFICATE, "sha1")):
        if kind in named:
            listed = _sequence(_sequence(named[kind], 1, "signingCertificate")[0], 1, "its list")
            parts = _sequence(listed[0], 1, "its first entry")
            if parts[0].tag == _OCTETS:
                return usual, parts[0].content
            if len(parts) > 1:
                return _algorithm(parts[0], _HASHES), parts[1].content
    return None


def _time(one: Element) -> datetime:
    """A GeneralizedTime: 20230124144856Z, perhaps with a fraction of a second."""
    text = one.content.decode("ascii", "replace")
    whole, _, fraction = text.removesuffix("Z").partition(".")
    if one.tag != _TIME or len(whole) != 14 or not whole.isdigit() or not text.endswith("Z"):
        raise MalformedError(_WHAT, f"its time is {text[:40]!r}")
    year, *rest = int(whole[:4]), *(int(whole[at : at + 2]) for at in range(4, 14, 2))
    micro = int(fraction[:6].ljust(6, "0")) if fraction.isdigit() else 0
    try:
        return datetime(year, rest[0], rest[1], rest[2], rest[3], rest[4], micro, tzinfo=UTC)
    except ValueError as error:
        raise MalformedError(_WHAT, f"its time is {text[:40]!r}: {error}") from error
