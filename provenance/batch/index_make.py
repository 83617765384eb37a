"""From a report to the rows of an index; made by the workers, so that only rows cross over."""

import hashlib
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from provenance.batch.examining import facts_of
from provenance.batch.index_rows import (
    FOREVER,
    Edge,
    ManifestRow,
    Outcome,
    Row,
    SignerRow,
    expiry,
)
from provenance.chain.account import claim_id
from provenance.chain.credits import creators_of
from provenance.chain.prints import binding_of
from provenance.errors import MalformedError
from provenance.model.assertions.contribution import ACCEPTANCE, Acceptance
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import SIGNATURE
from provenance.model.store import Manifest
from provenance.report import json, verdict
from provenance.report.naming import relation
from provenance.report.text import details
from provenance.validate.content import bound_manifest
from provenance.validate.context import Context
from provenance.validate.elsewhere import AWAY
from provenance.validate.reading import Reading
from provenance.validate.results import (
    ErrorKind,
    Location,
    ManifestReport,
    SignatureInfo,
    VerificationReport,
)
from provenance.validate.run import Examined

__all__ = ["errors_of", "manifests_of", "outcome_of", "row_of", "text_of"]

_DAY = 86_400.0  # seconds: what somebody else may take back is asked again after it
_TEXT = 1_000  # characters of a column
_MOST = 2_000  # rows of a kind that a manifest gives
_LEVEL = 6
_PASSING = (ErrorKind.IO, ErrorKind.LIMIT)  # what may be otherwise the next time


def row_of(examined: Examined, *, settled: bool = True) -> Row:
    """The rows of one file."""
    report, context = examined.report, examined.context
    held = tuple(manifests_of(report, context)) if context is not None else ()
    body = json.ndjson(report.to_dict()).encode()
    return Row(
        outcome_of(report),
        zlib.compress(body, _LEVEL),
        text_of("\n".join(details(report))),
        held,
        tuple(_hashes(context)) if context is not None else (),
        _until(report) if settled else 0.0,
        report.asset.size,
        "\n".join(errors_of(report)),
    )


def outcome_of(report: VerificationReport) -> Outcome:
    """What came of a file."""
    found = [*report.findings, *(one for delta in report.deltas for one in delta.findings)]
    answer, facts = verdict.of_report(report), facts_of(report)
    codes = sorted({one.status.code for one in found})
    return Outcome(
        facts.state.value if facts.state else None,
        report.location.value,
        report.asset.format,
        facts.error.value if facts.error else None,
        text_of(facts.signer) if facts.signer else None,
        " ".join(facts.failed),
        " ".join(codes),
        _policy(report),
        answer.words,
        answer.tone.name,
        True,
    )


def _policy(report: VerificationReport) -> int:
    if report.policy is None:
        return 0
    if report.policy.passed:
        return 1
    return 3 if report.policy.only_trust_failed else 2


def errors_of(report: VerificationReport) -> Iterator[str]:
    """What could not be read, each on one line."""
    for one in report.errors:
        yield text_of(f"{one.kind.value}: {' '.join(one.message.split())}")


def manifests_of(report: VerificationReport, context: Context) -> Iterator[ManifestRow]:
    """The manifests of a file, the active one first."""
    claims = {label: claim_id(one.manifest) for label, one in context.readings.items()}
    for one in report.manifests:
        reading = context.readings[one.label]
        signed_at, attested = _signed_at(one, reading)
        yield ManifestRow(
            claim=claims[one.label],
            box=hashlib.sha256(reading.manifest.box.hashed).digest(),
            label=text_of(one.label),
            kind=one.kind.value,
            title=text_of(one.claim.title) if one.claim and one.claim.title else None,
            generator=text_of(one.claim.generator_name) if one.claim else None,
            source_types=" ".join(_source_types(reading)),
            signed_at=signed_at,
            attested=attested,
            signature=_signature(reading.manifest),
            agents="\n".join(sorted(set(_agents(reading)))),
            signer=_signer(one.signature) if one.signature else None,
            edges=tuple(_edges(one, reading, claims)),
            people=tuple(dict.fromkeys(_people(one, reading)))[:_MOST],
            acceptances=tuple(dict.fromkeys(_acceptances(reading)))[:_MOST],
            state=one.state.value,
        )


def _signature(manifest: Manifest) -> bytes | None:
    box = manifest.find((SIGNATURE,))
    return hashlib.sha256(box.hashed).digest() if box is not None else None


def _source_types(reading: Reading) -> Iterator[str]:
    found = {
        action.digital_source_type
        for typed in reading.actions
        if typed.content is not None
        for action in typed.content.actions
        if action.digital_source_type
    }
    return (text_of(one).rpartition("/")[2] for one in sorted(found)[:_MOST])


def _agents(reading: Reading) -> Iterator[str]:
    """The software that did the actions, by name and version."""
    for typed in reading.actions:
        if typed.content is None:
            continue
        told = [one.software_agent for one in typed.content.actions]
        for one in (*told, *typed.content.software_agents):
            row = one if isinstance(one, dict) else {"name": one}
            parts = (row.get(key) for key in ("name", "version"))
            words = " ".join(" ".join(str(part).split()) for part in parts if part)
            if words:
                yield text_of(words)


def _signed_at(one: ManifestReport, reading: Reading) -> tuple[float | None, bool]:
    """When it was signed, as attested; else when its last action is said to have been."""
    if one.signature is not None and one.signature.time is not None:
        return one.signature.time.timestamp(), True
    said = [
        moment
        for typed in reading.actions
        if typed.content is not None
        for action in typed.content.actions
        if (moment := _moment(action.when)) is not None
    ]
    return (max(said), False) if said else (None, False)


def _moment(when: Any) -> float | None:
    if not isinstance(when, str):
        return None
    try:
        read = datetime.fromisoformat(when)
        return read.timestamp() if read.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _signer(info: SignatureInfo) -> SignerRow | None:
    if not info.certificates:
        return None
    return SignerRow(
        hashlib.sha256(info.certificates[0]).hexdigest(),
        text_of(info.common_name) if info.common_name else None,
        text_of(info.issuer) if info.issuer else None,
        info.alg,
        info.serial_number,
        info.not_before.timestamp() if info.not_before else None,
        info.not_after.timestamp() if info.not_after else None,
    )


def _edges(one: ManifestReport, reading: Reading, claims: dict[str, str]) -> Iterator[Edge]:
    contents = {typed.listed.url: typed.content for typed in reading.ingredients}
    for ingredient in {edge.uri: edge for edge in one.ingredients}.values():
        claim = claims.get(ingredient.manifest or "")
        content = contents.get(ingredient.uri) if claim is None else None
        yield Edge(
            text_of(ingredient.uri),
            text_of(ingredient.relationship),
            relation(ingredient),
            text_of(ingredient.title) if ingredient.title else None,
            text_of(ingredient.format) if ingredient.format else None,
            text_of(ingredient.manifest) if ingredient.manifest else None,
            claim,
            text_of(ingredient.digest) if ingredient.digest else None,
            text_of(" ".join(ingredient.types)),
            _sha256(content.active_manifest) if content else None,
            _sha256(content.claim_signature) if content else None,
        )


def _sha256(reference: HashedUri | None) -> bytes | None:
    """What a reference asks for, if it is by the usual hash: others are not looked up."""
    if reference is None or (reference.alg or "sha256") != "sha256":
        return None
    return reference.hash


def _people(one: ManifestReport, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Who is named: by an identity assertion, by the certificate, or only so."""
    for held in one.identities:
        actor = held.actor
        evidence = one.identity_state(held).value
        names = [actor.name, actor.organization] if actor else []
        names += [two.name or two.username for two in actor.identities] if actor else []
        for name in filter(None, names):
            for role in held.roles or ("",):
                yield text_of(name), text_of(role), evidence
    if one.signature is not None:
        for name in filter(None, (one.signature.common_name, one.signature.issuer)):
            yield text_of(name), "signer", "signer"
    for name in creators_of(reading):
        yield text_of(name), "creator", "declared"


def _acceptances(reading: Reading) -> Iterator[tuple[str, str]]:
    for listed in reading.named(ACCEPTANCE):
        if listed.box is None or listed.problem is not None:
            continue
        try:
            read = Acceptance.read(listed.value)
        except MalformedError:
            continue
        yield text_of(read.child), text_of(read.parent)


def _hashes(context: Context) -> Iterator[tuple[str, str]]:
    active = next(iter(context.readings.values()))
    bound = bound_manifest(active, context)
    if bound is None:
        return
    found = binding_of(bound)
    if found["fingerprint"]:
        yield "fingerprint", found["fingerprint"]
    if found["content_digest"]:
        yield "content", found["content_digest"]


def _until(report: VerificationReport) -> float:
    """Until when the verdict stands, if the file stays as it is (seconds since 1970)."""
    if any(one.kind in _PASSING for one in report.errors) or report.location is Location.REMOTE:
        return 0.0
    ends = [FOREVER]
    now = report.judged_at.timestamp() if report.judged_at else 0.0
    for one in report.manifests:
        if any(assertion.label.partition("__")[0] in AWAY for assertion in one.assertions):
            return 0.0  # what lies elsewhere may change, and the file does not
        if one.identities or any(".ocsp." in found.status.code for found in one.findings):
            ends.append(now + _DAY)
        if one.signature is not None:
            ends.extend(end for der in one.signature.certificates for end in expiry(der))
            if one.signature.time_certificate is not None:
                ends.extend(expiry(one.signature.time_certificate))
    return min(end for end in ends if end > now)


def text_of(value: str) -> str:
    """A text as a column holds it: of bounded length, and Unicode."""
    return value[:_TEXT].encode("utf-8", "replace").decode()
