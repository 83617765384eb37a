"""All clauses over all manifests of a chain, and what of it is news.

Source: C2PA 2.2 §15.6 to §15.12, §18.15.12.4.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.store import ManifestKind
from provenance.validate import ingredients
from provenance.validate.actions import check_actions
from provenance.validate.assertions import check_assertions, check_hard_binding_count
from provenance.validate.content import check_content
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.results import Delta
from provenance.validate.signature import Signed, check_signature, read_signature
from provenance.validate.status import Status
from provenance.validate.walk import target_label

__all__ = ["Checked", "check_all"]


_INTACT = Status.ASSERTION_HASHED_URI_MATCH


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings about each manifest by label, the active one first; and the deltas."""

    findings: dict[str, tuple[Finding, ...]]
    signatures: dict[str, Signed]
    deltas: tuple[Delta, ...]


def check_all(context: Context) -> Checked:
    """Check every manifest of the chain, each once."""
    signatures: dict[str, Signed] = {}
    findings: dict[str, tuple[Finding, ...]] = {}
    for label, reading in context.readings.items():
        signatures[label] = read_signature(reading, context)
        findings[label] = tuple(_check_manifest(reading, signatures[label], context))
    active = next(iter(context.readings.values()))
    findings[active.manifest.label] += tuple(check_content(active, context))
    return Checked(findings, signatures, tuple(_deltas(findings, context)))


def _check_manifest(reading: Reading, signed: Signed, context: Context) -> Iterator[Finding]:
    if reading.manifest.kind is ManifestKind.COMPRESSED:
        yield Finding(
            Status.MANIFEST_COMPRESSED_INVALID,
            reading.claim_url,
            "compressed manifests are not read yet",
        )
        return
    yield from reading.problems
    if reading.claim is None:
        return
    yield from check_signature(signed, reading, context)
    yield from check_hard_binding_count(reading)
    yield from ingredients.check_parents(reading)
    yield from check_assertions(reading, context)
    yield from check_actions(reading, context)
    yield from ingredients.check_form(reading)
    yield from ingredients.check_presence(reading, context)


def _deltas(findings: dict[str, tuple[Finding, ...]], context: Context) -> Iterator[Delta]:
    """For each ingredient assertion, what is not in the records yet.

    A record counts only where somebody answers for it: its assertion hashes to what its claim
    says, and the way to its manifest is sound, or its flaw is on record further up.
    """
    active = next(iter(context.readings))
    known: set[tuple[str, str | None]] = set()
    answered, told = {active}, {active}
    for label, reading in context.readings.items():
        if label in answered:
            intact = {one.url for one in findings[label] if one.status is _INTACT}
            for typed in reading.ingredients:
                if typed.listed.url in intact:
                    known.update(ingredients.recorded(typed.content))
        for typed in reading.ingredients:
            found = list(ingredients.check_reference(typed, reading, context))
            reference = typed.content.active_manifest if typed.content else None
            target = target_label(reference.url) if reference else None
            if target in findings:
                if label in answered and all(not one.failed or one.key in known for one in found):
                    answered.add(target)
                if target not in told:
                    told.add(target)
                    found += findings[target]
            news = tuple(one for one in found if one.key not in known)
            if news:
                yield Delta(typed.listed.url, news)
