"""Identity assertions: who vouches for a manifest, and does it hold?

Another question than whether the asset is whole and its claim signer trusted: what is found here
has codes of its own, is listed with the manifest that holds the assertion, and changes no verdict.
Source: CAWG identity 1.3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions import identity as model
from provenance.model.assertions.content import is_redacted
from provenance.model.assertions.identity import Identity
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import ManifestKind
from provenance.trust.did import NOBODY, Issuers
from provenance.validate.assertions import hard_bindings
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.identity_ica import check_aggregation, read_aggregation
from provenance.validate.identity_results import Actor, IdentityReport
from provenance.validate.identity_x509 import check_x509, read_signer
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status
from provenance.validate.walk import target_label

__all__ = ["check_identities"]

_LOOKED_AT = 256  # identity assertions of a whole chain; each may take several signatures
_HASHES, _PARTS = "c2pa.hash.", "c2pa.hash.multi-asset"
# What leaves an identity whole: it is about trust, or about what was not asked.
_NO_FLAW = frozenset((Status.CAWG_X509_CREDENTIAL_UNTRUSTED,))
_VOUCHED = frozenset((Status.CAWG_X509_CREDENTIAL_TRUSTED, Status.CAWG_ICA_CREDENTIAL_VALID))


@dataclass(frozen=True, slots=True)
class _Signed:
    """What was found out about the signature of one identity assertion."""

    findings: tuple[Finding, ...]
    actor: Actor | None = None
    time: datetime | None = None


def check_identities(
    context: Context, times: Mapping[str, datetime | None], issuers: Issuers = NOBODY
) -> dict[str, tuple[IdentityReport, ...]]:
    """Check the identity assertions of every manifest of the chain.

    Args:
        context: the manifests, whom to trust, and by what moment.
        times: when each claim was signed, by manifest label; None where nothing attests it.
        issuers: whose aggregated identities count.

    Returns:
        By manifest label; nothing for a manifest without identity assertions.
    """
    left = _LOOKED_AT
    reports: dict[str, tuple[IdentityReport, ...]] = {}
    for label, reading in context.readings.items():
        found = []
        for one in {one.url: one for one in reading.named(model.NAME)}.values():
            if one.box is None or (one.url in context.redacted and is_redacted(one.box)):
                continue  # that it is gone is for other clauses to say
            left -= 1
            if left >= 0:
                found.append(_check(one, reading, times.get(label), context, issuers))
            else:
                found.append(_not_looked_at(one.url))
        if found:
            reports[label] = tuple(found)
    return reports


def _not_looked_at(url: str) -> IdentityReport:
    told = f"{_LOOKED_AT} identity assertions of a chain are looked at"
    return IdentityReport(uri=url, findings=(Finding(Status.IDENTITY_NOT_CHECKED, url, told),))


def _check(
    listed: Listed,
    reading: Reading,
    claim_time: datetime | None,
    context: Context,
    issuers: Issuers,
) -> IdentityReport:
    url = listed.url
    content = listed.box.first(b"cbor") if listed.box else None
    try:
        if listed.problem is not None or content is None:
            raise listed.problem or MalformedError(model.NAME, "holds no CBOR")
        identity = Identity.read(listed.value)
    except MalformedError as error:
        broken = Finding(Status.CAWG_IDENTITY_CBOR_INVALID, url, error.problem)
        return IdentityReport(uri=url, findings=(broken,))
    findings = [*_references(identity, listed, reading, context)]
    if any(map(any, identity.pads)):
        findings.append(Finding(Status.CAWG_IDENTITY_PAD_INVALID, url))
    signed = _signature(identity, content.payload, url, reading, claim_time, context, issuers)
    findings += signed.findings
    findings += _verdict(findings, identity, url)
    return IdentityReport(
        uri=url,
        sig_type=identity.sig_type,
        roles=identity.roles,
        referenced=tuple(one.url for one in identity.referenced),
        actor=signed.actor,
        time=signed.time,
        findings=tuple(findings),
    )


def _verdict(findings: list[Finding], identity: Identity, url: str) -> Iterator[Finding]:
    if any(one.failed and one.status not in _NO_FLAW for one in findings):
        return
    present = {one.status for one in findings}
    if identity.sig_type == model.ICA and Status.CAWG_ICA_UNTRUSTED_ISSUER not in present:
        yield Finding(Status.CAWG_ICA_CREDENTIAL_VALID, url)
        present.add(Status.CAWG_ICA_CREDENTIAL_VALID)
    if present & _VOUCHED:
        yield Finding(Status.CAWG_IDENTITY_TRUSTED, url)
    else:
        yield Finding(Status.CAWG_IDENTITY_WELL_FORMED, url)


def _signature(
    identity: Identity,
    content: memoryview,
    url: str,
    reading: Reading,
    claim_time: datetime | None,
    context: Context,
    issuers: Issuers,
) -> _Signed:
    if identity.sig_type == model.X509:
        signer = read_signer(identity.signature, context)
        forms = model.signed_forms(identity, content)
        found = tuple(check_x509(signer, forms, claim_time, context, url))
        return _Signed(found, signer.actor, signer.stamp.time if signer.stamp else None)
    if identity.sig_type == model.ICA:
        claim = reading.claim
        old = claim is not None and claim.version == 1
        held = read_aggregation(identity.signature, context, old_claim=old)
        told = check_aggregation(
            held,
            identity,
            issuers,
            claim_alg=claim.alg if claim else None,
            claim_time=claim_time,
            now=context.at,
            url=url,
        )
        return _Signed(tuple(told), held.actor, held.stamp.time if held.stamp else None)
    kind = f"sig_type {identity.sig_type[:60]!r}"
    return _Signed((Finding(Status.CAWG_IDENTITY_SIG_TYPE_UNKNOWN, url, kind),))


def _references(
    identity: Identity, listed: Listed, reading: Reading, context: Context
) -> Iterator[Finding]:
    """Did the actor sign for assertions that are there, once each, and for this very asset?"""
    url = listed.url
    reachable = _reachable(reading, context)
    at_hand = {one.url: (one, source) for source in reachable for one in source.assertions}
    bound = {one.url for one in _hard_bindings(reading, context)}
    seen: set[str] = set()
    for ref in identity.referenced:
        name = _absolute(ref, reading)
        if name in seen:
            yield Finding(Status.CAWG_IDENTITY_ASSERTION_DUPLICATE, url, ref.url[:200])
            continue
        seen.add(name)
        if name == url or name not in at_hand or not _same(ref, *at_hand[name], reading):
            yield Finding(
                Status.CAWG_IDENTITY_ASSERTION_MISMATCH, url, f"{ref.url[:200]}: not as listed"
            )
    if not seen & bound:
        others = any(_is_hash(name) for name in seen)
        code = (
            Status.CAWG_IDENTITY_HARD_BINDING_INCORRECT
            if others
            else Status.CAWG_IDENTITY_HARD_BINDING_MISSING
        )
        yield Finding(code, url)
    elif any(_is_hash(name) for name in seen - bound):
        yield Finding(Status.CAWG_IDENTITY_HARD_BINDING_INCORRECT, url, "there is another one too")


def _absolute(ref: HashedUri, reading: Reading) -> str:
    try:
        return JumbfUri.parse(ref.url).within(reading.manifest.label).text
    except MalformedError:
        return ref.url


def _is_hash(url: str) -> bool:
    label = url.rpartition("/")[2]
    return label.startswith(_HASHES) and not label.startswith(_PARTS)


def _same(ref: HashedUri, listed: Listed, source: Reading, reading: Reading) -> bool:
    """Do two references name the same bytes? An algorithm left out is the claim's."""
    own = ref.alg or (reading.claim.alg if reading.claim else None)
    theirs = listed.ref.alg or (source.claim.alg if source.claim else None)
    return own == theirs and compare_digest(ref.hash, listed.ref.hash)


def _reachable(reading: Reading, context: Context) -> tuple[Reading, ...]:
    """This manifest, and for an update manifest those that it updates."""
    found = [reading]
    while found[-1].manifest.kind is ManifestKind.UPDATE:
        parent = _parent(found[-1], context)
        if parent is None or any(parent is one for one in found):
            break
        found.append(parent)
    return tuple(found)


def _parent(reading: Reading, context: Context) -> Reading | None:
    for typed in reading.ingredients:
        reference = typed.content.active_manifest if typed.content else None
        if typed.content is not None and typed.content.relationship == "parentOf" and reference:
            return context.readings.get(target_label(reference.url) or "")
    return None


def _hard_bindings(reading: Reading, context: Context) -> tuple[Listed, ...]:
    """The binding that applies: the manifest's own, or that of what it updates (§15.12)."""
    return hard_bindings(_reachable(reading, context)[-1])
