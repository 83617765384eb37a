"""`cawg.identity`: a named actor vouches for assertions of a manifest.

    { signer_payload: { referenced_assertions, sig_type, ?role, ?expected_… }, signature,
      pad1, ?pad2 }

What the actor signs is the payload's CBOR. The specification wants it in deterministic order, the
reference implementation signs it as it is stored; both are looked at, and what is written has the
order that the reference implementation rebuilds.
Source: CAWG identity 1.3; 1.1 for what is expected of the manifest around it; RFC 8949 §4.2.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from provenance.cbor import CborValue, encode
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri

__all__ = ["ICA", "NAME", "X509", "Countersigner", "ExpectedHash", "Identity"]
__all__ += ["encode_identity", "encode_payload", "signed_forms"]

NAME = "cawg.identity"
X509 = "cawg.x509.cose"
ICA = "cawg.identity_claims_aggregation"

_PAYLOAD = "signer_payload"
_COUNTERSIGNERS = "expected_countersigners"
_STRINGS, _ARRAY, _MAP, _TAG = (2, 3), 4, 5, 6
_UNTIL_BREAK = 31


@dataclass(frozen=True, slots=True)
class ExpectedHash:
    """A `hash-map` of the payload: what an actor expects something else to hash to."""

    alg: str
    hash: bytes

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read it.

        Raises:
            MalformedError: a field absent or of another type.
        """
        fields = Fields(value, "hash map")
        return cls(fields.need_text("alg"), fields.need_data("hash"))


@dataclass(frozen=True, slots=True)
class Countersigner:
    """Another identity assertion that an actor expects beside their own."""

    payload: dict[Any, CborValue]  # without what that one expects of others
    credential: ExpectedHash | None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read it.

        Raises:
            MalformedError: a field absent or of another type.
        """
        fields = Fields(value, "expected countersigner")
        payload = Fields(fields.map.get("partial_signer_payload"), "partial_signer_payload").map
        return cls(payload, fields.one("expected_credentials", ExpectedHash.read))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The assertion as stored. `payload` keeps fields nobody knows: they were signed too."""

    referenced: tuple[HashedUri, ...]
    sig_type: str
    roles: tuple[str, ...]
    payload: dict[Any, CborValue]
    signature: bytes
    pads: tuple[bytes, ...]
    # What the actor expects of the manifest around it (1.0 to 1.2); None: nothing.
    partial_claim: ExpectedHash | None = None
    claim_generator: ExpectedHash | None = None
    countersigners: tuple[Countersigner, ...] | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion. An empty list of references is read: what it lacks is another code.

        Raises:
            MalformedError: a required field is absent, or one is of another type.
        """
        outer = Fields(value, NAME)
        payload = Fields(outer.map.get(_PAYLOAD), _PAYLOAD)
        if "referenced_assertions" not in payload.map:
            raise MalformedError(_PAYLOAD, "has no referenced_assertions")
        pads = (outer.need_data("pad1"), outer.data("pad2") or b"")
        return cls(
            referenced=payload.each("referenced_assertions", HashedUri.read),
            sig_type=payload.need_text("sig_type"),
            roles=payload.each("role", _text),
            payload=payload.map,
            signature=outer.need_data("signature"),
            pads=pads,
            partial_claim=payload.one("expected_partial_claim", ExpectedHash.read),
            claim_generator=payload.one("expected_claim_generator", ExpectedHash.read),
            countersigners=payload.each(_COUNTERSIGNERS, Countersigner.read)
            if _COUNTERSIGNERS in payload.map
            else None,
        )

    @property
    def partial_payload(self) -> dict[Any, CborValue]:
        """The payload without what it expects of others: how those name this one."""
        return {key: value for key, value in self.payload.items() if key != _COUNTERSIGNERS}


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise MalformedError(_PAYLOAD, "role holds something that is no text")
    return value


def signed_forms(identity: Identity, content: memoryview) -> Iterator[bytes]:
    """The bytes an actor may have signed: the payload as stored, then in deterministic order.

    Both say the same: they decode to the same value, no key of which comes twice.

    Args:
        identity: as read.
        content: the assertion's CBOR, which has been decoded without error.
    """
    stored = _stored_payload(content)
    if stored is not None:
        yield bytes(stored)
    rebuilt = encode(identity.payload)
    if stored is None or rebuilt != stored:
        yield rebuilt


def encode_payload(
    referenced: Sequence[HashedUri], sig_type: str, roles: Sequence[str] = ()
) -> bytes:
    """What an actor signs, as CBOR in the order in which c2pa-rs rebuilds it for verifying."""
    rows: list[tuple[str, bytes]] = [
        ("referenced_assertions", _array([_reference(one) for one in referenced])),
        ("sig_type", encode(sig_type)),
    ]
    if roles:
        rows.append(("role", encode(list(roles))))
    return _map(rows)


def encode_identity(payload: bytes, signature: bytes) -> bytes:
    """The assertion's CBOR around a payload, which stays as it was signed."""
    rows = [("pad1", encode(b"")), ("signature", encode(signature)), (_PAYLOAD, payload)]
    return _map(rows)


def _reference(one: HashedUri) -> bytes:
    alg = [] if one.alg is None else [("alg", encode(one.alg))]
    return _map([("url", encode(one.url)), *alg, ("hash", encode(one.hash))])


def _map(rows: Sequence[tuple[str, bytes]]) -> bytes:
    # An integer's encoding is also the head of a map: only the major type differs.
    return _head(_MAP, len(rows)) + b"".join(encode(key) + value for key, value in rows)


def _array(items: Sequence[bytes]) -> bytes:
    return _head(_ARRAY, len(items)) + b"".join(items)


def _head(major: int, count: int) -> bytes:
    first, *rest = encode(count)
    return bytes((major << 5 | first, *rest))


def _stored_payload(content: memoryview) -> memoryview | None:
    """The bytes of the payload within the assertion; None when its key is spelled oddly."""
    wanted = encode(_PAYLOAD)
    _, _, at = _read_head(content, 0)
    while at < len(content) and content[at] != 0xFF:
        end = _end(content, at)
        after = _end(content, end)
        if content[at:end] == wanted:
            return content[end:after]
        at = after
    return None


def _read_head(data: memoryview, at: int) -> tuple[int, int, int]:
    """Major type, argument (-1: until a break), and where the head ends."""
    major, number = data[at] >> 5, data[at] & 31
    at += 1
    if number == _UNTIL_BREAK:
        return major, -1, at
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(number, 0)
    if width:
        number = int.from_bytes(data[at : at + width])
    return major, number, at + width


def _end(data: memoryview, at: int) -> int:
    """Where the item at `at` ends. The data is well-formed."""
    left = [1]  # items to come on each level; below zero: until a break
    while left:
        if left[-1] == 0:
            left.pop()
            continue
        if data[at] == 0xFF:
            left.pop()
            at += 1
            continue
        left[-1] -= 1
        major, number, at = _read_head(data, at)
        if major in _STRINGS:
            if number < 0:
                left.append(-1)
            else:
                at += number
        elif major in (_ARRAY, _MAP):
            left.append(number if major == _ARRAY or number < 0 else 2 * number)
        elif major == _TAG:
            left.append(1)
    return at
