"""Live video: the assertions and the signed words that go with the segments of a stream.

    c2pa.livevideo.segment   in the manifest of each segment: number, stream, the one before
    c2pa.session-keys        in the manifest of the initialisation segment: keys for what follows
    segment-info-map         signed by such a key, in an `emsg` box of each segment

Source: C2PA 2.4 §18.25, §19.3, §19.4.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from provenance.cbor import CborValue, encode
from provenance.cose.cosekey import KID, PublicKey, read_key
from provenance.cose.sign1 import Sign1, parse
from provenance.errors import MalformedError
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import BmffHash, Exclusion
from provenance.model.fields import Fields

__all__ = ["CONTINUITY", "KEYS", "SCHEME", "SEGMENT", "LiveSegment", "SegmentInfo", "SessionKey"]

SEGMENT = "c2pa.livevideo.segment"
KEYS = "c2pa.session-keys"
SCHEME = b"urn:c2pa:verifiable-segment-info"
CONTINUITY = "c2pa.manifestId"  # the one method that the standard has

_INFO = "segment-info-map"
_AFTER_FLAGS = 12  # bytes of an emsg box before its scheme: size, type, version, flags


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSegment:
    """A `c2pa.livevideo.segment` assertion."""

    number: int
    stream: str
    method: str | None  # None: it does not say
    previous: str | None  # the label of the manifest of the segment before

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read it; that there is no method of continuity is another code's business.

        Raises:
            MalformedError: a field absent or of another type, or a number below zero.
        """
        fields = Fields(value, SEGMENT)
        return cls(
            number=_natural(fields, "sequenceNumber"),
            stream=fields.need_text("streamId"),
            method=fields.text("continuityMethod"),
            previous=fields.text("previousManifestId"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKey:
    """A key that signs the words about segments, from a moment on and for a while."""

    kid: bytes
    key: PublicKey
    first_number: int
    begins: datetime
    ends: datetime
    binding: Sign1  # by this key, over the certificate of the manifest's signer

    @classmethod
    def read(cls, value: CborValue, limits: Limits) -> Self:
        """Read it. Whether the binding verifies is for validation to say.

        Raises:
            MalformedError: a field absent or of another type, no key, or no date.
            LimitError: more certificates in the binding than we look at.
        """
        fields = Fields(value, "session key")
        held = Fields(fields.map.get("key"), "COSE key").map
        kid = held.get(KID)
        if not isinstance(kid, bytes) or not kid:
            raise MalformedError("COSE key", "has no kid")
        begins = _moment(fields.date("createdAt"))
        bound = fields.map.get("signerBinding")
        try:
            ends = begins + timedelta(seconds=_natural(fields, "validityPeriod"))
        except OverflowError as error:
            raise MalformedError("session key", "is valid beyond the end of time") from error
        return cls(
            kid=kid,
            key=read_key(held),
            first_number=_natural(fields, "minSequenceNumber"),
            begins=begins,
            ends=ends,
            binding=parse(bound if isinstance(bound, bytes) else encode(bound), limits),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentInfo:
    """What a session key signs about a segment."""

    number: int
    manifest: str  # the label of the manifest that goes with it
    hash: BmffHash

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read it.

        Raises:
            MalformedError: a field absent or of another type, a hash with Merkle trees, or one
                that does not leave out the box that these words are in.
        """
        fields = Fields(value, _INFO)
        hard = BmffHash.read(fields.map.get("bmffHash"))
        if hard.merkle or hard.hash is None:
            raise MalformedError(_INFO, "its bmffHash has Merkle trees, or no hash")
        if not any(map(_names_us, hard.exclusions)):
            raise MalformedError(_INFO, "its bmffHash does not leave out our own emsg boxes")
        exclusions = tuple(map(_by_scheme, hard.exclusions))
        return cls(
            number=_natural(fields, "sequenceNumber"),
            manifest=fields.need_text("manifestId"),
            hash=BmffHash(exclusions=exclusions, hash=hard.hash, alg=hard.alg),
        )


def _names_us(one: Exclusion) -> bool:
    return one.xpath == "/emsg" and any(value == SCHEME for _, value in one.data)


def _by_scheme(one: Exclusion) -> Exclusion:
    """The standard writes offset 0 for the scheme, which stands behind the header (19.4.1)."""
    if not _names_us(one):
        return one
    data = tuple((at or _AFTER_FLAGS, value) for at, value in one.data)
    return Exclusion(one.xpath, one.length, data, one.subset, one.version, one.flags, one.exact)


def _natural(fields: Fields, key: str) -> int:
    value = fields.need_integer(key)
    if value < 0:
        raise MalformedError(key, f"is {value}")
    return value


def _moment(date: Any) -> datetime:
    try:
        read = datetime.fromisoformat(str(date))
    except ValueError as error:
        raise MalformedError("createdAt", f"{str(date)[:40]!r} is no date") from error
    if read.tzinfo is None:
        raise MalformedError("createdAt", "has no time zone")
    return read
