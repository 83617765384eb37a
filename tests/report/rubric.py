"""The conformance programme's rubrics, evaluated: rules in json-formula over crJSON.

A rubric is a YAML file of two documents: variables and named expressions, then rules. The language
is what the published rubrics use of Adobe's json-formula, a relative of JMESPath: fields, indexes,
projections, filters, pipes, comparisons, literals, a dozen functions, and functions defined by the
rubric. What we do not know is an error, never a pass.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Rubric", "evaluate", "read_rubric"]

Node = Callable[[Any, "Scope"], Any]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<literal>`[^`]*`) | (?P<string>"(?:[^"\\]|\\.)*") | (?P<quoted>'[^']*')
    | (?P<number>\d+(?:\.\d+)?) | (?P<name>\$?[A-Za-z_]\w*)
    | (?P<sign>\[\?|\|\||&&|==|!=|>=|<=|[][(){}.,:|!<>*@])
    )""",
    re.VERBOSE,
)
_BINDING = {"|": 1, "||": 2, "&&": 3, "*": 7, "[?": 21, ".": 40, "[": 55, "(": 60}
_BINDING |= dict.fromkeys(("==", "!=", ">=", "<=", ">", "<"), 5)
_FLATTEN = 9  # `[]` joins what was found so far, so it does not belong to a single value
_PROJECTION_STOPS = 10


@dataclass(frozen=True)
class Scope:
    """What names mean: the document, variables, functions of the rubric, and `$args`."""

    root: Any
    variables: dict[str, Any]
    functions: dict[str, Node]
    args: list[Any] = field(default_factory=list)


def truthy(value: Any) -> bool:
    return bool(value) if not isinstance(value, float) else value != 0


class Parser:
    """A Pratt parser: every method returns a closure over (current, scope)."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"not understood: {text[at : at + 30]!r}")
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def whole(self) -> Node:
        node = self.expression(0)
        if self.tokens[self.at][0] != "end":
            raise ValueError(f"left over: {self.tokens[self.at :]}")
        return node

    def take(self, wanted: str | None = None) -> tuple[str, str]:
        token = self.tokens[self.at]
        if wanted is not None and token[1] != wanted:
            raise ValueError(f"{wanted!r} wanted, {token[1]!r} found")
        self.at += 1
        return token

    def ahead(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def binding(self) -> int:
        kind, text = self.ahead()
        if text == "[" and self.tokens[self.at + 1][1] == "]":
            return _FLATTEN
        return _BINDING.get(text, 0) if kind == "sign" else 0

    def expression(self, right: int) -> Node:
        left = self.prefix()
        while self.binding() > right:
            left = self.infix(left)
        return left

    def prefix(self) -> Node:
        kind, text = self.take()
        match kind, text:
            case "literal", _:
                return constant(json.loads(text[1:-1]))
            case "string" | "number", _:
                return constant(json.loads(text))
            case "quoted", _:
                return get(text[1:-1])
            case "name", _ if self.ahead()[1] == "(":
                return self.call(text)
            case "name", "$args":
                return lambda _, scope: scope.args
            case "name", _ if text.startswith("$"):
                return lambda _, scope: scope.variables[text]
            case "name", _:
                return get(text)
            case "sign", "@":
                return current
            case "sign", "!":
                inner = self.expression(45)
                return lambda value, scope: not truthy(inner(value, scope))
            case "sign", "(":
                inner = self.expression(0)
                self.take(")")
                return inner
            case "sign", "{":
                return self.object()
            case "sign", "[?":
                return self.filtered(current)
            case "sign", "[":
                return self.bracket_prefix()
        raise ValueError(f"unexpected {text!r}")

    def bracket_prefix(self) -> Node:
        kind, text = self.ahead()
        if text == "]" or kind == "number":
            return self.bracket(current)
        items = [self.expression(0)]
        while self.ahead()[1] == ",":
            self.take()
            items.append(self.expression(0))
        self.take("]")
        return lambda value, scope: [one(value, scope) for one in items]

    def object(self) -> Node:
        rows: dict[str, Node] = {}
        while True:
            name = self.take()[1]
            self.take(":")
            rows[name] = self.expression(0)
            if self.take()[1] == "}":
                return lambda value, scope: {key: one(value, scope) for key, one in rows.items()}

    def call(self, name: str) -> Node:
        self.take("(")
        given: list[Node] = []
        while self.ahead()[1] != ")":
            given.append(self.expression(0))
            if self.ahead()[1] == ",":
                self.take()
        self.take(")")
        if name == "if":
            condition, yes, no = given
            return lambda value, scope: (yes if truthy(condition(value, scope)) else no)(
                value, scope
            )
        if name.startswith("_"):
            return lambda value, scope: scope.functions[name](
                scope.root,
                Scope(
                    scope.root,
                    scope.variables,
                    scope.functions,
                    [one(value, scope) for one in given],
                ),
            )
        known = FUNCTIONS[name]
        return lambda value, scope: known(*(one(value, scope) for one in given))

    def infix(self, left: Node) -> Node:
        _, text = self.take()
        if text == ".":
            return self.dotted(left, 40)
        if text == "[?":
            return self.filtered(left)
        if text == "[":
            return self.bracket(left)
        right = self.expression(_BINDING[text])
        match text:
            case "|":
                return lambda value, scope: right(left(value, scope), scope)
            case "||":
                return lambda value, scope: (
                    found if truthy(found := left(value, scope)) else right(value, scope)
                )
            case "&&":
                return lambda value, scope: (
                    right(value, scope) if truthy(found := left(value, scope)) else found
                )
        operator = OPERATORS[text]
        return lambda value, scope: operator(left(value, scope), right(value, scope))

    def dotted(self, left: Node, right: int) -> Node:
        inner = self.expression(right)
        return lambda value, scope: (
            None if (found := left(value, scope)) is None else inner(found, scope)
        )

    def bracket(self, left: Node) -> Node:
        kind, text = self.take()
        if kind == "number":
            self.take("]")
            return lambda value, scope: index(left(value, scope), int(text))
        if text != "]":
            raise ValueError(f"unexpected {text!r} in brackets")
        return self.projected(lambda value, scope: flat(left(value, scope)))

    def filtered(self, left: Node) -> Node:
        condition = self.expression(0)
        self.take("]")

        def kept(value: Any, scope: Scope) -> Any:
            found = left(value, scope)
            if not isinstance(found, list):
                return None
            return [one for one in found if truthy(condition(one, scope))]

        return self.projected(kept)

    def projected(self, source: Node) -> Node:
        """What follows a projection holds for each of its values, up to a pipe or an operator."""
        each = self.rest()
        if each is None:
            return source

        def apply(value: Any, scope: Scope) -> Any:
            found = source(value, scope)
            if not isinstance(found, list):
                return None
            results = [each(one, scope) for one in found]
            return [one for one in results if one is not None]

        return apply

    def rest(self) -> Node | None:
        inner: Node | None = None
        while self.binding() >= _PROJECTION_STOPS:
            inner = self.infix(inner or current)
        return inner


def constant(value: Any) -> Node:
    return lambda _, __: value


def current(value: Any, _: Scope) -> Any:
    return value


def get(name: str) -> Node:
    return lambda value, _: value.get(name) if isinstance(value, dict) else None


def index(value: Any, at: int) -> Any:
    return value[at] if isinstance(value, list) and at < len(value) else None


def flat(value: Any) -> Any:
    if not isinstance(value, list):
        return None
    rows = [one if isinstance(one, list) else [one] for one in value]
    return [item for row in rows for item in row]


def kind_of(value: Any) -> str:
    names = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}
    return names.get(type(value), "number")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda value, item: value is not None and item is not None and item in value,
    "endsWith": lambda value, end: isinstance(value, str) and value.endswith(end),
    "keys": lambda value: list(value),
    "length": lambda value: len(value or ()),
    "notNull": lambda *values: next((one for one in values if one is not None), None),
    "split": lambda value, by: value.split(by) if isinstance(value, str) else None,
    "startsWith": lambda value, start: isinstance(value, str) and value.startswith(start),
    "type": kind_of,
    "values": lambda value: list(value.values()),
}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "*": lambda a, b: float(a) * float(b),
}


@dataclass(frozen=True)
class Rubric:
    """A rubric: its definitions, and its rules by name."""

    variables: dict[str, Any]
    functions: dict[str, Node]
    rules: dict[str, dict[str, Any]]


def read_rubric(path: Path) -> Rubric:
    """Read and parse one; every expression must be understood."""
    head, rules = yaml.safe_load_all(path.read_text("utf-8"))
    return Rubric(
        head["variables"],
        {name: Parser(text).whole() for name, text in head["expressions"].items()},
        {rule["id"]: rule | {"parsed": Parser(rule["expression"]).whole()} for rule in rules},
    )


def evaluate(rubric: Rubric, document: Any, spec_version: str) -> dict[str, bool]:
    """Which rules hold; for a rule that says what must not be found, that nothing was."""
    scope = Scope(
        document,
        rubric.variables | {"$expected_spec_version": spec_version},
        rubric.functions,
    )
    results = {}
    for name, rule in rubric.rules.items():
        found = truthy(rule["parsed"](document, scope))
        forbidden = rule.get("failIfMatched") or rule.get("warnIfMatched")
        results[name] = not found if forbidden else found
    return results
