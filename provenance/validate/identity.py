"""Identity assertions: who vouches for a manifest, and does it hold?

Another question than whether the asset is whole and its claim signer trusted: what is found here
has codes of its own, is listed with the manifest that holds the assertion, and changes no verdict.
Source: CAWG identity 1.3.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from provenance.validate.identity_expected import Around, check_expected
from provenance.validate.identity_results import Actor, IdentityReport
from provenance.validate.reading import Listed, Reading
from provenance.validate.status import Status
from provenance.validate.walk import target_label

__all__ = ["ClaimSigned", "check_identities"]

_LOOKED_AT = 256  # identity assertions of a whole chain; each may take several signatures
_HASHES, _PARTS = "c2pa.hash.", "c2pa.hash.multi-asset"
# What leaves an identity whole: it is about trust, or about what was not asked.
_NO_FLAW = frozenset((Status.CAWG_X509_CREDENTIAL_UNTRUSTED,))
_VOUCHED = frozenset((Status.CAWG_X509_CREDENTIAL_TRUSTED, Status.CAWG_ICA_CREDENTIAL_VALID))


@dataclass(frozen=True, slots=True)
class ClaimSigned:
    """What is known of the signature of a claim: when, as far as it is attested, and by whom."""

    time: datetime | None = None
    certificate: bytes | None = None  # DER, of the signer


@dataclass(frozen=True, slots=True)
class _Place:
    """A manifest as its identity assertions see it."""

    reading: Reading
    claim_time: datetime | None
    context: Context
    issuers: Issuers
    at_hand: Mapping[str, tuple[str | None, bytes]]  # algorithm and hash of what can be vouched for
    bound: frozenset[str]  # the hard binding that applies
    around: Around

    @classmethod
    def of(
        cls,
        reading: Reading,
        signed: "ClaimSigned",
        context: Context,
        issuers: Issuers,
        held: Sequence[Listed],
    ) -> "_Place":
        """Look around once, for all identity assertions of a manifest."""
        reachable = _reachable(reading, context)
        at_hand = {
            one.url: (_alg(one.ref, source), one.ref.hash)
            for source in reachable
            for one in source.assertions
        }
        bound = frozenset(one.url for one in hard_bindings(reachable[-1]))
        around = Around(reading, signed.certificate, dict(_readable(held)), context.limits)
        return cls(reading, signed.time, context, issuers, at_hand, bound, around)


def _readable(held: Sequence[Listed]) -> Iterator[tuple[str, Identity]]:
    for one in held[:_LOOKED_AT]:
        try:
            yield one.url, Identity.read(one.value)
        except MalformedError:
            continue


_UNSIGNED = ClaimSigned()


def _alg(ref: HashedUri, source: Reading) -> str | None:
    """The algorithm of a reference; one left out is the claim's."""
    return ref.alg or (source.claim.alg if source.claim else None)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What was found out about the signature of one identity assertion."""

    findings: tuple[Finding, ...]
    actor: Actor | None = None
    time: datetime | None = None


def check_identities(
    context: Context, claims: Mapping[str, ClaimSigned], issuers: Issuers = NOBODY
) -> dict[str, tuple[IdentityReport, ...]]:
    """Check the identity assertions of every manifest of the chain.

    Args:
        context: the manifests, whom to trust, and by what moment.
        claims: how each claim was signed, by manifest label.
        issuers: whose aggregated identities count.

    Returns:
        By manifest label; nothing for a manifest without identity assertions.
    """
    left = _LOOKED_AT
    reports: dict[str, tuple[IdentityReport, ...]] = {}
    for label, reading in context.readings.items():
        held = tuple(_held(reading, context))
        if not held:
            continue
        place = _Place.of(reading, claims.get(label, _UNSIGNED), context, issuers, held)
        found = [
            _check(one, place) if number < left else _not_looked_at(one.url)
            for number, one in enumerate(held)
        ]
        left -= len(held)
        reports[label] = tuple(found)
    return reports


def _held(reading: Reading, context: Context) -> Iterator[Listed]:
    """The identity assertions that are there; that one is gone is for other clauses to say."""
    for one in {one.url: one for one in reading.named(model.NAME)}.values():
        if one.box is not None and not (one.url in context.redacted and is_redacted(one.box)):
            yield one


def _not_looked_at(url: str) -> IdentityReport:
    told = f"{_LOOKED_AT} identity assertions of a chain are looked at"
    return IdentityReport(uri=url, findings=(Finding(Status.IDENTITY_NOT_CHECKED, url, told),))


def _check(listed: Listed, place: _Place) -> IdentityReport:
    url = listed.url
    content = listed.box.first(b"cbor") if listed.box else None
    try:
        if listed.problem is not None or content is None:
            raise listed.problem or MalformedError(model.NAME, "holds no CBOR")
        identity = Identity.read(listed.value)
    except MalformedError as error:
        broken = Finding(Status.CAWG_IDENTITY_CBOR_INVALID, url, error.problem)
        return IdentityReport(uri=url, findings=(broken,))
    findings = [*_references(identity, url, place)]
    if any(map(any, identity.pads)):
        findings.append(Finding(Status.CAWG_IDENTITY_PAD_INVALID, url))
    findings += check_expected(identity, url, place.around)
    signed = _signature(identity, content.payload, url, place)
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


def _signature(identity: Identity, content: memoryview, url: str, place: _Place) -> _Signed:
    # Few files have identities, and fewer both kinds: what checks them is loaded when needed.
    context, claim = place.context, place.reading.claim
    if identity.sig_type == model.X509:
        from provenance.validate.identity_x509 import check_x509, read_signer

        signer = read_signer(identity.signature, context)
        forms = model.signed_forms(identity, content)
        found = tuple(check_x509(signer, forms, place.claim_time, context, url))
        return _Signed(found, signer.actor, signer.stamp.time if signer.stamp else None)
    if identity.sig_type == model.ICA:
        from provenance.validate.identity_ica import check_aggregation, read_aggregation

        old = claim is not None and claim.version == 1
        held = read_aggregation(identity.signature, context, old_claim=old)
        told = check_aggregation(
            held,
            identity,
            place.issuers,
            claim_alg=claim.alg if claim else None,
            claim_time=place.claim_time,
            now=context.at,
            door=context.far,
            url=url,
        )
        return _Signed(tuple(told), held.actor, held.stamp.time if held.stamp else None)
    kind = f"sig_type {identity.sig_type[:60]!r}"
    return _Signed((Finding(Status.CAWG_IDENTITY_SIG_TYPE_UNKNOWN, url, kind),))


def _references(identity: Identity, url: str, place: _Place) -> Iterator[Finding]:
    """Did the actor sign for assertions that are there, once each, and for this very asset?"""
    seen: set[str] = set()
    twice: list[str] = []
    wrong: list[str] = []
    for ref in identity.referenced:
        name = _absolute(ref, place.reading)
        if name in seen:
            twice.append(ref.url)
        elif name == url or not _is_listed(ref, name, place):
            wrong.append(ref.url)
        seen.add(name)
    if twice:
        yield Finding(Status.CAWG_IDENTITY_ASSERTION_DUPLICATE, url, _some(twice))
    if wrong:
        yield Finding(Status.CAWG_IDENTITY_ASSERTION_MISMATCH, url, f"{_some(wrong)} not as listed")
    others = any(_is_hash(name) for name in seen - place.bound)
    if others:
        yield Finding(Status.CAWG_IDENTITY_HARD_BINDING_INCORRECT, url)
    elif not seen & place.bound:
        yield Finding(Status.CAWG_IDENTITY_HARD_BINDING_MISSING, url)


def _some(urls: list[str]) -> str:
    more = f" and {len(urls) - 1} more" if len(urls) > 1 else ""
    return f"{urls[0][:200]}{more}"


def _absolute(ref: HashedUri, reading: Reading) -> str:
    try:
        return JumbfUri.parse(ref.url).within(reading.manifest.label).text
    except MalformedError:
        return ref.url


def _is_hash(url: str) -> bool:
    label = url.rpartition("/")[2]
    return label.startswith(_HASHES) and not label.startswith(_PARTS)


def _is_listed(ref: HashedUri, name: str, place: _Place) -> bool:
    """Is it listed, as the same bytes?"""
    alg, value = place.at_hand.get(name, (None, b""))
    return alg == _alg(ref, place.reading) and compare_digest(ref.hash, value)


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
