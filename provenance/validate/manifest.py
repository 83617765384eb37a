"""All clauses over all manifests of a chain, and what of it is news.

Source: C2PA 2.2 §15.6 to §15.12, §18.15.12.4.3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.model.assertions.ingredient import Ingredient
from provenance.validate import ingredients
from provenance.validate.actions import check_actions
from provenance.validate.assertions import check_assertions, check_hard_binding_count
from provenance.validate.content import check_content
from provenance.validate.context import Context
from provenance.validate.deprecated import check_deprecated
from provenance.validate.elsewhere import AWAY, check_elsewhere
from provenance.validate.finding import Finding
from provenance.validate.identity import ClaimSigned, check_identities
from provenance.validate.identity_results import IdentityReport
from provenance.validate.old_stamps import check_time_stamp_manifests
from provenance.validate.reading import Reading, Typed
from provenance.validate.records import Records, Way
from provenance.validate.references import check_references
from provenance.validate.results import Delta
from provenance.validate.signature import Signed, check_signature, read_signature
from provenance.validate.status import Status
from provenance.validate.version import SpecVersion, spec_version
from provenance.validate.walk import target_label

__all__ = ["Checked", "check_all"]

if TYPE_CHECKING:
    from provenance.validate.live import Judged

_INTACT = Status.ASSERTION_HASHED_URI_MATCH
_LIVE = frozenset(("c2pa.livevideo.segment", "c2pa.session-keys"))


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings about each manifest by label, the active one first; and the deltas."""

    findings: dict[str, tuple[Finding, ...]]
    signatures: dict[str, Signed]
    deltas: tuple[Delta, ...]
    identities: dict[str, tuple[IdentityReport, ...]]  # by manifest label; their findings are above


def check_all(context: Context) -> Checked:
    """Check every manifest of the chain, each once."""
    signatures: dict[str, Signed] = {}
    findings: dict[str, tuple[Finding, ...]] = {}
    versions: dict[str, SpecVersion | None] = {}
    for label, reading in context.readings.items():
        judged = (
            context.memory.find("findings", reading, context, _judge)
            if context.memory
            else _judge(reading, context)
        )
        signatures[label], versions[label], findings[label] = judged
    active = next(iter(context.readings.values()))
    findings[active.manifest.label] += tuple(
        _check_asset(active, signatures[active.manifest.label], findings, context)
    )
    findings[active.manifest.label] += tuple(check_time_stamp_manifests(context))
    if any(one.label.name in AWAY for read in context.readings.values() for one in read.assertions):
        from provenance.validate.away import look_elsewhere  # few files name what lies elsewhere

        for label, found in look_elsewhere(context, findings, versions).items():
            findings[label] += found
    claims = {label: _claim_signed(one) for label, one in signatures.items()}
    identities = check_identities(context, claims, context.trust.identity_issuers)
    for label, reports in identities.items():
        findings[label] += tuple(one for report in reports for one in report.findings)
    return Checked(findings, signatures, tuple(_deltas(findings, context)), identities)


def _check_asset(
    active: Reading,
    signed: Signed,
    findings: Mapping[str, tuple[Finding, ...]],
    context: Context,
) -> Iterator[Finding]:
    """The asset by its hard binding; of a live stream also each segment by its own."""
    if not context.fragments:
        yield from check_content(active, context)
        return
    from provenance.validate.live import Judged, check_live, is_live  # few assets are in segments

    if not is_live(active, context):
        yield from check_content(active, context)
        return
    found = tuple(check_content(active, replace(context, fragments=())))
    yield from found
    first = Judged(active, signed, (*findings[active.manifest.label], *found))
    yield from check_live(first, context, _judge_segment)


def _judge_segment(context: Context) -> "Judged":
    from provenance.validate.live import Judged

    checked = check_all(context)
    active = next(iter(context.readings.values()))
    label = active.manifest.label
    nested = (one for delta in checked.deltas for one in delta.findings if one.failed)
    return Judged(active, checked.signatures[label], (*checked.findings[label], *nested))


def _claim_signed(signed: Signed) -> ClaimSigned:
    leaf = signed.judgement.leaf.der if signed.judgement else None
    return ClaimSigned(signed.attested.time, leaf)


def _judge(
    reading: Reading, context: Context
) -> tuple[Signed, SpecVersion | None, tuple[Finding, ...]]:
    signed = read_signature(reading, context)
    version = spec_version(reading.claim, signed.attested.time)
    return signed, version, tuple(_check_manifest(reading, signed, version, context))


def _check_manifest(
    reading: Reading, signed: Signed, version: SpecVersion | None, context: Context
) -> Iterator[Finding]:
    if reading.manifest.problem is not None:
        problem = reading.manifest.problem.problem
        yield Finding(Status.MANIFEST_COMPRESSED_INVALID, reading.claim_url, problem)
        return
    yield from reading.problems
    if reading.claim is None:
        return
    yield from check_signature(signed, reading, context)
    yield from check_deprecated(reading, signed, context)
    yield from check_hard_binding_count(reading)
    yield from ingredients.check_parents(reading)
    yield from check_assertions(reading, version, context)
    yield from check_actions(reading, version, context)
    yield from check_references(reading, context)
    yield from check_elsewhere(reading, version)
    if any(one.label.name in _LIVE for one in reading.assertions):
        from provenance.validate.live_assertions import check_live_assertions

        yield from check_live_assertions(reading, signed, context)
    yield from ingredients.check_form(reading)
    yield from ingredients.check_presence(reading, context)


def _deltas(findings: dict[str, tuple[Finding, ...]], context: Context) -> Iterator[Delta]:
    """For each ingredient assertion, what is not on record yet."""
    active = next(iter(context.readings))
    looked = [
        (typed, reading, list(ingredients.check_reference(typed, reading, context)))
        for reading in context.readings.values()
        for typed in reading.ingredients
    ]
    records = Records(active, _ways(looked, findings))
    told = {active}
    for typed, reading, found in looked:
        news = list(records.news(found, reading.manifest.label))
        target = _target(typed)
        if target in findings and target not in told:
            told.add(target)
            news += records.news(findings[target], target)
        if news:
            yield Delta(typed.listed.url, tuple(news))


_Looked = list[tuple[Typed[Ingredient], Reading, list[Finding]]]


def _ways(looked: _Looked, findings: dict[str, tuple[Finding, ...]]) -> Iterator[Way]:
    intact = {one.url for found in findings.values() for one in found if one.status is _INTACT}
    for typed, reading, found in looked:
        target = _target(typed)
        if target in findings:
            yield Way(
                reading.manifest.label,
                target,
                typed.listed.url in intact,
                tuple(one.key for one in found if one.failed),
                ingredients.recorded(typed.content),
            )


def _target(typed: Typed[Ingredient]) -> str | None:
    reference = typed.content.active_manifest if typed.content else None
    return target_label(reference.url) if reference else None
