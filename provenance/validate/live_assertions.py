"""Live video in one manifest: the session keys it brings, and what it says of its segment.

Source: C2PA 2.4 §15.10.3.2.5, §18.25, §19.7.2, §19.7.3.
"""

from collections.abc import Iterator

from provenance.cbor import encode
from provenance.cose import algorithms
from provenance.cose.sign1 import sig_structure
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.model.assertions.live_video import (
    CONTINUITY,
    KEYS,
    SEGMENT,
    LiveSegment,
    SessionKey,
)
from provenance.model.fields import Fields
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed, Reading
from provenance.validate.signature import Signed
from provenance.validate.status import Status

__all__ = ["check_live_assertions", "keys_of", "segment_of"]

_MOST_KEYS = 64  # of a manifest; each costs a signature


def check_live_assertions(reading: Reading, signed: Signed, context: Context) -> Iterator[Finding]:
    """Are they well made, and do the keys belong to who signed the manifest?"""
    for listed in _sound(reading, SEGMENT):
        yield from _check_segment(listed)
    held = tuple(_sound(reading, KEYS))
    for listed in held[1:]:
        told = f"{len(held)} of them in a manifest"
        yield Finding(Status.LIVEVIDEO_SESSIONKEY_INVALID, listed.url, told)
    leaf = signed.judgement.leaf.der if signed.judgement else None
    for listed in held[:1]:
        for found in _each(listed, leaf, context.limits):
            if isinstance(found, str):
                yield Finding(Status.LIVEVIDEO_SESSIONKEY_INVALID, listed.url, found)


def segment_of(reading: Reading) -> tuple[Listed, LiveSegment] | None:
    """What a manifest says of the segment it is in, if it does and can be read."""
    for listed in _sound(reading, SEGMENT):
        try:
            return listed, LiveSegment.read(listed.value)
        except MalformedError:
            return None
    return None


def keys_of(reading: Reading, signer: bytes | None, limits: Limits) -> Iterator[SessionKey]:
    """The session keys that belong to who signed the manifest.

    Args:
        reading: the manifest, which has been found to hold.
        signer: the certificate it was signed with, DER.
        limits: how much to read.
    """
    for listed in tuple(_sound(reading, KEYS))[:1]:
        for found in _each(listed, signer, limits):
            if isinstance(found, SessionKey):
                yield found


def _sound(reading: Reading, name: str) -> Iterator[Listed]:
    return (one for one in reading.named(name) if one.box is not None and one.problem is None)


def _check_segment(listed: Listed) -> Iterator[Finding]:
    try:
        said = LiveSegment.read(listed.value)
    except MalformedError as error:
        yield Finding(Status.LIVEVIDEO_ASSERTION_INVALID, listed.url, error.problem)
        return
    if said.method != CONTINUITY:
        told = "it names none" if said.method is None else f"{said.method[:80]} is not known here"
        yield Finding(Status.LIVEVIDEO_CONTINUITY_METHOD_INVALID, listed.url, told)
    elif said.previous is None:
        told = "it does not name the manifest before"
        yield Finding(Status.LIVEVIDEO_CONTINUITY_METHOD_INVALID, listed.url, told)


def _each(listed: Listed, leaf: bytes | None, limits: Limits) -> Iterator[SessionKey | str]:
    """Each key, or what is wrong with it."""
    try:
        rows = Fields(listed.value, KEYS).some("keys", lambda row: row)
    except MalformedError as error:
        yield error.problem
        return
    if len(rows) > _MOST_KEYS:
        yield f"{len(rows)} keys, of which we look at {_MOST_KEYS}"
    names: set[bytes] = set()
    for number, row in enumerate(rows[:_MOST_KEYS], 1):
        try:
            key = SessionKey.read(row, limits)
        except (MalformedError, LimitError) as error:
            yield f"key {number}: {error}"
            continue
        if key.kid in names:
            yield f"key {number}: another one has its kid"
        elif not _is_bound(key, leaf):
            yield f"key {number}: its binding to the signer does not verify"
        else:
            yield key
        names.add(key.kid)


def _is_bound(key: SessionKey, leaf: bytes | None) -> bool:
    sign1 = key.binding
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    # Detached is nil; the standard's own example has an empty byte string.
    if leaf is None or alg is None or sign1.payload:
        return False
    signed = sig_structure(sign1.protected_raw, encode(leaf))
    return algorithms.verify(alg, key.key, sign1.signature, signed)
