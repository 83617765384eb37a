"""What the manifests say, as a tree: for `provenance inspect`.

    picture.png: valid, signer not trusted
    ├─ generator   ComfyUI 0.3.40
    ├─ signed by   Dev signer, Some studio (es256)
    ├─ actions
    │  └─ c2pa.created
    …

It repeats what was signed, and says at the top whether that verifies. Text is escaped and bounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.report import verdict
from provenance.report.escape import clean, clip, wrap
from provenance.report.naming import PROMPT, as_map, prompt_of, relation, title_of
from provenance.report.style import PLAIN, Style, Tone
from provenance.report.text import verdict_line
from provenance.validate.results import (
    AssertionReport,
    IngredientReport,
    ManifestReport,
    ValidationState,
    VerificationReport,
)

__all__ = ["tree"]

_WIDTH = 80
_MANIFESTS = 50
_ROWS = 40  # of one kind
_TYPES = "digitalsourcetype/"


@dataclass(frozen=True, slots=True)
class _Node:
    """A line, perhaps with a name before it, and what hangs below it."""

    text: str
    name: str = ""
    below: "tuple[_Node, ...]" = ()


def tree(report: VerificationReport, *, style: Style = PLAIN) -> str:
    """All manifests, the active one first, without a line break at the end."""
    lines = [verdict_line(report, style)]
    lines += [f"  {clip(clean(one.message), _WIDTH - 2)}" for one in report.errors]
    if report.state is ValidationState.INVALID and report.manifests:
        lines.append("Do not rely on what follows: it does not verify.")
    for one in report.manifests[:_MANIFESTS]:
        lines += ["", *_manifest(one, style)]
    if len(report.manifests) > _MANIFESTS:
        left = len(report.manifests) - _MANIFESTS
        lines += ["", f"… and {left} more manifests; --format json has them all"]
    return "\n".join(lines)


def _manifest(manifest: ManifestReport, style: Style) -> Iterator[str]:
    answer = verdict.of_manifest(manifest)
    name = clip(title_of(manifest), _WIDTH - 2 - len(answer.words))
    yield f"{style.paint(name, Tone.STRONG)}: {style.paint(answer.words, answer.tone)}"
    yield from _drawn(tuple(_nodes(manifest)), "")


def _drawn(nodes: tuple[_Node, ...], under: str) -> Iterator[str]:
    for at, node in enumerate(nodes):
        branch, further = ("└─ ", "   ") if at == len(nodes) - 1 else ("├─ ", "│  ")
        bar = "│  " if node.below else "   "
        pad = " " * len(name := f"{node.name:<12}" if node.name else "")
        yield from wrap(node.text, under + branch + name, under + further + bar + pad[3:])
        yield from _drawn(node.below, under + further)


def _nodes(manifest: ManifestReport) -> Iterator[_Node]:
    yield _row("manifest", f"{clean(manifest.label, 100)} ({manifest.kind.value})")
    claim = manifest.claim
    if claim is not None:
        yield _row("generator", clean(claim.generator_name or "not said", 100))
    alg = manifest.signature.alg if manifest.signature else None
    yield _row("signed by", verdict.signer(manifest) + (f" ({clean(alg, 20)})" if alg else ""))
    for identity in manifest.identities[:_ROWS]:
        state = manifest.identity_state(identity).value
        yield _row("identity", f"{verdict.actor(identity)}: {state}")
    for one in manifest.assertions:
        if one.label.startswith("c2pa.actions"):
            yield _Node("actions", below=_bounded(_actions(one)))
    creators = tuple(dict.fromkeys(_creators(manifest)))
    if creators:
        yield _row("creators", ", ".join(creators[:_ROWS]))
    for ingredient in manifest.ingredients[:_ROWS]:
        yield _ingredient(ingredient, manifest)
    if len(manifest.ingredients) > _ROWS:
        yield _Node(f"… and {len(manifest.ingredients) - _ROWS} more ingredients")
    yield _Node("assertions", below=_bounded(_assertion(one) for one in manifest.assertions))


def _row(name: str, text: str) -> _Node:
    return _Node(text, name)


def _bounded(nodes: Iterator[_Node]) -> tuple[_Node, ...]:
    found = tuple(nodes)
    more = (_Node(f"… and {len(found) - _ROWS} more"),) if len(found) > _ROWS else ()
    return found[:_ROWS] + more


def _actions(assertion: AssertionReport) -> Iterator[_Node]:
    for action in _maps(as_map(assertion.value).get("actions")):
        source = str(action.get("digitalSourceType") or "")
        details = (
            ("when", _text(action.get("when"))),
            ("with", _agent(action.get("softwareAgent"))),
            ("source type", clean(source.rpartition(_TYPES)[2], 100)),
            ("because", _text(action.get("reason"))),
            ("note", _text(action.get("description"))),
        )
        below = tuple(_row(name, text) for name, text in details if text)
        yield _Node(_text(action.get("action")) or "(no name)", below=below)


def _agent(agent: Any) -> str:
    if isinstance(agent, Mapping):
        parts = (_text(agent.get("name")), _text(agent.get("version")))
        return " ".join(part for part in parts if part)
    return _text(agent)


def _creators(manifest: ManifestReport) -> Iterator[str]:
    """Names under `dc:creator` of metadata, and authors of schema.org creative works."""
    for one in manifest.assertions:
        value = as_map(one.value)
        for key in ("dc:creator", "author"):
            found = value.get(key)
            for name in found if isinstance(found, list) else [found]:
                said = name.get("name") if isinstance(name, Mapping) else name
                if isinstance(said, str) and said:
                    yield clean(said, 80)


def _ingredient(one: IngredientReport, manifest: ManifestReport) -> _Node:
    name = clean(one.title or "without a title", 100)
    details = [_row("digest", clean(one.digest, 150))] if one.digest else []
    details += [_row("type", clean(kind, 80)) for kind in one.types]
    if one.manifest:
        details.append(_row("manifest", clean(one.manifest, 100)))
    kind = relation(one)
    if kind == PROMPT:
        return _Node(prompt_of(one, manifest), kind, tuple(details))
    return _Node(name, kind, tuple(details))


def _assertion(one: AssertionReport) -> _Node:
    notes = [] if one.created else ["gathered"]
    notes += ["redacted"] if one.redacted else []
    return _Node(clean(one.label, 100) + (f" ({', '.join(notes)})" if notes else ""))


def _maps(value: Any) -> Iterator[Mapping[Any, Any]]:
    yield from (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    """A text field; a date comes as a tag around its text."""
    inner = getattr(value, "value", value)
    return clean(inner, 200) if isinstance(inner, str) else ""
