"""What a generator left in a file, as JSON and for people: `provenance inspect --generation`.

Nothing of it is signed, and the words say so. Text is escaped and bounded.
"""

from collections.abc import Iterator
from typing import Any

from provenance.generation.record import GenerationRecord, Model
from provenance.report.escape import clean, wrap
from provenance.report.style import PLAIN, Style, Tone

__all__ = ["SCHEMA", "as_dict", "text"]

SCHEMA = "provenance/generation/1"
_NOTHING = GenerationRecord(family="none")
_NAMES = 13  # columns
_ROWS = 40  # of one kind


def as_dict(record: GenerationRecord | None) -> dict[str, Any]:
    """A record, or one in which nothing is recorded, as `schemas/generation.schema.json`."""
    return {"schema": SCHEMA} | (record or _NOTHING).to_dict()


def text(record: GenerationRecord | None, *, style: Style = PLAIN) -> str:
    """A record in lines, without a line break at the end."""
    if record is None:
        return "Nothing that a generator wrote was found."
    said = "As the program wrote it; nothing of this is signed:"
    if record.family == "c2pa":
        said = "As its manifest says; `provenance verify` tells whether that holds:"
    lines = [style.paint(said, Tone.WARN)]
    for name, value in _rows(record):
        lines += wrap(clean(value, 2000), f"  {name:<{_NAMES}}")
    return "\n".join(lines)


def _rows(record: GenerationRecord) -> Iterator[tuple[str, str]]:
    named = " ".join(filter(None, (record.generator, record.version)))
    size = f"{record.size[0]}x{record.size[1]}" if record.size else None
    plain = (
        ("generator", named),
        ("prompt", record.prompt),
        ("negative", record.negative_prompt),
        ("seed", record.seed),
        ("steps", record.steps),
        ("sampler", record.sampler),
        ("scheduler", record.scheduler),
        ("cfg", record.cfg),
        ("size", size),
    )
    yield from ((name, str(value)) for name, value in plain if value is not None and value != "")
    yield from (("part", part) for part in record.prompt_parts[:_ROWS])
    yield from ((one.kind, _model(one)) for one in record.models[:_ROWS])
    yield from ((one.kind, _model(one)) for one in record.models_optional[:_ROWS])
    for one in record.inputs[:_ROWS]:
        yield "input", " ".join(filter(None, (one.name or "unnamed", one.hash, f"({one.role})")))
    if record.passes:
        yield "passes", str(len(record.passes))


def _model(one: Model) -> str:
    weight = None if one.weight is None else f"weight {one.weight}"
    return ", ".join(filter(None, (one.name or "unnamed", one.hash, weight, one.ref)))
