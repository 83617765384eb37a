"""The sampling passes of a ComfyUI graph: settings, words and size, wherever they come from.

    KSampler               seed, steps, cfg, sampler_name, scheduler; positive, negative
    SamplerCustomAdvanced  noise → seed; guider → words, cfg; sampler → its name; sigmas → steps

Anything that samples and takes words counts (FaceDetailer, UltimateSDUpscale …). Of conditioning
that goes through a node in pairs, output 0 is the positive and 1 the negative side.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from provenance.generation.dialects.comfy_graph import Graph, Node
from provenance.generation.record import Number, Pass
from provenance.generation.texts import well_formed
from provenance.generation.values import integer, number, size, text

__all__ = ["Sampled", "Words", "prompts_of", "sampled", "size_of"]

_MOST = 64  # passes
_WORDS: tuple[str, ...] = (
    "text",
    "text_g",
    "text_l",
    "clip_l",
    "clip_g",
    "t5xxl",
    "prompt",
    "tags",
    "lyrics",
    "positive",
    "positive_prompt",
    "text_positive",
    "wildcard_text",
    "populated_text",
    "llama",
)
_NOT_WORDS = re.compile(
    r"(?:opt_)?(?:model|clip|vae)|images?\d?|pixels|(?:start|end)_image|mask|latent(?:_image)?"
    r"|samples|control_net|clip_vision\w*|style_model|ipadapter|noise|sigmas|guider|sampler"
    r"|audio|video"
)
_RUN_TIME = re.compile(
    r"generate|llm|ollama|gpt|gemini|claude|florence|caption|interrogat|tagger|joy|vlm|chat|describe",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"primitive|string|text|prompt|note|wildcard|preview|show|concat|join|constant|literal|value",
    re.IGNORECASE,
)
_LATENTS = ("latent_image", "latent", "samples", "latents", "samples_from")
_TEXT_STEPS = 2000  # nodes looked at for one text
_TEXT_LENGTH = 1 << 20


class Words(NamedTuple):
    """A text and the side that it stands on."""

    text: str
    positive: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """A pass with the node that made it, and the texts that were combined for it."""

    node: Node
    record: Pass
    parts: tuple[str, ...]
    negatives: tuple[str, ...]


def sampled(graph: Graph) -> tuple[Sampled, ...]:
    """The passes, each after those whose result it worked on."""
    nodes = [node for node in graph.ran if _samples(graph, node)]
    if not nodes:
        nodes = [node for node in graph.ran if _asks(node)]
    return tuple(_pass(graph, node) for node in nodes[:_MOST])


def prompts_of(one: Sampled) -> Iterator[Words]:
    """All texts of a pass."""
    yield from (Words(words, True) for words in one.parts)
    yield from (Words(words, False) for words in one.negatives)


def size_of(graph: Graph, one: Sampled) -> tuple[int, int] | None:
    """Width and height that a pass was asked for; None where it started from a picture."""
    value: Any = next((one.node.inputs[key] for key in _LATENTS if key in one.node.inputs), None)
    for _ in range(_TEXT_STEPS):
        node = graph.source(value)
        if node is None:
            break
        wide, high = node.inputs.get("width"), node.inputs.get("height")
        if wide is None:
            wide, high = (
                node.inputs.get("empty_latent_width"),
                node.inputs.get("empty_latent_height"),
            )
        if wide is not None:
            return size(graph.value(wide, "width"), graph.value(high, "height"))
        value = next((node.inputs[key] for key in _LATENTS if key in node.inputs), None)
    return size(
        graph.value(one.node.inputs.get("width")), graph.value(one.node.inputs.get("height"))
    )


def _samples(graph: Graph, node: Node) -> bool:
    inputs = node.inputs
    how = {"sampler_name", "sampler", "steps", "sigmas"} & inputs.keys()
    if graph.link(inputs.get("guider")) is not None:
        return bool(how)
    sides = ("positive", "conditioning", "negative")
    return bool(how) and any(graph.link(inputs.get(key)) is not None for key in sides)


def _asks(node: Node) -> bool:
    """Does a node hand words to a service that makes the picture?"""
    words = node.inputs.get("prompt")
    return isinstance(words, str) and bool({"seed", "model", "aspect_ratio"} & node.inputs.keys())


def _pass(graph: Graph, node: Node) -> Sampled:
    inputs = _with_parts(graph, node)
    parts = tuple(dict.fromkeys(_words(graph, inputs, positive=True)))
    negatives = tuple(dict.fromkeys(_words(graph, inputs, positive=False)))
    record = Pass(
        node=node.id,
        class_type=node.kind,
        seed=integer(
            graph.value(inputs.get("seed", inputs.get("noise_seed")), "seed", "noise_seed")
        ),
        steps=integer(graph.value(inputs.get("steps"), "steps")),
        sampler=_name(graph.value(inputs.get("sampler_name"), "sampler_name")),
        scheduler=_name(graph.value(inputs.get("scheduler"), "scheduler")),
        cfg=_number(graph, inputs, "cfg", "cfg_conds"),
        denoise=_number(graph, inputs, "denoise"),
        start_at_step=integer(graph.value(inputs.get("start_at_step"))),
        end_at_step=integer(graph.value(inputs.get("end_at_step"))),
        prompt=parts[0] if len(parts) == 1 else None,
        negative_prompt=negatives[0] if len(negatives) == 1 else _joined(negatives),
    )
    return Sampled(node, record, parts, negatives)


def _joined(parts: tuple[str, ...]) -> str | None:
    return "\n".join(parts) if parts else None


def _name(value: Any) -> str | None:
    return text(value) or None


def _number(graph: Graph, inputs: Mapping[str, Any], *names: str) -> Number | None:
    for name in names:
        found = number(graph.value(inputs.get(name), name))
        if found is not None:
            return found
    return None


def _with_parts(graph: Graph, node: Node) -> dict[str, Any]:
    """A sampler's inputs, with those of the nodes that hold its noise, guider, sampler, sigmas."""
    inputs = dict(node.inputs)
    for name in ("noise", "guider", "sampler", "sigmas"):
        value = node.inputs.get(name)
        for _ in range(8):
            part = graph.source(value)
            if part is None:
                break
            for key, one in part.inputs.items():
                inputs.setdefault(key, one)
            value = part.inputs.get(name)  # sigmas may be cut, samplers wrapped
    return inputs


def _words(graph: Graph, inputs: Mapping[str, Any], *, positive: bool) -> Iterator[str]:
    """The texts on one side of a pass, as far as they were known before it ran."""
    if positive:
        value = inputs.get("positive", inputs.get("conditioning", inputs.get("prompt")))
    else:
        value = inputs.get(
            "negative", inputs.get("neg_conditioning", inputs.get("negative_prompt"))
        )
    if isinstance(value, str):
        yield well_formed(value)
        return
    waiting, seen = [value], set()
    while waiting:
        found = graph.through(waiting.pop())
        if not isinstance(found, tuple):
            continue
        link, node = found
        key = (link.node, link.slot)
        if key in seen or "ZeroOut" in node.kind:
            continue
        seen.add(key)
        sides = {"positive", "negative"} & node.inputs.keys()
        if len(sides) == 2:
            waiting += _one_side(graph, node, link.slot, positive=positive)
            yield from _literal_side(node, positive=positive)
            continue
        texts = [_text(graph, node.inputs[name]) for name in _WORDS if name in node.inputs]
        if texts and _is_encoder(node):
            yield from (one for one in texts if one is not None)
            continue
        waiting += [
            value
            for name, value in reversed(node.inputs.items())
            if not _NOT_WORDS.fullmatch(name) and graph.link(value) is not None
        ]


def _is_encoder(node: Node) -> bool:
    return bool({"clip", "opt_clip", "text_encoders", "cond_model"} & node.inputs.keys()) or bool(
        re.search(r"encode|prompt|t5|conditioner", node.kind, re.IGNORECASE)
    )


def _one_side(graph: Graph, node: Node, slot: int, *, positive: bool) -> list[Any]:
    """Where a side comes from, of a node that handles both."""
    if slot > 1 and graph.link(node.inputs["positive"]) is not None:
        return []
    linked = graph.link(node.inputs["positive"]) is not None
    first = slot == 0 if linked else positive
    value = node.inputs["positive" if first else "negative"]
    return [value] if graph.link(value) is not None else []


def _literal_side(node: Node, *, positive: bool) -> Iterator[str]:
    value = node.inputs["positive" if positive else "negative"]
    if isinstance(value, str):
        yield well_formed(value)


def _text(graph: Graph, value: Any) -> str | None:
    """A text that was known before the graph ran; None for one that a node made up then."""
    budget = [_TEXT_STEPS]
    found = _spelled(graph, value, budget, 0)
    return None if found is None else well_formed(found)


def _spelled(graph: Graph, value: Any, budget: list[int], depth: int) -> str | None:
    budget[0] -= 1
    if budget[0] < 0 or depth > 40:
        return None
    found = graph.through(value)
    if isinstance(found, str):
        return found
    if not isinstance(found, tuple):
        return None
    _, node = found
    if _RUN_TIME.search(node.kind) or not _HELD.search(node.kind):
        return None
    inputs = node.inputs
    if "string_a" in inputs and "string_b" in inputs:
        pieces = [
            _spelled(graph, inputs[key], budget, depth + 1) for key in ("string_a", "string_b")
        ]
        if pieces[0] is None or pieces[1] is None:
            return None
        between = inputs.get("delimiter")
        whole = (between if isinstance(between, str) else "").join((pieces[0], pieces[1]))
        return whole if len(whole) <= _TEXT_LENGTH else None
    for key in ("value", "populated_text", "text", "string", "source", "prompt", "String", "Text"):
        if key in inputs:
            return _spelled(graph, inputs[key], budget, depth + 1)
    return None
