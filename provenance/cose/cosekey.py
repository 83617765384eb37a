"""COSE keys: the public half of a key as a map of integers.

    { 1: kty, 2: kid, -1: crv, -2: x, -3: y }      kty 2; 1 has no y; of 3, -1 is n and -2 is e

Source: RFC 9052 §7; RFC 9053 §7; RFC 8230 §4.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from provenance.errors import MalformedError

__all__ = ["KID", "PublicKey", "read_key"]

KID = 2

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

_OKP, _EC2, _RSA = 1, 2, 3
_CURVES: dict[object, tuple[type[ec.EllipticCurve], int]] = {
    1: (ec.SECP256R1, 32),
    2: (ec.SECP384R1, 48),
    3: (ec.SECP521R1, 66),
}
_ED25519 = 6
_RSA_BYTES = 2048  # of a modulus
_WHAT = "COSE key"


def read_key(value: Mapping[Any, Any]) -> PublicKey:
    """The key.

    Raises:
        MalformedError: of another kind than claims are signed with, or no point of its curve.
    """
    kind, curve = value.get(1), value.get(-1)
    try:
        if kind == _OKP and curve == _ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(_data(value, -2))
        if kind == _EC2 and type(curve) is int and curve in _CURVES:
            shape, width = _CURVES[curve]
            x, y = _data(value, -2), value.get(-3)
            point = bytes((2 + y,)) + x if isinstance(y, bool) else b"\4" + x + _data(value, -3)
            if len(x) != width:
                raise MalformedError(_WHAT, f"x is {len(x)} bytes long, not {width}")
            return ec.EllipticCurvePublicKey.from_encoded_point(shape(), point)
        if kind == _RSA:
            n, e = _data(value, -1), _data(value, -2)
            if len(n) > _RSA_BYTES or len(e) > 8:
                raise MalformedError(_WHAT, f"an RSA modulus of {len(n)} bytes")
            return rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError(_WHAT, str(error)[:120]) from error
    raise MalformedError(_WHAT, f"of type {kind!r:.40}, curve {curve!r:.40}")


def _data(value: Mapping[Any, Any], label: int) -> bytes:
    held = value.get(label)
    if not isinstance(held, bytes):
        raise MalformedError(_WHAT, f"has no {label}")
    return held
