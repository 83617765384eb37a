"""What a page shows of a report: texts, escaped for the eye, and pictures; no markup yet.

Text from files goes through `clean`, so that control and bidirectional characters are seen; what
markup means is the template's care. Everything is bounded, and says so where it ends.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from provenance.report import verdict
from provenance.report.advice import advice
from provenance.report.bar import Bar, bar
from provenance.report.escape import clean
from provenance.report.naming import PROMPT, as_map, prompt_of, relation, title_of
from provenance.report.style import Tone
from provenance.report.thumbnails import Album
from provenance.report.verdict import Answer
from provenance.validate.finding import Finding
from provenance.validate.results import (
    IngredientReport,
    ManifestReport,
    ValidationState,
    VerificationReport,
)
from provenance.validate.status import Kind, Status

__all__ = ["Fact", "Note", "Page", "Question", "Step", "page"]

_NOTES = 200  # findings shown of a kind
_STEPS = 200  # of the chain
_DEPTH = 12
_ACTIONS = 20
_TYPES = "digitalsourcetype/"
_IDENTITY = "cawg.identity"
_TONES = {Tone.GOOD: "good", Tone.WARN: "warn", Tone.BAD: "bad"}
_BINDINGS_BROKEN = frozenset(
    (
        Status.DATA_HASH_MISMATCH,
        Status.DATA_HASH_MALFORMED,
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """One of the four questions, and the answer."""

    name: str
    asked: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Note:
    """A finding in words."""

    code: str
    sentence: str
    seen: str
    at: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a manifest says of its asset."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A link of the chain: a manifest with its verdict, or something that has none."""

    relation: str
    title: str
    words: str = ""  # the verdict
    tone: str = ""
    note: str = ""  # for what has no verdict: why
    picture: str | None = None  # a data: URI
    facts: tuple[Fact, ...] = ()
    label: str = ""
    below: "tuple[Step, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template prints."""

    name: str
    verdict: str
    tone: str
    picture: str | None
    questions: tuple[Question, ...]
    advice: tuple[str, ...]
    errors: tuple[str, ...]
    wrong: tuple[Note, ...]
    worth_knowing: tuple[Note, ...]
    checked: tuple[Note, ...]
    more: int  # findings that are not shown
    chain: Step | None
    unreliable: bool  # what the chain says does not verify
    bar: Bar | None
    broken: bool  # the covered bytes are not those that were signed
    facts: tuple[Fact, ...]  # about the file and the look at it


def page(report: VerificationReport) -> Page:
    """Everything there is to show of a report."""
    answer = verdict.of_report(report)
    kinds = {kind: list(_of_kind(report, kind)) for kind in Kind}
    album = Album(report.manifests)
    active = report.manifests[0] if report.manifests else None
    name = _name(report)
    chain = _Chain(report, album).step(active, name) if active else None
    return Page(
        name=name,
        verdict=answer.words,
        tone=_TONES[answer.tone],
        picture=chain.picture if chain else None,
        questions=tuple(_questions(report)),
        advice=tuple(advice(report)),
        errors=tuple(clean(one.message) for one in report.errors),
        wrong=_notes(kinds[Kind.FAILURE], report),
        worth_knowing=_notes(kinds[Kind.INFORMATIONAL], report),
        checked=_notes(kinds[Kind.SUCCESS], report),
        more=sum(max(0, len(found) - _NOTES) for found in kinds.values()),
        chain=chain,
        unreliable=report.state is ValidationState.INVALID,
        bar=bar(report.coverage) if report.coverage and report.coverage.size else None,
        broken=any(one.status in _BINDINGS_BROKEN for one in report.findings),
        facts=tuple(_about(report)),
    )


def _name(report: VerificationReport) -> str:
    # The folder is the business of whoever made the page, not of whoever gets it.
    path = (report.asset.path or "").replace("\\", "/")
    return clean(PurePath(path).name or "(stream)", 200)


def _questions(report: VerificationReport) -> Iterator[Question]:
    if report.state is None:
        return
    yield _question("Integrity", "Is the file as it was signed?", verdict.integrity(report))
    if report.manifests:
        yield _question("Trust", "Do we know who signed it?", verdict.trust(report))
        yield _question("Time", "Is it known when?", verdict.time(report))
        yield _question("Identity", "Does a person or company stand by it?", _identity(report))


def _question(name: str, asked: str, answer: Answer) -> Question:
    return Question(name, asked, answer.words, _TONES[answer.tone])


def _identity(report: VerificationReport) -> Answer:
    active = report.manifests[0]
    named = sum(one.label.startswith(_IDENTITY) for one in active.assertions)
    if named:
        return Answer(f"not checked: {named} identity assertion{'s' * (named > 1)}", Tone.WARN)
    return Answer("nobody: no identity is attached beside the signer's", Tone.WARN)


def _of_kind(report: VerificationReport, kind: Kind) -> Iterator[Finding]:
    nested = (finding for delta in report.deltas for finding in delta.findings)
    return (one for one in (*report.findings, *nested) if one.status.kind is kind)


def _notes(found: list[Finding], report: VerificationReport) -> tuple[Note, ...]:
    return tuple(
        Note(
            one.status.code,
            one.status.sentence,
            clean(one.explanation),
            _place(one.url, report.active_manifest),
        )
        for one in found[:_NOTES]
    )


def _place(url: str | None, active: str | None) -> str:
    path = (url or "").removeprefix("self#jumbf=/c2pa/")
    if active and path.startswith(f"{active}/"):
        path = path[len(active) + 1 :]
    return clean(path)


def _about(report: VerificationReport) -> Iterator[Fact]:
    asset = report.asset
    yield Fact("File type", clean(asset.format or "not known"))
    if asset.size is not None:
        yield Fact("Size", f"{asset.size:,} bytes")
    yield Fact("Manifest store", report.location.value)
    if report.remote_url:
        yield Fact("It lies at", clean(report.remote_url))
    if report.trust:
        yield Fact("Trust judged by", clean(report.trust))
    if report.judged_at is not None:
        yield Fact("Judged as of", f"{report.judged_at:%Y-%m-%d %H:%M %Z}")


class _Chain:
    """A walk along the chain, each manifest once."""

    def __init__(self, report: VerificationReport, album: Album) -> None:
        self._manifests = {one.label: one for one in report.manifests}
        self._album = album
        self._seen: set[str] = set()
        self._left = _STEPS

    def step(
        self, manifest: ManifestReport, otherwise: str, kind: str = "this file", depth: int = 0
    ) -> Step:
        self._seen.add(manifest.label)
        answer = verdict.of_manifest(manifest)
        return Step(
            relation=kind,
            title=title_of(manifest, otherwise),
            words=answer.words,
            tone=_TONES[answer.tone],
            picture=self._album.of_claim(manifest),
            facts=tuple(_said(manifest)),
            label=clean(manifest.label, 100),
            below=tuple(self._below(manifest, depth)),
        )

    def _below(self, manifest: ManifestReport, depth: int) -> Iterator[Step]:
        for count, one in enumerate(manifest.ingredients):
            if self._left <= 0 or depth >= _DEPTH:
                left = len(manifest.ingredients) - count
                yield Step(relation="…", title=f"{left} more, not shown here")
                return
            self._left -= 1
            if relation(one) != PROMPT:
                yield self._ingredient(one, manifest, depth)

    def _ingredient(self, one: IngredientReport, user: ManifestReport, depth: int) -> Step:
        title = clean(one.title or (one.types[0] if one.types else "without a title"), 100)
        manifest = self._manifests.get(one.manifest) if one.manifest else None
        if manifest is not None and manifest.label not in self._seen:
            step = self.step(manifest, one.title or title, relation(one), depth + 1)
            return step if step.picture else _with_picture(step, self._album.at(one.thumbnail, user))
        if manifest is not None:
            note = "shown above"
        elif one.manifest:
            note = "its manifest is missing"
        else:
            note = "no Content Credentials"
        facts = (Fact("digest", clean(one.digest, 150)),) if one.digest else ()
        facts += tuple(Fact("type", clean(kind, 100)) for kind in one.types[:_ACTIONS])
        return Step(
            relation=relation(one),
            title=title,
            note=note,
            picture=self._album.at(one.thumbnail, user),
            facts=facts,
        )


def _with_picture(step: Step, picture: str | None) -> Step:
    return replace(step, picture=picture)


def _said(manifest: ManifestReport) -> Iterator[Fact]:
    alg = manifest.signature.alg if manifest.signature else None
    yield Fact("signed by", verdict.signer(manifest) + (f" ({clean(alg, 20)})" if alg else ""))
    signed = manifest.signature.time if manifest.signature else None
    if signed is not None:
        yield Fact("signed at", f"{signed:%Y-%m-%d %H:%M %Z}")
    if manifest.claim and manifest.claim.generator_name:
        yield Fact("made with", clean(manifest.claim.generator_name, 100))
    told = list(_actions(manifest))
    for text in told[:_ACTIONS]:
        yield Fact("action", text)
    if len(told) > _ACTIONS:
        yield Fact("action", f"… and {len(told) - _ACTIONS} more")
    prompts = (one for one in manifest.ingredients if relation(one) == PROMPT)
    for one, _ in zip(prompts, range(_ACTIONS), strict=False):
        yield Fact("prompt", prompt_of(one, manifest))


def _actions(manifest: ManifestReport) -> Iterator[str]:
    for assertion in manifest.assertions:
        if assertion.label.startswith("c2pa.actions"):
            for action in _maps(as_map(assertion.value).get("actions")):
                yield _action(action)


def _action(action: Mapping[Any, Any]) -> str:
    """An action in a line: `created with ComfyUI 0.3: trainedAlgorithmicMedia`."""
    name = _text(action.get("action")).removeprefix("c2pa.") or "(no name)"
    agent = action.get("softwareAgent")
    if isinstance(agent, Mapping):
        parts = (_text(agent.get("name")), _text(agent.get("version")))
        agent = " ".join(part for part in parts if part)
    with_agent = f" with {_text(agent)}" if _text(agent) else ""
    source = _text(action.get("digitalSourceType")).rpartition(_TYPES)[2]
    return f"{name}{with_agent}" + (f": {source}" if source else "")


def _maps(value: Any) -> Iterable[Mapping[Any, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return clean(value, 200) if isinstance(value, str) else ""
