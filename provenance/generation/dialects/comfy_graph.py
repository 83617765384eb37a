"""A ComfyUI graph as nodes and links, and what of it ran.

    node: {"class_type": "KSampler", "inputs": {"seed": 42, "model": ["4", 0]}}
    link: [id of a node, number of its output]

What ran is what an output leads back to, where a switch with a constant leads to one side alone.
Nothing recurses: graphs may be ten thousand nodes deep, and go round in circles.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self

__all__ = ["Graph", "Link", "Node"]

_MOST = 50_000  # nodes
_SWITCHES = 20  # that decide about each other
_STEPS = 64  # of nodes that only hand a value on
_OUTPUT = re.compile(r"save|preview|output|show|display|combine|sender|export|write", re.IGNORECASE)
_HELD = re.compile(
    r"primitive|constant|^(?:int|float|string|boolean|seed|value)|number|literal", re.I
)
_VALUES = ("value", "Value", "int", "float", "number", "string", "seed", "text", "Number")


class Link(NamedTuple):
    """An input that comes from another node."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node; `inputs` as stored: values, and links as lists."""

    id: str
    kind: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """All nodes of a graph, by their ids."""

    nodes: Mapping[str, Node]
    _choices: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)
    _asking: list[str] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def is_one(cls, raw: Mapping[str, Any]) -> bool:
        """Is a JSON object a graph that can run?"""
        return any(isinstance(one, dict) and "class_type" in one for one in raw.values())

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """The nodes of a JSON object; what is no node is passed over."""
        found: dict[str, Node] = {}
        for key, row in raw.items():
            if isinstance(row, dict) and isinstance(row.get("class_type"), str):
                inputs = row.get("inputs")
                found[key] = Node(
                    key, row["class_type"], inputs if isinstance(inputs, dict) else {}
                )
                if len(found) >= _MOST:
                    break
        return cls(found)

    def link(self, value: Any) -> Link | None:
        """A value as a link to a node that is there."""
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], (str, int)):
            node, slot = str(value[0]), value[1]
            if node in self.nodes and isinstance(slot, int):
                return Link(node, slot)
        return None

    def links(self, node: Node) -> Iterator[tuple[str, Link]]:
        """The links of a node that its work depends on, by the names of its inputs."""
        chosen = self.chosen(node)
        for key, value in node.inputs.items():
            link = self.link(value)
            if link is not None and (chosen is None or key in ("switch", chosen)):
                yield key, link

    def chosen(self, node: Node) -> str | None:
        """Which input a switch with a constant takes; None for any other node.

        The constant may hang on further switches, to a bound: beyond it, and in a circle, both
        sides count.
        """
        if "switch" not in node.inputs or not {"on_false", "on_true"} & node.inputs.keys():
            return None
        if node.id not in self._choices and len(self._asking) < _SWITCHES:
            self._choices[node.id] = None
            self._asking.append(node.id)
            switch = self.value(node.inputs["switch"])
            self._asking.pop()
            if isinstance(switch, bool):
                self._choices[node.id] = "on_true" if switch else "on_false"
        return self._choices.get(node.id)

    def through(self, value: Any) -> tuple[Link, Node] | Any:
        """A value with switches and reroutes passed: a link with its node, or the value itself."""
        for _ in range(_STEPS):
            link = self.link(value)
            if link is None:
                return value
            node = self.nodes[link.node]
            chosen = self.chosen(node)
            if chosen is not None:
                value = node.inputs.get(chosen)
            elif node.kind.startswith("Reroute"):
                value = next(iter(node.inputs.values()), None)
            else:
                return link, node
        return None

    def value(self, value: Any, *names: str) -> Any:
        """The constant that an input has, be it handed on by nodes that only hold one.

        Args:
            value: an input as stored.
            names: inputs of such a node that would hold it, before the usual ones.
        """
        for _ in range(_STEPS):
            found = self.through(value)
            if not isinstance(found, tuple):
                return None if isinstance(found, list) else found
            _, node = found
            key = next((one for one in names if one in node.inputs), None)
            if key is None and (_HELD.search(node.kind) or len(node.inputs) == 1):
                key = next((one for one in _VALUES if one in node.inputs), None)
            if key is None:
                return None
            value = node.inputs[key]
        return None

    def source(self, value: Any) -> Node | None:
        """The node that an input comes from, past switches and reroutes."""
        found = self.through(value)
        return found[1] if isinstance(found, tuple) else None

    @cached_property
    def ran(self) -> tuple[Node, ...]:
        """The nodes that outputs depend on, each after those that it depends on itself."""
        order: list[Node] = []
        state: dict[str, bool] = {}  # False: on its way; True: done
        for root in self._outputs:
            waiting: list[tuple[Node, Iterator[tuple[str, Link]]]] = []
            if root.id not in state:
                state[root.id] = False
                waiting.append((root, self.links(root)))
            while waiting:
                node, rest = waiting[-1]
                step = next(rest, None)
                if step is None:
                    waiting.pop()
                    state[node.id] = True
                    order.append(node)
                elif step[1].node not in state:
                    inner = self.nodes[step[1].node]
                    state[inner.id] = False
                    waiting.append((inner, self.links(inner)))
        return tuple(order)

    @cached_property
    def _outputs(self) -> tuple[Node, ...]:
        """The nodes that nobody reads and that put something out, if there are such."""
        read = {
            link.node
            for node in self.nodes.values()
            for link in map(self.link, node.inputs.values())
            if link is not None
        }
        ends = [node for node in self.nodes.values() if node.id not in read]
        outputs = [node for node in ends if _OUTPUT.search(node.kind)]
        # A graph that is all circles has no end; then everything counts.
        return tuple(outputs or ends or self.nodes.values())

    @cached_property
    def readers(self) -> Mapping[str, tuple[tuple[str, Node], ...]]:
        """Who reads a node, of those that ran, with the names of their inputs."""
        found: dict[str, list[tuple[str, Node]]] = {}
        for node in self.ran:
            for key, link in self.links(node):
                found.setdefault(link.node, []).append((key, node))
        return {key: tuple(one) for key, one in found.items()}
