"""What of a record is told, and how: open, committed to, or only mentioned, field by field.

A prompt that is found in a file, or that a framework hands over, may hold what its author does not
want to tell: all of it is committed to unless somebody opens it. A workflow holds more than that,
and is stored only on request, without keys, local paths and, unless the prompt is open, prose.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.build.definition import (
    AssertionDefinition,
    FieldDefinition,
    PromptDefinition,
    PromptMode,
)
from provenance.errors import DefinitionError
from provenance.generation.record import GenerationRecord
from provenance.generation.scrub import REMOVED, scrub
from provenance.model.labels import OWN_NAMESPACE

__all__ = ["FIELDS", "WORKFLOW", "Disclosure", "prompt_of", "workflow_of"]

WORKFLOW = f"{OWN_NAMESPACE}.workflow"
FIELDS = (
    *("prompt", "negative_prompt", "prompt_parts", "seed", "steps", "sampler", "scheduler"),
    *("cfg", "size", "passes"),
)
_MODES = ("open", "commit", "omit")
_SHORTEST = 4  # characters of a word that is looked for inside others


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """How much is told: of everything, of single fields, and is the workflow stored?"""

    mode: PromptMode = "commit"
    fields: Mapping[str, PromptMode] = field(default_factory=dict)
    workflow: bool = False

    def __post_init__(self) -> None:
        """Refuse names and modes that are none: what was to be hidden must not come out.

        Raises:
            DefinitionError: says which.
        """
        for name, mode in {"prompt mode": self.mode, **self.fields}.items():
            if mode not in _MODES:
                raise DefinitionError(
                    f"disclosure of {name}", f"{mode!r}; known: open, commit, omit"
                )
        for name in self.fields:
            if name not in FIELDS:
                raise DefinitionError(f"disclosure of {name}", f"known: {', '.join(FIELDS)}")

    def of(self, name: str) -> PromptMode:
        """The mode of a field."""
        return self.fields.get(name, self.mode)

    @property
    def words(self) -> bool:
        """May everything that a person typed be told?"""
        typed = ("prompt", "negative_prompt", "prompt_parts", "passes")
        return all(self.of(name) == "open" for name in typed)


def prompt_of(record: GenerationRecord, disclosure: Disclosure) -> PromptDefinition | None:
    """Prompt and settings of a record; None when it has none of them."""
    rows: dict[str, Any] = {
        "negative_prompt": record.negative_prompt,
        "prompt_parts": list(record.prompt_parts) or None,
        "seed": record.seed,
        "steps": record.steps,
        "sampler": record.sampler,
        "scheduler": record.scheduler,
        "cfg": record.cfg,
        "size": f"{record.size[0]}x{record.size[1]}" if record.size else None,
        "passes": [_bare(one.to_dict()) for one in record.passes] or None,
    }
    fields = {
        name: FieldDefinition(value, disclosure.of(name))
        for name, value in rows.items()
        if value is not None
    }
    if not record.prompt and not fields:
        return None
    return PromptDefinition(record.prompt or None, disclosure.of("prompt"), fields)


def _bare(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def workflow_of(record: GenerationRecord, disclosure: Disclosure) -> AssertionDefinition | None:
    """The workflow as an assertion, scrubbed; None when there is none, or nobody asked for it."""
    if not disclosure.workflow or record.workflow is None:
        return None
    graph = scrub(dict(record.workflow), prompts=disclosure.words).value
    if not disclosure.words:
        graph = _without(graph, record.words)
    plain = json.loads(json.dumps(graph, default=str), parse_constant=str)
    row = {"v": 1, "format": record.family, "workflow": plain}
    return AssertionDefinition(label=WORKFLOW, data=row, kind="json")


def _without(value: Any, words: Iterable[str]) -> Any:
    """A value without these words, wherever they stand: a widget's value has no name."""
    known = sorted(words, key=len, reverse=True)

    def clean(text: str) -> str:
        for word in known:
            if text.strip() == word:
                return REMOVED
            if len(word) >= _SHORTEST:
                text = text.replace(word, REMOVED)
        return text

    def walk(one: Any) -> Any:
        if isinstance(one, str):
            return clean(one)
        if isinstance(one, Mapping):
            return {clean(str(key)): walk(inner) for key, inner in one.items()}
        return [walk(inner) for inner in one] if isinstance(one, (list, tuple)) else one

    return walk(value)
