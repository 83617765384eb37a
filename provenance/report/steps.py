"""The chain of manifests for a page: steps from an asset to what it was made of.

Each has its verdict, its picture and what its manifest says. A manifest is shown once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from provenance.report import verdict
from provenance.report.escape import clean
from provenance.report.naming import PROMPT, as_map, prompt_of, relation, title_of
from provenance.report.style import Tone
from provenance.report.thumbnails import Album
from provenance.validate.results import IngredientReport, ManifestReport, VerificationReport

__all__ = ["NEUTRAL", "TONES", "Fact", "Step", "steps"]

TONES = {Tone.GOOD: "good", Tone.WARN: "warn", Tone.BAD: "bad"}  # as the style sheet calls them
NEUTRAL = "none"

_STEPS = 200
_DEPTH = 12
_ROWS = 20  # of one kind
_TYPES = "digitalsourcetype/"


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


def steps(report: VerificationReport, name: str) -> Step | None:
    """The whole chain, from the active manifest down; None when there is none.

    Args:
        report: any report.
        name: what to call the asset when its manifest has no title.
    """
    if not report.manifests:
        return None
    return _Chain(report).step(report.manifests[0], name, "this file", 0)


class _Chain:
    """A walk along the chain, each manifest once."""

    def __init__(self, report: VerificationReport) -> None:
        self._manifests = {one.label: one for one in report.manifests}
        self._album = Album(report.manifests)
        self._seen: set[str] = set()
        self._left = _STEPS

    def step(self, manifest: ManifestReport, otherwise: str, kind: str, depth: int) -> Step:
        self._seen.add(manifest.label)
        answer = verdict.of_manifest(manifest)
        return Step(
            relation=kind,
            title=title_of(manifest, otherwise),
            words=answer.words,
            tone=TONES[answer.tone],
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
            if step.picture is None:
                step = replace(step, picture=self._album.at(one.thumbnail, user))
            return step
        if manifest is not None:
            note = "shown above"
        elif one.manifest:
            note = "its manifest is missing"
        else:
            note = "no Content Credentials"
        facts = [Fact("digest", clean(one.digest, 150))] if one.digest else []
        facts += [Fact("type", clean(kind, 100)) for kind in one.types[:_ROWS]]
        return Step(
            relation=relation(one),
            title=title,
            note=note,
            picture=self._album.at(one.thumbnail, user),
            facts=tuple(facts),
        )


def _said(manifest: ManifestReport) -> Iterator[Fact]:
    alg = manifest.signature.alg if manifest.signature else None
    yield Fact("signed by", verdict.signer(manifest) + (f" ({clean(alg, 20)})" if alg else ""))
    signed = manifest.signature.time if manifest.signature else None
    if signed is not None:
        yield Fact("signed at", f"{signed:%Y-%m-%d %H:%M %Z}")
    if manifest.claim and manifest.claim.generator_name:
        yield Fact("made with", clean(manifest.claim.generator_name, 100))
    for one in manifest.identities[:_ROWS]:
        yield Fact("identity", f"{verdict.actor(one)}: {manifest.identity_state(one).value}")
    creators = tuple(dict.fromkeys(_creators(manifest)))
    if creators:
        yield Fact("creators", ", ".join(creators[:_ROWS]))
    told = list(_actions(manifest))
    for text in told[:_ROWS]:
        yield Fact("action", text)
    if len(told) > _ROWS:
        yield Fact("action", f"… and {len(told) - _ROWS} more")
    prompts = (one for one in manifest.ingredients if relation(one) == PROMPT)
    for prompt in islice(prompts, _ROWS):
        yield Fact("prompt", prompt_of(prompt, manifest))


def _creators(manifest: ManifestReport) -> Iterator[str]:
    """Names under `dc:creator` of metadata, and authors of schema.org creative works."""
    for one in manifest.assertions:
        value = as_map(one.value)
        for key in ("dc:creator", "author"):
            found = value.get(key)
            for name in found if isinstance(found, list) else [found]:
                said = _text(name.get("name") if isinstance(name, Mapping) else name)
                if said:
                    yield said


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
