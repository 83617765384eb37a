"""The chain of manifests as a tree: each with its verdict, its signer and what it was made of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provenance.report import verdict
from provenance.report.escape import clean, clip
from provenance.report.naming import PROMPT, prompt_of, relation, title_of
from provenance.report.style import Style, Tone
from provenance.validate.results import IngredientReport, ManifestReport, VerificationReport

__all__ = ["chain_lines"]

_IDENTITIES = 4  # of one manifest
_WIDTH = 78
_LINES = 200  # a chain can be as large as its maker liked
_DEPTH = 16


@dataclass(slots=True)
class _Walk:
    """A walk in progress: which manifests were shown already."""

    manifests: dict[str, ManifestReport]
    style: Style
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A manifest, and what to call it if it has no title."""

    manifest: ManifestReport
    otherwise: str | None


def chain_lines(report: VerificationReport, style: Style) -> Iterator[str]:
    """The tree, at most 200 lines of 78 columns."""
    walk = _Walk({one.label: one for one in report.manifests}, style)
    path = report.asset.path
    active = _Shown(report.manifests[0], Path(path).name if path else None)
    lines = _manifest(walk, active, "", "", 0)
    for count, line in enumerate(lines):
        if count == _LINES:
            yield "… and more; --format json has them all"
            return
        yield line


def _manifest(walk: _Walk, shown: _Shown, lead: str, under: str, depth: int) -> Iterator[str]:
    manifest = shown.manifest
    walk.seen.add(manifest.label)
    answer = verdict.of_manifest(manifest)
    name = clip(title_of(manifest, shown.otherwise), _WIDTH - len(lead) - len(answer.words) - 2)
    painted = walk.style.paint(answer.words, answer.tone)
    yield f"{lead}{walk.style.paint(name, Tone.STRONG)}: {painted}"
    bar = "│ " if manifest.ingredients and depth < _DEPTH else "  "
    for line in _about(manifest):
        yield walk.style.paint(clip(f"{under}{bar}{line}", _WIDTH), Tone.FAINT)
    if depth >= _DEPTH and manifest.ingredients:
        yield f"{under}└─ … deeper than {_DEPTH}"
        return
    last = len(manifest.ingredients) - 1
    for at, one in enumerate(manifest.ingredients):
        branch, further = ("└─ ", "   ") if at == last else ("├─ ", "│  ")
        place = (under + branch, under + further, depth + 1)
        if relation(one) == PROMPT:
            yield clip(f"{place[0]}prompt, {prompt_of(one, manifest)}", _WIDTH)
        else:
            yield from _ingredient(walk, one, *place)


def _about(manifest: ManifestReport) -> Iterator[str]:
    alg = manifest.signature.alg if manifest.signature else None
    yield f"signed by {verdict.signer(manifest)}" + (f" ({clean(alg, 20)})" if alg else "")
    if manifest.claim and manifest.claim.generator_name:
        yield f"made with {clean(manifest.claim.generator_name, 100)}"
    for one in manifest.identities[:_IDENTITIES]:
        state = manifest.identity_state(one).value
        yield f"identity {state}: {verdict.actor(one)}"


def _ingredient(
    walk: _Walk, one: IngredientReport, lead: str, under: str, depth: int
) -> Iterator[str]:
    head = f"{lead}{relation(one)} "
    manifest = walk.manifests.get(one.manifest) if one.manifest else None
    if manifest is not None and one.manifest not in walk.seen:
        yield from _manifest(walk, _Shown(manifest, one.title), head, under, depth)
        return
    name = clean(one.title or (one.types[0] if one.types else "without a title"), 100)
    if manifest is not None:
        told = "see above"
    elif one.manifest:
        told = "its manifest is missing"
    else:
        told = clip(clean(one.digest), 24) if one.digest else "no Content Credentials"
    yield f"{head}{clip(name, _WIDTH - len(head) - len(told) - 2)}: {told}"
