"""COSE_Sign1, the envelope of a claim signature: reading it, and writing it to an exact size.

    18([ protected bstr, { unprotected }, nil, signature bstr ])

The payload is detached: it is the claim. What was signed is the Sig_structure around it, with the
protected header exactly as stored. Source: C2PA 2.2 §13.2; RFC 9052 §4; RFC 9360.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from provenance.cbor import CborValue, Tag, decode, encode
from provenance.errors import LimitError, MalformedError, SigningError
from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["ALG", "X5CHAIN", "Sign1", "encode_sign1", "parse", "sig_structure"]

ALG = 1
X5CHAIN = 33
_X5CHAIN_OLD = "x5chain"
_TAG = 18
_WHAT = "COSE_Sign1"

TimeStampLabel = Literal["sigTst2", "sigTst"]


@dataclass(frozen=True, slots=True)
class Sign1:
    """A claim signature as read. Headers are kept whole, also those nobody knows."""

    protected_raw: bytes  # what the signature covers
    protected: Mapping[CborValue, CborValue]
    unprotected: Mapping[CborValue, CborValue]
    payload: bytes | None  # None as it should be; judging is validation's work
    signature: bytes

    @property
    def algorithm_id(self) -> CborValue:
        """The `alg` header, an integer in sound files; None when there is none."""
        return self.protected.get(ALG)

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """The signer's certificates as DER, leaf first.

        Label 33 goes before the text label of older drafts; either bucket will do.

        Raises:
            MalformedError: no chain, one in each bucket, or not made of byte strings.
        """
        for label in (X5CHAIN, _X5CHAIN_OLD):
            found = [bucket[label] for bucket in self._buckets if label in bucket]
            if len(found) > 1:
                raise MalformedError(_WHAT, f"header {label} in both buckets")
            if found:
                return _chain(found[0])
        raise MalformedError(_WHAT, "no certificates: header 33 (x5chain) is missing")

    @property
    def time_stamps(self) -> tuple[tuple[TimeStampLabel, bytes], ...]:
        """The time stamp of each kind there is, version 2 first: its header and its DER bytes.

        Raises:
            MalformedError: a time stamp header does not hold exactly one token.
        """
        labels: tuple[TimeStampLabel, ...] = ("sigTst2", "sigTst")
        return tuple(
            (label, _token(label, self.unprotected[label]))
            for label in labels
            if label in self.unprotected
        )

    @property
    def ocsp_values(self) -> tuple[bytes, ...]:
        """The stapled OCSP responses as DER.

        Google writes a null for each certificate that it has no response for; we pass over it.

        Raises:
            MalformedError: the `rVals` header is not a list of byte strings.
        """
        if "rVals" not in self.unprotected:
            return ()
        match self.unprotected["rVals"]:
            case {"ocspVals": [*values]} if all(isinstance(one, bytes | None) for one in values):
                return tuple(one for one in values if one is not None)
        raise MalformedError("rVals header", "not a map with a list of byte strings, ocspVals")

    @property
    def _buckets(self) -> tuple[Mapping[CborValue, CborValue], ...]:
        return self.protected, self.unprotected


def _chain(value: CborValue) -> tuple[bytes, ...]:
    certificates = value if isinstance(value, (list, tuple)) else [value]
    if certificates and all(isinstance(one, bytes) and one for one in certificates):
        return tuple(certificates)
    raise MalformedError("x5chain header", "neither a byte string nor an array of them")


def _token(label: TimeStampLabel, value: CborValue) -> bytes:
    match value:
        case {"tstTokens": [{"val": bytes(token)}]}:
            return token
        case {"tstTokens": [*tokens]} if len(tokens) != 1:
            raise MalformedError(f"{label} header", f"{len(tokens)} tokens; it holds exactly one")
    raise MalformedError(f"{label} header", "not a map with a list of one token, tstTokens")


def parse(data: bytes | memoryview, limits: Limits = DEFAULT_LIMITS) -> Sign1:
    """Read a claim signature: the content of its `cbor` box.

    Raises:
        MalformedError: not CBOR, not tagged 18, or not the four elements of a COSE_Sign1.
        LimitError: more certificates than we are willing to look at.
    """
    outer = decode(data, limits)
    if not isinstance(outer, Tag) or outer.number != _TAG:
        raise MalformedError(_WHAT, "CBOR tag 18 is missing")
    match outer.value:
        case [bytes(raw), Mapping() as unprotected, None | bytes() as payload, bytes(signature)]:
            pass
        case _:
            raise MalformedError(_WHAT, "not a byte string, a map, nil and a byte string")
    protected = decode(raw, limits) if raw else {}
    if not isinstance(protected, Mapping):
        raise MalformedError(_WHAT, "the protected header is no map")
    sign1 = Sign1(raw, protected, unprotected, payload, signature)
    _check_count(sign1, limits)
    return sign1


def _check_count(sign1: Sign1, limits: Limits) -> None:
    for bucket in (sign1.protected, sign1.unprotected):
        for label in (X5CHAIN, _X5CHAIN_OLD):
            chain = bucket.get(label)
            if isinstance(chain, (list, tuple)) and len(chain) > limits.certificates:
                raise LimitError(
                    "x5chain header", f"{len(chain)} certificates, {limits.certificates} allowed"
                )


def sig_structure(
    protected_raw: bytes, payload: bytes | memoryview, context: str = "Signature1"
) -> bytes:
    """The bytes that are signed, or time-stamped with context "CounterSignature".

    Args:
        protected_raw: the protected header as stored.
        payload: the content of the claim's `cbor` box, without the box header.

    Source: C2PA 2.2 §13.2.3; RFC 9052 §4.4.
    """
    return encode([context, protected_raw, b"", payload])


def encode_sign1(
    protected_raw: bytes,
    unprotected: Mapping[str, CborValue],
    signature: bytes,
    *,
    total_length: int | None = None,
) -> bytes:
    """Write a claim signature, padded to an exact size.

    The size is fixed before the signature exists, because the asset's hash leaves out a span of
    that size. `pad` fills it; where one byte string cannot (its own head grows in steps), `pad2`
    takes the rest. Reachable: the size without padding, and all from 5 bytes above it.

    Args:
        protected_raw: the protected header, encoded.
        unprotected: further headers; no `pad`, no `pad2`.
        total_length: bytes of the result; None for no padding.

    Raises:
        SigningError: `total_length` is too small; says by how much.

    Source: C2PA 2.2 §10.4.
    """
    bare = _encode(protected_raw, dict(unprotected), signature)
    if total_length is None or len(bare) == total_length:
        return bare
    least = _encode(protected_raw, {**unprotected, "pad": b""}, signature)
    for second in (None, *range(8)):
        pads = {"pad": b""} if second is None else {"pad": b"", "pad2": bytes(second)}
        smallest = _encode(protected_raw, {**unprotected, **pads}, signature)
        left = total_length - len(smallest)
        for head in (0, 1, 2, 4):  # bytes by which the head of `pad` grows with its length
            if left < head:
                break
            pads["pad"] = bytes(left - head)
            padded = _encode(protected_raw, {**unprotected, **pads}, signature)
            if len(padded) == total_length:
                return padded
    raise SigningError(
        "claim signature",
        f"{len(least)} bytes with the least padding, {total_length} reserved: "
        f"{len(least) - total_length} more are needed",
    )


def _encode(protected_raw: bytes, unprotected: dict[str, CborValue], signature: bytes) -> bytes:
    return encode(Tag(_TAG, [protected_raw, unprotected, None, signature]))
