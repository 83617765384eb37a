"""An identity by claims aggregation: a credential in which somebody says whom they verified.

The issuer is named by a DID, whose keys come with the DID itself or from a document handed in.
Nothing is fetched unless somebody opened the door: what would have to be is said to be unavailable,
and that it is we who did not go there.
Source: CAWG identity 1.3, claims aggregation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import TYPE_CHECKING

from provenance.cose import algorithms
from provenance.cose.sign1 import Sign1, parse, sig_structure
from provenance.errors import LimitError, MalformedError
from provenance.model.assertions.identity import Identity
from provenance.trust.did import (
    DidProblem,
    Issuers,
    NoKeys,
    assertion_keys,
    document_address,
    is_did,
)
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.identity_results import Actor
from provenance.validate.identity_status import check_status
from provenance.validate.identity_time import Stamp, own_stamp
from provenance.validate.identity_vc import (
    Credential,
    identity_problems,
    moment,
    payload_of,
    read_credential,
)
from provenance.validate.status import Status

if TYPE_CHECKING:
    from provenance.fetch import Door

__all__ = ["Aggregation", "check_aggregation", "read_aggregation"]

_CONTENT_TYPE = 3
_CREDENTIAL_TYPE = "application/vc"
_PROBLEMS = {
    DidProblem.UNSUPPORTED_METHOD: Status.CAWG_ICA_DID_UNSUPPORTED_METHOD,
    DidProblem.UNAVAILABLE: Status.CAWG_ICA_DID_UNAVAILABLE,
    DidProblem.INVALID_DOCUMENT: Status.CAWG_ICA_INVALID_DID_DOCUMENT,
}


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A credential and its signature as found, or what stopped the reading."""

    sign1: Sign1 | None = None
    credential: Credential | None = None
    stamp: Stamp | None = None
    problem: str = ""

    @property
    def actor(self) -> Actor | None:
        """Whom the credential names, and who says so."""
        if self.credential is None:
            return None
        shown = self.credential.shown
        name = next((one.name or one.username for one in shown if one.name or one.username), None)
        return Actor(name=name, issuer=self.credential.issuer, identities=shown)


def read_aggregation(signature: bytes, context: Context, *, old_claim: bool) -> Aggregation:
    """Read a credential and its signature.

    Args:
        signature: the field of the identity assertion: a COSE_Sign1 with its payload attached.
        context: limits, and whose time stamps count.
        old_claim: is the claim of version 1, when any authority's time stamp counted?
    """
    try:
        sign1 = parse(signature, context.limits)
    except (MalformedError, LimitError) as error:
        return Aggregation(problem=str(error))
    own = context.trust.tsa_anchors and not context.trust.tsa_published
    any_authority = old_claim and not own
    stamp = own_stamp(sign1, context, any_authority=any_authority)
    try:
        credential = read_credential(sign1.payload or b"")
    except MalformedError as error:
        return Aggregation(sign1, None, stamp, str(error))
    return Aggregation(sign1, credential, stamp)


def check_aggregation(
    found: Aggregation,
    identity: Identity,
    issuers: Issuers,
    *,
    claim_alg: str | None,
    claim_time: datetime | None,
    now: datetime,
    door: "Door | None",
    url: str,
) -> Iterator[Finding]:
    """All that is to be said of a credential; only one that cannot be read stops the questions.

    Args:
        found: as read.
        identity: the assertion it is in.
        issuers: whose credentials count, and their DID documents.
        claim_alg: the hash algorithm of references that name none.
        claim_time: when the claim was signed, if a time stamp attests it.
        now: the moment to judge by.
        door: to the network; None: shut.
        url: of the identity assertion.
    """
    sign1, credential = found.sign1, found.credential
    if sign1 is None:
        yield Finding(Status.CAWG_ICA_INVALID_COSE_SIGN1, url, found.problem)
        return
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    if alg is None:
        told = f"signature algorithm {sign1.algorithm_id!r:.40}"
        yield Finding(Status.CAWG_ICA_INVALID_ALG, url, told)
    kind = sign1.protected.get(_CONTENT_TYPE)
    if kind != _CREDENTIAL_TYPE:
        yield Finding(Status.CAWG_ICA_INVALID_CONTENT_TYPE, url, f"content type {kind!r:.60}")
    if credential is None:
        yield Finding(Status.CAWG_ICA_INVALID_VERIFIABLE_CREDENTIAL, url, found.problem)
        return
    issuers, why = _with_document(credential.issuer, issuers, door)
    yield from _issuer(credential.issuer, sign1, alg, issuers, (url, why))
    stamps = [claim_time]
    if found.stamp is not None:
        yield _stamp(found.stamp, url)
        stamps.append(found.stamp.time)
    yield from _dates(credential, [one for one in (now, *stamps) if one is not None], now, url)
    yield from check_status(credential.status, credential.issuer, issuers, now, door, url)
    if not _same_payload(credential.asset, identity, claim_alg):
        told = "c2paAsset is not the signer payload"
        yield Finding(Status.CAWG_ICA_SIGNER_PAYLOAD_MISMATCH, url, told)
    yield from _identities(credential, url)


def _with_document(did: str, issuers: Issuers, door: "Door | None") -> tuple[Issuers, str]:
    """The issuers with a document that had to be fetched; else why there is none, if that is so."""
    if door is None or did in issuers.documents or (address := document_address(did)) is None:
        return issuers, ""
    from provenance.fetch import FetchError  # loads what speaks to the network: only when asked

    try:
        document = door.get(address, accept="application/did+json, application/json;q=0.9")
    except FetchError as error:
        return issuers, str(error)
    return replace(issuers, documents={**issuers.documents, did: document}), ""


def _issuer(
    did: str,
    sign1: Sign1,
    alg: algorithms.Algorithm | None,
    issuers: Issuers,
    place: tuple[str, str],
) -> Iterator[Finding]:
    url, why = place
    if not is_did(did):
        yield Finding(Status.CAWG_ICA_INVALID_ISSUER, url, f"the issuer is {did[:80]!r}")
        return
    keys = assertion_keys(did, issuers.documents)
    if isinstance(keys, NoKeys):
        yield Finding(_PROBLEMS[keys.problem], url, why or keys.why)
        address = document_address(did)
        if keys.problem is DidProblem.UNAVAILABLE and not why and address is not None:
            told = f"--online was not asked for: {address[:120]}"
            yield Finding(Status.CAWG_IDENTITY_NETWORK_TRAFFIC_BLOCKED, url, told)
        return
    if alg is None:
        return
    signed = sig_structure(sign1.protected_raw, sign1.payload or b"")
    if not any(algorithms.verify(alg, key, sign1.signature, signed) for key in keys):
        told = f"{alg.name} does not verify with the issuer's key"
        yield Finding(Status.CAWG_ICA_SIGNATURE_MISMATCH, url, told)
    elif did not in issuers.trusted:  # asked only of whom it is proven to come from
        yield Finding(Status.CAWG_ICA_UNTRUSTED_ISSUER, url, f"the issuer is {did[:200]}")


def _stamp(stamp: Stamp, url: str) -> Finding:
    if stamp.verdict.usable:
        authority = stamp.verdict.authority or ""
        return Finding(Status.CAWG_ICA_TIME_STAMP_VALIDATED, url, authority)
    return Finding(Status.CAWG_ICA_TIME_STAMP_INVALID, url, stamp.verdict.why)


def _dates(
    credential: Credential, moments: list[datetime], now: datetime, url: str
) -> Iterator[Finding]:
    """Valid from before all that is known to have happened, and not over yet."""
    if credential.valid_from is None:
        yield Finding(Status.CAWG_ICA_VALID_FROM_MISSING, url)
    else:
        start = moment(credential.valid_from)
        if start is None or start > min(moments):
            told = f"valid from {str(credential.valid_from)[:40]}"
            yield Finding(Status.CAWG_ICA_VALID_FROM_INVALID, url, told)
    if credential.valid_until is not None:
        end = moment(credential.valid_until)
        if end is None or end < now:
            told = f"valid until {str(credential.valid_until)[:40]}"
            yield Finding(Status.CAWG_ICA_VALID_UNTIL_INVALID, url, told)


def _same_payload(asset: object, identity: Identity, claim_alg: str | None) -> bool:
    """Was the credential issued for this payload? An algorithm left out is the claim's."""
    said = payload_of(asset)
    if said is None:
        return False
    references, kind, roles = said
    if (kind, roles) != (identity.sig_type, identity.roles):
        return False
    if len(references) != len(identity.referenced):
        return False
    return all(
        url == one.url
        and (alg or claim_alg) == (one.alg or claim_alg)
        and compare_digest(value, one.hash)
        for (url, alg, value), one in zip(references, identity.referenced, strict=True)
    )


def _identities(credential: Credential, url: str) -> Iterator[Finding]:
    rows = credential.identities
    if not isinstance(rows, list) or not rows:
        yield Finding(Status.CAWG_ICA_VERIFIED_IDENTITIES_MISSING, url)
        return
    for told in identity_problems(rows):
        yield Finding(Status.CAWG_ICA_VERIFIED_IDENTITIES_INVALID, url, told)
        return  # one is enough to say so
