"""What an actor expects of the manifest around an identity: its claim, its signer, the others.

Versions 1.0 to 1.2 have these fields; 1.3 took them out, as nobody had written them, and tells to
ignore them. An actor who signed such a condition vouches under it and not otherwise, so it is
looked at wherever it stands.
Source: CAWG identity 1.1, "Validation method".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from provenance.cbor import CborValue, decode, encode
from provenance.digests import digest, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri
from provenance.limits import Limits
from provenance.model.assertions import identity as model
from provenance.model.assertions.identity import Countersigner, ExpectedHash, Identity
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.status import Status

__all__ = ["Around", "check_expected"]

_LISTS = ("created_assertions", "gathered_assertions", "assertions")
_MOST = 64  # other identities of a manifest, and entries about them, that are looked at


@dataclass(frozen=True, slots=True)
class Around:
    """What is around the identities of a manifest."""

    reading: Reading
    signer: bytes | None  # the claim signer's certificate, DER
    others: Mapping[str, Identity]  # every identity of the manifest that can be read, by URL
    limits: Limits


def check_expected(identity: Identity, url: str, around: Around) -> Iterator[Finding]:
    """Hold the manifest to what an actor signed that it would be.

    Args:
        identity: theirs.
        url: of the assertion.
        around: the manifest.
    """
    told = identity.countersigners
    others = {name: one for name, one in around.others.items() if name != url}
    pairs = [] if told is None else list(_pairs(told, others))
    if identity.partial_claim is not None:
        blank = {url, *(name for name, entry in pairs if entry is not None)}
        found = _partial_claim(around, blank)
        if not _fits(identity.partial_claim, found):
            yield Finding(Status.CAWG_IDENTITY_EXPECTED_PARTIAL_CLAIM_MISMATCH, url)
    if identity.claim_generator is not None and not _is(identity.claim_generator, around.signer):
        yield Finding(Status.CAWG_IDENTITY_EXPECTED_CLAIM_GENERATOR_MISMATCH, url)
    if told is not None:
        yield from _countersigners(told, pairs, others, url, around.limits)


def _pairs(
    told: Sequence[Countersigner], others: Mapping[str, Identity]
) -> Iterator[tuple[str, int | None]]:
    """For each other identity which entry speaks of it, by number; each entry speaks of one."""
    wanted = [encode(entry.payload) for entry in told[:_MOST]]
    left = set(range(len(wanted)))
    for name, one in tuple(others.items())[:_MOST]:
        payload = encode(one.partial_payload)
        at = next((index for index in sorted(left) if wanted[index] == payload), None)
        left.discard(-1 if at is None else at)
        yield name, at


def _countersigners(
    told: Sequence[Countersigner],
    pairs: Sequence[tuple[str, int | None]],
    others: Mapping[str, Identity],
    url: str,
    limits: Limits,
) -> Iterator[Finding]:
    for name, at in pairs:
        if at is None:
            yield Finding(Status.CAWG_IDENTITY_UNEXPECTED_COUNTERSIGNER, url, name)
            return  # here and below the specification asks no further
        expected = told[at].credential
        if expected is not None and not _is(expected, _leaf(others[name], limits)):
            yield Finding(Status.CAWG_IDENTITY_EXPECTED_COUNTERSIGNER_MISMATCH, url, name)
            return
    met = {at for _, at in pairs}
    missing = [index for index in range(len(told)) if index not in met]
    if missing:
        why = f"{len(missing)} of {len(told)} are not there"
        yield Finding(Status.CAWG_IDENTITY_EXPECTED_COUNTERSIGNER_MISSING, url, why)


def _leaf(identity: Identity, limits: Limits) -> bytes | None:
    """The certificate of an identity's signer; only those of this kind can be expected."""
    from provenance.cose.sign1 import parse

    if identity.sig_type != model.X509:
        return None
    try:
        return parse(identity.signature, limits).certificate_chain[0]
    except (MalformedError, LimitError):
        return None


def _is(expected: ExpectedHash, certificate: bytes | None) -> bool:
    """Is it this certificate, hashed as the CBOR byte string of the specification or bare?"""
    forms = () if certificate is None else (encode(certificate), certificate)
    return any(_fits(expected, form) for form in forms)


def _fits(expected: ExpectedHash, data: bytes | None) -> bool:
    if data is None or not is_allowed(expected.alg):
        return False
    return compare_digest(digest(data, expected.alg), expected.hash)


def _partial_claim(around: Around, blank: set[str]) -> bytes | None:
    """The claim in deterministic CBOR, with zeros for the hashes of some assertions."""
    value = decode(around.reading.claim_bytes, around.limits)
    if not isinstance(value, dict):
        return None
    label = around.reading.manifest.label
    lists = {
        key: [_blanked(one, label, blank) for one in rows]
        for key in _LISTS
        if isinstance(rows := value.get(key), list)
    }
    return encode(value | lists)


def _blanked(row: Any, label: str, blank: set[str]) -> CborValue:
    if not isinstance(row, dict) or not isinstance(row.get("hash"), bytes):
        return row
    try:
        url = JumbfUri.parse(str(row.get("url"))).within(label).text
    except MalformedError:
        return row
    return {**row, "hash": bytes(len(row["hash"]))} if url in blank else row
